"""The commands. `python -m bot` lists them."""

import argparse
import asyncio
import json
import sys
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.content.problems import ContentError, Problem
from bot.settings import Settings, SettingsError, read_settings


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Đồng Hành, a chat companion for migrants in Viet Nam.")
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="open all channels that are configured; the web chat always")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", help="look for mistakes in content and translations; 0 clean, 1 problems")
    check.add_argument("--json", action="store_true", help="for editors and programs")
    check.add_argument("--language", choices=["en", "vi"], default="en", help="of the messages")
    check.set_defaults(command=_check)

    chat = commands.add_parser("chat", help="talk in the terminal; reads lines from a pipe as well")
    chat.add_argument("--language", help="for example vi")
    chat.set_defaults(command=_chat)

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

    loaded = load(settings.content_dir, settings.locales_dir, datetime.now(UTC).date())
    if parsed.json:
        print(json.dumps([_as_json(problem, parsed.language) for problem in loaded.problems], ensure_ascii=False, indent=1))
    else:
        for problem in loaded.problems:
            print(problem.line_for_author(parsed.language))
        warnings = len(loaded.problems) - len(loaded.errors)
        print(f"{len(loaded.errors)} problems, {warnings} warnings, {len(loaded.book.topics)} topics")
    return 1 if loaded.errors else 0


def _as_json(problem: Problem, language: str) -> dict[str, Any]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level,
        "code": problem.code,
        "message": problem.text(language),
    }


def _chat(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.console import Console
    from bot.content.load import load_catalog

    catalog = load_catalog(settings.content_dir, settings.locales_dir, datetime.now(UTC).date())
    if parsed.language and parsed.language not in catalog.editions:
        raise SettingsError(f"--language: '{parsed.language}' is not allowed; allowed: {', '.join(catalog.editions)}")
    try:
        Console(catalog, language=parsed.language).run(sys.stdin, lambda text: print(f"{text}\n", flush=True))
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    return 0


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


def _table(status: dict[str, dict[str, tuple[int, int, int]]]) -> str:
    lines = [f"{'language':10}{'section':14}{'translated':>12}{'stale':>8}{'missing':>9}"]
    for language, sections in status.items():
        # what is stale misleads: it comes first
        for section, (done, stale, missing) in sorted(sections.items(), key=lambda row: (-row[1][1], -row[1][2], row[0])):
            lines.append(f"{language:10}{section:14}{done:12}{stale:8}{missing:9}")
        done, stale, missing = (sum(column) for column in zip(*sections.values(), strict=True))
        lines.append(f"{language:10}{'all':14}{done:12}{stale:8}{missing:9}")
    return "\n".join(lines)


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
