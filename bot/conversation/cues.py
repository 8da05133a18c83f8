"""Weak cues: words that point to danger or away from it, and how much. They are weighed together where no phrase says it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

# What a message weighs before its words are weighed; from where on it means danger, and if something harmless is said in it.
START, ENOUGH, ENOUGH_IN_CALM = -0.5, 0.6, 1.4
# Fewer words are too few to be weighed: "yes", the name of a place.
FEWEST = 5
# Where a message weighs less, a phrase of danger does not mean it; one that is sure always does.
DOUBTFUL = -1.5
# The kind that more than this part of the weight points to; else help for any danger.
CLEAR, UNCLEAR = 0.5, "now"


class Cues(NamedTuple):
    """A word or two, folded -> the kind of danger they point to, "" away from it; how much."""

    weights: Mapping[str, tuple[str, float]]


class Weight(NamedTuple):
    """total: of a message. kind: of danger that its words point to."""

    total: float
    kind: str


def build(weak: Mapping[str, Mapping[float, Iterable[str]]]) -> Cues:
    """From a kind, and how much they weigh, to pieces: "a" is a word, "b_c" is b before c; kind "": against danger."""
    lines = ((kind, weight, said) for kind, by_weight in weak.items() for weight, said in by_weight.items())
    return Cues({piece: (kind, weight if kind else -weight) for kind, weight, said in lines for piece in said})


def pieces(words: Sequence[str]) -> set[str]:
    """Words and which of them follow one another. The first and the last only stand before and after: at the start of a
    message ^, at its end $."""
    return {*words[1:-1], *map("_".join, pairwise(words))}


def weigh(cues: Cues, words: Sequence[str]) -> Weight:
    """What words weigh together; pieces() says which. Many of them weigh no more than few that say the same."""
    said = pieces(words)
    found = [cues.weights[piece] for piece in said if piece in cues.weights]
    kinds: dict[str, float] = defaultdict(float)
    for kind, weight in found:
        kinds[kind] += max(0.0, weight)
    most = max(kinds, key=lambda kind: kinds[kind], default="")
    clear = kinds[most] > sum(kinds.values()) * CLEAR
    return Weight(START + sum(weight for _, weight in found) / len(said) ** 0.5, most if clear else UNCLEAR)
