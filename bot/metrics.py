"""What people did today, for /metrics: read from the database when it is asked for, so that it holds for all processes.

Labels stay few and tell little: a section instead of an address, since whoever reads /metrics often enough knows the minute.
"""

from collections import Counter
from datetime import date

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.reading import Span, counts_of, views_by

VIEWS = Gauge("bot_views_today", "Screens shown today, in all processes", ["section"])
HAPPENED = Gauge("bot_happened_today", "Other things that were counted today, in all processes", ["kind", "section"])


async def read_today(engine: AsyncEngine, today: date) -> None:
    """Bring the gauges to what the database says. Raises Unavailable."""
    views: Counter[str] = Counter()
    for address, count in await views_by(engine, "address", Span(today, today)):
        views[_section(address)] += count
    happened: Counter[tuple[str, str]] = Counter()
    for (kind, address), count in (await counts_of(engine, Span(today, today))).items():
        happened[kind, _section(address)] += count
    VIEWS.clear()
    HAPPENED.clear()
    for section, count in views.items():
        VIEWS.labels(section).set(count)
    for (kind, section), count in happened.items():
        HAPPENED.labels(kind, section).set(count)


def _section(address: str) -> str:
    """The first part of an address; of a form also which."""
    parts = address.split("/")
    return "/".join(parts[:2]) if parts[0] == "form" else parts[0]
