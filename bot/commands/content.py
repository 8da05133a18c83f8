"""What authors and translators call: check, schema, preview, services, translate."""

import argparse
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bot.content.problems import ContentError, Problem
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.content.extract import Progress
    from bot.conversation import Catalog


def today() -> date:
    return datetime.now(UTC).date()


def read_catalog(settings: Settings) -> "Catalog":
    """The catalog of the content as it is now. Raises ContentError."""
    from bot.content.load import load_catalog

    return load_catalog(settings.content_dir, settings.locales_dir, today())


def check(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.load import load
    from bot.content.transcripts import play_all

    loaded = load(settings.content_dir, settings.locales_dir, today())
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


def schema(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.schema import write_schemas

    for file in write_schemas(settings.content_dir / "schema"):
        print(f"written: {file}")
    return 0


def preview(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.web.preview import write_preview

    catalog = read_catalog(settings)
    count = write_preview(catalog, parsed.out, settings.public_url)
    how = f"unpack {parsed.out} and open index.html" if parsed.out.suffix == ".zip" else f"open {parsed.out / 'index.html'}"
    print(f"{count} pages written; {how}")
    return 0


def services(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.content.partners import export_command, import_command

    if parsed.what == "import":
        how = {"dry_run": parsed.dry_run, "language": parsed.language}
        return import_command(parsed.file, settings.content_dir, today(), **how)
    return export_command(parsed.kind, settings.content_dir)


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
