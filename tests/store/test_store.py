"""The store keeps what its protocol promises, the same on SQLite and PostgreSQL: sessions with a revision, counts in the same
transaction, nobody's name in any file, and no error but its own."""

import asyncio
import re
import subprocess
import threading
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from bot.channels.telegram import decode
from bot.conversation import Catalog, Session, Viewed
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.store import BUSY
from bot.store.tables import sessions, views
from bot.turns import Conflict, Turns, Unavailable

TODAY = date(2026, 11, 21)
MASKS = Viewed(TODAY, "telegram", "vi", "covid/masks")
HELP = Viewed(TODAY, "telegram", "km", "help/now", "moc-bai")
Open = Callable[[str], SqlStore]
Start = Callable[[str, str, int], subprocess.Popen[str]]


async def counts(store: SqlStore) -> dict[Viewed, int]:
    async with store.engine.connect() as connection:
        rows = await connection.execute(select(views))
    return {Viewed(row.day, row.channel, row.language, row.address, row.campaign): row.count for row in rows}


async def set_column(store: SqlStore, person: str, **values: object) -> None:
    """What an older release, another clock or a broken disk left in somebody's row."""
    async with store.engine.begin() as connection:
        mine = sessions.c.person == store.person("telegram", person)
        assert (await connection.execute(update(sessions).where(mine).values(values))).rowcount == 1


async def visit(store: SqlStore, person: str, times: int) -> int:
    """Save so many turns, asking again after each conflict; how many conflicts there were."""
    conflicts = 0
    while times:
        session, revision = await store.load("telegram", person)
        await asyncio.sleep(0)
        try:
            await store.save("telegram", person, Session("vi", "home", (*session.recent, "x")[-8:]), revision, [MASKS])
        except Conflict:
            conflicts += 1
        else:
            times -= 1
    return conflicts


# --- sessions


async def test_somebody_unknown_has_a_new_session_and_revision_0(store: SqlStore) -> None:
    assert await store.load("telegram", "7") == (Session(), 0)


SESSIONS = [
    Session(),
    Session("vi", "covid/masks", ("u1", "u2"), left=False),
    Session("km", "help/now", tuple(f"u{n}" for n in range(8)), left=True),
    Session("lo", "home", ("ສະບາຍດີ", "'; DROP TABLE sessions; --", "\x00", "👩‍⚕️")),
]


async def test_a_session_is_loaded_as_it_was_saved(store: SqlStore) -> None:
    for revision, session in enumerate(SESSIONS * 2):
        await store.save("telegram", "7", session, revision, [])
        assert await store.load("telegram", "7") == (session, revision + 1)


async def test_a_session_is_still_there_when_the_process_was_started_again(database, open_store: Open) -> None:
    first = open_store(database.url)
    await migrate(first.engine)
    await first.save("telegram", "7", Session("km", "help/now"), 0, [HELP])
    await first.close()
    second = open_store(database.url)
    await migrate(second.engine)
    assert await second.load("telegram", "7") == (Session("km", "help/now"), 1)
    assert await counts(second) == {HELP: 1}


