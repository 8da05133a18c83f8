"""Two processes on one database, for the Zalo doors: each event is answered by one of them, whichever was told of it."""

import asyncio
from pathlib import Path

from sqlalchemy import text

from bot.conversation import Catalog
from tests.channels.fake_zalo_oa import FakeZaloOa, opened

PEOPLE, EVENTS = 6, 5
# If until then one of them was always quicker, the test goes on until the other has worked too, at the most so often.
MOST = 40


async def test_two_processes_give_one_answer_to_each_event_and_refresh_once(
    url: str, zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path
) -> None:
    people = [zalo.person(number) for number in range(PEOPLE)]
    async with (
        opened(tmp_path, zalo, catalog, database_url=url) as one,
        opened(tmp_path, zalo, catalog, database_url=url) as two,
    ):

        async def write(number: int) -> None:
            """Each event comes to both, at once."""
            event = people[number].event("user_send_text", {"text": f"#{('covid', 'home')[number % 2]}"})
            told = [zalo.deliver(event, to=address) for address in (one.address, two.address)]
            assert await asyncio.gather(*told) == [200, 200]

        rounds = 0
        while rounds < EVENTS or (not min(one.inbox.done, two.inbox.done) and rounds < MOST):
            await asyncio.gather(*map(write, range(PEOPLE)))
            rounds += 1
        await zalo.until(lambda: one.inbox.done + two.inbox.done == PEOPLE * rounds)
        async with one.house.store.engine.connect() as connection:
            left = "SELECT count(*) FROM inbox WHERE payload IS NOT NULL"
            assert (await connection.execute(text(left))).scalar_one() == 0
            assert (await connection.execute(text("SELECT sum(count) FROM views"))).scalar_one() == PEOPLE * rounds
    assert [len(person.messages) for person in people] == [rounds] * PEOPLE
    assert min(one.inbox.done, two.inbox.done) > 0, "both have worked"
    assert (zalo.exchanges, zalo.spent) == (1, 0)
