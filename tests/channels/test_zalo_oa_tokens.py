"""The token pair: one refresh per expiry however many processes there are, and no kill and no error loses the pair."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.zalo_oa_api import Api
from bot.channels.zalo_oa_tokens import NoToken, Tokens
from bot.store import SqlStore
from bot.store.tokens import Pair, TokenStore
from bot.turns import Unavailable
from tests.channels.asker import Asker
from tests.channels.fake_zalo_oa import APP_ID, APP_SECRET, FIRST_REFRESH, KEY, FakeZaloOa, Fault

KILLS = 6


class Process:
    """One process's worth: an engine, a client and a token keeper of its own."""

    def __init__(self, url: str, zalo: FakeZaloOa, folder: Path, seed: str) -> None:
        self.store = SqlStore(url, KEY.encode())
        self.keeper = TokenStore(self.store.engine, KEY.encode(), folder)
        self.api = Api(base=zalo.base, oauth=zalo.base, timeout=5)
        self.pauses: list[float] = []
        self.tokens = Tokens(self.keeper, self._refresh, app_id=APP_ID, seed=seed, clock=zalo.clock, pause=self._pause)

    async def _refresh(self, token: str) -> Any:
        return await self.api.refresh(APP_ID, APP_SECRET, token)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.001)

    async def pair(self) -> Pair:
        pair = await self.keeper.read(APP_ID)
        assert pair
        return pair


Start = Callable[..., Any]


@pytest.fixture
async def start(url: str, zalo: FakeZaloOa, tmp_path: Path) -> AsyncIterator[Start]:
    started: list[Process] = []

    async def start_(seed: str = FIRST_REFRESH) -> Process:
        started.append(Process(url, zalo, tmp_path, seed))
        await started[-1].api.start()
        return started[-1]

    yield start_
    for process in started:
        await process.tokens.close()
        await process.api.stop()
        await process.store.close()


async def test_two_processes_with_many_askers_refresh_once_per_expiry(start: Start, zalo: FakeZaloOa) -> None:
    one, two = await start(), await start()
    for expiry in range(1, 5):
        asked = [process.tokens.access() for process in (one, two) for _ in range(10)]
        given = await asyncio.gather(*asked)
        assert {access.token for access in given} == {zalo.access[-1]}
        assert (zalo.exchanges, zalo.spent) == (expiry, 0)
        zalo.virtual.pass_(hours=26)


async def test_the_pair_is_refreshed_at_twenty_of_its_twenty_five_hours(start: Start, zalo: FakeZaloOa) -> None:
    process = await start()
    first = await process.tokens.access()
    zalo.virtual.pass_(hours=19, minutes=59)
    assert await process.tokens.access() == first
    zalo.virtual.pass_(minutes=2)
    assert await process.tokens.access() != first
    assert zalo.exchanges == 2


async def test_a_token_that_zalo_refuses_is_replaced_once_for_all_who_held_it(start: Start, zalo: FakeZaloOa) -> None:
    one, two = await start(), await start()
    held = await one.tokens.access()
    await two.tokens.access()
    given = await asyncio.gather(*(p.tokens.access(held.generation) for p in (one, two, one, two)))
    assert {access.generation for access in given} == {held.generation + 1}
    assert (zalo.exchanges, zalo.spent) == (2, 0)


async def test_the_row_holds_no_token_that_can_be_read(start: Start, zalo: FakeZaloOa, tmp_path: Path) -> None:
    process = await start()
    await process.tokens.access()
    async with process.store.engine.connect() as connection:
        rows = str((await connection.exec_driver_sql("SELECT * FROM zalo_oa_token")).all())
    assert all(secret not in rows for secret in (FIRST_REFRESH, zalo.refresh, *zalo.access))
    assert (await process.pair()).access == zalo.access[-1]


