"""Rules about addresses: each fits into a button and a link, exists where it is named, and can be reached."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.content.book import Book, Page
from bot.content.menus import Menus, topic_links
from bot.content.problems import Problem, nearest
from bot.content.yaml_lines import Path_
from bot.conversation import HELP, PAYLOAD_LENGTH, TOKEN_BYTES, code, is_address, payload, token

# Room for a campaign in a link payload: "__" and a word.
CAMPAIGN_ROOM = 14


def known_addresses(book: Book) -> set[str]:
    known = set(book.topics) | book.unread
    if book.bot:
        known |= set(book.bot.model.sections)
    if book.fixed:
        known |= set(book.fixed.model.screens)
    return known | needs(book)


def needs(book: Book) -> set[str]:
    """Every address of the directory and of forms that a page may lead to."""
    forms = {f"form/{key}" for key in book.forms}
    return forms | book.places.addresses | {f"need/{category}" for category in book.places.categories}


def addresses(book: Book, today: date) -> Iterator[Problem]:
    """Every address fits into buttons and links, and has a code of its own."""
    languages = book.bot.model.languages if book.bot else {"vi": None}
    longest = max(languages, key=len)
    codes: dict[str, str] = {}
    for address in sorted(known_addresses(book)):
        where = holder(book, address)
        if where is None:
            continue
        page, path = where
        if not is_address(address):
            yield page.document.problem(path, "bad-address", at_key=True, value=address)
            continue
        count = len(token(longest, address).encode())
        if count > TOKEN_BYTES:
            yield page.document.problem(path, "token-long", at_key=True, count=count, limit=TOKEN_BYTES)
        count = len(payload(longest, address))
        if count > PAYLOAD_LENGTH - CAMPAIGN_ROOM:
            yield page.document.problem(path, "payload-long", at_key=True, count=count, limit=PAYLOAD_LENGTH - CAMPAIGN_ROOM)
        if other := codes.get(code(address)):
            yield page.document.problem(path, "same-code", at_key=True, address=address, other=other, code=code(address))
        codes.setdefault(code(address), address)


def holder(book: Book, address: str) -> tuple[Page[Any], Path_] | None:
    """The page and place that an address comes from."""
    if address in book.topics:
        return book.topics[address], ()
    if address.startswith("form/") and address.removeprefix("form/") in book.forms:
        return book.forms[address.removeprefix("form/")], ()
    if book.bot and address in book.bot.model.sections:
        return book.bot, ("sections", address)
    if book.fixed and address in book.fixed.model.screens:
        return book.fixed, ("screens", address)
    return None


def dead_links(book: Book, today: date) -> Iterator[Problem]:
    """Every address that a list names exists, stands there once, and is not the page itself."""
    known = known_addresses(book)
    if not (book.bot and book.fixed):
        return
    for page, path, where, items, here in _lists(book):
        seen: set[str] = set()
        for index, address in enumerate(items):
            if address not in known:
                hint = nearest(address, known)
                yield page.document.problem((*path, index), "dead-link", where=where, address=address, hint=hint)
            elif address == here:
                yield page.document.problem((*path, index), "self-link", where=where)
            elif address in seen:
                yield page.document.problem((*path, index), "link-twice", address=address)
            seen.add(address)


def unreached(book: Book, today: date) -> Iterator[Problem]:
    """Some menu or page leads to every page."""
    if not (book.bot and book.fixed):
        return
    leads: dict[str, set[str]] = {}
    for *_, items, here in _lists(book):
        leads.setdefault(here, set()).update(items)
    for address, topic in book.topics.items():
        leads.setdefault(address, set()).update(link.target for link in topic_links(topic.model))
    reached, waiting = {"home", HELP}, ["home", HELP]
    menus = Menus(book.bot.model, book.fixed.model, book.topics, book.places, book.forms)
    while waiting:
        address = waiting.pop()
        if address in book.fixed.model.screens:
            leads[address] = {*leads.get(address, ()), *menus.items(address)}
        more = leads.get(address, set()) - reached
        reached |= more
        waiting += more
    for address in sorted(known_addresses(book) - reached):
        if where := holder(book, address):
            yield where[0].document.problem(where[1], "unreached", at_key=True, address=address)


def redirects(book: Book, today: date) -> Iterator[Problem]:
    """A redirect leads from an address that is gone to one that exists."""
    if not (book.redirects and book.bot and book.fixed):
        return
    known = known_addresses(book)
    for old, new in book.redirects.model.items():
        if new not in known:
            hint = nearest(new, known)
            yield book.redirects.document.problem((old,), "dead-link", where="redirect", address=new, hint=hint)
        if old in known:
            yield book.redirects.document.problem((old,), "redirect-exists", at_key=True, address=old)
        elif not is_address(old):
            yield book.redirects.document.problem((old,), "bad-address", at_key=True, value=old)


def _lists(book: Book) -> Iterator[tuple[Page[Any], Path_, str, tuple[str, ...], str]]:
    """Every list of addresses: its page and place, its key, the addresses, and the screen it stands on."""
    if book.bot:
        yield book.bot, ("home",), "home", book.bot.model.home, "home"
        for name, section in book.bot.model.sections.items():
            yield book.bot, ("sections", name, "items"), "items", section.items, name
    if book.fixed:
        for name, screen in book.fixed.model.screens.items():
            yield book.fixed, ("screens", name, "items"), "items", screen.items, name
    for name, topic in book.topics.items():
        yield topic, ("see_also",), "see_also", topic.model.see_also, name