async def test_the_same_id_in_two_channels_is_two_people(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km"), 0, [])
    await store.save("zalo", "7", Session("lo"), 0, [])
    assert await store.load("telegram", "7") == (Session("km"), 1)
    assert await store.load("zalo", "7") == (Session("lo"), 1)


async def test_with_another_key_nobody_is_known(store: SqlStore, database) -> None:
    await store.save("telegram", "7", Session("km"), 0, [])
    other = SqlStore(database.url, b"another key that is long enough, too")
    try:
        assert await other.load("telegram", "7") == (Session(), 0)
    finally:
        await other.close()


UNREADABLE = ["", "{", "not json", "null", "[]", "7", '"vi"', '{"screen": 5, "recent": "x"}', "[" * 20_000, '{"a":' * 20_000]


@pytest.mark.parametrize("saved", UNREADABLE, ids=[repr(saved[:12]) for saved in UNREADABLE])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_stored_session_that_cannot_be_read_is_a_new_session(store: SqlStore, saved: str) -> None:
    await store.save("telegram", "7", Session("km", "help/now"), 0, [])
    await set_column(store, "7", session=saved)
    assert await store.load("telegram", "7") == (Session(), 1)
    await store.save("telegram", "7", Session("lo"), 1, [])
    assert await store.load("telegram", "7") == (Session("lo"), 2)


# --- conflicts


async def test_of_two_that_loaded_the_same_revision_the_second_gets_a_conflict(store: SqlStore) -> None:
    for before in range(4):
        _, revision = await store.load("telegram", "7")
        assert revision == before
        await store.save("telegram", "7", Session("km", "covid/masks"), revision, [])
        with pytest.raises(Conflict):
            await store.save("telegram", "7", Session("lo", "home"), revision, [])
        assert await store.load("telegram", "7") == (Session("km", "covid/masks"), before + 1)


async def test_somebody_forgotten_between_load_and_save_gets_a_conflict_and_then_starts_anew(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km"), 0, [])
    await store.forget_before(date.max)
    with pytest.raises(Conflict):
        await store.save("telegram", "7", Session("km"), 1, [])
    assert await store.load("telegram", "7") == (Session(), 0)


async def test_two_engines_at_once_lose_no_turn_of_one_person(store: SqlStore, database, open_store: Open) -> None:
    stores, turns, conflicts = (store, open_store(database.url)), 0, 0
    while not conflicts and turns < 600:
        conflicts += sum(await asyncio.gather(*(visit(one, "7", 15) for one in stores)))
        turns += 30
    assert (await store.load("telegram", "7"))[1] == turns
    assert await counts(store) == {MASKS: turns}
    assert conflicts, "they never met: the test proves nothing"


async def test_two_engines_at_once_serve_many_people_without_an_error(store: SqlStore, database, open_store: Open) -> None:
    stores = (store, open_store(database.url))
    await asyncio.gather(*(visit(stores[n % 2], str(n), 2) for n in range(30)))
    assert {(await store.load("telegram", str(n)))[1] for n in range(30)} == {2}
    assert await counts(store) == {MASKS: 60}


async def test_two_processes_at_once_lose_no_turn_of_one_person(store: SqlStore, database, start_visitor: Start) -> None:
    processes = [start_visitor(database.url, "7", 30) for _ in range(2)]
    revisions = []
    for process in processes:
        said, errors = await asyncio.to_thread(process.communicate, timeout=60)
        assert (process.returncode, errors) == (0, "")
        revisions += map(int, said.split())
    assert sorted(revisions) == list(range(1, 61))
    assert (await store.load("telegram", "7"))[1] == 60
    assert await counts(store) == {MASKS: 60}


# --- counts


async def test_views_of_a_screen_are_counted_by_day_channel_language_address_and_campaign(store: SqlStore) -> None:
    tomorrow = Viewed(TODAY + timedelta(days=1), "telegram", "vi", "covid/masks")
    await store.save("telegram", "7", Session(), 0, [MASKS, HELP, MASKS])
    await store.keep([MASKS, tomorrow])
    await store.keep([])
    assert await counts(store) == {MASKS: 3, HELP: 1, tomorrow: 1}


async def test_a_turn_that_conflicts_counts_nothing(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km"), 0, [MASKS])
    with pytest.raises(Conflict):
        await store.save("telegram", "7", Session("lo"), 0, [MASKS, HELP])
    assert await counts(store) == {MASKS: 1}


async def test_a_turn_whose_counts_cannot_be_kept_leaves_the_session_as_it_was(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km"), 0, [MASKS])
    async with store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE views"))
    with pytest.raises(Unavailable):
        await store.save("telegram", "7", Session("lo"), 1, [MASKS])
    assert await store.load("telegram", "7") == (Session("km"), 1)


# --- what is deleted


async def test_forgetting_deletes_who_was_last_seen_before_the_day_and_nobody_else(store: SqlStore) -> None:
    for person, seen in {"old": 3, "older": 400, "that-day": 2, "younger": 1}.items():
        await store.save("telegram", person, Session("km"), 0, [MASKS])
        await set_column(store, person, seen=TODAY - timedelta(days=seen))
    assert await store.forget_before(TODAY - timedelta(days=2)) == 2
    known = [person for person in ("old", "older", "that-day", "younger") if (await store.load("telegram", person))[1]]
    assert known == ["that-day", "younger"]
    assert await store.forget_before(TODAY - timedelta(days=2)) == 0
    assert await counts(store) == {MASKS: 4}


async def test_whoever_writes_again_is_kept(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km"), 0, [])
    await set_column(store, "7", seen=date(2020, 1, 1))
    await store.save("telegram", "7", Session("lo"), 1, [])
    assert await store.forget_before(datetime.now(UTC).date()) == 0
    assert await store.load("telegram", "7") == (Session("lo"), 2)


# --- nobody's name

PERSON = 3_907_184_625  # as Telegram counts people; nobody's
# Telegram builds the id of a tap from the person's id and a random number (seen in public bug reports).
TAP = PERSON << 32 | 2_765_430_118
WORDS = "Tôi bị giữ trong một tòa nhà"


def telegram_visit() -> list[dict[str, object]]:
    sender = {"id": PERSON, "is_bot": False, "first_name": "Sokha", "username": "sokha_chan", "language_code": "km"}
    chat = {"id": PERSON, "type": "private", "first_name": "Sokha", "username": "sokha_chan"}
    message = {"message_id": 41, "from": sender, "chat": chat, "date": 1_795_219_200}
    shown = {"message_id": 42, "chat": chat, "date": 1_795_219_201, "text": "..."}
    return [
        {"update_id": 900_001, "message": message | {"text": "/start km__help_now__moc-bai"}},
        {"update_id": 900_002, "message": message | {"text": WORDS}},
        {"update_id": 900_003, "message": message | {"location": {"latitude": 11.0712, "longitude": 106.1731}}},
        {"update_id": 900_004, "callback_query": {"id": str(TAP), "from": sender, "message": shown, "data": "km:covid/masks"}},
    ]


@pytest.fixture
async def visited(store: SqlStore, catalog: Catalog) -> SqlStore:
    """A store after somebody's visit in Telegram."""
    turns = Turns(lambda: catalog, store)
    for update_ in telegram_visit():
        incoming = decode(update_)
        assert incoming
        async with turns.turn(incoming):
            pass
    return store


def written(folder: Path) -> dict[str, bytes]:
    """All that lies on the disk, the write-ahead log too."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_no_file_of_the_database_holds_who_wrote_or_what(visited: SqlStore, database) -> None:
    files = written(database.folder)
    secret: list[bytes] = [str(PERSON).encode(), f"telegram:{PERSON}".encode(), b"Sokha", b"sokha_chan", b"106.173", b"11.0712"]
    secret += [WORDS.encode(), WORDS[:6].encode(), PERSON.to_bytes(4, "big"), PERSON.to_bytes(4, "little")]
    found = {(name, needle) for name, content in files.items() for needle in secret if needle in content}
    assert not found
    person = visited.person("telegram", str(PERSON)).encode()
    assert any(person in content for content in files.values()), "the row is not where we looked: the test proves nothing"


async def test_no_number_in_a_stored_session_tells_who_the_person_is(visited: SqlStore) -> None:
    async with visited.engine.connect() as connection:
        stored = (await connection.execute(select(sessions.c.session))).scalar_one()
    numbers = {int(digits) for digits in re.findall(r"\d+", stored)}
    assert PERSON not in {number >> 32 for number in numbers}


async def test_a_person_is_stored_under_a_name_that_nobody_without_the_key_can_compute(visited: SqlStore) -> None:
    async with visited.engine.connect() as connection:
        names = (await connection.execute(select(sessions.c.person))).scalars().all()
    other = SqlStore("sqlite+aiosqlite://", b"another key that is long enough, too")
    assert names == [visited.person("telegram", str(PERSON))]
    assert re.fullmatch("[0-9a-f]{64}", names[0])
    assert names[0] != other.person("telegram", str(PERSON))


# --- the database is away


async def every_way(store: SqlStore) -> list[type[Exception]]:
    """What each method raises."""
    ways: list[Callable[[], Awaitable[object]]] = [
        lambda: store.load("telegram", "7"),
        lambda: store.save("telegram", "7", Session(), 0, [MASKS]),
        lambda: store.save("telegram", "7", Session(), 1, [MASKS]),
        lambda: store.keep([MASKS]),
        lambda: store.forget_before(TODAY),
        store.ping,
    ]
    raised = []
    for way in ways:
        with pytest.raises(Exception) as info:
            await way()
        raised.append(info.type)
    return raised


ONLY_UNAVAILABLE = [Unavailable] * 6


async def test_without_its_folder_the_database_is_unavailable(tmp_path: Path, open_store: Open) -> None:
    before = set(threading.enumerate())
    assert await every_way(open_store(f"sqlite+aiosqlite:///{tmp_path}/nowhere/bot.db")) == ONLY_UNAVAILABLE
    for thread in set(threading.enumerate()) - before:
        thread.join()  # aiosqlite does not wait for the thread of a file that it could not open


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, open_store: Open) -> None:
    (tmp_path / "bot.db").write_bytes(b"this was overwritten by something else " * 200)
    assert await every_way(open_store(f"sqlite+aiosqlite:///{tmp_path}/bot.db")) == ONLY_UNAVAILABLE


async def test_a_server_where_nobody_listens_is_unavailable(open_store: Open) -> None:
    assert await every_way(open_store("postgresql+asyncpg://postgres@127.0.0.1:1/bot")) == ONLY_UNAVAILABLE


async def test_a_database_that_the_server_does_not_have_is_unavailable(server, open_store: Open) -> None:
    assert await every_way(open_store(server.get_uri("nowhere", "asyncpg"))) == ONLY_UNAVAILABLE


async def test_a_server_that_hangs_up_is_unavailable(open_store: Open) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await every_way(open_store(f"postgresql+asyncpg://postgres@127.0.0.1:{port}/bot")) == ONLY_UNAVAILABLE


async def meet_a_lock(store: SqlStore, other: SqlStore, lock: str) -> None:
    """Save while another process holds all of the database, and again when it let go."""
    async with other.engine.connect() as connection:
        await connection.exec_driver_sql(lock)
        with pytest.raises(Unavailable):
            await store.save("telegram", "7", Session(), 0, [])
        await connection.rollback()
    await store.save("telegram", "7", Session(), 0, [])


async def meet_silence(store: SqlStore) -> None:
    """The server accepts and says nothing."""
    with pytest.raises(Unavailable):
        await store.load("telegram", "7")


async def test_a_database_that_does_not_answer_is_unavailable_before_a_person_gives_up(
    server, tmp_path: Path, open_store: Open
) -> None:
    server.psql("CREATE DATABASE locked")
    sqlite, postgresql = f"sqlite+aiosqlite:///{tmp_path}/bot.db", server.get_uri("locked", "asyncpg")
    for url in (sqlite, postgresql):
        await migrate(open_store(url).engine)
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    deaf = open_store(f"postgresql+asyncpg://postgres@127.0.0.1:{silent.sockets[0].getsockname()[1]}/bot")
    meetings = {
        "locked SQLite": meet_a_lock(open_store(sqlite), open_store(sqlite), "BEGIN IMMEDIATE"),
        "locked PostgreSQL": meet_a_lock(open_store(postgresql), open_store(postgresql), "LOCK sessions"),
        "silent PostgreSQL": meet_silence(deaf),
    }
    tasks = [asyncio.create_task(meeting, name=name) for name, meeting in meetings.items()]
    done, waiting = await asyncio.wait(tasks, timeout=BUSY + 3)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for writer in writers:
        writer.close()
    silent.close()
    assert {task.get_name() for task in waiting} == set()
    for task in done:
        task.result()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_connections_that_the_server_closed_are_replaced_without_an_error(server, store: SqlStore, database) -> None:
    await store.save("telegram", "7", Session("km"), 0, [])
    name = database.url.partition("?")[0].rpartition("/")[2]
    server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';")
    assert await store.load("telegram", "7") == (Session("km"), 1)
    await store.save("telegram", "7", Session("lo"), 1, [])


@pytest.mark.parametrize("table", ["sessions", "views"])
async def test_no_error_says_what_was_to_be_written(store: SqlStore, table: str) -> None:
    private = (str(PERSON), "help/captive", "u900001", "moc-bai")
    person, address, event, campaign = private
    async with store.engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {table}"))
    with pytest.raises(Unavailable) as info:
        viewed = Viewed(TODAY, "telegram", "vi", address, campaign)
        await store.save("telegram", person, Session("vi", address, (event,)), 0, [viewed])
    said = "".join(traceback.format_exception(info.value))
    assert table in said
    for value in (*private, store.person("telegram", person)):
        assert value not in said