@pytest.mark.parametrize("fault", [Fault(code=-32), Fault(status=503, html="x", carried_out=False)])
async def test_a_refresh_that_zalo_did_not_carry_out_is_made_later_with_the_same_token(
    start: Start, zalo: FakeZaloOa, fault: Fault
) -> None:
    process = await start()
    zalo.fail("oauth", fault, fault)
    if fault.code:
        with pytest.raises(NoToken) as error:
            await process.tokens.access()
        assert not error.value.for_operator
        zalo.virtual.pass_(seconds=61)
        zalo._faults["oauth"].clear()
    else:
        zalo._faults["oauth"].pop()
    assert (await process.tokens.access()).token == zalo.access[-1]
    assert (zalo.exchanges, zalo.spent) == (1, 0)


async def test_after_a_refresh_of_unknown_outcome_the_old_token_is_tried_once_more_and_then_a_human_is_asked(
    start: Start, zalo: FakeZaloOa
) -> None:
    process = await start()
    zalo.fail("oauth", Fault(dropped=True, carried_out=True))
    with pytest.raises(NoToken) as error:
        await process.tokens.access()
    assert error.value.for_operator
    assert 30.0 in process.pauses
    assert (await process.pair()).state == "needs_consent"
    for _ in range(3):
        with pytest.raises(NoToken):
            await process.tokens.access()
    assert (zalo.exchanges, zalo.spent) == (1, 1), "no loop"

    anew = await start(zalo.refresh)
    assert (await anew.tokens.access()).token == zalo.access[-1]
    assert (await process.tokens.access()).token == zalo.access[-1], "the other process sees the new pair"


async def test_a_refresh_that_fails_early_does_not_stop_a_token_that_is_still_good(start: Start, zalo: FakeZaloOa) -> None:
    process = await start()
    first = await process.tokens.access()
    zalo.virtual.pass_(hours=21)
    zalo.fail("oauth", Fault(code=-32), Fault(code=-14014))
    assert await process.tokens.access() == first
    zalo.virtual.pass_(minutes=2)
    assert await process.tokens.access() == first
    assert process.tokens.trouble == "needs consent (refused-14014)"


async def test_without_any_token_the_operator_is_told_which_variable_to_set(start: Start) -> None:
    process = await start("")
    with pytest.raises(NoToken, match="set BOT_ZALO_OA_REFRESH_TOKEN"):
        await process.tokens.access()
    assert process.tokens.trouble == "set BOT_ZALO_OA_REFRESH_TOKEN"


async def test_an_old_variable_never_replaces_a_pair_that_works(start: Start, zalo: FakeZaloOa) -> None:
    process = await start()
    held = await process.tokens.access()
    other = await start("an-old-token-of-last-year")
    assert await other.tokens.access() == held


async def test_with_another_secret_key_the_pair_cannot_be_read_and_the_operator_is_told(
    start: Start, url: str, zalo: FakeZaloOa, tmp_path: Path
) -> None:
    await (await start()).tokens.access()
    other = await start()
    other.keeper = TokenStore(other.store.engine, b"another key, long enough as well", tmp_path)
    other.tokens._store = other.keeper
    with pytest.raises(NoToken, match="another BOT_SECRET_KEY"):
        await other.tokens.access()
    assert zalo.exchanges == 1


async def test_a_pair_that_cannot_be_committed_at_once_is_committed_before_it_is_used(start: Start, zalo: FakeZaloOa) -> None:
    process = await start()
    await process.tokens.access()
    zalo.virtual.pass_(hours=26)

    class Shaky(TokenStore):
        """Its database is away for the first three commits."""

        away = 3

        async def commit(self, *given: Any, **more: Any) -> bool:
            if self.away:
                self.away -= 1
                raise Unavailable
            return await super().commit(*given, **more)

    process.tokens._store = Shaky(process.store.engine, KEY.encode(), process.keeper._rescue.parent)
    access = await process.tokens.access()
    assert (access.token, (await process.pair()).access) == (zalo.access[-1], zalo.access[-1])
    assert not process.keeper._rescue.exists()


