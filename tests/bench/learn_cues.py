"""Learns the weak cues, content/cues.yaml, from our phrases: `python tests/bench/learn_cues.py`.

Run it after adding phrases to tests/corpus; it writes the file anew. The test half is never read.
"""

import math
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

import halves

from bot.content.load import load_catalog
from bot.conversation import Catalog, crisis, cues

FILE = ROOT / "content" / "cues.yaml"
PLAIN = re.compile(r"[a-z0-9_^$]+")
HEAD = """\
# yaml-language-server: $schema=schema/cues.json
# Weak cues: how much a word, or two that follow one another (no_nhot; ^ is the start of a message, $ its end), point to a kind
# of danger, or (harmless) away from it. They are weighed together; bot/conversation/cues.py says how.
# Learned from tests/corpus and written by `python tests/bench/learn_cues.py`, never by hand: danger words that people know of
# are edited in crisis.yaml.
"""
ROUNDS, RATE, SHRINK, SMALLEST, SEEN = 40, 0.5, 0.006, 0.25, 2


def examples(catalog: Catalog) -> list[tuple[str, str, set[str]]]:
    """Language, kind of danger or "", pieces. Titles and ways to ask in which no phrase of danger stands mean none."""
    danger = catalog.danger
    plain = danger._replace(weights=cues.build({}))
    read = [(line, line.wanted[0] if name.startswith("danger") else "") for name, half in (
        ("danger", "dev"), ("traps", "dev"), ("questions", "dev"), ("off_topic", "dev"),
        ("danger_more", "dev"), ("danger_more", "test"), ("traps_more", "dev"), ("traps_more", "test"),
    ) for line in halves.read(name, half)]  # fmt: skip
    found = []
    for line, kind in read:
        words = [word.stands or word.folded for word in crisis._words(danger, line.text)]
        if line.language in ("vi", "en") and words:
            found.append((line.language, kind, cues.pieces(["^", *words, "$"])))
    for phrase, address in catalog.phrases.items():
        if phrase.isascii() and not address.startswith("help/") and not crisis.find(plain, phrase):
            found.append(("", "", cues.pieces(["^", *phrase.split(), "$"])))
    return found


def learn(known: list[tuple[str, str, set[str]]]) -> dict[str, float]:
    """Logistic regression; weights shrink towards nothing."""
    seen = Counter(piece for _, _, pieces in known for piece in pieces)
    rows = [(sorted(p for p in pieces if seen[p] >= SEEN), len(pieces), bool(kind)) for _, kind, pieces in known]
    weights: dict[str, float] = defaultdict(float)
    dice = random.Random(0)
    for number in range(ROUNDS):
        dice.shuffle(rows)
        rate = RATE / (1 + number * 0.2)
        for pieces, count, wanted in rows:
            total = cues.START + sum(weights[piece] for piece in pieces) / count**0.5
            step = rate * (wanted - 1 / (1 + math.exp(-total))) / count**0.5
            for piece in pieces:
                weight, least = weights[piece] + step, rate * SHRINK
                weights[piece] = math.copysign(max(0.0, abs(weight) - least), weight)
    return {piece: weight for piece, weight in weights.items() if abs(weight) >= SMALLEST and PLAIN.fullmatch(piece)}


def kinds(known: list[tuple[str, str, set[str]]], weights: dict[str, float]) -> dict[str, dict[float, list[str]]]:
    """Kind -> weight, in quarters -> pieces. The kind is that of most phrases with the piece in one language."""
    told: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for language, kind, pieces in known:
        for piece in pieces:
            told[piece][kind, language] += 1
    found: dict[str, dict[float, list[str]]] = defaultdict(lambda: defaultdict(list))
    for piece, weight in weights.items():
        fitting = {k: c for k, c in told[piece].items() if k[0]} if weight > 0 else {}
        kind, _ = max(fitting, key=lambda k: fitting[k], default=("harmless", ""))
        found[kind][round(abs(weight) * 4) / 4].append(piece)
    return found


def lines(found: dict[str, dict[float, list[str]]]) -> Iterator[str]:
    for kind, by_weight in sorted(found.items(), key=lambda told: (told[0] == "harmless", told[0])):
        yield f"{kind}:"
        for weight, pieces in sorted(by_weight.items(), reverse=True):
            yield f'  "{weight}": >-'
            yield from (f"    {line}" for line in wrap(" ".join(sorted(pieces)), 120))


def main() -> None:
    known = examples(load_catalog(ROOT / "content", ROOT / "locales", datetime(2026, 11, 21, tzinfo=UTC).date()))
    weights = learn(known)
    FILE.write_text(HEAD + "".join(f"{line}\n" for line in lines(kinds(known, weights))), "utf-8")
    print(len(weights), "pieces")


if __name__ == "__main__":
    main()
