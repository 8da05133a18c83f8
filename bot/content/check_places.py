"""Rules about provinces, gates, countries, categories and services: names that exist, numbers that dial, places that fit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from babel import Locale

from bot.content import place_models as models
from bot.content.book import Book, Page
from bot.content.check_links import CAMPAIGN_ROOM
from bot.content.phones import is_phone
from bot.content.places import FILTERS
from bot.content.problems import Problem, nearest
from bot.content.review import places_due
from bot.content.yaml_lines import Path_
from bot.conversation import PAYLOAD_LENGTH, TOKEN_BYTES, Point, folded, is_address, payload, token
from bot.conversation import nearest as nearest_points

# Farther (km) from every commune of its province, a position is somebody else's, or latitude and longitude are swapped.
FARTHEST = 30.0
_KIND = re.compile("^(thi xa|thanh pho|huyen|quan) ")
_FILTER = max(FILTERS, key=len)
_CONTACTS = ("phones", "phones_unverified", "address", "position", "website", "email", "note")


def services(book: Book, today: date) -> Iterator[Problem]:
    """A service can be reached, its numbers dial, it has kinds and languages that exist, and no other file has its key."""
    tongues, taken = Locale("en").languages, dict[str, str]()
    for page, key, service in _services(book):
        document = page.document
        if other := taken.get(key):
            yield document.problem((key,), "key-taken", at_key=True, key=key, file=other)
        taken.setdefault(key, document.shown)
        if not any(getattr(service, name) for name in _CONTACTS):
            yield document.problem((key,), "no-contact", at_key=True)
        if book.categories:
            yield from _named(page, (key, "categories"), "category", service.categories, book.categories.model)
        for name in ("phones", "phones_unverified"):
            for index, number in enumerate(getattr(service, name)):
                if not is_phone(number, "VN"):
                    yield document.problem((key, name, index), "bad-phone", number=number, country="VN")
        for index, tongue in enumerate(service.languages):
            if tongue not in tongues:
                yield document.problem((key, "languages", index), "unknown-language", language=tongue)


def provinces(book: Book, today: date) -> Iterator[Problem]:
    """Files and gates belong to provinces that exist, and to old ones that became part of these."""
    if not book.provinces:
        return
    known = book.provinces.model.provinces
    for name, page in book.services.items():
        if name not in known:
            hint = nearest(name, known)
            yield page.document.problem((), "dead-link", where="province", address=name, hint=hint)
        for key, service in page.model.items():
            if name in known and service.old_province:
                yield from _part(page, key, service.old_province, name, known[name])
    for key, gate in (book.gates.model if book.gates else {}).items():
        assert book.gates
        yield from _named(book.gates, (key,), "province", {"province": gate.province}, known)
        if gate.province in known:
            yield from _part(book.gates, key, gate.old_province, gate.province, known[gate.province])
    for index, shared in enumerate(book.provinces.model.shared):
        yield from _named(book.provinces, ("shared", index, "provinces"), "province", shared.provinces, known)


def countries(book: Book, today: date) -> Iterator[Problem]:
    """Countries are known to CLDR, and a gate leads to one of them."""
    known = book.countries.model if book.countries else {}
    if book.countries:
        territories = Locale("en").territories
        for key, country in known.items():
            if country.code not in territories or country.code in ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"):
                yield book.countries.document.problem((key, "code"), "unknown-country", code=country.code)
    if book.gates and book.countries:
        for key, gate in book.gates.model.items():
            yield from _named(book.gates, (key,), "country", {"country": gate.country}, known)


def categories(book: Book, today: date) -> Iterator[Problem]:
    """Categories offer hotlines that exist; no word for a need stands in two; pages name categories that exist."""
    if not book.categories:
        return
    document, known = book.categories.document, book.categories.model
    languages, taken = (book.bot.model.languages if book.bot else {}), dict[str, str]()
    for key, category in known.items():
        hotlines = book.hotlines.model if book.hotlines else category.otherwise
        yield from _named(book.categories, (key, "otherwise"), "hotline", category.otherwise, hotlines)
        for language, phrases in category.ask.items():
            if languages and language not in languages:
                path: Path_ = (key, "ask", language)
                hint = nearest(language, languages)
                yield document.problem(path, "unknown-language", at_key=True, language=language, hint=hint)
            for index, phrase in enumerate(phrases):
                other = taken.setdefault(folded(phrase), key)
                if other != key:
                    yield document.problem((key, "ask", language, index), "same-phrase", phrase=phrase, address=other)
    for topic in book.topics.values():
        yield from _named(topic, ("services",), "category", topic.model.services, known)


def positions(book: Book, today: date) -> Iterator[Problem]:
    """What lies somewhere lies in its province, or at least near it; communes are in provinces that exist."""
    communes: dict[str, list[Point]] = {}
    for point in sorted(book.communes):
        communes.setdefault(point.key, []).append(point)
    for page, path, province, position in _positions(book):
        if province not in communes:
            continue
        ((far, _),) = nearest_points(communes[province], position, 1)
        if far > FARTHEST:
            ((_, other),) = nearest_points(sorted(book.communes), position, 1)
            values: dict[str, Any] = {
                "position": ", ".join(map(str, position)),
                "km": round(far),
                "province": province,
                "other": other,
            }
            yield page.document.problem((*path, "position"), "far-position", **values)
    if book.provinces:
        file = book.provinces.document.shown.replace("provinces.yaml", "communes.csv")
        for province in communes.keys() - book.provinces.model.provinces.keys():
            row = [point.key for point in book.communes].index(province) + 2
            values = {"where": "province", "address": province}
            yield Problem(file, row, 1, "dead-link", tuple(values.items()), nearest(province, book.provinces.model.provinces))


def names(book: Book, today: date) -> Iterator[Problem]:
    """A name that stands for two provinces is listed as shared by them. Names of whole provinces go before those of towns."""
    if not book.provinces:
        return
    asked = {folded(shared.name) for shared in book.provinces.model.shared}
    whole: dict[str, str] = {}
    found = [(path, name, key, is_province) for path, name, key, is_province in _names(book.provinces.model)]
    for is_province in (True, False):
        taken: dict[str, str] = {}
        for path, name, key, kind in found:
            bare = _KIND.sub("", folded(name))
            if kind != is_province or bare in asked or folded(name) in asked or (not kind and bare in whole):
                continue
            other = taken.setdefault(bare, key)
            if other != key:
                yield book.provinces.document.problem(path, "same-place", name=name, one=other, other=key)
        whole |= taken


def addresses(book: Book, today: date) -> Iterator[Problem]:
    """Every address of the directory is one, and fits into buttons and links."""
    language = max(book.bot.model.languages if book.bot else ["vi"], key=len)
    for page, path, address in _addresses(book):
        key = str(path[-1])
        if not is_address(key) or "/" in key:
            yield page.document.problem(path, "bad-address", at_key=True, value=key)
            continue
        count, limit = len(token(language, address).encode()), TOKEN_BYTES
        if count > limit:
            yield page.document.problem(path, "token-long", at_key=True, count=count, limit=limit)
        count, limit = len(payload(language, address)), PAYLOAD_LENGTH - CAMPAIGN_ROOM
        if count > limit:
            yield page.document.problem(path, "payload-long", at_key=True, count=count, limit=limit)


def reviews(book: Book, today: date) -> Iterator[Problem]:
    """Services, gates and provinces are checked again in time; no date is in the future."""
    for page, path, reviewed, due, _ in places_due(book):
        if reviewed > today:
            yield page.document.problem(path, "future", value=reviewed)
        elif due < today:
            yield replace(page.document.problem(path, "overdue", due=due), level="warning")


RULES = (services, provinces, countries, categories, positions, names, addresses, reviews)


def _services(book: Book) -> Iterator[tuple[Page[models.Services], str, models.Service]]:
    for name in sorted(book.services):
        yield from ((book.services[name], key, service) for key, service in book.services[name].model.items())


def _addresses(book: Book) -> Iterator[tuple[Page[Any], Path_, str]]:
    """Every key that an address is made of: its page, its place, the longest of its addresses."""
    for page, key, _ in _services(book):
        yield page, (key,), f"service/{key}"
    if book.gates:
        yield from ((book.gates, (key,), f"gate/{key}") for key in book.gates.model)
    if book.countries:
        yield from ((book.countries, (key,), f"abroad/{key}") for key in book.countries.model)
    places = book.places
    longest = max([*places.provinces, *(old for _, old in places.merged()), ""], key=len)
    if book.categories:
        yield from ((book.categories, (key,), f"services/{longest}/{key}/{_FILTER}") for key in book.categories.model)
    if book.provinces:
        for key, province in book.provinces.model.provinces.items():
            yield book.provinces, ("provinces", key), f"services/gates/{key}"
            yield from ((book.provinces, ("provinces", key, "old", old), f"services/{old}") for old in province.old)


def _positions(book: Book) -> Iterator[tuple[Page[Any], Path_, str, tuple[float, float]]]:
    """Everything that lies in a province: page, place, province, position."""
    for name, page in book.services.items():
        yield from ((page, (key,), name, service.position) for key, service in page.model.items() if service.position)
    if book.gates:
        for key, gate in book.gates.model.items():
            if gate.position:
                yield book.gates, (key,), gate.province, gate.position
    if book.provinces:
        for key, province in book.provinces.model.provinces.items():
            yield book.provinces, ("provinces", key), key, province.position


def _names(file: models.Provinces) -> Iterator[tuple[Path_, str, str, bool]]:
    """Every name in provinces.yaml: its place, itself, its province, and whether it means a whole province, old ones too."""
    for key, province in file.provinces.items():
        path: Path_ = ("provinces", key)
        yield (*path, "name"), province.name, key, True
        yield from (((*path, "also", index), name, key, True) for index, name in enumerate(province.also))
        for old, unit in province.old.items():
            inner = (*path, "old", old)
            yield (*inner, "name"), unit.name, key, True
            yield from (((*inner, "also", index), name, key, True) for index, name in enumerate(unit.also))
            yield from (((*inner, "cities", index), name, key, False) for index, name in enumerate(unit.cities))
        yield from (((*path, "districts", index), name, key, False) for index, name in enumerate(province.districts))


def _part(page: Page[Any], key: str, old: str, name: str, province: models.Province) -> Iterator[Problem]:
    """Is the old province one of those that this one is made of?"""
    if old not in province.old:
        values: dict[str, Any] = {"old": old, "province": name, "parts": ", ".join(province.old)}
        yield page.document.problem((key, "old_province"), "not-part", hint=nearest(old, province.old), **values)


def _named(
    page: Page[Any], path: Path_, where: str, wanted: tuple[str, ...] | dict[str, str], known: Iterable[str]
) -> Iterator[Problem]:
    """Names of a list, or under keys, that are not known; names that a list has twice."""
    steps = wanted.items() if isinstance(wanted, dict) else enumerate(wanted)
    known, seen = set(known), set[str]()
    for step, name in steps:
        if name not in known:
            yield page.document.problem((*path, step), "dead-link", where=where, address=name, hint=nearest(name, known))
        elif name in seen:
            yield page.document.problem((*path, step), "link-twice", address=name)
        seen.add(name)
