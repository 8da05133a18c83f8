"""Statistics: totals from a real database; small numbers stay in the house and cannot be computed; metrics of today."""

import csv
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from io import StringIO
from itertools import product
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.conversation import Catalog, Counted, Ending, Form, Option, Question, Record, Session, Viewed
from bot.figures import csv_text, harmless, hide, shown
from bot.metrics import read_today
from bot.stats import Table, as_csv, as_json, as_text, read
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.reading import EVER, Span, counts_of, views_by
from bot.turns import Unavailable

TODAY = date(2026, 11, 21)
YES = {"yes": Option("Yes")}
FORMS = {
    "check": Form("check", False, {"fever": Question(YES), "cough": Question(YES)}, {"call": Ending(1), "rest": Ending(0)}),
    "quiz": Form("quiz", False, {"one": Question({"a": Option("A", right=True)})}, {"end": Ending(0)}),
}


def viewed(times: int, address: str = "home", language: str = "vi", campaign: str = "", days: int = 0) -> list[Record]:
    return [Viewed(TODAY - timedelta(days=days), "telegram", language, address, campaign)] * times


def counted(times: int, kind: str, address: str) -> list[Record]:
    return [Counted(TODAY, kind, "webchat", "vi", address)] * times  # type: ignore[arg-type]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}", b"k" * 32)
    await migrate(store.engine)
    yield store
    await store.close()


async def tables(store: SqlStore, *records: Sequence[Record], span: Span = EVER) -> dict[str, Table]:
    for some in records:
        await store.keep(some)
    return {table.name: table for table in await read(store.engine, FORMS, span)}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((12, 9, 0), [12, 9, 0]),
        ((12, 9, 5), [12, 9, 5]),
        ((12, 9, 4), [12, "*", "<5"]),
        ((20, 12, 4, 3), [20, 12, "<5", "<5"]),
        ((20, 12, 1, 1), [20, "*", "<5", "<5"]),
        ((20, 12, 4, 4), [20, "*", "<5", "<5"]),
        ((3, 0), ["*", 0]),
        ((4, 4), ["*", "*"]),
        ((), []),
    ],
)
def test_a_number_below_five_is_hidden_and_cannot_be_found_by_subtraction(parts: tuple[int, ...], told: list[object]) -> None:
    assert hide(parts) == told
    assert [shown(count) for count in (0, 1, 4, 5)] == [0, "<5", "<5", 5]


@pytest.mark.parametrize(("places", "last"), [(2, ()), (3, ()), (3, (2,)), (4, (2, 3))])
def test_whoever_knows_the_total_and_the_rules_can_still_not_tell_any_hidden_number(places: int, last: tuple[int, ...]) -> None:
    possible = defaultdict(list)
    for parts in product(range(13), repeat=places):
        if 5 <= sum(parts) < 13:
            possible[sum(parts), tuple(hide(parts, last=last))].append(parts)

    for (_, told), ways in possible.items():
        for place, number in enumerate(told):
            if isinstance(number, str):
                assert len({way[place] for way in ways}) > 1, (told, ways)


def test_a_number_that_another_table_would_give_away_is_hidden_whatever_it_is() -> None:
    assert hide([30, 20, 50], never=(2,)) == [30, "*", "*"]
    assert hide([30, 20, 0], never=(2,)) == [30, "*", "*"]


def test_no_cell_of_an_export_is_run_as_a_formula() -> None:
    for evil in ("=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"):
        assert harmless(evil) == f"'{evil}"
    assert [harmless(good) for good in ("covid/masks", "", "*", "<5", "a=b")] == ["covid/masks", "", "*", "<5", "a=b"]
    rows = [("name", "count"), ('=HYPERLINK("http://x")', 3), ('a "b", c\nd', 7)]
    assert list(csv.reader(StringIO(csv_text(rows), newline=""))) == [
        ["name", "count"],
        ['\'=HYPERLINK("http://x")', "3"],
        ['a "b", c\nd', "7"],
    ]


async def test_views_are_added_up_by_each_part_within_the_days_that_were_asked_for(store: SqlStore) -> None:
    await store.keep([*viewed(6), *viewed(5, "covid/masks", "km", "moc-bai", 1), *viewed(9, days=30)])
    span = Span(TODAY - timedelta(days=29), TODAY)

    assert await views_by(store.engine, "address", span) == [("covid/masks", 5), ("home", 6)]
    assert await views_by(store.engine, "language", span) == [("km", 5), ("vi", 6)]
    assert await views_by(store.engine, "campaign", span) == [("", 6), ("moc-bai", 5)]
    assert await views_by(store.engine, "day", span) == [("2026-11-20", 5), ("2026-11-21", 6)]
    assert await views_by(store.engine, "channel") == [("telegram", 20)]


