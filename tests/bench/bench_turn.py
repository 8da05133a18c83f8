"""How long a turn takes in memory: `python tests/bench/bench_turn.py`. Prints the median over 20 rounds, in microseconds."""

import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.channels import telegram
from bot.channels.render import render
from bot.content.load import load_catalog
from bot.conversation import Incoming, Said, Session, Tapped, respond

ROUNDS, TURNS = 20, 2000
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def main() -> None:
    start = perf_counter()
    catalog = load_catalog(ROOT / "content", ROOT / "locales", NOW.date())
    print(f"load the whole catalog   {perf_counter() - start:8.2f} s")
    who = {"channel": "bench", "person": "1", "at": NOW, "id": "1"}
    cases: dict[str, Incoming] = {
        "tap": Tapped(**who, token="vi:covid/masks"),
        "number": Said(**who, text="3"),
        "label without accents": Said(**who, text="tiem vac xin"),
        "title of another section": Said(**who, text="khẩu trang"),
        "not understood": Said(**who, text="một câu dài mà không ai hiểu được " * 10),
    }
    saved = Session("vi", "covid").to_dict()
    for name, incoming in cases.items():
        times = []
        for _ in range(ROUNDS):
            start = perf_counter()
            for _ in range(TURNS):
                respond(catalog, Session.from_dict(saved), incoming).session.to_dict()
            times.append((perf_counter() - start) / TURNS * 1e6)
        print(f"{name:24} {statistics.median(times):8.1f} µs (from {min(times):.1f} to {max(times):.1f})")
    screen = catalog.editions["vi"].screens["covid/masks"]
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(TURNS):
            telegram.encode(render(screen, telegram.CAN, to="1"))
        times.append((perf_counter() - start) / TURNS * 1e6)
    print(f"{'render for Telegram':24} {statistics.median(times):8.1f} µs (from {min(times):.1f} to {max(times):.1f})")


if __name__ == "__main__":
    main()
