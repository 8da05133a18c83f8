"""Weak cues: words that point to danger or away from it, and how much. They are weighed together, and with the phrases."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from bot.conversation.words import UNSPACED

# What a message weighs before its words are weighed, and in scripts without spaces: more than 0 in the end means danger.
START, START_UNSPACED = -2.0, -2.45
# What a phrase of danger adds (several together add less than each alone, and more than so many nothing), and what something
# harmless in the message takes away. From lines that cues were not learned from: tests/bench/learn_cues.py --check.
PHRASE, LESS, MOST, CALM = 1.3, 0.6, 4, 1.0
# How much a phrase says which kind of danger it is; by how much a kind has to be before the next one, else help for any danger.
NAMED, CLEAR, UNCLEAR = 1.5, 0.3, "now"
# Of many pieces each weighs a little less: so many, to this power, is what their sum is divided by.
LENGTH = 0.25
# Not kinds: how cues.yaml calls what points to danger of any kind, and away from it.
DANGER, HARMLESS = "danger", "harmless"


class Cues(NamedTuple):
    """weights: a word or two, folded -> how much they point to danger. kinds: the same, if it is danger, to each kind."""

    weights: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, float]]


class Weight(NamedTuple):
    """total: of a message. kinds: of danger, how much its words point to each."""

    total: float
    kinds: Mapping[str, float]


def build(weak: Mapping[str, Mapping[float, Iterable[str]]]) -> Cues:
    """From "danger", "harmless" or a kind, and how much they weigh, to pieces: "a" is a word, "b_c" is b before c."""
    weights: dict[str, float] = {}
    kinds: dict[str, dict[str, float]] = {}
    for kind, by_weight in weak.items():
        into = weights if kind in (DANGER, HARMLESS) else kinds.setdefault(kind, {})
        for weight, said in by_weight.items():
            into |= dict.fromkeys(said, -weight if kind == HARMLESS else weight)
    return Cues(weights, kinds)


def pieces(words: Sequence[str]) -> set[str]:
    """Words and which of them follow one another; ^ stands before the first and $ behind the last."""
    return {*words, *map("_".join, pairwise(("^", *words, "$")))}


def weigh(cues: Cues, said: Set[str]) -> Weight:
    """What pieces weigh together."""
    size = max(1, len(said)) ** LENGTH
    kinds = {kind: sum([told[piece] for piece in said & told.keys()]) / size for kind, told in cues.kinds.items()}
    if not cues.weights:  # phrases alone decide
        return Weight(0.0, kinds)
    start = START_UNSPACED if any(map(UNSPACED.match, said)) else START
    return Weight(start + sum([cues.weights[piece] for piece in said & cues.weights.keys()]) / size, kinds)


def said(phrases: int, *, calm: bool) -> float:
    """What so many phrases of danger weigh. calm: something harmless is said too."""
    return float(PHRASE * min(phrases, MOST) ** LESS) - CALM * calm


def kinds(weight: Weight, named: Sequence[str]) -> dict[str, float]:
    """The kinds of danger that phrases name and the one that all points to most, and how clearly. named: by each phrase."""
    clear = defaultdict(float, weight.kinds)
    for kind, phrases in Counter(named).items():
        clear[kind] += NAMED * phrases**LESS
    first, second = [*sorted(clear, key=lambda kind: -clear[kind]), "", ""][:2]
    sure = first in named or clear[first] - clear[second] >= CLEAR
    return {first if sure else UNCLEAR: clear[first]} | {kind: clear[kind] for kind in named}
