"""Rules over the whole book. Each is a small function that yields problems; together they find all of them in one run."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from babel import localedata

from bot.content import check_forms, check_places, fixed_models
from bot.content.book import Book, Page
from bot.content.check_links import addresses, dead_links, holder, known_addresses, redirects, unreached
from bot.content.check_texts import texts
from bot.content.phones import is_phone
from bot.content.pictures import pictures
from bot.content.problems import Problem, nearest
from bot.content.review import add_months
from bot.content.translate import placeholders
from bot.content.yaml_lines import Path_
from bot.conversation import Catalog, folded

# Two screens of a phone; longer pages are not read to the end.
SCREEN_LENGTH = 2000
# How long after the due date `check` goes from warning to error for numbers to call and help pages.
SAFETY_GRACE = timedelta(days=30)


def check_book(book: Book, today: date) -> Iterator[Problem]:
    """Everything that can be told without writing the screens out."""
    own = (_settings, texts, addresses, dead_links, unreached, redirects, _hotlines, pictures, _reviews, _asks, _commands)
    for rule in (*own, _cues, *check_places.RULES, *check_forms.RULES):
        yield from rule(book, today)


def can_be_written(book: Book) -> bool:
    """Are the languages ones that we can write, and the labels ones that we can fill?"""
    return not [*_languages(book), *_labels(book)]


def _languages(book: Book) -> Iterator[Problem]:
    """Each language is one that CLDR knows; the source and the one for everybody else are among them."""
    if not book.bot:
        return
    bot, document = book.bot.model, book.bot.document
    for language in bot.languages:
        if not localedata.exists(language):
            yield document.problem(("languages", language), "unknown-language", at_key=True, language=language)
    for key, language in (("source", bot.source), ("otherwise", bot.otherwise)):
        if language not in bot.languages:
            yield document.problem((key,), "unknown-language", language=language, hint=nearest(language, bot.languages))


def _labels(book: Book) -> Iterator[Problem]:
    """What a label has in {braces} is what the bot fills in."""
    if not (book.fixed and book.bot):
        return
    source = book.bot.model.source
    fixed = book.fixed.model
    groups = {"labels": fixed.labels, "where": fixed.where, "forms": fixed.forms}
    for group, name, label in ((group, *entry) for group, labels in groups.items() for entry in labels.model_dump().items()):
        wanted, found = sorted(fixed_models.FILLED.get(name, ())), placeholders(label)
        if wanted != found:
            said = {"language": source, "wanted": ", ".join(wanted) or "–", "found": ", ".join(found) or "–"}
            yield replace(book.fixed.document.problem((group, name), "placeholders"), values=tuple(said.items()))


def _settings(book: Book, today: date) -> Iterator[Problem]:
    """bot.yaml names languages that exist; screens.yaml has the screens without which the bot cannot stand."""
    yield from _languages(book)
    yield from _labels(book)
    if book.bot:
        bot, document = book.bot.model, book.bot.document
        for language, about in bot.languages.items():
            for index, name in enumerate(about.fallback):
                if name not in bot.languages:
                    path: Path_ = ("languages", language, "fallback", index)
                    yield document.problem(path, "unknown-language", language=name, hint=nearest(name, bot.languages))
    if book.fixed:
        for address in ("home", "settings", "settings/language", "about", "privacy"):
            if address not in book.fixed.model.screens:
                yield book.fixed.document.problem(("screens",), "missing-key", at_key=True, key=address)


def _hotlines(book: Book, today: date) -> Iterator[Problem]:
    """Every number can be dialled; every hotline that a topic names exists."""
    if not book.hotlines:
        return
    known = book.hotlines.model
    for name, hotline in known.items():
        for index, number in enumerate(hotline.numbers):
            if not is_phone(number, hotline.country):
                path = (name, "numbers", index)
                yield book.hotlines.document.problem(path, "bad-phone", number=number, country=hotline.country)
    for topic in book.topics.values():
        for index, name in enumerate(topic.model.hotlines):
            if name not in known:
                hint = nearest(name, known)
                yield topic.document.problem(("hotlines", index), "dead-link", where="hotline", address=name, hint=hint)


def _reviews(book: Book, today: date) -> Iterator[Problem]:
    """Facts are checked again in time; no date is in the future."""
    dated: list[tuple[Page[Any], Path_, date, int]] = [
        (topic, ("reviewed",), topic.model.reviewed, topic.model.review_every) for topic in book.topics.values()
    ]
    if book.hotlines:
        for name, hotline in book.hotlines.model.items():
            dated.append((book.hotlines, (name, "reviewed"), hotline.reviewed, hotline.review_every))
    for page, path, reviewed, every in dated:
        due = add_months(reviewed, every)
        if reviewed > today:
            yield page.document.problem(path, "future", value=reviewed)
        elif due < today:
            critical = page is book.hotlines or page.address.startswith("help/")
            late = critical and today - due > SAFETY_GRACE
            problem = page.document.problem(path, "overdue", due=due)
            yield replace(problem, level="error" if late else "warning")


def _asks(book: Book, today: date) -> Iterator[Problem]:
    """Ways people ask are in languages we have, and lead to one page or form only."""
    languages = set(book.bot.model.languages) if book.bot else set()
    taken: dict[str, str] = {}
    pages: list[Page[Any]] = [page for _, page in sorted(book.topics.items())]
    pages += [page for _, page in sorted(book.forms.items())]
    for page in pages:
        for language, phrases in page.model.ask.items():
            if languages and language not in languages:
                path: Path_ = ("ask", language)
                hint = nearest(language, languages)
                yield page.document.problem(path, "unknown-language", at_key=True, language=language, hint=hint)
            for index, phrase in enumerate(phrases):
                other = taken.setdefault(folded(phrase), page.address)
                if other != page.address:
                    path = ("ask", language, index)
                    yield page.document.problem(path, "same-phrase", phrase=phrase, address=other)


def _cues(book: Book, today: date) -> Iterator[Problem]:
    """What cues point to is a kind of danger that crisis.yaml knows, danger of any kind, or harmless."""
    if not (book.cues and book.crisis):
        return
    known = {*book.crisis.model.kinds, "danger", "harmless"} - {"words"}
    for kind in book.cues.model:
        if kind not in known:
            hint = nearest(kind, known)
            yield book.cues.document.problem((kind,), "dead-link", at_key=True, where="kind", address=kind, hint=hint)


def _commands(book: Book, today: date) -> Iterator[Problem]:
    """Commands lead to screens, and no word to two of them."""
    if not (book.fixed and book.bot):
        return
    document = book.fixed.document
    places = known_addresses(book) | {"back", "again"}
    languages = set(book.bot.model.languages) if book.bot else set()
    taken: dict[str, str] = {}
    for command, said in book.fixed.model.commands.items():
        if command not in places:
            hint = nearest(command, places)
            yield document.problem(("commands", command), "dead-link", at_key=True, where="command", address=command, hint=hint)
        for language, words in said.items():
            if languages and language not in languages:
                path: Path_ = ("commands", command, language)
                hint = nearest(language, languages)
                yield document.problem(path, "unknown-language", at_key=True, language=language, hint=hint)
            for index, word in enumerate(words):
                other = taken.setdefault(folded(word) or word, command)
                if other != command:
                    path = ("commands", command, language, index)
                    yield document.problem(path, "same-phrase", phrase=word, address=other)


def check_catalog(book: Book, catalog: Catalog) -> Iterator[Problem]:
    """What only the written screens show: lengths, choices that read the same, labels that are commands."""
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            where = holder(book, address)
            if where is None:
                continue
            page, path = where
            texts = [block.text.plain for block in screen.blocks if block.kind in ("text", "danger")]
            count = len(screen.title) + sum(map(len, texts))
            if count > SCREEN_LENGTH:
                values: dict[str, Any] = {"count": count, "language": language, "limit": SCREEN_LENGTH}
                yield page.document.problem((*path, "body"), "screen-long", at_key=True, **values)
            labels: dict[str, str] = {}
            for choice in (*screen.choices, *screen.ways):
                if labels.setdefault(choice.folded, choice.address) != choice.address:
                    values = {"address": address, "language": language, "label": choice.label}
                    yield page.document.problem(path, "same-label", at_key=True, **values)
            command = catalog.commands.get(folded(screen.title))
            if command and command != address:
                values = {"label": screen.title, "command": command}
                yield page.document.problem((*path, "title"), "shadowed", **values)
    yield from check_forms.written(book, catalog)
