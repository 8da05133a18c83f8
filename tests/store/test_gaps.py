"""What is asked in vain is kept only once five people asked alike; until then, and of everything else, nothing can be read."""

import asyncio
from datetime import date

from sqlalchemy import select

from bot.conversation import Session, Unanswered
from bot.store import SqlStore
from bot.store.reading import gaps_of
from bot.store.tables import gaps, marks

DAY = date(2026, 11, 22)
ASKED = Unanswered(DAY, "vi", ("zzgap", "zzvisa"))


async def ask(store: SqlStore, person: str, record: Unanswered = ASKED) -> None:
    session, revision = await store.load("telegram", person)
    await store.save("telegram", person, session, revision, [record])


async def sightings(store: SqlStore) -> int:
    async with store.engine.connect() as connection:
        return len((await connection.execute(select(marks))).all())


async def test_the_words_appear_with_the_fifth_person_and_are_counted_from_then_on(store: SqlStore) -> None:
    for person in ("1", "2", "3", "4", "4", "1"):
        await ask(store, person)
    assert await gaps_of(store.engine) == []
    assert await sightings(store) == 4
    await ask(store, "5")
    assert await gaps_of(store.engine) == [("vi", "zzgap zzvisa", 5)]
    assert await sightings(store) == 0, "who asked is not needed any more"
    await ask(store, "1")
    await ask(store, "6", Unanswered(DAY, "en", ("visa",)))
    assert await gaps_of(store.engine) == [("vi", "zzgap zzvisa", 6)]


async def test_until_then_the_words_stand_nowhere(store: SqlStore, database) -> None:
    for person in ("1", "2", "3", "4"):
        await ask(store, person, Unanswered(DAY, "vi", ("zzquiet", "zzword")))
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in database.folder.rglob("*") if file.is_file()])
    assert files
    assert not [content for content in files if b"zzquiet" in content or b"zzword" in content]


async def test_people_whom_we_do_not_know_are_one_a_day(store: SqlStore) -> None:
    for _ in range(9):
        await store.keep([ASKED])
    assert await gaps_of(store.engine) == []
    for day in range(4):
        await store.keep([Unanswered(date(2026, 12, 1 + day), "vi", ASKED.words)])
    assert await gaps_of(store.engine) == [("vi", "zzgap zzvisa", 5)]


async def test_forget_me_takes_a_person_out_and_what_is_old_goes(store: SqlStore) -> None:
    for person in ("1", "2"):
        await ask(store, person)
    await store.forget("telegram", "1")
    assert await sightings(store) == 1
    assert await store.load("telegram", "1") == (Session(), 0)
    for person in ("3", "4", "5", "6"):
        await ask(store, person)
    assert len(await gaps_of(store.engine)) == 1
    await ask(store, "7", Unanswered(DAY, "vi", ("khac",)))
    await store.forget_before(date(2027, 6, 1), date(2027, 1, 1))
    async with store.engine.connect() as connection:
        assert (await connection.execute(select(gaps))).all() == []
    assert await sightings(store) == 0
