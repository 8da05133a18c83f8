"""What each command does. `bot/__main__.py` reads the arguments; here nothing is decided either, only called and printed."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.content.problems import ContentError, Problem
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.content.extract import Progress
    from bot.conversation import Catalog
    from bot.store import SqlStore

T = TypeVar("T")
# How long a report that a number does not work stands in the review list.
REPORTED_DAYS = 180


def _today() -> date:
    return datetime.now(UTC).date()


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.app import serve

    _loop(serve(settings))
    return 0


def _loop(task: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(task)
    return uvloop.run(task)


def check(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load
    from bot.content.transcripts import play_all

    loaded = load(settings.content_dir, settings.locales_dir, _today())
    problems = list(loaded.problems)
    if parsed.transcripts and loaded.catalog:
        folder = settings.content_dir / "transcripts"
        problems += play_all(folder, f"{settings.content_dir.name}/transcripts", loaded.catalog)
    errors = [problem for problem in problems if problem.level == "error"]
    if parsed.json:
        print(json.dumps([_as_json(problem, parsed.language) for problem in problems], ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            print(problem.line_for_author(parsed.language))
        print(f"{len(errors)} problems, {len(problems) - len(errors)} warnings, {len(loaded.book.topics)} topics")
    return 1 if errors else 0


def _as_json(problem: Problem, language: str) -> dict[str, Any]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level,
        "code": problem.code,
        "message": problem.text(language),
    }


def review(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.book import read_book
    from bot.content.review import review_list

    print(review_list(read_book(settings.content_dir), _today(), _today() + timedelta(days=parsed.days)))
    if reports := _asked(settings, lambda store: _reports(store.engine)):
        print(f"\nNumbers that people say do not work, in the last {REPORTED_DAYS} days:")
        print("\n".join(f"  {count:4}  {service}" for service, count in reports))
    return 0


async def _reports(engine: "AsyncEngine") -> list[tuple[str, int]]:
    """Services whose number was reported, the most often reported first; none before there is a database."""
    from bot.store.reading import Span, counts_of
    from bot.turns import Unavailable

    try:
        found = await counts_of(engine, Span(_today() - timedelta(days=REPORTED_DAYS)))
    except Unavailable:
        return []
    reports = [(address, count) for (kind, address), count in found.items() if kind == "report"]
    return sorted(reports, key=lambda entry: (-entry[1], entry[0]))


def schema(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.schema import write_schemas

    for file in write_schemas(settings.content_dir / "schema"):
        print(f"written: {file}")
    return 0


def preview(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load_catalog
    from bot.web.preview import write_preview

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    count = write_preview(catalog, parsed.out, settings.public_url)
    print(f"{count} pages written; open {parsed.out / 'index.html'}")
    return 0


def chat(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.console import Console
    from bot.content.load import load_catalog

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    language = _language(parsed.language, catalog) if parsed.language else None
    with suppress(KeyboardInterrupt):
        Console(catalog, language=language).run(sys.stdin, lambda text: print(f"{text}\n", flush=True))
    return 0


def search(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load_catalog
    from bot.conversation import LINGUA, rank

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    edition = catalog.editions[_language(parsed.language, catalog)]
    for question in sys.stdin if parsed.text == "-" else [parsed.text]:
        hits = rank(catalog.index, question, edition.language, LINGUA)
        rows = [{"address": h.address, "title": edition.screens[h.address].title, "score": round(h.score, 3)} for h in hits]
        if parsed.json:
            print(json.dumps(rows, ensure_ascii=False), flush=True)
        else:
            print("\n".join(f"{row['score']:8.2f}  {row['address']:32} {row['title']}" for row in rows[:5]))
    return 0


def place(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load_catalog
    from bot.conversation import find_place

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    for text in sys.stdin if parsed.text == "-" else [parsed.text]:
        found = [
            {
                "province": catalog.province(place.address) or None,
                "gate": place.address.removeprefix("gate/") if place.address.startswith("gate/") else None,
                "country": place.address.removeprefix("abroad/") if place.address.startswith("abroad/") else None,
                "matched": place.name,
            }
            for place in find_place(catalog.names, text)
        ]
        if parsed.json:
            print(json.dumps(found[0] if len(found) == 1 else {"choices": found}, ensure_ascii=False), flush=True)
        else:
            rows = [" ".join(f"{key} {value}" for key, value in row.items() if value) for row in found]
            print("\n".join(rows) or "not known")
    return 0


def services(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.partners import export_command, import_command

    if parsed.what == "import":
        today, dry = _today(), parsed.dry_run
        return import_command(parsed.file, settings.content_dir, today, dry_run=dry, language=parsed.language)
    return export_command(parsed.kind, settings.content_dir)


def _language(language: str, catalog: "Catalog") -> str:
    if language not in catalog.editions:
        raise SettingsError(f"--language: '{language}' is not allowed; allowed: {', '.join(catalog.editions)}")
    return language


def translate(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content import extract
    from bot.content.book import read_book
    from bot.content.translate import DOMAIN

    book = read_book(settings.content_dir)
    if book.problems:
        raise ContentError(book.problems)
    if parsed.what == "extract":
        target = settings.locales_dir / f"{DOMAIN}.pot"
        extract.save(extract.template(book), target)
        print(f"written: {target}")
    elif parsed.what == "update":
        extract.update(book, settings.locales_dir)
    if parsed.what != "extract":
        print(_table(extract.status(book, settings.locales_dir)))
    return 0


def _table(status: "dict[str, dict[str, Progress]]") -> str:
    """A row a section, what is stale first since it misleads, and below each stale sentence with its place."""
    lines = [f"{'language':10}{'section':14}{'translated':>12}{'stale':>8}{'missing':>9}"]
    stale = []
    for language, sections in status.items():
        rows = sorted(sections.items(), key=lambda row: (-len(row[1].stale), -len(row[1].missing), row[0]))
        counts = [(name, p.translated, len(p.stale), len(p.missing)) for name, p in rows]
        counts.append(("all", *(sum(column) for column in list(zip(*counts, strict=True))[1:])))
        lines += [f"{language:10}{name:14}{done:12}{old:8}{missing:9}" for name, done, old, missing in counts]
        stale += [f"{language}: {place}" for _, progress in rows for place in progress.stale]
    return "\n".join([*lines, *(["", "Stale:"] if stale else []), *stale])


def _asked(settings: Settings, question: "Callable[[SqlStore], Coroutine[Any, Any, T]]") -> "T":
    """What the database answers to a question."""
    from bot.settings import data_folder
    from bot.store import SqlStore
    from bot.turns import Unavailable

    async def ask() -> "T":
        data_folder(settings.database_url)
        store = SqlStore(settings.database_url, settings.key())
        try:
            return await question(store)
        except Unavailable:
            raise SettingsError("BOT_DATABASE_URL: no answer; allowed: a database after `python -m bot migrate`") from None
        finally:
            await store.close()

    return asyncio.run(ask())


def migrate(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.store.migrate import migrate

    print(f"The database is at version {_asked(settings, lambda store: migrate(store.engine))}.")
    return 0


def stats(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot import stats as figures
    from bot.content.load import load_catalog
    from bot.store.reading import Span

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    forms, span = catalog.editions[catalog.source].forms, Span(_today() - timedelta(days=parsed.days - 1), _today())
    tables = _asked(settings, lambda store: figures.read(store.engine, forms, span))
    if parsed.csv:
        sys.stdout.write(figures.as_csv(tables))
    else:
        print(figures.as_json(tables, span) if parsed.json else figures.as_text(tables, span))
    return 0


def survey(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot import surveys
    from bot.content.load import load_catalog

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    found = _asked(settings, lambda store: surveys.read_survey(store.engine, catalog, parsed.id))
    if parsed.what == "export":
        sys.stdout.write(surveys.dictionary(found) if parsed.dictionary else surveys.sheets(found))
    else:
        parsed.html.write_text(surveys.report(found), "utf-8")
        print(f"written: {parsed.html}")
    return 0
