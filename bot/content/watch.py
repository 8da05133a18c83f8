"""Reads everything again when a file changed, and once a day, since reviews fall due by themselves."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import structlog

from bot.content.book import Book
from bot.content.load import Loaded, Seen, load, look
from bot.content.problems import Problem
from bot.conversation import Catalog

# How often the folders are looked at (seconds). Looking at a hundred files costs half a millisecond. The system's own notices
# miss a folder that was deleted and made again, and the polling of `watchfiles` a second save within a second (both tried).
LOOK = 0.2
# Quiet for so long (seconds), a save or a checkout of many files is over: a half-written file is not read.
QUIET = 0.1
# Somebody who writes without a pause is not waited for longer than this (seconds).
LONGEST = 1.0

# While content is read, the event loop gets its turn after so many seconds (Python's own default is ten times as long).
SHARE = 0.0005

log = structlog.get_logger()


async def watch(
    content: Path,
    locales: Path,
    publish: Callable[[Loaded], None],
    *,
    seen: Seen,
    today: Callable[[], date],
    stop: asyncio.Event,
) -> None:
    """Until stopped: after each change, load all in a thread and hand it over, whatever came of it.

    seen: what the folders looked like before they were read the first time, so that no change in between is missed.
    """
    day = today()
    while not await _stopped(stop, LOOK):
        now = await asyncio.to_thread(look, content, locales)
        if now == seen and today() == day:
            continue
        for _ in range(int(LONGEST / QUIET)):
            if await _stopped(stop, QUIET):
                return
            before, now = now, await asyncio.to_thread(look, content, locales)
            if now == before:
                break
        seen, day = now, today()
        try:
            publish(await asyncio.to_thread(_gently, content, locales, day))
        except Exception as error:  # a fault of ours that some content brings out: the old edition stays, and it is said
            log.exception("content_failed")
            fault = Problem(content.name, 1, 1, "unreadable", (("reason", type(error).__name__),))
            publish(Loaded(Book(), None, [fault]))


def _gently(content: Path, locales: Path, day: date) -> Loaded:
    """Load beside the event loop: its turn comes often."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SHARE)
    try:
        return load(content, locales, day)
    finally:
        sys.setswitchinterval(interval)


def let_go(catalog: Catalog) -> None:
    """Forget an edition that is shown no more, in parts: to free all of it at once would stop the event loop for long."""
    _let_go([catalog.index, *catalog.editions.values()])


def _let_go(parts: list[object]) -> None:
    if parts:
        parts.pop()
        asyncio.get_running_loop().call_soon(_let_go, parts)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long; True as soon as we are told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
