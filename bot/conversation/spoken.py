"""The ways to say something, word after word, as authors write them: for finding them in what people type."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.conversation.words import fold, lower

# A word of this length may hold one typing error, after its first letter; in shorter ones an error is another word.
SHORTEST_MENDED = 6
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
# A word that is wanted, and where we are after it.
Step = tuple["Wanted", int]


class Wanted(NamedTuple):
    """A word of a phrase: folded, with accents; must its accents have been typed; may it hold a typing error."""

    folded: str
    accented: str
    strict: bool
    mended: bool


def build(
    ways: Mapping[tuple[str, bool], Sequence[int]],
) -> tuple[Mapping[tuple[int, str], tuple[Step, ...]], Mapping[int, Sequence[int]]]:
    """From a way to say something, and whether it may hold a typing error -> the slots that it fills.

    Where we are (0: nowhere), and a word, or it without a letter -> where we may be next; where we are -> slots that it fills.
    """
    after: dict[tuple[int, str], tuple[Step, ...]] = {}
    places = 0
    filled: dict[int, list[int]] = defaultdict(list)
    for (way, mended), whose in ways.items():
        here = 0
        for word in _wanted(way, mended):
            step = next((step for step in after.get((here, word.folded), ()) if step[0] == word), None)
            if not step:
                places += 1
                step = word, places
                alone = (step,)
                for key in keys(word.folded) if word.mended else (word.folded,):
                    after[here, key] = after[here, key] + alone if (here, key) in after else alone
            here = step[1]
        filled[here] += whose
    return after, filled


def keys(word: str) -> set[str]:
    """The word, and if it is long enough to hold an error, what is left of it without each of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)) if len(word) >= SHORTEST_MENDED - 1)}


def _wanted(way: str, mended: bool) -> Iterator[Wanted]:
    """The words of one way to say something."""
    for word in way.lstrip("=").replace("_", " ").split():
        yield from _forms(word, way[0] == "=", mended)


@lru_cache(maxsize=16_384)
def _forms(word: str, exact: bool, mended: bool) -> tuple[Wanted, ...]:
    """A word as authors write it. They use few words often; what people write never comes here."""
    found = ((spelled(typed), fold(typed)) for typed in lower(word).split())
    return tuple(Wanted(f, w, exact and f != w, mended and len(f) >= SHORTEST_MENDED) for w, f in found)


def spelled(word: str) -> str:
    """With accents, its tone last: "hòa" and "hoà" are the same; letters that are held down count once."""
    word = unicodedata.normalize("NFD", _REPEATED.sub(r"\1", word))
    return _TONES.sub("", word) + "".join(_TONES.findall(word))
