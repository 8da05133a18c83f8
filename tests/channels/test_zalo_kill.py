"""Kill -9 at many moments under a stream of webhook events, for both doors of Zalo: nothing that was acknowledged is lost,
nothing is applied twice, and at most one answer to each person is repeated for each kill."""

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

import pytest

from bot.content.load import load_catalog
from bot.conversation import Catalog, code
from bot.store import SqlStore
from bot.store.migrate import migrate
from tests.channels import fake_zalo_bot, fake_zalo_oa
from tests.channels.fake_telegram import small_content
from tests.channels.faults import ROOT, Server

KEY, PEOPLE, SEED = "k" * 32, 4, 20_250_701
KILLS = {"zalo_oa": 50, "zalo_bot": 15}
# Screens that differ in their first line; each person asks for one after the other.
CODES = ("covid-masks", "covid", "help-now", "home", "privacy")

# Another process, which loads the content once and then, for each line that it reads, becomes a bot in a fork of itself: so a
# new life costs milliseconds. It says the process and its port, and when it is dead.
LIVES = """
import asyncio, os, sys
from datetime import date
from aiohttp import web
from bot.doors import open_zalo_oa
from bot.channels.zalo_bot import ZaloBot
from bot.content.load import load_catalog
from bot.logs import set_up_logs
from bot.settings import read_settings
from bot.store import SqlStore
from bot.store.inbox import Inbox
from bot.store.quota import SqlQuota
from bot.turns import Turns

set_up_logs([], stream=open("log.txt", "a", encoding="utf-8"))
settings = read_settings()
catalog = load_catalog(settings.content_dir, settings.locales_dir, date(2026, 11, 21))
key = settings.key()

def door(store):
    turns = Turns(lambda: catalog, store)
    if settings.zalo_oa_app_id:
        return open_zalo_oa(settings, turns, store, key, lease=0.1, idle=0.02)
    token, public = settings.zalo_bot_token.get_secret_value(), settings.public_url
    inbox, counts, base = Inbox(store.engine, key, "zalo_bot"), SqlQuota(store.engine), settings.zalo_bot_api_base
    return ZaloBot(turns, token, inbox, counts, base=base, public=public, secret="secret-1", lease=0.1, idle=0.02)

async def live():
    opened = door(SqlStore(settings.database_url, key))
    app = web.Application()
    app.add_routes(opened.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await opened.start()
    print(os.getpid(), runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        asyncio.run(live())
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


class Oa:
    """What the test wants of Zalo, for the OA. variables: of the bot's environment."""

    channel = "zalo_oa"

    def __init__(self, server: fake_zalo_oa.FakeZaloOa) -> None:
        self.server = server
        self.variables = {
            "ZALO_OA_APP_ID": fake_zalo_oa.APP_ID,
            "ZALO_OA_APP_SECRET": fake_zalo_oa.APP_SECRET,
            "ZALO_OA_SECRET_KEY": fake_zalo_oa.OA_SECRET,
            "ZALO_OA_REFRESH_TOKEN": fake_zalo_oa.FIRST_REFRESH,
            "ZALO_OA_API_BASE": server.base,
            "ZALO_OA_OAUTH_BASE": server.base,
        }

    def lead(self, address: str) -> None:
        self.server.bot = address

    def person(self, number: int) -> Any:
        return self.server.person(number)

    def event(self, person: Any, text: str) -> Any:
        return person.event("user_send_text", {"text": text})

    async def deliver(self, event: Any, retry: int) -> int:
        return await self.server.deliver(event, retry=min(retry, 4))

    def answers(self, person: Any) -> list[str]:
        return list(person.messages)


class Bot:
    """The same for the Bot Platform."""

    channel = "zalo_bot"

    def __init__(self, server: fake_zalo_bot.FakeZaloBot) -> None:
        self.server = server
        public, token = fake_zalo_bot.PUBLIC, fake_zalo_bot.TOKEN
        self.variables = {"ZALO_BOT_TOKEN": token, "ZALO_BOT_API_BASE": server.base, "PUBLIC_URL": public}
        server.webhook = {"url": f"{public}/zalo/bot/webhook", "secret_token": "secret-1"}

    def lead(self, address: str) -> None:
        self.server.hosts = {fake_zalo_bot.PUBLIC: address} if address else {}

    def person(self, number: int) -> Any:
        return self.server.person()

    def event(self, person: Any, text: str) -> Any:
        person.wrote = True
        return self.server.event(person.id, text=text)

    async def deliver(self, event: Any, retry: int) -> int:
        return await self.server.post(event)

    def answers(self, person: Any) -> list[str]:
        return list(person.answers)


Zalo = Oa | Bot


class Lives:
    """The bot, which is killed and lives again."""

    def __init__(self, process: subprocess.Popen[str], zalo: Zalo) -> None:
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
        self._zalo.lead(f"http://127.0.0.1:{port}")
        self._zalo.server.tell()

    async def end(self) -> None:
        """Kill, and wait until all that was sent before is counted for the life that sent it."""
        self._zalo.lead("")
        pid, self.pid = self.pid, 0
        os.kill(pid, signal.SIGKILL)
        assert await self.line() == "dead"
        await self._zalo.server.deserted()

    async def line(self) -> str:
        assert self._process.stdout
        return (await asyncio.to_thread(self._process.stdout.readline)).strip()


