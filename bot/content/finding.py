"""Builds what finds pages and danger in people's own words: the search index and the phrases of danger."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.content import models
from bot.content.book import Book, Page
from bot.conversation import Danger, Document, Edition, Index, Words, build_danger, build_index, folded

# Lists of services and gates are found by their place, not by their words, which are those of many others.
UNSEARCHED = ("services/", "report/", "gate/")


def build_finders(book: Book, editions: Mapping[str, Edition]) -> tuple[Index, Danger]:
    """The index over all pages in all languages, and the phrases of danger."""
    words = _once(_words, book.words)[0] if book.words else Words()
    danger = build_danger({}, (), words.spelling, {})
    if book.crisis:
        danger = _once(_danger, book.crisis, book.words, book.cues)[0]
    return build_index(_documents(book, editions), words, _counted), danger


# What was made of pages that did not change since: by what makes it. A correction elsewhere does not make it again.
_made: dict[Callable[..., Any], tuple[Any, tuple[Page[Any] | None, ...]]] = {}
# How much of each word is in a page, by what stands there.
_counted: dict[Any, Any] = {}


def _once(make: Callable[..., Any], *pages: Page[Any] | None) -> tuple[Any, tuple[Page[Any] | None, ...]]:
    made = _made.get(make)
    if made is None or any(page is not before for page, before in zip(pages, made[1], strict=True)):
        _counted.clear()
        made = _made[make] = make(*(page.model if page else None for page in pages)), pages
    return made


def _danger(crisis: models.Crisis, words: models.WordsFile | None, cues: models.Cues | None) -> Danger:
    kinds = {kind: [p for phrases in said.values() for p in phrases] for kind, said in crisis.kinds.items()}
    harmless = [phrase for phrases in crisis.harmless.values() for phrase in phrases]
    weak = {
        kind: {float(weight): pieces.split() for weight, pieces in by_weight.items()}
        for kind, by_weight in (cues or {}).items()
    }
    return build_danger(kinds, harmless, _words(words).spelling if words else {}, weak)


def is_part(address: str) -> bool:
    """Is it a screen that has its title from another: a question, a report, a list in a list?"""
    kind, _, rest = address.partition("/")
    return kind == "report" or (kind == "form" and "/" in rest) or (kind == "services" and rest.count("/") > 1)


def known_phrases(book: Book, editions: Mapping[str, Edition]) -> dict[str, str]:
    """Titles and ways people ask, folded, to their address. What leads to two places leads nowhere: it is searched for."""
    places: dict[str, str] = {}

    def lead(phrase: str, address: str) -> None:
        if places.setdefault(folded(phrase), address) != address:
            places[folded(phrase)] = ""

    for edition in editions.values():
        for address, screen in edition.screens.items():
            if not is_part(address):
                lead(screen.title, address)
    asked = [(address, page.model.ask) for address, page in book.topics.items()]
    asked += [(f"form/{key}", page.model.ask) for key, page in book.forms.items()]
    for address, ask in asked:
        for phrases in ask.values():
            for phrase in phrases:
                lead(phrase, address)
    return {phrase: address for phrase, address in places.items() if address}


def _words(file: models.WordsFile) -> Words:
    same: dict[str, tuple[str, ...]] = {}
    for group in file.same:
        words = [folded(phrase) for phrase in group]
        for word in words:
            same[word] = (*same.get(word, ()), *(other for other in words if other != word))
    return Words(
        spelling={way: folded(long) for short, long in file.spelling.items() for way in (short, folded(short))},
        same=same,
        filler=frozenset(folded(word) for words in file.filler.values() for word in words),
    )


def _documents(book: Book, editions: Mapping[str, Edition]) -> Iterator[Document]:
    """Each screen in each language: what of it stands in that language. Names and numbers that read the same in several are
    found in the first."""
    known = set[tuple[str, str]]()

    def new(address: str, *texts: str) -> list[str]:
        found = [text for text in texts if (address, text) not in known]
        known.update((address, text) for text in found)
        return found

    for language, edition in editions.items():
        for address, screen in edition.screens.items():
            if address.startswith(UNSEARCHED) or is_part(address):
                continue
            kind, _, key = address.partition("/")
            topic = book.forms.get(key) if kind == "form" else book.topics.get(address)
            own = [block for block in screen.blocks if block.language == language]
            # Of each hotline the numbers and the name: "115 · Cấp cứu y tế. Gọi xe cấp cứu khi bệnh nặng."
            calls = [line.partition(". ")[0] for b in own if b.kind == "call" for line in b.text.plain.splitlines()]
            fields: dict[str, Sequence[str]] = {
                "title": new(address, screen.title),
                "summary": new(address, screen.summary),
                "ask": topic.model.ask.get(language, ()) if topic else (),
                "call": new(address, *calls),
                # A service says in its body what all others of its kind say too.
                "body": [] if kind == "service" else [b.text.plain for b in own if b.kind in ("text", "danger")],
            }
            if any(fields.values()):
                yield Document(address, language, fields)
