"""Rules about marked-up text and its translations: our markup only, links that lead somewhere, numbers that are known."""

import re
from collections.abc import Iterator, Mapping, Set
from datetime import date
from typing import Any

import phonenumbers

from bot.content import markup, models
from bot.content.book import Book
from bot.content.check_links import known_addresses
from bot.content.phones import digits
from bot.content.problems import Problem, nearest
from bot.content.translate import Known, placeholders
from bot.conversation import is_address

# Digits of the shortest number that stands bare; the parser takes long to find none.
SHORTEST_PHONE = 3


def texts(book: Book, today: date) -> Iterator[Problem]:
    """Marked-up text uses only our markup, short lists, links that lead somewhere and numbers of the hotlines."""
    numbers = {digits(n) for hotline in (book.hotlines.model if book.hotlines else {}).values() for n in hotline.numbers}
    known = known_addresses(book) if book.bot and book.fixed else None
    for page in book.pages():
        for field in page.texts():
            if not field.markup:
                continue
            for found, line in markup.foreign(field.text):
                yield page.document.problem(field.path, "markup", line=line, found=found)
            for part in markup.parse(field.text):
                if part.kind != "p" and len(part.units) > models.LIST_LENGTH:
                    yield page.document.problem(
                        field.path, "list-long", line=part.units[0].line, count=len(part.units), limit=models.LIST_LENGTH
                    )
                for unit in part.units:
                    for name, values in _unit(unit, known, numbers):
                        yield page.document.problem(field.path, name, line=unit.line, **values)


def _unit(unit: markup.Unit, known: set[str] | None, numbers: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is wrong with the links and numbers of one paragraph or bullet."""
    for link in markup.links(unit.content):
        if link.target.startswith("tel:"):
            shown, dialled = digits(link.text), digits(link.target)
            if shown != dialled:
                yield "wrong-dial", {"number": link.text, "dialled": dialled}
            elif numbers and shown not in numbers:
                yield "unknown-phone", {"number": link.text}
        elif is_address(link.target):
            if known is not None and link.target not in known:
                hint = nearest(link.target, known)
                yield "dead-link", {"where": "link", "address": link.target, "hint": hint}
        elif not link.target.startswith("https://"):
            yield "bad-link", {"target": link.target}
    for number in _bare_phones(markup.unlinked(unit.content)):
        yield "bare-phone", {"number": number, "dialled": digits(number)}


@markup.cache
def _bare_phones(text: str) -> tuple[str, ...]:
    """Phone numbers that stand in a text as they are."""
    if sum(map(str.isdigit, text)) < SHORTEST_PHONE:
        return ()
    found = [match.raw_string for match in phonenumbers.PhoneNumberMatcher(text, "VN")]
    found += re.findall(r"\b1[89]00[ .]?\d[\d .]{3,8}\d\b", text)
    return tuple(dict.fromkeys(found))


def sentences(book: Book) -> dict[tuple[str, str], int]:
    """Every (context, sentence) of the book, with the most characters that it may have (0: no limit)."""
    return {(field.context, text): field.longest for page in book.pages() for field in page.texts() for text in units(field)}


def check_translations(
    wanted: Mapping[tuple[str, str], int],
    shown: str,
    language: str,
    known: Known,
    stale: Set[tuple[str, str]],
) -> Iterator[Problem]:
    """Placeholders, links and numbers of a translation are those of its source; how much is missing."""
    current = wanted.keys() - stale
    for place in current & known.keys():
        text, (said, _, line) = place[1], known[place]
        for name, found in (("placeholders", placeholders), ("links-differ", _targets)):
            if (ours := found(text)) != (theirs := found(said)):
                values = (("language", language), ("wanted", _list(ours)), ("found", _list(theirs)))
                yield Problem(shown, line, 1, name, values)
        longest, count = wanted[place], len(said)
        if longest and count > longest:
            length = (("count", count), ("limit", longest))
            yield Problem(shown, line, 1, "too-long", length)
    missing = len(current - known.keys())
    if missing or stale:
        counts = (("language", language), ("missing", missing), ("stale", len(stale)))
        yield Problem(shown, 1, 1, "untranslated", counts, level="warning")


def units(field: models.TextField) -> list[str]:
    """The messages that translators see of a field."""
    if not field.markup:
        return [field.text]
    return [unit.content for part in markup.parse(field.text) for unit in part.units]


def _targets(text: str) -> list[str]:
    return sorted(link.target for link in markup.links(text)) if "](" in text else []


def _list(names: list[str]) -> str:
    return ", ".join(names) or "–"
