"""Learns the weak cues, content/cues.yaml, from the lines of tests/corpus: `python tests/bench/learn_cues.py`, four minutes.

Run it after adding lines to tests/corpus; it writes the file anew. The test half is never read. `--check` writes nothing: it
learns from four fifths of the later lines, prints how danger is heard in the others, and so on for each fifth; by language and
bound (how much a message must weigh).
"""

import math
import random
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

import halves

from bot.content.load import load_catalog
from bot.conversation import Catalog, crisis, cues, fold

FILE = ROOT / "content" / "cues.yaml"
HEAD = """\
# yaml-language-server: $schema=schema/cues.json
# Weak cues: how much a word, or two that follow one another (no_nhot; ^ is the start of a message, $ its end; syllables in
# scripts without spaces), point to danger or (harmless) away from it; and if it is danger, to which kind. They are weighed
# together; bot/conversation/cues.py says how.
# Learned from tests/corpus and written by `python tests/bench/learn_cues.py`, never by hand: danger words that people know of
# are edited in crisis.yaml.
"""
# How often all lines are learned from, and how much a line teaches; how strongly weights shrink; what stands in too few lines,
# or weighs too little (for danger at all, for a kind), is left out; what a message weighs before its words; into how many parts
# lines are cut for --check.
ROUNDS, RATE, SHRINK, SMALLEST, SMALLEST_KIND, SEEN, BEFORE, FOLDS = 15, 0.3, 0.01, 0.4, 0.7, 2, -1.5, 5
# How often the early lines are learned from: there are many times as many later ones, and those are harder than most.
EARLY = 6


class Example(NamedTuple):
    """A line: its language, the kind of danger or "", what cues weigh, and what phrases add; sure: whatever cues weigh; often:
    how many times it is learned from."""

    language: str
    kind: str
    pieces: set[str]
    phrases: float = 0.0
    sure: bool = False
    often: int = 1


def examples(catalog: Catalog) -> tuple[list[Example], list[Example]]:
    """Those that phrases were made from as well, and the later ones. Titles and ways to ask in which no phrase of danger stands
    mean none."""
    danger = catalog.danger
    plain = danger._replace(weights=cues.build({}))

    def read(line: halves.Line) -> Example:
        words = list(crisis._words(danger, line.text))
        found, calm = crisis._found(danger, words)
        sure = any(phrase.sure for phrase in found)
        return Example(line.language, (line.wanted or ("",))[0], crisis.pieces(words), cues.said(len(found), calm=calm), sure)

    early = [read(line) for name, half in (
        ("danger", "dev"), ("traps", "dev"),
        ("danger_more", "dev"), ("danger_more", "test"), ("traps_more", "dev"), ("traps_more", "test"),
    ) for line in halves.read(name, half)]  # fmt: skip
    asked = [line for name in ("questions", "off_topic") for line in halves.read(name, "dev")]
    harmless = [line for line in asked if not any(page.startswith(("help/", "migration/trapped")) for page in line.wanted)]
    early += [read(line._replace(wanted=())) for line in harmless]
    early += [
        Example("", "", cues.pieces(phrase.split()))
        for phrase, address in catalog.phrases.items()
        if not address.startswith("help/") and not crisis.find(plain, phrase)
    ]
    names = (place.name for places in catalog.names.known.values() for place in places)
    early += [Example("", "", cues.pieces(fold(name).split())) for name in names]
    return [example._replace(often=EARLY) for example in early], [read(line) for line in halves.later()]


def learn(known: list[Example]) -> dict[str, float]:
    """Logistic regression by AdaGrad; weights shrink towards nothing."""
    seen = Counter(piece for example in known for piece in example.pieces)
    rows = [
        (sorted(p for p in e.pieces if seen[p] >= SEEN), len(e.pieces) ** cues.LENGTH, bool(e.kind))
        for e in known
        for _ in range(e.often)
        if e.pieces
    ]
    weights = dict.fromkeys((piece for piece, count in seen.items() if count >= SEEN), 0.0)
    moved = dict.fromkeys(weights, 0.01)
    dice = random.Random(0)
    for _ in range(ROUNDS):
        dice.shuffle(rows)
        for pieces, size, wanted in rows:
            total = BEFORE + sum([weights[piece] for piece in pieces]) / size
            error = (wanted - 1 / (1 + math.exp(-total))) / size
            for piece in pieces:
                step = error - weights[piece] * SHRINK / seen[piece]
                moved[piece] += step * step
                weights[piece] += RATE * step / moved[piece] ** 0.5
    return {piece: weight for piece, weight in weights.items() if abs(weight) >= SMALLEST and _written(piece)}


