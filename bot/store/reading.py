"""Reads totals and answer sheets. Nothing of a person can be read here: sessions and marks are not asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.store import transaction
from bot.store.tables import answers, counts, gaps, views

# What views are added up by. Each adds up to the same total.
Part = Literal["address", "language", "channel", "campaign", "day"]
PARTS: tuple[Part, ...] = ("address", "language", "channel", "campaign", "day")


class Span(NamedTuple):
    """Days to read, both included; None where there is no limit."""

    first: date | None = None
    last: date | None = None


EVER = Span()


@dataclass(frozen=True, slots=True)
class Filled:
    """One answer sheet. answers: question -> answer, as they were given."""

    day: date
    answers: dict[str, str]


async def views_by(engine: AsyncEngine, part: Part, span: Span = EVER) -> list[tuple[str, int]]:
    """How often screens were shown, by one part, in the order of its names. Raises Unavailable."""
    column = views.c[part]
    wanted = select(column, func.sum(views.c.count)).where(*_within(views, span)).group_by(column).order_by(column)
    return [(str(name), int(count)) for name, count in await _rows(engine, wanted)]


async def counts_of(engine: AsyncEngine, span: Span = EVER) -> dict[tuple[str, str], int]:
    """How often something else happened, by kind and address. Raises Unavailable."""
    kind, address = counts.c.kind, counts.c.address
    wanted = select(kind, address, func.sum(counts.c.count)).where(*_within(counts, span)).group_by(kind, address)
    return {(kind, address): int(count) for kind, address, count in await _rows(engine, wanted.order_by(kind, address))}


async def steps_of(engine: AsyncEngine, form: str, span: Span = EVER) -> dict[str, int]:
    """How often each question and ending of a form was reached. Raises Unavailable."""
    start = f"form/{form}/"
    found = await counts_of(engine, span)
    return {
        address.removeprefix(start): count
        for (kind, address), count in found.items()
        if kind == "form" and address.startswith(start)
    }


async def sheets_of(engine: AsyncEngine, form: str) -> list[Filled]:
    """The sheets of a survey, in an order that tells nothing. What is no sheet is left out. Raises Unavailable."""
    wanted = select(answers.c.day, answers.c.answers).where(answers.c.form == form)
    found = []
    for day, text in await _rows(engine, wanted.order_by(answers.c.day, answers.c.answers)):
        try:
            given = json.loads(text)
        except ValueError:
            continue
        if isinstance(given, dict):
            found.append(Filled(day, {str(question): str(said) for question, said in given.items()}))
    return found


async def gaps_of(engine: AsyncEngine, span: Span = EVER) -> list[tuple[str, str, int]]:
    """Language, words and how often: what several people asked and found nothing, the most often first. Raises Unavailable."""
    wanted = select(gaps.c.language, gaps.c.words, gaps.c.count).where(*_within(gaps, span))
    return [
        (language, words, int(count))
        for language, words, count in await _rows(engine, wanted.order_by(gaps.c.count.desc(), gaps.c.words))
    ]


def _within(table: Table, span: Span) -> list[ColumnElement[bool]]:
    day = table.c.day
    return [*([day >= span.first] if span.first else []), *([day <= span.last] if span.last else [])]


async def _rows(engine: AsyncEngine, wanted: Any) -> Sequence[Any]:
    async with transaction(engine) as connection:
        return (await connection.execute(wanted)).all()
