"""kill -9 at ten moments while people tap and type: nothing that anybody did is lost or applied twice."""

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.content.load import load_catalog
from bot.conversation import Catalog, token
from tests.channels.fake_telegram import ROOT, TOKEN, Call, FakeTelegram, Fault, Person, small_content

KILLS, PEOPLE, DEEDS = 10, 6, 10
SEED = 20261121
PATIENCE = 90
# For each line it reads, `python -m bot run` in a process of its own. Importing the libraries and reading the content take most
# of a start's time, so that is done once, before the fork: what was read stays in the caches. Writes the process's id, and how
# it ended.
LAUNCHER = """
import os, runpy, sys
import bot.app
from bot.commands.content import read_catalog
from bot.settings import read_settings
read_catalog(read_settings())
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        sys.argv = ["bot", "run"]
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Bots:
    """Processes of the bot, one after the other. `started` has the id of the one that runs."""

    def __init__(self, launcher: asyncio.subprocess.Process) -> None:
        self._launcher = launcher
        self.started = 0
        self.running = False

    async def start(self) -> None:
        assert self._launcher.stdin
        self._launcher.stdin.write(b"\n")
        self.started = await self._line()
        self.running = True

    async def end(self, how: signal.Signals) -> int:
        """End the process; its exit code."""
        os.kill(self.started, how)
        self.running = False
        return await self._line()

    async def _line(self) -> int:
        assert self._launcher.stdout
        return int(await asyncio.wait_for(self._launcher.stdout.readline(), PATIENCE))


@asynccontextmanager
async def bots(server: FakeTelegram, folder: Path) -> AsyncIterator[Bots]:
    settings = {
        "BOT_TELEGRAM_TOKEN": TOKEN,
        "BOT_TELEGRAM_API_BASE": server.base,
        "BOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
        "BOT_CONTENT_DIR": str(folder / "content"),
        "BOT_HTTP_PORT": "0",
        "PATH": os.environ["PATH"],
    }
    command = (sys.executable, "-c", LAUNCHER)
    with (folder / "log").open("wb") as log:
        launcher = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=settings, stdin=PIPE, stdout=PIPE, stderr=log)
    running = Bots(launcher)
    try:
        yield running
    finally:
        if running.running:
            await running.end(signal.SIGKILL)
        await launcher.communicate(b"")  # closes its input


class Moment:
    """The call at which a process dies: it is never answered, nor is what comes after it. carried_out: but it was done."""

    def __init__(self, method: str, number: int, *, carried_out: bool) -> None:
        self._method = method
        self._left = number
        self._carried_out = carried_out
        self.reached = asyncio.Event()

    def __call__(self, call: Call) -> Fault | None:
        self._left -= call.method == self._method
        if self._left:
            return None
        fault = Fault(wait=asyncio.Event(), carried_out=self._carried_out and not self.reached.is_set())
        self.reached.set()
        return fault


def moments(dice: Random) -> list[Moment]:
    """While the bot announces itself, while it fetches, and mostly while it answers."""
    methods = ["setMyCommands", "getUpdates", "answerCallbackQuery", *["sendMessage"] * 3, *["editMessageText"] * 4]
    dice.shuffle(methods)
    return [Moment(method, dice.randint(1, 3), carried_out=dice.random() < 0.5) for method in methods]


async def visit(server: FakeTelegram, person: Person, catalog: Catalog, dice: Random) -> None:
    """Ten deeds of one person, each after the answer to the one before: taps and typed numbers that lead to another screen."""
    shown = [screen for edition in catalog.editions.values() for screen in edition.screens.values()]
    # Forms, votes and leaving have tests of their own.
    screens = {
        token(s.language, s.address): s
        for s in shown
        if not (s.asks or s.closing or s.address.startswith(("form/", "forget/")))
    }
    person.says("/start")
    here = screens["vi:home"]
    for _ in range(DEEDS - 1):
        await arrived(server, person, here.title)
        choices = [token(choice.language, choice.address) for choice in here.choices]
        others = [token(choice.language, choice.address) for choice in (*here.ways, *here.languages)]
        goal = dice.choice(
            [place for place in (*choices, *choices, *others) if place in screens and screens[place].title != here.title]
        )
        if goal in choices and dice.random() < 0.5:
            person.says(str(choices.index(goal) + 1))
        else:
            person.calls_back(goal, person.shown)
        here = screens[goal]
    await arrived(server, person, here.title)


async def arrived(server: FakeTelegram, person: Person, title: str) -> None:
    await server.until(lambda: person.title == title, PATIENCE)


def counted(database: Path) -> int:
    """How many screens were counted as shown."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT sum(count) FROM views").fetchone()[0])


async def test_ten_kills_lose_nothing_that_anybody_did_and_apply_nothing_twice(tmp_path: Path) -> None:
    small_content(tmp_path)
    catalog = load_catalog(tmp_path / "content", ROOT / "locales", datetime.now(UTC).date())
    async with FakeTelegram() as server, bots(server, tmp_path) as running:
        people = [server.person(number) for number in range(1, PEOPLE + 1)]
        visits = asyncio.gather(*(visit(server, person, catalog, Random(person.number)) for person in people))
        in_the_middle = 0
        for moment in moments(Random(SEED)):
            server.script = moment
            await running.start()
            await asyncio.wait_for(moment.reached.wait(), PATIENCE)
            in_the_middle += bool(server.pending)
            assert await running.end(signal.SIGKILL) == -signal.SIGKILL
        server.script = lambda call: None
        await running.start()
        await visits
        await server.settled()
        assert await running.end(signal.SIGTERM) == 0

    assert in_the_middle == KILLS
    assert counted(tmp_path / "bot.db") == PEOPLE * DEEDS, "each deed shows one screen, once, however often it came"
    assert server.unanswered == []
    typed = [message for person in people for message in person.messages if not message.ours]
    assert len(typed) + len(server.queries) == PEOPLE * DEEDS
    log = (tmp_path / "log").read_text("utf-8")
    assert "level=error" not in log
    assert "telegram_undelivered" not in log
