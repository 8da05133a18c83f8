"""Everything in order, once: read, check, translate, write out."""

import gc
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from bot.content.book import Book, read_book
from bot.content.check import can_be_written, check_book, check_catalog
from bot.content.check_texts import check_translations, sentences
from bot.content.editions import write_catalog
from bot.content.problems import ContentError, Problem
from bot.content.translate import Translator, outdated, po_file, read_translations, usable
from bot.conversation import Catalog


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a content folder. catalog: also with problems, so that all of them are found; not to be shown then."""

    book: Book
    catalog: Catalog | None
    problems: Sequence[Problem]

    @property
    def errors(self) -> list[Problem]:
        """What makes `check` red."""
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def faults(self) -> list[Problem]:
        """What keeps it from being shown. A review that is long overdue is no reason to show a person nothing at all."""
        return [problem for problem in self.errors if problem.code != "overdue"]


# Of each file its name, time of change, size and number on the disk.
Seen = frozenset[tuple[str, int, int, int]]
# What was made of these files last.
_last: dict[tuple[bytes, date], Loaded] = {}


def load(content: Path, locales: Path, today: date) -> Loaded:
    """Read and check everything. today: decides which reviews are overdue. Where all files are as they were when this was last
    asked, the answer is the same: a checkout may touch hundreds of files and change none."""
    seen = look(content, locales)
    same = _same(seen), today
    loaded = _last.get(same)
    if loaded is None:
        loaded = _read(content, locales, today)
        if look(content, locales) == seen:  # it did not change meanwhile
            _last.clear()
            _last[same] = loaded
    return loaded


def look(*folders: Path) -> Seen:
    """What tells whether a file changed, without reading it."""
    seen = set()
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):  # gone since it was listed
                    entry = os.stat(f"{path}/{name}")  # noqa: PTH116 - a path object would double the cost
                    seen.add((f"{path}/{name}", entry.st_mtime_ns, entry.st_size, entry.st_ino))
    return frozenset(seen)


def _same(seen: Seen) -> bytes:
    """Tells whether any of the files changed: its name or what stands in it."""
    told = sha256()
    for path, *_ in sorted(seen):
        with suppress(OSError):  # gone since it was listed
            content = Path(path).read_bytes()
            told.update(f"{path}\0{len(content)}\0".encode() + content)
    return told.digest()


def _read(content: Path, locales: Path, today: date) -> Loaded:
    collecting = gc.isenabled()
    gc.disable()  # nearly all that is made here stays: looking for garbage meanwhile takes an eighth of the time
    try:
        return _load(content, locales, today)
    finally:
        gc.freeze()  # nor need later collections look at it, which would stop the event loop for long
        if collecting:
            gc.enable()


def _load(content: Path, locales: Path, today: date) -> Loaded:
    book = read_book(content)
    problems = [*book.problems, *check_book(book, today)]
    catalog = None
    if book.bot and can_be_written(book):
        bot = book.bot.model
        chains = {
            language: tuple(dict.fromkeys((language, *(f for f in about.fallback if f in bot.languages), bot.source)))
            for language, about in bot.languages.items()
        }
        messages, stale = {}, {}
        wanted = sentences(book)
        for language in bot.languages:
            if language == bot.source:
                continue
            found, faults = read_translations(locales, language)
            messages[language] = usable(found)
            stale[language] = outdated(found, wanted.keys())
            shown = po_file(Path(locales.name), language).as_posix()
            problems += faults or check_translations(wanted, shown, language, found, stale[language])
        catalog = write_catalog(book, Translator(chains, messages, stale), today)
        if catalog:
            problems += check_catalog(book, catalog)
    return Loaded(book, catalog, sorted({problem.line_for_author(): problem for problem in problems}.values()))


def load_catalog(content: Path, locales: Path, today: date) -> Catalog:
    """The catalog of a folder without errors; raises ContentError with all of them otherwise."""
    loaded = load(content, locales, today)
    if loaded.faults or loaded.catalog is None:
        raise ContentError(loaded.faults)
    return loaded.catalog
