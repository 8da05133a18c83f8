"""Phrases of danger as authors write them in content/crisis.yaml, read."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

from bot.conversation.words import LONGEST, UNSPACED, fold

# How many other words may stand between two words of a phrase; at "...".
NEAR, FAR = 1, 7
_SAME = (("អោយ", "ឱ្យ"), ("ឲ្យ", "ឱ្យ"), ("្ដ", "្ត"), ("សំលាប់", "សម្លាប់"), ("ຫລ", "ຫຼ"))
# The words of a phrase: which stand in each place, and how many others before them.
Steps = tuple[tuple[int, int], ...]
Slots = dict[tuple[str, bool], int]


class Phrase(NamedTuple):
    """Words that mean something together. kind: of danger, "" for what is harmless.

    before, after: a harmless phrase makes harmless what is told before or after it
    in its clause; both: the whole message; but not what is sure, unless it is sure itself. groups: of words in their order; the
    groups stand in any order. slots: of all groups. parts: for scripts without spaces, parts of the text."""

    kind: str
    sure: bool
    before: bool
    after: bool
    groups: tuple[Steps, ...] = ()
    slots: frozenset[int] = frozenset()
    parts: tuple[frozenset[str], ...] = ()


def ways(text: str, names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The ways to say a slot: a/b is a or b, <name> are the words of that name, lock* is lock, locks, locked, locking."""
    for way in text.split("/"):
        head, star, tail = way.partition("*")
        if star:
            stem, double = head.removesuffix("e"), head + head[-1]
            ends = (head, f"{head}s", f"{head}es", f"{stem}ed", f"{stem}ing", f"{double}ed", f"{double}ing")
            yield from (end + tail for end in ends)
        elif way.startswith("<"):
            yield from names[way]
        else:
            yield way


def read(kind: str, text: str, names: Mapping[str, Sequence[str]], slots: Slots) -> Phrase:
    """Read a phrase as authors write it; content/crisis.yaml says how."""
    words = text.lstrip("!").split()
    before, after = words[0] == "...", words[-1] == "..."
    marks = kind, text.startswith("!"), before, after
    words = words[before : len(words) - after]
    if UNSPACED.search(text):
        parts = (ways(word, names) for word in words if word not in ("...", "+"))
        return Phrase(*marks, parts=tuple(frozenset(map(_packed, part)) for part in parts))
    groups, gap = list[list[tuple[int, int]]]([[]]), NEAR
    for word in words:
        if word == "+":
            groups.append([])
        elif word == "...":
            gap = FAR
        else:
            slot = slots.setdefault((word, bool(kind)), len(slots))
            groups[-1].append((slot, gap if kind or gap == FAR else 0))
            gap = NEAR
    return Phrase(*marks, tuple(map(tuple, groups)), frozenset(slot for group in groups for slot, _ in group))


def packed(text: str) -> str:
    """Folded, without blanks, and what is written in several ways in one of them."""
    folded = "".join(map(fold, chunks(text))).replace(" ", "")
    return reduce(lambda text, same: text.replace(*same), _SAME, folded)


# The same of what authors write: the names of many phrases. Never of what people type.
_packed = lru_cache(maxsize=16_384)(packed)


def chunks(text: str) -> Iterator[str]:
    """The text in parts that are short enough to fold, cut between words."""
    while len(text) > LONGEST:
        cut = text.rfind(" ", 0, LONGEST) + 1 or LONGEST
        yield text[:cut]
        text = text[cut:]
    yield text
