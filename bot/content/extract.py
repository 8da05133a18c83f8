"""What translators work with: every sentence of the book as a gettext message, merged into .po files, and how far they are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog as Messages
from babel.messages.pofile import write_po

from bot.content import markup, models
from bot.content.book import Book
from bot.content.translate import po_file, read_messages


def template(book: Book) -> Messages:
    """Every message of the book, one a paragraph, bullet or label. Context: where it stands; location: file and line."""
    messages = Messages(project="dong-hanh", charset="utf-8", fuzzy=False)
    messages.creation_date = datetime(2026, 11, 21, tzinfo=UTC)  # a date of its own would change the file at each run
    for context, text, shown, line in _sentences(book):
        messages.add(text, locations=[(shown, line)], context=context)
    return messages


def _sentences(book: Book) -> Iterator[tuple[str, str, str, int]]:
    for page in book.pages():
        for field in models.translated(page.model, page.address):
            if not field.markup:
                yield field.context, field.text, page.document.shown, page.document.place(field.path)[0]
                continue
            for part in markup.parse(field.text):
                for unit in part.units:
                    row, _ = page.document.place(field.path, line=unit.line)
                    yield field.context, unit.content, page.document.shown, row


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
            known, _ = read_messages(locales, language)
            known.update(wanted, update_header_comment=False)
            save(known, po_file(locales, language))


def status(book: Book, locales: Path) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Per language and section: how many messages are translated, stale and missing."""
    assert book.bot
    table: dict[str, dict[str, tuple[int, int, int]]] = {}
    for language in book.bot.model.languages:
        if language == book.bot.model.source:
            continue
        known, _ = read_messages(locales, language)
        rows: dict[str, tuple[int, int, int]] = {}
        for context, text, *_ in sorted(set(_sentences(book))):
            message = known.get(text, context)
            row = 2 if message is None or not message.string else 1 if message.fuzzy else 0
            section = context.partition("/")[0]
            counts = list(rows.get(section, (0, 0, 0)))
            counts[row] += 1
            rows[section] = (counts[0], counts[1], counts[2])
        table[language] = rows
    return table
