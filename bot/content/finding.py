"""Builds what finds pages and danger in people's own words: the search index and the phrases of danger."""

from collections.abc import Iterator, Mapping

from bot.content import models
from bot.content.book import Book
from bot.conversation import Danger, Document, Edition, Index, Words, build_danger, build_index, fold


def build_finders(book: Book, editions: Mapping[str, Edition]) -> tuple[Index, Danger]:
    """The index over all pages in all languages, and the phrases of danger."""
    words = _words(book.words.model) if book.words else Words()
    kinds: dict[str, list[str]] = {}
    harmless: list[str] = []
    if book.crisis:
        for kind, languages in book.crisis.model.kinds.items():
            kinds[kind] = [phrase for phrases in languages.values() for phrase in phrases]
        harmless = [phrase for phrases in book.crisis.model.harmless.values() for phrase in phrases]
    return build_index(_documents(book, editions), words), build_danger(kinds, harmless, words.spelling)


def known_phrases(book: Book, editions: Mapping[str, Edition]) -> dict[str, str]:
    """Titles and ways people ask, folded, to their address. What leads to two places leads nowhere: it is searched for."""
    places: dict[str, set[str]] = {}
    for edition in editions.values():
        for address, screen in edition.screens.items():
            places.setdefault(fold(screen.title), set()).add(address)
    for address, page in book.topics.items():
        for phrases in page.model.ask.values():
            for phrase in phrases:
                places.setdefault(fold(phrase), set()).add(address)
    return {phrase: next(iter(found)) for phrase, found in places.items() if len(found) == 1}


def _words(file: models.WordsFile) -> Words:
    same: dict[str, tuple[str, ...]] = {}
    for group in file.same:
        folded = [fold(phrase) for phrase in group]
        for phrase in folded:
            same[phrase] = (*same.get(phrase, ()), *(other for other in folded if other != phrase))
    return Words(
        spelling={way: fold(long) for short, long in file.spelling.items() for way in (short, fold(short))},
        same=same,
        filler=frozenset(fold(word) for words in file.filler.values() for word in words),
    )


def _documents(book: Book, editions: Mapping[str, Edition]) -> Iterator[Document]:
    """Each screen in each language: what of it stands in that language."""
    for language, edition in editions.items():
        for address, screen in edition.screens.items():
            topic = book.topics.get(address)
            own = [block for block in screen.blocks if block.language == language and block.kind in ("text", "danger")]
            yield Document(
                address,
                language,
                {
                    "title": (screen.title,),
                    "summary": (screen.summary,),
                    "ask": topic.model.ask.get(language, ()) if topic else (),
                    "body": tuple(block.text.plain for block in own),
                },
            )