async def test_everything_that_is_counted_is_told(store: SqlStore) -> None:
    found = await tables(
        store,
        viewed(7),
        counted(6, "answered", "home"),
        counted(2, "unsure", "home"),
        counted(5, "not-understood", "covid"),
        counted(8, "helpful", "covid/masks"),
        counted(1, "not-helpful", "covid/masks"),
        counted(1, "report", "service/tan-bien"),
        counted(3, "exit", "exit"),
        counted(2, "forgotten", "forget/now"),
        counted(9, "form", "form/check/fever"),
        counted(7, "form", "form/check/cough"),
        counted(5, "form", "form/check/call"),
        counted(1, "form", "form/check/rest"),
        counted(6, "form", "form/quiz/one"),
        counted(5, "form", "form/quiz/end"),
        counted(5, "form", "form/gone/end"),
    )

    assert found["totals"].counts == {
        "views": 7,
        "answered": 6,
        "unsure": 2,
        "not-understood": 5,
        "helpful": 8,
        "not-helpful": 1,
        "report": 1,
        "exit": 3,
        "forgotten": 2,
    }
    assert found["typed.not-understood"].counts == {"covid": 5}
    assert found["helpful"].counts == {"covid/masks": 8}
    assert found["report"].counts == {"service/tan-bien": 1}
    assert found["forms"].counts == {"check begun": 9, "check finished": 6, "quiz begun": 6, "quiz finished": 5}
    assert found["form.check.reached"].counts == {"fever": 9, "cough": 7}
    assert found["form.check.finished"].for_others() == {"call": "*", "rest": "*"}
    assert not [name for name in found if name.startswith("form.quiz")], "of a quiz only totals"

    text = as_text(found.values(), Span(TODAY, TODAY))
    assert "       1  service/tan-bien" in text, "one report is a reason to look"


@pytest.mark.parametrize(("times", "told"), [(4, "*"), (5, 5)])
async def test_exports_hide_what_is_below_five_also_where_the_total_would_give_it_away(
    store: SqlStore, times: int, told: object
) -> None:
    found = await tables(store, viewed(times, "covid/masks"), viewed(8), viewed(20, "help/now"))
    rows = list(csv.DictReader(StringIO(as_csv(found.values()), newline="")))
    exported = {row["name"]: row["count"] for row in rows if row["table"] == "views.address"}
    parsed = json.loads(as_json(found.values(), Span(TODAY, TODAY)))["tables"]["views.address"]

    assert exported == {name: str(count) for name, count in parsed.items()}
    assert parsed == {"covid/masks": "<5" if told == "*" else told, "help/now": 20, "home": "*" if told == "*" else 8}


async def test_no_export_names_a_person(store: SqlStore) -> None:
    await store.save("telegram", "4711", Session("vi"), 0, viewed(6))
    found = await tables(store)
    exported = as_csv(found.values()) + as_json(found.values(), EVER) + as_text(found.values(), EVER)

    assert "4711" not in exported
    assert store.person("telegram", "4711") not in exported


async def test_an_empty_database_has_statistics_too(store: SqlStore, catalog: Catalog) -> None:
    found = await read(store.engine, catalog.editions["vi"].forms, Span(TODAY, TODAY))
    assert all(not count for table in found for count in table.counts.values())
    assert as_text(found, Span(TODAY, TODAY)).startswith("From 2026-11-21 to 2026-11-21.")


async def test_a_database_that_cannot_be_read_is_said_to_be_away(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'without-tables.db'}", b"k" * 32)
    with pytest.raises(Unavailable):
        await counts_of(store.engine)
    await store.close()


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_metrics_tell_what_the_database_counted_today_by_section(store: SqlStore) -> None:
    records = [*viewed(1, "covid/masks"), *counted(1, "form", "form/check/fever"), *counted(1, "report", "service/a")]
    await store.keep([*records, *viewed(1, "covid/masks"), *counted(1, "exit", "exit")])

    await read_today(store.engine, TODAY)

    assert metric("bot_views_today", section="covid") == 2
    assert metric("bot_happened_today", kind="form", section="form/check") == 1
    assert metric("bot_happened_today", kind="report", section="service") == 1
    await read_today(store.engine, TODAY + timedelta(days=1))
    assert metric("bot_views_today", section="covid") == 0