def _written(piece: str) -> bool:
    """Can it stand in the file as it is?"""
    bare = piece.translate({ord(sign): None for sign in "_^$"})
    return unicodedata.is_normalized("NFC", piece) and (piece.startswith("=") or fold(bare) == bare)


def kinds(known: list[Example]) -> dict[str, dict[str, float]]:
    """To which kind pieces point in lines that mean danger: the same for many classes at once. Kind -> piece -> weight."""
    told = [example for example in known if example.kind and example.pieces]
    seen = Counter(piece for example in told for piece in example.pieces)
    names = sorted({example.kind for example in told})
    rows = [(sorted(p for p in e.pieces if seen[p] >= SEEN), len(e.pieces) ** cues.LENGTH, names.index(e.kind)) for e in told]
    weights = {piece: [0.0] * len(names) for piece, count in seen.items() if count >= SEEN}
    moved = {piece: [0.01] * len(names) for piece in weights}
    dice = random.Random(0)
    for _ in range(ROUNDS):
        dice.shuffle(rows)
        for pieces, size, wanted in rows:
            likely = [math.exp(sum(column) / size) for column in zip(*(weights[p] for p in pieces), strict=True)]
            whole = sum(likely) or 1.0
            for kind, like in enumerate(likely):
                error = ((kind == wanted) - like / whole) / size
                for piece in pieces:
                    step = error - weights[piece][kind] * SHRINK / seen[piece]
                    moved[piece][kind] += step * step
                    weights[piece][kind] += RATE * step / moved[piece][kind] ** 0.5
    return {
        name: {p: by_kind[n] for p, by_kind in weights.items() if by_kind[n] >= SMALLEST_KIND and _written(p)}
        for n, name in enumerate(names)
    }


def lines(found: dict[str, dict[str, float]]) -> Iterator[str]:
    """The file: what it points to, how much in eighths, pieces."""
    for name, weights in found.items():
        by_weight: dict[float, list[str]] = defaultdict(list)
        for piece, weight in weights.items():
            by_weight[round(weight * 8) / 8].append(piece)
        yield f"{name}:"
        for weight, pieces in sorted(by_weight.items(), reverse=True):
            yield f'  "{weight}": >-'
            yield from (
                f"    {line}" for line in wrap(" ".join(sorted(pieces)), 120, break_long_words=False, break_on_hyphens=False)
            )


def check(early: list[Example], later: list[Example]) -> None:
    """How danger is heard in lines that were not learned from."""
    dice = random.Random(0)
    dice.shuffle(later)
    totals: list[tuple[Example, float]] = []
    for part in range(FOLDS):
        weights = learn(early + [e for number, e in enumerate(later) if number % FOLDS != part])
        for example in later[part::FOLDS]:
            total = cues.weigh(cues.Cues(weights, {}), example.pieces).total
            totals.append((example, math.inf if example.sure else total + example.phrases))
        print(len(weights), "pieces", file=sys.stderr)
    for language in ("vi", "en", "km", "lo"):
        told = [total for example, total in totals if example.language == language and example.kind]
        harmless = [total for example, total in totals if example.language == language and not example.kind]
        for bound in (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0):
            print(
                f"{language} n={len(told)}/{len(harmless)} more than {bound:5.2f}: heard {share(told, bound):.3f}, "
                f"false alarms {share(harmless, bound):.3f}"
            )


def share(totals: list[float], bound: float) -> float:
    return sum(total > bound for total in totals) / len(totals)


def main() -> None:
    early, later = examples(load_catalog(ROOT / "content", ROOT / "locales", datetime(2026, 11, 21, tzinfo=UTC).date()))
    if "--check" in sys.argv:
        check(early, later)
    else:
        weights = learn(early + later)
        found = {
            cues.DANGER: {piece: weight for piece, weight in weights.items() if weight > 0},
            cues.HARMLESS: {piece: -weight for piece, weight in weights.items() if weight < 0},
        } | kinds(early + later)
        FILE.write_text(HEAD + "".join(f"{line}\n" for line in lines(found)), "utf-8")
        print({name: len(pieces) for name, pieces in found.items()})


if __name__ == "__main__":
    main()
