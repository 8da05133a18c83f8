"""The ways to say something, word after word, as authors write them: for finding them in what people type."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from bot.conversation.words import lowered, plain

# A word of this length may hold one typing error, after its first letter; in shorter ones an error is another word.
SHORTEST_MENDED = 6
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")


class Wanted(NamedTuple):
    """A word of a phrase: folded, with accents; must its accents have been typed; may it hold a typing error."""

    folded: str
    accented: str
    strict: bool
    mended: bool


class Ways(NamedTuple):
    """Ways to say something, as a tree.

    words: what is wanted in them. meant: a word, or it without a letter -> numbers of words that may be meant. after: where we
    are (0: nowhere) and the number of a word -> where we are next. filled: where we are -> slots that are filled there.
    """

    words: Sequence[Wanted]
    meant: Mapping[str, Sequence[int]]
    after: Mapping[tuple[int, int], int]
    filled: Mapping[int, Sequence[int]]


def build(ways: Mapping[tuple[str, bool], Sequence[int]]) -> Ways:
    """From a way to say something, and whether it may hold a typing error -> the slots that it fills."""
    numbers: dict[Wanted, int] = {}
    known: dict[tuple[str, bool, bool], list[int]] = {}
    after: dict[tuple[int, int], int] = {}
    filled: dict[int, list[int]] = defaultdict(list)
    for (way, mended), whose in ways.items():
        here, exact = 0, way[0] == "="
        for word in way.lstrip("=").replace("_", " ").split():
            if (key := (word, exact, mended)) not in known:
                known[key] = [numbers.setdefault(one, len(numbers)) for one in _wanted(*key)]
            for number in known[key]:
                here = after.setdefault((here, number), len(after) + 1)
        filled[here] += whose
    meant: dict[str, list[int]] = defaultdict(list)
    for wanted, number in numbers.items():
        for left in keys(wanted.folded) if wanted.mended else (wanted.folded,):
            meant[left].append(number)
    return Ways(tuple(numbers), dict(meant), after, dict(filled))


def keys(word: str) -> set[str]:
    """The word, and if it is long enough to hold an error, what is left of it without each of its letters."""
    if len(word) < SHORTEST_MENDED - 1:
        return {word}
    return {word, *[word[:at] + word[at + 1 :] for at in range(len(word))]}


def _wanted(word: str, exact: bool, mended: bool) -> Iterator[Wanted]:
    """A word as authors write it; several if a sign stands in it."""
    for typed in lowered(word):
        folded, accented = plain(typed), spelled(typed)
        yield Wanted(folded, accented, exact and folded != accented, mended and len(folded) >= SHORTEST_MENDED)


def spelled(word: str) -> str:
    """With accents, its tone last: "hòa" and "hoà" are the same; letters that are held down count once."""
    word = _REPEATED.sub(itemgetter(1), word)
    if word.isascii():
        return word
    word = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", _TONES.sub("", word) + "".join(_TONES.findall(word)))