@asynccontextmanager
async def lives(folder: Path, content: Path, zalo: Zalo) -> AsyncIterator[Lives]:
    database = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    given = {"DATABASE_URL": database, "CONTENT_DIR": str(content), "LOCALES_DIR": str(ROOT / "locales"), "SECRET_KEY": KEY}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    variables = {f"BOT_{name}": value for name, value in (given | zalo.variables).items()}
    environment = os.environ | variables | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", LIVES], text=True, cwd=folder, env=environment, **pipes
    ) as process:
        bot = Lives(process, zalo)
        try:
            assert await bot.line() == "ready"
            yield bot
        finally:
            if bot.pid:
                await bot.end()
            process.kill()


async def stream(person: Any, zalo: Zalo, bot: Lives, stop: asyncio.Event) -> list[str]:
    """Ask for one screen after the other, not waiting for answers; each event until Zalo has its 200. What was asked."""
    asked: list[str] = []
    while not stop.is_set():
        wanted = CODES[len(asked) % len(CODES)]
        event = zalo.event(person, f"#{wanted}")
        asked.append(wanted)
        retry = 0
        while True:
            await zalo.server.until(lambda: bot.pid, 30)
            if await zalo.deliver(event, retry) == 200:
                break
            retry += 1
            await asyncio.sleep(0)
        # Not more than a few ahead: a person is not a flood.
        await zalo.server.until(lambda asked=asked: len(asked) - len(zalo.answers(person)) < 4 or stop.is_set(), 30)
    return asked


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_content(tmp_path_factory.mktemp("small"))


@pytest.fixture(params=["oa", "bot"])
async def zalo(request: pytest.FixtureRequest) -> AsyncIterator[Zalo]:
    if request.param == "oa":
        async with fake_zalo_oa.FakeZaloOa(lambda: datetime.now(UTC)) as oa:
            yield Oa(oa)
    else:
        async with fake_zalo_bot.FakeZaloBot() as bot:
            yield Bot(bot)


async def test_nothing_is_lost_or_applied_twice_at_many_kills_and_at_most_one_answer_a_person_is_repeated(
    tmp_path: Path, content: Path, zalo: Zalo
) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}", KEY.encode())
    await migrate(store.engine)
    await store.close()
    dice, kills = random.Random(SEED), KILLS[zalo.channel]
    server: Server = zalo.server
    async with lives(tmp_path, content, zalo) as bot:
        people = [zalo.person(number) for number in range(PEOPLE)]
        life: list[list[int]] = [[] for _ in people]
        steps = 0

        def step(_: str) -> None:
            nonlocal steps
            steps += 1
            for person, known in zip(people, life, strict=True):
                known += [bot.number] * (len(zalo.answers(person)) - len(known))
            server.tell()

        zalo.server.on_call = step
        stop = asyncio.Event()
        await bot.begin()
        asking = [asyncio.create_task(stream(person, zalo, bot, stop)) for person in people]
        await server.until(lambda: any(life), 30)  # an OA's first pair is there: its own kills are in test_zalo_oa_tokens
        for _ in range(kills):
            goal = steps + dice.randrange(1, 9)
            await server.until(lambda goal=goal: steps >= goal, 30)
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            await bot.end()
            await bot.begin()
        stop.set()
        server.tell()
        asked = await asyncio.gather(*asking)
        with closing(sqlite3.connect(tmp_path / "bot.db")) as database:

            def left() -> int:
                return int(database.execute("SELECT count(*) FROM inbox WHERE payload IS NOT NULL").fetchone()[0])

            while left():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            counted = "SELECT sum(count) FROM views WHERE channel = ?"
            (applied,) = database.execute(counted, [zalo.channel]).fetchone()
            (whole,) = database.execute("PRAGMA integrity_check").fetchone()

    assert whole == "ok"
    assert applied == sum(map(len, asked)), "each event is applied once"
    catalog = load_catalog(content, ROOT / "locales", datetime.now(UTC).date())
    repeats = sum(
        repeated(list(zip(zalo.answers(person), when, strict=True)), codes, catalog)
        for person, when, codes in zip(people, life, asked, strict=True)
    )
    assert repeats <= kills * PEOPLE
    assert getattr(zalo.server, "spent", 0) == 0
    print(f"{zalo.channel}: {sum(map(len, asked))} events, {kills} kills, {repeats} answers repeated")


def repeated(answers: list[tuple[str, int]], codes: list[str], catalog: Catalog) -> int:
    """How many of a person's answers were repeated; each of what was asked has its answer, in order. answers: with the number
    of the life that gave it."""
    screens = {code(address): screen for address, screen in catalog.editions["vi"].screens.items()}
    rest, repeats = iter(answers), 0
    message, when = next(rest)
    for number, asked_for in enumerate(codes):
        assert message.startswith(screens[asked_for].title), f"event {number} was lost"
        first, seen = message, {when}
        message = ""
        for message, when in rest:
            if message != first:
                break
            assert when not in seen, "an answer was repeated without a kill"
            seen.add(when)
            repeats += 1
            message = ""
    assert not message, "an answer to nothing"
    return repeats
