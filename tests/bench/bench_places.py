"""How long places and distances take: `python tests/bench/bench_places.py`. Prints medians and p99, in milliseconds.

A look-up by name has to stay under 1 ms, the five nearest of 10,000 generated services under 2 ms. `--typos` prints besides
what becomes of 400 x 100 typing errors in names of provinces.
"""

import random
import statistics
import string
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.content.book import read_book
from bot.content.load import load_catalog
from bot.conversation import Catalog, Point, Session, Shared, find_place, find_place_within, fold, nearest, respond

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SERVICES, LOOKS = 10_000, 2000
SENTENCES = [
    "bệnh viện ở Kiên Giang",
    "toi can tim viec lam o binh duong",
    "I need a lawyer in Nghe An",
    "làm hộ chiếu ở đâu khi đang ở Tây Ninh mà hộ khẩu ở Đồng Tháp",
    "con tôi bị sốt cao mấy ngày rồi phải làm sao bây giờ",
]


def measure(name: str, work: Callable[[Any], object], cases: Iterable[Any], limit: float) -> None:
    times = []
    for case in cases:
        start = perf_counter()
        work(case)
        times.append((perf_counter() - start) * 1000)
    median, late = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
    print(f"{name:34} median {median:7.3f} ms, p99 {late:7.3f} ms, limit {limit} ms, n={len(times)}")


def edited(chance: random.Random, name: str) -> str:
    """A name with one letter too many, wrong or missing, or two of them swapped."""
    at, letter = chance.randrange(len(name)), chance.choice(string.ascii_lowercase)
    swapped = name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
    return chance.choice(
        (name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :], name[:at] + name[at + 1 :], swapped)
    )


def typos(catalog: Catalog, names: list[tuple[str, str]]) -> None:
    for start in (1, 101):
        right = asked = wrong = 0
        worst = 100
        for seed in range(start, start + (100 if start == 1 else 300)):
            chance = random.Random(seed)
            here = 0
            for _ in range(100):
                name, key = chance.choice(names)
                found = [catalog.province(p.address) for p in find_place(catalog.names, edited(chance, fold(name)))]
                here += key in found
                asked += key in found and len(found) > 1
                wrong += found != [] and key not in found
            right += here
            worst = min(worst, here)
        print(f"typing errors, seeds from {start}: right {right}, asked back {asked}, elsewhere {wrong}, worst hundred {worst}")


def main() -> None:
    catalog = load_catalog(ROOT / "content", ROOT / "locales", NOW.date())
    provinces = read_book(ROOT / "content").places.provinces
    names = [(name, key) for key, p in provinces.items() for name in (p.name, *(old.name for old in p.old.values()))]
    chance = random.Random(1)
    measure("look-up by name", lambda name: find_place(catalog.names, name), [name for name, _ in names] * 20, 1)
    wrong = [edited(chance, fold(chance.choice(names)[0])) for _ in range(LOOKS)]
    measure("look-up with a typing error", lambda name: find_place(catalog.names, name), wrong, 1)
    measure("what is no place", lambda name: find_place(catalog.names, name), ["khong phai ten", "xyz", "a b c d e"] * 200, 1)
    measure("a place inside a sentence", lambda text: find_place_within(catalog.names, text), SENTENCES * 100, 1)
    points = sorted(Point(chance.uniform(8.5, 23.3), chance.uniform(102.2, 109.4), str(n)) for n in range(SERVICES))
    positions = [(chance.uniform(8.5, 23.3), chance.uniform(102.2, 109.4)) for _ in range(LOOKS)]
    measure(f"nearest five of {SERVICES}", lambda position: nearest(points, position), positions, 2)
    towns = [(round(chance.choice(points).latitude, 1), 106.0) for _ in range(SERVICES)]
    crowd = sorted(
        Point(latitude, longitude + chance.uniform(-0.3, 0.3), str(n)) for n, (latitude, longitude) in enumerate(towns)
    )
    measure("nearest five, all on few latitudes", lambda position: nearest(crowd, position), positions, 2)
    measure("province of a position", catalog.directory.province, positions, 2)
    shared = [Shared(channel="bench", person="1", at=NOW, latitude=north, longitude=east) for north, east in positions]
    session = Session("vi", "services/near/hospital")
    measure("a whole turn with a position", lambda incoming: respond(catalog, session, incoming), shared, 2)
    if "--typos" in sys.argv:
        typos(catalog, names)


if __name__ == "__main__":
    main()
