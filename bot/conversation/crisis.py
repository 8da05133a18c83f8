"""Words that mean danger -> which help comes first. They are found inside sentences, in any order, near each other, with or
without accents, with a typing error; what only sounds like danger is taken out before."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.conversation.words import fold, has_accents, lower, untangle

# The words of a phrase stand within so many words more than the phrase has.
SLACK = 4
# A word of this length may hold one typing error; in shorter ones an error is another word.
SHORTEST_MENDED = 5
_LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Form:
    """A word, or words that belong together: folded, and with accents."""

    folded: tuple[str, ...]
    accented: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean something together, each in several forms; for scripts without spaces, parts of the text."""

    slots: tuple[tuple[Form, ...], ...]
    parts: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return len(self.slots) or len("".join(self.parts))


@dataclass(frozen=True, slots=True)
class Danger:
    """Every phrase with its kind of danger, "" for what is harmless.

    starts: a word, or a word with a letter left out -> the (phrase, slot) that begin with it; so that only phrases are
    compared of which each slot may stand in the text.
    """

    phrases: Sequence[tuple[str, Phrase]]
    starts: Mapping[str, Sequence[tuple[int, int]]]
    spelling: Mapping[str, str]


class Typed(NamedTuple):
    """A word of the text: folded; with accents if it was typed with any; what it stands for if it is an abbreviation."""

    folded: str
    accented: str
    stands: str


_GONE = Typed("", "", "")


def build(kinds: Mapping[str, Iterable[str]], harmless: Iterable[str], spelling: Mapping[str, str]) -> Danger:
    """From phrases as authors write them, by kind of danger."""
    phrases = [(kind, phrase(text)) for kind, texts in kinds.items() for text in texts]
    phrases += [("", phrase(text)) for text in harmless]
    starts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, (_, wanted) in enumerate(phrases):
        for slot, forms in enumerate(wanted.slots):
            for form in forms:
                for key in _keys(form.folded[0]):
                    starts[key].append((number, slot))
    return Danger(phrases, starts, spelling)


def _keys(word: str) -> set[str]:
    """The word, and if it is long enough to hold an error, what is left of it without each of its letters."""
    if len(word) < SHORTEST_MENDED - 1:
        return {word}
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def phrase(text: str) -> Phrase:
    """Read a phrase as authors write it: words between spaces, a/b is a or b, a_b belongs together."""
    if not _LATIN.search(fold(text)):
        return Phrase((), tuple(fold(part).replace(" ", "") for part in text.split()))
    return Phrase(tuple(tuple(_form(way) for way in slot.split("/")) for slot in text.split()))


def _form(way: str) -> Form:
    words = way.replace("_", " ")
    return Form(tuple(fold(words).split()), tuple(lower(words).split()))


def find(danger: Danger, text: str) -> tuple[str, ...]:
    """The kinds of danger that a text speaks of, the one that is named most exactly first."""
    words = _words(danger, text)
    likely = _likely(danger, words)
    benign = [danger.phrases[number][1] for number in likely if not danger.phrases[number][0]]
    harmless = {at for wanted in benign for at in _found_in_order(wanted, words)}
    words = [_GONE if at in harmless else word for at, word in enumerate(words)]
    named = {number for number in likely if danger.phrases[number][0] and _found(danger.phrases[number][1], words)}
    packed = fold(text).replace(" ", "")
    if not packed.isascii():
        named |= {n for n, (_, p) in enumerate(danger.phrases) if p.parts and all(part in packed for part in p.parts)}
    exactness: dict[str, int] = {}
    for number in sorted(named):
        kind, wanted = danger.phrases[number]
        exactness[kind] = max(exactness.get(kind, 0), wanted.length)
    return tuple(sorted(exactness, key=lambda kind: -exactness[kind]))


def _likely(danger: Danger, words: list[Typed]) -> list[int]:
    """The phrases of which each slot may stand in the text."""
    slots: dict[int, set[int]] = defaultdict(set)
    for word in words:
        for key in _keys(word.folded) | {untangle(word.folded), word.stands}:
            for number, slot in danger.starts.get(key, ()):
                slots[number].add(slot)
    return [number for number, found in slots.items() if len(found) == len(danger.phrases[number][1].slots)]


def _words(danger: Danger, text: str) -> list[Typed]:
    """Each word folded, with its accents if it was typed with any, and what it stands for if it is an abbreviation."""
    found: list[Typed] = []
    for word in lower(text).split():
        folded = fold(word)
        stands = danger.spelling.get(word, "")
        if folded:
            found.append(Typed(folded, word if has_accents(word) else "", stands if " " not in stands else ""))
    return found


def _found(wanted: Phrase, words: list[Typed]) -> set[int]:
    """Where the phrase stands in the text: the places of its words; empty if it does not."""
    places: list[list[range]] = []
    for slot in wanted.slots:
        spots = [range(at, at + len(form.folded)) for form in slot for at in range(len(words)) if _stands(form, words, at)]
        if not spots:
            return set()
        places.append(spots)
    reach = sum(max(len(form.folded) for form in slot) for slot in wanted.slots) + SLACK
    for first in places[0]:
        chosen = [first]
        for spots in places[1:]:
            near = [s for s in spots if abs(s.start - first.start) < reach and not any(set(s) & set(c) for c in chosen)]
            if not near:
                break
            chosen.append(min(near, key=lambda spot: abs(spot.start - first.start)))
        else:
            return {at for spot in chosen for at in spot}
    return set()


def _found_in_order(wanted: Phrase, words: list[Typed]) -> set[int]:
    """Likewise, but the words stand in their order with at most one other between them: harmless phrases are fixed ones."""
    starts = range(len(words))
    for start in starts:
        at, chosen = start, set[int]()
        for slot in wanted.slots:
            near = (at,) if at == start else (at, at + 1)
            spot = next(((n, form) for n in near for form in slot if _stands(form, words, n)), None)
            if spot is None:
                break
            chosen |= set(range(spot[0], spot[0] + len(spot[1].folded)))
            at = spot[0] + len(spot[1].folded)
        else:
            return chosen
    return set()


def _stands(form: Form, words: list[Typed], at: int) -> bool:
    if at + len(form.folded) > len(words):
        return False
    return all(_same(form.folded[i], form.accented[i], words[at + i]) for i in range(len(form.folded)))


def _same(folded: str, accented: str, word: Typed) -> bool:
    """Is the typed word this one? Accents count where they were typed."""
    typed = word.folded
    if typed == folded:
        return not word.accented or word.accented == accented
    if word.stands == folded:
        return True
    if word.accented or not typed:
        return False
    if len(typed) >= SHORTEST_MENDED - 1 and untangle(typed) == folded:
        return True
    return len(folded) >= SHORTEST_MENDED and len(typed) >= SHORTEST_MENDED - 1 and _one_error(folded, typed)


def _one_error(one: str, other: str) -> bool:
    """Do they differ by one letter more, less, changed, or by two neighbours swapped?"""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[start:], other[start:]
    return (
        rest[1:] == others
        or rest == others[1:]
        or rest[1:] == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )
