"""A process that is killed in the middle of its work loses no turn that it reported as saved, and leaves a whole database."""

import random
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.store import SqlStore
from bot.store.migrate import migrate

KILLS = 4


def look(file: Path) -> tuple[str, int, int]:
    """What integrity_check says, the revision of the only person, how many views were counted."""
    with closing(sqlite3.connect(file)) as connection:
        (whole,) = connection.execute("PRAGMA integrity_check").fetchone()
        (revision,) = connection.execute("SELECT coalesce(max(revision), 0) FROM sessions").fetchone()
        (viewed,) = connection.execute("SELECT coalesce(sum(count), 0) FROM views").fetchone()
    return whole, revision, viewed


def kill_after(process: subprocess.Popen[str], turns: int) -> int:
    """Kill the process (-9) when it has reported so many turns; the last revision that it reported."""
    assert process.stdout
    reported = [process.stdout.readline() for _ in range(turns)]
    process.kill()
    more, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    return int([*reported, *more.splitlines(keepends=True)][-1])


async def test_no_turn_that_was_reported_as_saved_is_lost_however_often_the_process_is_killed(
    tmp_path: Path, open_store: Callable[[str], SqlStore], start_visitor: Callable[[str, str, int], subprocess.Popen[str]]
) -> None:
    file = tmp_path / "bot.db"
    url = f"sqlite+aiosqlite:///{file}"
    store = open_store(url)
    await migrate(store.engine)
    await store.close()
    dice = random.Random(20_250_701)
    total = 0
    for turns in [dice.randrange(1, 60) for _ in range(KILLS)]:
        reported = kill_after(start_visitor(url, "7", 100_000), turns)
        whole, revision, viewed = look(file)
        assert whole == "ok"
        assert revision in (reported, reported + 1), "reported as saved, but not there"
        assert revision >= total + turns
        assert viewed == revision, "session and counts are saved together or not at all"
        total = revision
    session, revision = await open_store(url).load("telegram", "7")
    assert (session.language, session.screen, revision) == ("vi", "covid/masks", total)
    assert session.recent == tuple(str(n) for n in range(total))[-8:]
