"""Who wants to be forgotten is: nothing in the database, its files or the log tells that they were ever here.

Others stay as they are, and what a survey was told stays, because it never said by whom.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text, update

from bot.conversation import Answered, Catalog, Session, Tapped
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.tables import answers, marks, metadata, sessions
from bot.turns import Conflict, Turns
from tests.logged import logged, timeless

TODAY = datetime.now(UTC).date()
MAI, NOY = "5550199123456", "5550199654321"
SURVEY = Answered(TODAY, "access-survey", "vi", (("province", "tay-ninh"), ("age", "a25")))
Open = Callable[[str], SqlStore]


@pytest.fixture(autouse=True)
def log() -> Iterator[StringIO]:
    """What an operator would find in the log."""
    with logged(StringIO()) as stream:
        yield stream


async def filled_in(store: SqlStore, catalog: Catalog, person: str) -> Turns:
    """Somebody looked at pages, chose a province and handed a survey in, as real turns."""
    turns = Turns(lambda: catalog, store)
    survey = ["resume", *["who/inside", "province/tay-ninh", "age/a25", "gender/woman", "stay/m6", "registered/yes"]]
    survey += ["insurance/work", "clinic/here", "ill/no", "hard/price", "hard/far", "help/card"]
    places = [
        "home",
        "services/tay-ninh",
        "covid/masks",
        *(f"form/access-survey/{rest}" for rest in survey),
        "form/danger/resume",
    ]
    for number, place in enumerate(places):
        await tap(turns, person, place, id=f"u{number}")
    return turns


async def tap(turns: Turns, person: str, place: str, **more: Any) -> str:
    """The title of what is shown."""
    tapped = Tapped(channel="telegram", person=person, at=datetime.now(UTC), token=f"vi:{place}", **more)
    async with turns.turn(tapped) as turn:
        return turn.replies[-1].title


async def rows(store: SqlStore) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    async with store.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert {*metadata.tables} <= {*names}
        return {name: [str(tuple(row)) for row in await connection.execute(text(f'SELECT * FROM "{name}"'))] for name in names}


def traces(person: str, store: SqlStore) -> list[bytes]:
    """What would tell of a person: their id, and the name under which they are kept."""
    name = store.person("telegram", person)
    return [person.encode(), name.encode(), name.upper().encode(), bytes.fromhex(name)]


def found(folder: Path, wanted: list[bytes]) -> list[str]:
    """The files in which one of these stands."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file() and any(w in file.read_bytes() for w in wanted))


async def told(store: SqlStore) -> list[dict[str, str]]:
    async with store.engine.connect() as connection:
        return [json.loads(row.answers) for row in await connection.execute(select(answers))]


