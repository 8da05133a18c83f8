"""What reading the content costs: `python tests/bench/bench_reload.py`.

How long the whole catalog takes to load in a process that has just started, and again after one sentence changed; and for how
long the event loop stands still meanwhile: a loop that ticks every millisecond, on uvloop as `run` does, while the content is
read in a thread and takes the place of the edition before. Once plainly, and once as the watcher does it, which is what people
get.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import cycle
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import bot.app  # noqa: F401  the collector looks through all that the real process has imported
from bot.content import watch
from bot.content.load import Loaded, load
from bot.conversation import Catalog

ROUNDS, STARTS = 5, 9
TICK = 0.001
# What is promised: seconds for a load, milliseconds for the longest stall.
LOAD, STALL = 1.5, 20.0
TODAY = date(2026, 11, 21)
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
    """The edition that people see, until the next has been read. Each time, a sentence has changed."""

    def __init__(self, how: How, folder: Path) -> None:
        self._how, self._folder = how, folder
        self._page = folder / "content" / "topics" / "covid" / "masks.yaml"
        self._said = self._page.read_text("utf-8")
        self._more = cycle(("  Một.\n", "  Hai.\n", "  Ba.\n"))
        self._catalog = self._read()

    async def reload(self) -> None:
        self._change()
        catalog = await asyncio.to_thread(self._read)
        if self._how is not load:
            watch.let_go(self._catalog)
        self._catalog = catalog

    def again(self) -> float:
        """Seconds of work."""
        self._change()
        start = thread_time()
        self._read()
        return thread_time() - start

    def _change(self) -> None:
        before, body, after = self._said.partition("body: |\n")
        self._page.write_text(before + body + next(self._more) + "\n" + after, "utf-8")

    def _read(self) -> Catalog:
        catalog = self._how(self._folder / "content", self._folder / "locales", TODAY).catalog
        assert catalog
        return catalog


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


def start() -> float:
    """Seconds of work of the first load of a process."""
    said = "import sys; sys.path.insert(0, sys.argv[1]); from tests.bench import bench_reload; bench_reload.first()"
    return float(subprocess.run([sys.executable, "-c", said, str(ROOT)], capture_output=True, check=True).stdout)


def first() -> None:
    began = thread_time()
    assert load(ROOT / "content", ROOT / "locales", TODAY).catalog
    print(thread_time() - began)


def row(name: str, measured: list[float], unit: str, promise: float, remark: str = "") -> None:
    best, median, worst = min(measured), statistics.median(measured), max(measured)
    print(f"{name:32}{best:8.2f}{median:9.2f}{worst:9.2f} {unit:3}{promise:8.1f}  {remark}", flush=True)


async def main() -> None:
    pauses = Pauses()
    print(f"{'':32}{'best':>8}{'median':>9}{'worst':>9}    {'promise':>8}")
    row(f"{STARTS} processes load the catalog", [start() for _ in range(STARTS)], "s", LOAD)
    with TemporaryDirectory() as folder:
        for part in ("content", "locales"):
            copytree(ROOT / part, Path(folder) / part)
        plainly, gently = (Shown(how, Path(folder)) for how in (load, watch._gently))
        row("after one sentence changed", [plainly.again() for _ in range(ROUNDS)], "s", LOAD)
        await stalls("stall, nothing is read", nothing, pauses)
        await stalls("stall, read plainly", plainly.reload, pauses)
        await stalls("stall, read as the watcher does", gently.reload, pauses)


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
