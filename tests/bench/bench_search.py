"""How well questions and danger are understood, on both halves of tests/corpus: `python tests/bench/bench_search.py`.

Tune on the development half only; `--misses` prints its mistakes. `--curve` prints what the thresholds of search.py cost.
"""

import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

import halves

from bot.content.load import load_catalog
from bot.conversation import LINGUA, Catalog, choose, find_danger, fold, rank
from bot.conversation import search as engine

LANGUAGES = ("vi", "en", "km", "lo")


def answer(catalog: Catalog, line: halves.Line) -> tuple[str, ...]:
    """What a person is shown for these words: one address, several, or none."""
    asked = catalog.phrases.get(fold(line.text))
    return (asked,) if asked else choose(rank(catalog.index, line.text, line.language, LINGUA))


def questions(catalog: Catalog, half: str, misses: bool) -> None:
    lines = halves.read("questions", half)
    for language in LANGUAGES:
        mine = [line for line in lines if line.language == language]
        first = third = direct = wrong = 0
        for line in mine:
            ranked = [hit.address for hit in rank(catalog.index, line.text, language, LINGUA)]
            asked = catalog.phrases.get(fold(line.text))
            ranked = [asked, *ranked] if asked else ranked
            first += ranked[:1] != [] and ranked[0] in line.wanted
            third += bool(set(ranked[:3]) & set(line.wanted))
            shown = answer(catalog, line)
            direct += len(shown) == 1 and shown[0] in line.wanted
            wrong += len(shown) == 1 and shown[0] not in line.wanted
            if misses and (ranked[:1] == [] or ranked[0] not in line.wanted):
                print(f"   {language} {'/'.join(line.wanted)} <- {line.text!r}: {ranked[:3]}")
        n = len(mine)
        print(
            f"{half:5}{language:4} n={n:4} recall@1 {first / n:.3f}  recall@3 {third / n:.3f}  "
            f"one page shown and right {direct / n:.3f}, wrong {wrong / n:.3f}"
        )
    off = halves.read("off_topic", half)
    shown = [answer(catalog, line) for line in off]
    print(
        f"{half:5}off-topic n={len(off)} answered with a page {sum(len(s) == 1 for s in shown) / len(off):.3f}, "
        f"with a list {sum(len(s) > 1 for s in shown) / len(off):.3f}"
    )
    if misses:
        for line, found in zip(off, shown, strict=True):
            if len(found) == 1:
                print("   off-topic", line.text, found)


def danger(catalog: Catalog, half: str, misses: bool) -> None:
    lines = halves.read("danger", half)
    traps = halves.read("traps", half)
    for language in LANGUAGES:
        mine = [line for line in lines if line.language == language]
        found = [find_danger(catalog.danger, line.text) for line in mine]
        hit = sum(bool(kinds) for kinds in found)
        right = sum(line.wanted[0] in kinds for line, kinds in zip(mine, found, strict=True))
        first = sum(kinds[:1] == line.wanted for line, kinds in zip(mine, found, strict=True))
        harmless = [line for line in traps if line.language == language]
        false = [line for line in harmless if find_danger(catalog.danger, line.text)]
        print(
            f"{half:5}{language:4} n={len(mine):4} help shown {hit / len(mine):.3f}, kind found {right / len(mine):.3f}, "
            f"kind first {first / len(mine):.3f}; traps n={len(harmless)} false alarms {len(false) / len(harmless):.3f}"
        )
        if misses:
            for line, kinds in zip(mine, found, strict=True):
                if line.wanted[0] not in kinds:
                    print(f"   {language} {line.wanted[0]} <- {line.text!r}: {kinds}")
            for line in false:
                print(f"   trap {language} {line.text!r}: {find_danger(catalog.danger, line.text)}")


def curve(catalog: Catalog) -> None:
    """Over the development half: what SURE and LEAD cost in wrong pages, and what they save in lists."""
    asked, off = halves.read("questions", "dev"), halves.read("off_topic", "dev")
    print("SURE  LEAD  right page  wrong page  list with it  off-topic page")
    for sure in (0.45, 0.55, 0.62, 0.7, 0.8):
        for lead in (1.0, 1.12, 1.3):
            engine.SURE, engine.LEAD = sure, lead
            shown = [(line, answer(catalog, line)) for line in asked]
            right = sum(len(s) == 1 and s[0] in line.wanted for line, s in shown)
            wrong = sum(len(s) == 1 and s[0] not in line.wanted for line, s in shown)
            listed = sum(len(s) > 1 and bool(set(s) & set(line.wanted)) for line, s in shown)
            pages = sum(len(answer(catalog, line)) == 1 for line in off)
            n = len(asked)
            print(f"{sure:.2f}  {lead:.2f}  {right / n:10.3f}  {wrong / n:10.3f}  {listed / n:12.3f}  {pages / len(off):14.3f}")


def speed(catalog: Catalog) -> None:
    texts = [line for name in ("questions", "danger", "traps", "off_topic") for line in halves.read(name, "dev")]
    for name, ask in (
        ("rank", lambda line: rank(catalog.index, line.text, line.language, LINGUA)),
        ("find danger", lambda line: find_danger(catalog.danger, line.text)),
    ):
        times = []
        for line in texts:
            start = perf_counter()
            ask(line)
            times.append((perf_counter() - start) * 1000)
        print(f"{name:12} median {statistics.median(times):.2f} ms, p99 {sorted(times)[int(len(times) * 0.99)]:.2f} ms")


def main() -> None:
    catalog = load_catalog(ROOT / "content", ROOT / "locales", datetime(2026, 11, 21, tzinfo=UTC).date())
    if "--curve" in sys.argv:
        curve(catalog)
        return
    misses = "--misses" in sys.argv
    for half in ("dev",) if misses else ("dev", "test"):
        questions(catalog, half, misses)
        danger(catalog, half, misses)
    speed(catalog)


if __name__ == "__main__":
    main()
