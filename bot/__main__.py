"""The commands. `python -m bot` lists them."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.content.problems import ContentError, Problem
from bot.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from bot.content.extract import Progress
    from bot.conversation import Catalog


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. Problems of authors and operators are said without a traceback."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.command(parsed, read_settings()))
    except ContentError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problems in the content: nothing was started.", file=sys.stderr)
        return 1
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads our output has read enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return 0


def _today() -> date:
    return datetime.now(UTC).date()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Đồng Hành, a chat companion for migrants in Viet Nam.")
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="open all channels that are configured; the web chat always")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", help="look for mistakes in content and translations; 0 clean, 1 problems")
    check.add_argument("--json", action="store_true", help="for editors and programs")
    check.add_argument("--language", choices=["en", "vi"], default="en", help="of the messages")
    check.set_defaults(command=_check)

    check.add_argument("--transcripts", action="store_true", help="play content/transcripts as well")

    review = commands.add_parser("review", help="what has to be checked again, and by when")
    review.add_argument("--days", type=int, default=60, help="look so many days ahead (default: 60)")
    review.set_defaults(command=_review)

    schema = commands.add_parser("schema", help="write the JSON Schemas of the content files, for editors")
    schema.set_defaults(command=_schema)

    preview = commands.add_parser("preview", help="write every screen in every language as files, also for use offline")
    preview.add_argument("out", type=Path, help="the folder to write into")
    preview.set_defaults(command=_preview)

    chat = commands.add_parser("chat", help="talk in the terminal; reads lines from a pipe as well")
    chat.add_argument("--language", help="for example vi")
    chat.set_defaults(command=_chat)

    search = commands.add_parser("search", help="which pages answer a question, best first; - reads a question a line")
    search.add_argument("text")
    search.add_argument("--language", default="vi", help="of the person (default: vi)")
    search.add_argument("--json", action="store_true", help="for programs")
    search.set_defaults(command=_search)

    translate = commands.add_parser("translate", help="what translators work with")
    translate.add_argument("what", choices=["status", "extract", "update"])
    translate.set_defaults(command=_translate)

    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(command=_migrate)
    return parser


def _run(parsed: argparse.Namespace, settings: Settings) -> int:
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


def _check(parsed: argparse.Namespace, settings: Settings) -> int:
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


def _review(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.book import read_book
    from bot.content.review import review_list

    print(review_list(read_book(settings.content_dir), _today(), _today() + timedelta(days=parsed.days)))
    return 0


def _schema(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.schema import write_schemas

    for file in write_schemas(settings.content_dir / "schema"):
        print(f"written: {file}")
    return 0


def _preview(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load_catalog
    from bot.web.preview import write_preview

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    count = write_preview(catalog, parsed.out, settings.public_url)
    print(f"{count} pages written; open {parsed.out / 'index.html'}")
    return 0


def _chat(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.console import Console
    from bot.content.load import load_catalog

    catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
    language = _language(parsed.language, catalog) if parsed.language else None
    with suppress(KeyboardInterrupt):
        Console(catalog, language=language).run(sys.stdin, lambda text: print(f"{text}\n", flush=True))
    return 0


def _search(parsed: argparse.Namespace, settings: Settings) -> int:
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


def _language(language: str, catalog: "Catalog") -> str:
    if language not in catalog.editions:
        raise SettingsError(f"--language: '{language}' is not allowed; allowed: {', '.join(catalog.editions)}")
    return language


def _translate(parsed: argparse.Namespace, settings: Settings) -> int:
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


def _migrate(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.settings import data_folder
    from bot.store import SqlStore
    from bot.store.migrate import migrate

    async def run() -> str:
        data_folder(settings.database_url)
        store = SqlStore(settings.database_url, settings.key())
        try:
            return await migrate(store.engine)
        finally:
            await store.close()

    print(f"The database is at version {asyncio.run(run())}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
