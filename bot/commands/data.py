"""What operators call, and what asks the database: migrate, review, stats, survey."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.commands.content import read_catalog, today
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.store import SqlStore

T = TypeVar("T")
# How long a report that a number does not work, and a question without an answer, stands in the review list.
REPORTED_DAYS = 180


def migrate(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.store.migrate import migrate

    print(f"The database is at version {_asked(settings, lambda store: migrate(store.engine))}.")
    return 0


def review(parsed: argparse.Namespace, settings: Settings) -> int:
    """What is due, which numbers people say do not work, and what they asked in vain."""
    from bot.content.book import read_book
    from bot.content.review import review_list

    print(review_list(read_book(settings.content_dir), today(), today() + timedelta(days=parsed.days)))
    reports, gaps = _asked(settings, lambda store: _complaints(store.engine))
    if reports:
        print(f"\nNumbers that people say do not work, in the last {REPORTED_DAYS} days:")
        print("\n".join(f"  {count:4}  {service}" for service, count in reports))
    if gaps:
        print(f"\nAsked by at least five people and found nowhere, in the last {REPORTED_DAYS} days (words, in no order):")
        print("\n".join(f"  {count:4}  {language}: {words}" for language, words, count in gaps))
    return 0


async def _complaints(engine: "AsyncEngine") -> tuple[list[tuple[str, int]], list[tuple[str, str, int]]]:
    """Services whose number was reported, and what nothing answers, the most often first; none before there is a database."""
    from bot.store.reading import Span, counts_of, gaps_of
    from bot.turns import Unavailable

    span = Span(today() - timedelta(days=REPORTED_DAYS))
    try:
        found, gaps = await counts_of(engine, span), await gaps_of(engine, span)
    except Unavailable:
        return [], []
    reports = [(address, count) for (kind, address), count in found.items() if kind == "report"]
    return sorted(reports, key=lambda entry: (-entry[1], entry[0])), gaps


def stats(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot import stats as figures
    from bot.store.reading import Span

    catalog = read_catalog(settings)
    forms, span = catalog.editions[catalog.source].forms, Span(today() - timedelta(days=parsed.days - 1), today())
    tables = _asked(settings, lambda store: figures.read(store.engine, forms, span))
    if parsed.csv:
        sys.stdout.write(figures.as_csv(tables))
    else:
        print(figures.as_json(tables, span) if parsed.json else figures.as_text(tables, span))
    return 0


def survey(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot import surveys

    catalog = read_catalog(settings)
    found = _asked(settings, lambda store: surveys.read_survey(store.engine, catalog, parsed.id))
    if parsed.what == "export":
        sys.stdout.write(surveys.dictionary(found) if parsed.dictionary else surveys.sheets(found))
    else:
        parsed.html.write_text(surveys.report(found), "utf-8")
        print(f"written: {parsed.html}")
    return 0


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