async def test_a_pair_that_could_only_be_rescued_to_a_file_is_brought_home(start: Start, zalo: FakeZaloOa) -> None:
    process = await start()
    await process.tokens.access()
    pair = await process.pair()
    answer = await process.api.refresh(APP_ID, APP_SECRET, pair.refresh)
    new = (answer.data["access_token"], answer.data["refresh_token"])
    until = pair.until + 10_000_000
    process.keeper.rescue(APP_ID, pair.generation, *new, issued=pair.issued + 10_000_000, until=until)
    file = process.keeper._rescue
    assert file.stat().st_mode & 0o777 == 0o600
    assert new[1] not in file.read_text()
    other = await start()
    assert (await other.tokens.access()).token == zalo.access[-1]
    assert not file.exists()


async def test_two_real_processes_at_one_expiry_refresh_once(url: str, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    async with FakeZaloOa(lambda: datetime.now(UTC)) as zalo:
        askers = [Asker(url, zalo.base, tmp_path) for _ in range(3)]
        assert [await asker.told() for asker in askers] == ["ready"] * 3
        for asker in askers:
            asker.go()
        assert [await asker.told() for asker in askers] == [1] * 3
        for asker in askers:
            assert asker.end() == (0, [])
        assert (zalo.exchanges, zalo.spent) == (1, 0)


@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_process_killed_during_a_refresh_leaves_a_whole_row_and_the_next_goes_on_from_there(
    start: Start, url: str, zalo: FakeZaloOa, tmp_path: Path, carried_out: bool
) -> None:
    wait = asyncio.Event()
    zalo.fail("oauth", Fault(wait=wait, dropped=True, carried_out=carried_out))
    asker = Asker(url, zalo.base, tmp_path)
    await asker.told()
    asker.go()
    await zalo.until(lambda: zalo.met["oauth"])
    assert asker.end(kill=True) == (-signal.SIGKILL, [])
    wait.set()
    next_ = await start()
    pair = await next_.pair()
    assert (pair.state, pair.generation, pair.refresh) == ("refreshing", 0, FIRST_REFRESH)
    zalo.virtual.now = zalo.virtual.now.replace(year=2100)  # the claim of the dead is void
    if carried_out:  # Zalo has voided what we hold: nobody can mend that but a human, and we say so
        with pytest.raises(NoToken, match="needs consent"):
            await next_.tokens.access()
        assert (await next_.pair()).state == "needs_consent"
    else:
        assert (await next_.tokens.access()).token == zalo.access[-1]
    assert zalo.spent == int(carried_out)


async def test_at_no_moment_of_a_refresh_can_a_kill_tear_the_row(
    start: Start, url: str, zalo: FakeZaloOa, tmp_path: Path
) -> None:
    keeper = await start()
    dice = random.Random(20_250_701)
    told = 0
    askers = [Asker(url, zalo.base, tmp_path) for _ in range(KILLS)]
    for asker in askers:
        await asker.told()
    for asker in askers:
        before = zalo.exchanges
        zalo.virtual.now = zalo.virtual.now.replace(year=2026)
        asker.go()
        await zalo.until(lambda before=before: zalo.exchanges > before)
        for _ in range(dice.randrange(400)):
            await asyncio.sleep(0)
        _, said = asker.end(kill=True)
        pair = await keeper.pair()
        committed = pair.refresh == zalo.refresh
        assert committed or pair.state == "refreshing"
        assert committed or not said, "a token was used before its pair was committed"
        told += committed
        # For the next round: as if the operator had consented anew.
        await keeper.keeper.release(APP_ID, pair.generation, state="needs_consent", error="")
        zalo.refresh = FIRST_REFRESH
        async with keeper.store.engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM zalo_oa_token")
    assert zalo.spent == 0
    assert 0 <= told <= KILLS
