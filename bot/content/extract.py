"""What translators work with: every sentence of the book as a gettext message, merged into .po files, and how far they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog as Messages
from babel.messages.pofile import write_po

from bot.content import markup
from bot.content.book import Book
from bot.content.check_texts import sentences
from bot.content.problems import ContentError
from bot.content.translate import outdated, po_file, read_messages, read_translations, usable


def template(book: Book) -> Messages:
    """Every message of the book, one a paragraph, bullet or label. Context: where it stands; location: file and line."""
    messages = Messages(project="dong-hanh", charset="utf-8", fuzzy=False)
    messages.creation_date = datetime(2026, 11, 21, tzinfo=UTC)  # a date of its own would change the file at each run
    for context, text, shown, line in _sentences(book):
        messages.add(text, locations=[(shown, line)], context=context)
    return messages


def _sentences(book: Book) -> Iterator[tuple[str, str, str, int]]:
    for page in book.pages():
        for text_field in page.texts():
            if not text_field.markup:
                yield text_field.context, text_field.text, page.document.shown, page.document.place(text_field.path)[0]
                continue
            for part in markup.parse(text_field.text):
                for unit in part.units:
                    row, _ = page.document.place(text_field.path, line=unit.line)
                    yield text_field.context, unit.content, page.document.shown, row


def save(messages: Messages, file: Path) -> None:
    """Write a .po or .pot file, each message on its lines as translators' editors write them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, messages, width=100, include_previous=True)


def update(book: Book, locales: Path) -> None:
    """Merge the book into each language's file: new messages empty, changed ones fuzzy with the old text, gone ones kept."""
    assert book.bot
    wanted = template(book)
    for language in book.bot.model.languages:
        if language != book.bot.model.source:
            known, problems = read_messages(locales, language)
            if any(problem.code != "missing-file" for problem in problems):
                raise ContentError(problems)
            before = {(message.context, message.id): message.previous_id for message in known if message.fuzzy}
            known.update(wanted, update_header_comment=False)
            for message in known:
                message.previous_id = message.previous_id or before.get((message.context, message.id), [])
            save(known, po_file(locales, language))


@dataclass(slots=True)
class Progress:
    """How far a section is in a language: messages translated, and the places and texts of what is stale and missing."""

    translated: int = 0
    stale: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def status(book: Book, locales: Path) -> dict[str, dict[str, Progress]]:
    """Per language and section how far it is."""
    assert book.bot
    table: dict[str, dict[str, Progress]] = {}
    wanted = sentences(book)
    for language in book.bot.model.languages:
        if language == book.bot.model.source:
            continue
        found, _ = read_translations(locales, language)
        known, stale = usable(found), outdated(found, wanted.keys())
        sections = table.setdefault(language, {})
        for context, text, shown, line in _sentences(book):
            progress = sections.setdefault(context.partition("/")[0], Progress())
            place = f"{shown}:{line}: {text}"
            if (context, text) in stale:
                progress.stale.append(place)
            elif (context, text) in known:
                progress.translated += 1
            else:
                progress.missing.append(place)
    return table
