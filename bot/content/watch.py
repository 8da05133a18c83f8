"""Reads everything again when a file changed, and once a day, since reviews fall due by themselves."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

from watchfiles import awatch

from bot.content.load import Loaded, load

# Quiet for so long (milliseconds), a save or a checkout of many files is over; a half-written file is not read.
QUIET = 200
LONGEST = 1000
# How often the folders are looked at, and how often the date (milliseconds). Looking at 100 files costs half a millisecond;
# the system's own notices would miss a folder that was deleted and made again (tried).
LOOK = 300
DATE = 60_000


async def watch(
    content: Path,
    locales: Path,
    publish: Callable[[Loaded], None],
    *,
    today: Callable[[], date],
    stop: asyncio.Event,
) -> None:
    """Until stopped: after each change, load all in a thread and hand it over, whatever came of it."""
    day = today()
    async for changes in awatch(
        content,
        locales,
        stop_event=stop,
        force_polling=True,
        poll_delay_ms=LOOK,
        step=QUIET,
        debounce=LONGEST,
        rust_timeout=DATE,
        yield_on_timeout=True,
    ):
        if changes or today() != day:
            day = today()
            publish(await asyncio.to_thread(load, content, locales, day))