async def test_forget_leaves_no_row_of_a_person_and_all_rows_of_others(store: SqlStore, catalog: Catalog) -> None:
    turns = await filled_in(store, catalog, MAI)
    await filled_in(store, catalog, NOY)
    before = await rows(store)
    assert [len(before[name]) for name in ("sessions", "marks", "answers")] == [2, 2, 2]

    title = await tap(turns, MAI, "forget/now", id="u99")

    after = await rows(store)
    mine, theirs = (store.person("telegram", person) for person in (MAI, NOY))
    assert [row for name in after for row in after[name] if mine in row or MAI in row] == []
    for name in ("sessions", "marks"):
        assert after[name] == [row for row in before[name] if theirs in row]
    assert after["answers"] == before["answers"], "they never said whose they are"
    assert title == catalog.editions["vi"].screens["forget/now"].title


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_forget_leaves_no_byte_of_a_person_in_any_file_of_the_database(
    store: SqlStore, database, catalog: Catalog
) -> None:
    turns = await filled_in(store, catalog, MAI)
    await filled_in(store, catalog, NOY)
    assert found(database.folder, traces(MAI, store)), "they were there"

    await tap(turns, MAI, "forget/now", id="u99")

    assert {file.name for file in database.folder.iterdir()} == {"bot.db", "bot.db-wal", "bot.db-shm"}
    assert found(database.folder, traces(MAI, store)) == []
    assert found(database.folder, traces(NOY, store)) != []
    await store.close()
    assert found(database.folder, traces(MAI, store)) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_forget_finds_what_many_earlier_turns_left_all_over_the_file(store: SqlStore, database, catalog: Catalog) -> None:
    for number in range(300):  # pages of the file split and fill, and hold old copies of rows
        await store.save("telegram", f"{MAI}{number}", Session("vi", "covid/masks"), 0, [SURVEY] if number % 3 else [])
    turns = Turns(lambda: catalog, store)
    gone = [f"{MAI}{number}" for number in range(0, 300, 7)]

    for person in gone:
        await tap(turns, person, "forget/now")

    left = b"".join(file.read_bytes() for file in database.folder.iterdir())
    assert [person for person in gone if store.person("telegram", person).encode() in left] == []
    assert store.person("telegram", f"{MAI}1").encode() in left


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_forget_is_done_although_another_process_is_reading(
    database, catalog: Catalog, open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.store.BUSY", 0)  # nobody waits for the reader in this test
    store, other = open_store(database.url), open_store(database.url)
    await migrate(store.engine)
    turns = await filled_in(store, catalog, MAI)
    async with other.engine.connect() as reader:
        await reader.execute(text("BEGIN"))
        await reader.execute(select(func.count()).select_from(sessions))
        await tap(turns, MAI, "forget/now", id="u99")
        assert await store.load("telegram", MAI) == (Session(), 0)
        await reader.rollback()

    # What the reader kept in the write-ahead log goes with the next cleaning, which runs every day.
    await store.forget_before(TODAY - timedelta(days=180))

    assert found(database.folder, traces(MAI, store)) == []


async def test_who_was_forgotten_is_unknown_after_a_restart_and_may_begin_anew(
    store: SqlStore, database, catalog: Catalog, open_store: Open
) -> None:
    turns = await filled_in(store, catalog, MAI)
    await tap(turns, MAI, "forget/now", id="u99")
    await store.close()

    second = open_store(database.url)
    await migrate(second.engine)
    assert await second.load("telegram", MAI) == (Session(), 0)
    await tap(Turns(lambda: catalog, second), MAI, "covid", id="u100")

    session, revision = await second.load("telegram", MAI)
    assert (session.screen, session.province, session.forms, session.done, revision) == ("covid", "", (), (), 1)


async def test_forget_that_is_delivered_twice_forgets_twice(store: SqlStore, catalog: Catalog) -> None:
    turns = await filled_in(store, catalog, MAI)

    for _ in range(2):
        await tap(turns, MAI, "forget/now", id="u99")

    assert await store.load("telegram", MAI) == (Session(), 0)


async def test_who_was_forgotten_may_hand_a_survey_in_again(store: SqlStore, catalog: Catalog) -> None:
    for person in (MAI, MAI):
        turns = await filled_in(store, catalog, person)
    assert len(await told(store)) == 1, "once for a person"

    await tap(turns, MAI, "forget/now", id="u99")
    await filled_in(store, catalog, MAI)

    assert len(await told(store)) == 2
    assert {row["province"] for row in await told(store)} == {"tay-ninh"}


async def test_a_survey_that_two_processes_hand_in_at_once_counts_once(store: SqlStore) -> None:
    await store.save("telegram", MAI, Session("vi"), 0, [SURVEY])
    await store.save("telegram", MAI, Session("vi"), 1, [SURVEY])

    assert await told(store) == [dict(SURVEY.answers)]


async def test_a_survey_answer_tells_nothing_but_day_language_and_answers(store: SqlStore, catalog: Catalog) -> None:
    await filled_in(store, catalog, MAI)

    async with store.engine.connect() as connection:
        (row,) = (await connection.execute(select(answers))).mappings()
    assert set(row) == {"id", "day", "form", "language", "answers"}
    assert type(row["day"]) is date
    assert store.person("telegram", MAI)[:8] not in str(row["id"])
    await filled_in(store, catalog, NOY)
    async with store.engine.connect() as connection:
        ids = [row.id for row in await connection.execute(select(answers))]
    assert len(set(ids)) == 2
    assert all(len(id_) == 32 for id_ in ids)


async def test_the_log_tells_of_nobody(store: SqlStore, catalog: Catalog, log: StringIO) -> None:
    turns = await filled_in(store, catalog, MAI)
    await tap(turns, MAI, "forget/now", id="u99")

    written = timeless(log.getvalue())
    assert "forget/now" in written
    name = store.person("telegram", MAI)
    assert [secret for secret in (MAI, MAI[-6:], name, name[:12], "tay-ninh/", "a25") if secret in written] == []


@pytest.mark.parametrize("days", [180, 181])
async def test_marks_and_sessions_are_kept_for_so_many_days_and_no_longer(store: SqlStore, catalog: Catalog, days: int) -> None:
    await filled_in(store, catalog, MAI)
    await filled_in(store, catalog, NOY)
    old = TODAY - timedelta(days=days)
    async with store.engine.begin() as connection:
        mine = store.person("telegram", MAI)
        await connection.execute(update(sessions).where(sessions.c.person == mine).values(seen=old))
        await connection.execute(update(marks).where(marks.c.person == mine).values(day=old))

    count = await store.forget_before(TODAY - timedelta(days=180))

    kept = await rows(store)
    assert count == (days > 180)
    assert [sum(mine in row for row in kept[name]) for name in ("sessions", "marks")] == [days <= 180] * 2
    assert len(kept["sessions"]) == len(kept["marks"]) == 1 + (days <= 180)
    assert len(kept["answers"]) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_is_deleted_for_its_age_leaves_no_byte_either(store: SqlStore, database, catalog: Catalog) -> None:
    await filled_in(store, catalog, MAI)

    await store.forget_before(TODAY + timedelta(days=1))

    assert found(database.folder, traces(MAI, store)) == []


@pytest.fixture
async def two(database, open_store: Open) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two processes that serve the same people."""
    first, second = open_store(database.url), open_store(database.url)
    await migrate(first.engine)
    yield first, second


async def test_a_turn_of_another_process_does_not_bring_back_who_was_forgotten_meanwhile(
    two: tuple[SqlStore, SqlStore], catalog: Catalog
) -> None:
    first, second = two
    turns = await filled_in(first, catalog, MAI)
    session, revision = await second.load("telegram", MAI)

    await tap(turns, MAI, "forget/now", id="u99")
    with pytest.raises(Conflict):
        await second.save("telegram", MAI, session, revision, [])

    assert await first.load("telegram", MAI) == (Session(), 0)
