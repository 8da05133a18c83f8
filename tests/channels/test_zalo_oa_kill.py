"""Kill -9 at 50 moments under a stream of webhook events: nothing that was acknowledged is lost, nothing is applied twice, and
at most one answer to each person is repeated for each kill."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.conversation import Catalog, code
from bot.store import SqlStore
from bot.store.migrate import migrate
from tests.channels.fake_zalo_oa import KEY, FakeZaloOa, Person, settings

ROOT = Path(__file__).parents[2]
KILLS, PEOPLE, SEED = 50, 4, 20_250_701
# Screens that differ in their first line; each person asks for one after the other.
CODES = ("covid-masks", "covid", "help-now", "home", "privacy")

# Another process, which loads the content once and then, for each line that it reads, becomes a bot in a fork of itself: so a
# new life costs milliseconds. It says the process and its port.
LIVES = """
import asyncio, os, signal, sys
from datetime import date
from pathlib import Path
from aiohttp import web
from bot.app import open_zalo_oa
from bot.content.load import load_catalog
from bot.logs import set_up_logs
from bot.settings import read_settings
from bot.store import SqlStore
from bot.turns import Turns

set_up_logs([], stream=open("log.txt", "a", encoding="utf-8"))
settings = read_settings()
catalog = load_catalog(settings.content_dir, settings.locales_dir, date(2026, 11, 21))
key = settings.key()

async def live():
    store = SqlStore(settings.database_url, key)
    turns = Turns(lambda: catalog, store)
    door = open_zalo_oa(settings, turns, store, key, lease=0.2, idle=0.02)
    app = web.Application()
    app.add_routes(door.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await door.start()
    print(os.getpid(), runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        asyncio.run(live())
    os.waitpid(child, 0)
"""


class Lives:
    """The bot, which is killed and lives again."""

    def __init__(self, process: subprocess.Popen[str], zalo: FakeZaloOa) -> None:
        self._process = process
        self._zalo = zalo
        self.pid = 0
        self.number = 0

    async def begin(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("live\n")
        self._process.stdin.flush()
        pid, port = (await self.line()).split()
        self.pid = int(pid)
        self.number += 1
        self._zalo.bot = f"http://127.0.0.1:{port}"
        self._zalo.tell()

    def end(self) -> None:
        self._zalo.bot = ""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
        self.pid = 0

    async def line(self) -> str:
        assert self._process.stdout
        return (await asyncio.to_thread(self._process.stdout.readline)).strip()


@asynccontextmanager
async def lives(folder: Path, zalo: FakeZaloOa) -> AsyncIterator[Lives]:
    given = settings(folder, zalo)
    names = ("database_url", "content_dir", "locales_dir", "zalo_oa_app_id", "zalo_oa_api_base", "zalo_oa_oauth_base")
    variables = {f"BOT_{name.upper()}": str(getattr(given, name)) for name in names}
    variables["BOT_SECRET_KEY"] = KEY
    for name in ("zalo_oa_app_secret", "zalo_oa_secret_key", "zalo_oa_refresh_token"):
        variables[f"BOT_{name.upper()}"] = getattr(given, name).get_secret_value()
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = os.environ | variables | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", LIVES], text=True, cwd=folder, env=environment, **pipes
    ) as process:
        bot = Lives(process, zalo)
        try:
            assert await bot.line() == "ready"
            yield bot
        finally:
            bot.end()
            process.kill()


async def stream(person: Person, zalo: FakeZaloOa, stop: asyncio.Event) -> list[str]:
    """Ask for one screen after the other, not waiting for answers; each event until Zalo has its 200. What was asked."""
    asked: list[str] = []
    while not stop.is_set():
        wanted = CODES[len(asked) % len(CODES)]
        event = person.event("user_send_text", {"text": f"#{wanted}"})
        asked.append(wanted)
        retry = 0
        while True:
            await zalo.until(lambda: zalo.bot, 30)
            if await zalo.deliver(event, retry=min(retry, 4)) == 200:
                break
            retry += 1
            await asyncio.sleep(0)
        # Not more than a few ahead: a person is not a flood.
        await zalo.until(lambda asked=asked: len(asked) - len(person.messages) < 4 or stop.is_set(), 30)
    return asked


async def test_nothing_is_lost_or_applied_twice_at_fifty_kills_and_at_most_one_answer_a_person_is_repeated(  # noqa: C901
    tmp_path: Path, catalog: Catalog
) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}", KEY.encode())
    await migrate(store.engine)
    await store.close()
    dice = random.Random(SEED)
    async with FakeZaloOa(lambda: datetime.now(UTC)) as zalo, lives(tmp_path, zalo) as bot:
        people = [zalo.person(number) for number in range(PEOPLE)]
        life: dict[str, list[int]] = {person.number: [] for person in people}
        steps = 0

        def step(_: str) -> None:
            nonlocal steps
            steps += 1
            for person in people:
                known = life[person.number]
                known += [bot.number] * (len(person.messages) - len(known))
            zalo.tell()

        zalo.on_call = step
        stop = asyncio.Event()
        await bot.begin()
        asking = [asyncio.create_task(stream(person, zalo, stop)) for person in people]
        await zalo.until(lambda: zalo.sent, 30)  # the first pair is there: its own kills are in test_zalo_oa_tokens
        for _ in range(KILLS):
            goal = steps + dice.randrange(1, 9)
            await zalo.until(lambda goal=goal: steps >= goal, 30)
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            bot.end()
            await bot.begin()
        stop.set()
        zalo.tell()
        asked = await asyncio.gather(*asking)
        with closing(sqlite3.connect(tmp_path / "bot.db")) as database:

            def left() -> int:
                return int(database.execute("SELECT count(*) FROM inbox WHERE payload IS NOT NULL").fetchone()[0])

            while left():
                await zalo.until(lambda: True)
                await asyncio.sleep(0.01)
            (applied,) = database.execute("SELECT sum(count) FROM views WHERE channel = 'zalo_oa'").fetchone()
            (whole,) = database.execute("PRAGMA integrity_check").fetchone()
        bot.end()

    assert whole == "ok"
    assert applied == sum(map(len, asked)), "each event is applied once"
    screens = {code(address): screen for address, screen in catalog.editions["vi"].screens.items()}
    repeats = 0
    for person, codes in zip(people, asked, strict=True):
        answers = iter(zip(person.messages, life[person.number], strict=True))
        message, when = next(answers)
        for number, asked_for in enumerate(codes):
            assert message.startswith(screens[asked_for].title), f"event {number} was lost"
            first, seen = message, {when}
            message = ""
            for message, when in answers:
                if message != first:
                    break
                assert when not in seen, "an answer was repeated without a kill"
                seen.add(when)
                repeats += 1
                message = ""
        assert not message, "an answer to nothing"
    assert repeats <= KILLS * PEOPLE
    assert zalo.spent == 0
    print(f"{sum(map(len, asked))} events, {KILLS} kills, {repeats} answers repeated")
