"""What reading the content again costs: `python tests/bench/bench_reload.py`.

How long the whole catalog takes to load, and for how long the event loop stands still meanwhile: a loop that ticks every
millisecond, on uvloop as `run` does, while the content is read in a thread and takes the place of the edition before. Once
plainly, and once as the watcher does it, which is what people get.
"""

import asyncio
import gc
import statistics
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from time import perf_counter, thread_time

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import bot.app  # noqa: F401  the collector looks through all that the real process has imported
from bot.content import watch
from bot.content.load import Loaded, load

ROUNDS = 5
TICK = 0.001
# What is promised: seconds for a load, milliseconds for the longest stall.
LOAD, STALL = 1.5, 20.0
SOURCE = (ROOT / "content", ROOT / "locales", date(2026, 11, 21))
How = Callable[[Path, Path, date], Loaded]


class Pauses:
    """The longest pause of the garbage collector since the last look, in milliseconds of work (others' work not counted)."""

    def __init__(self) -> None:
        self._start = self._longest = 0.0
        gc.callbacks.append(self)

    def __call__(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._start = thread_time()
        else:
            self._longest = max(self._longest, (thread_time() - self._start) * 1000)

    def take(self) -> float:
        longest, self._longest = self._longest, 0.0
        return longest


class Shown:
    """The edition that people see, until the next has been read."""

    def __init__(self, how: How) -> None:
        self._how = how
        self._catalog = how(*SOURCE).catalog

    async def reload(self) -> None:
        self._catalog = (await asyncio.to_thread(self._how, *SOURCE)).catalog


async def nothing() -> None:
    await asyncio.sleep(0.5)


async def longest_stall(work: Awaitable[None]) -> float:
    """How much later than it should the loop came round, at worst, while the work was done; in milliseconds."""
    task, stall = asyncio.ensure_future(work), 0.0
    while not task.done():
        start = perf_counter()
        await asyncio.sleep(TICK)
        stall = max(stall, perf_counter() - start - TICK)
    await task
    return stall * 1000


async def stalls(name: str, work: Callable[[], Awaitable[None]], pauses: Pauses) -> None:
    pauses.take()
    measured = [await longest_stall(work()) for _ in range(ROUNDS)]
    row(name, measured, "ms", STALL, f"collector at most {pauses.take():.1f} ms")


def loads(name: str) -> None:
    measured, worked = [], []
    for _ in range(ROUNDS):
        start, busy = perf_counter(), thread_time()
        load(*SOURCE)
        measured.append(perf_counter() - start)
        worked.append(thread_time() - busy)
    row(name, measured, "s", LOAD, f"{statistics.median(worked):.2f} s of work")


def row(name: str, measured: list[float], unit: str, promise: float, remark: str) -> None:
    median, worst = statistics.median(measured), max(measured)
    print(f"{name:32}{median:8.2f}{worst:9.2f} {unit:3}{promise:8.1f}  {remark}", flush=True)


async def main() -> None:
    pauses = Pauses()
    print(f"{f'{ROUNDS} rounds':32}{'median':>8}{'worst':>9}    {'promise':>8}")
    loads("load the whole catalog")
    await stalls("stall, nothing is read", nothing, pauses)
    await stalls("stall, read plainly", Shown(load).reload, pauses)
    gc.collect()
    gc.freeze()  # as `serve` does before it opens
    await stalls("stall, read as the watcher does", Shown(watch._gently).reload, pauses)


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
