"""Words that mean danger -> which help comes first. They are found inside sentences, with or without accents, with a typing
error, in chat spelling; what only sounds like danger is taken out before."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from bot.conversation import cues, spoken
from bot.conversation.phrases import UNSPACED, Phrase, Slots, Steps, chunks, packed, read, ways
from bot.conversation.words import fold, lower, untangle

# How far apart the parts of a phrase may be, in words.
TOGETHER = 25
# How many characters are read. People tell long stories and say at the end what they need; more would make a turn slow.
READ = 1_500
# Of a long text each stretch of so many words is heard as a message of its own, and where the next one begins: what is harmless
# far away says nothing, nor do cues add up. A phrase (TOGETHER) stands whole in one of them. In letters, without spaces.
STRETCH, NEXT = 50, 25
STRETCH_UNSPACED, NEXT_UNSPACED = 80, 40
# How many words before and after a phrase of a long text are weighed with it.
AROUND = 3
# Longer words are in no phrase: emoji, letters that are held down, scripts without spaces.
LONGEST_WORD = 30
_CLAUSE = re.compile(r"[.!?;,:\n()\u3002\u17d4]+")
Spots = Mapping[int, Sequence[tuple[int, int]]]
Found = list[tuple[Phrase, set[int]]]


class Typed(NamedTuple):
    """A word of the text: folded; with accents if typed with any; what it abbreviates; without what Telex left in it."""

    folded: str
    accented: str
    stands: str
    untangled: str
    clause: int


class Danger(NamedTuple):
    """said: the ways to fill slots. rarest: a slot -> phrases to compare when it is filled. unspaced: phrases of scripts
    without spaces; pieces: of them."""

    said: spoken.Ways
    rarest: Mapping[int, Sequence[Phrase]]
    unspaced: Sequence[Phrase]
    pieces: frozenset[str]
    spelling: Mapping[str, str]
    weights: cues.Cues


def build(
    kinds: Mapping[str, Iterable[str]],
    harmless: Iterable[str],
    spelling: Mapping[str, str],
    weak: Mapping[str, Mapping[float, Iterable[str]]],
) -> Danger:
    """From phrases as authors write them, by kind of danger. "<name> = a/b" names words that other phrases use. weak: cues."""
    lines = [(kind, text) for kind, texts in (*kinds.items(), ("", harmless)) for text in texts]
    names: dict[str, tuple[str, ...]] = {}
    for name, said in (text.split(" = ") for _, text in lines if " = " in text):
        names[name.strip()] = tuple(ways(said.strip(), names))
    slots: Slots = {}
    phrases = [read(kind, text, names, slots) for kind, text in lines if " = " not in text]
    wordings: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for (text, mended), slot in slots.items():
        for way in dict.fromkeys(ways(text, names)):
            wordings[way, mended].append(slot)
    used = Counter(step[0] for phrase in phrases for group in phrase.groups for step in group)
    rarest: dict[int, list[Phrase]] = defaultdict(list)
    for phrase in (phrase for phrase in phrases if phrase.groups):
        rarest[min((step[0] for group in phrase.groups for step in group), key=lambda slot: used[slot])].append(phrase)
    pieces = frozenset(piece for phrase in phrases for part in phrase.parts for piece in part)
    return Danger(
        spoken.build(wordings), rarest, [phrase for phrase in phrases if phrase.parts], pieces, spelling, cues.build(weak)
    )


def find(danger: Danger, text: str) -> tuple[str, ...]:
    """The kinds of danger that a text speaks of, the one that is named most exactly first."""
    text = text[:READ]
    words = list(islice(_words(danger, text), READ // 3))
    said = ["^", *(word.stands or word.folded for word in words), "$"]
    spots = _spots(danger, words)
    likely = [p for slot in spots for p in danger.rarest.get(slot, ()) if p.slots <= spots.keys()]
    spots = {slot: sorted(spots[slot]) for slot in {slot for phrase in likely for slot in phrase.slots}}

    def weighs(places: set[int]) -> float:
        """How much the message weighs; if it is long, the words around a phrase."""
        near = said[max(0, min(places) - AROUND) : max(places) + AROUND + 3] if len(words) > STRETCH else said
        return cues.weigh(danger.weights, near).total

    exactness: Counter[str] = Counter()
    heaviest, guess = 0.0, ""
    for start, stop in _stretches(len(words), STRETCH, NEXT):
        weight = cues.weigh(danger.weights, said[start : stop + 2])
        found, calm = _found(words, likely, _within(spots, start, stop), range(start, stop))
        exactness |= _exactness([told for told in found if told[0].sure or weighs(told[1]) > cues.DOUBTFUL])
        more = weight.total - (cues.ENOUGH_IN_CALM if calm else cues.ENOUGH)
        if more > heaviest and stop - start >= cues.FEWEST:
            heaviest, guess = more, weight.kind
    if UNSPACED.search(text):
        whole = packed(text)
        pieces = [piece for piece in danger.pieces if piece in whole]
        for start, stop in _stretches(len(whole), STRETCH_UNSPACED, NEXT_UNSPACED):
            exactness |= _exactness(_found_unspaced(danger, whole[start:stop], pieces))
    return tuple(kind for kind, _ in exactness.most_common()) or ((guess,) if guess else ())


def _stretches(count: int, length: int, step: int) -> Iterator[tuple[int, int]]:
    """Where each stretch starts and stops; they overlap."""
    for start in range(0, max(1, count - length + step), step):
        yield start, min(start + length, count)


def _exactness(found: Found) -> Counter[str]:
    """How exactly each kind is named; hints name one only together."""
    exactness: Counter[str] = Counter()
    hints: list[tuple[str, set[int]]] = []
    for phrase, places in found:
        if not phrase.hint:
            exactness[phrase.kind] = max(exactness[phrase.kind], len(phrase.parts) or sum(map(len, phrase.groups)))
        elif all(places.isdisjoint(other) for _, other in hints):
            hints.append((phrase.kind, places))
    exactness.update({kind for kind, told in Counter(kind for kind, _ in hints).items() if told > 1} - exactness.keys())
    return exactness


def _words(danger: Danger, text: str) -> Iterator[Typed]:
    for number, clause in enumerate(_CLAUSE.split(text)):
        for word in (word for chunk in chunks(clause) for word in lower(chunk).split()):
            if folded := fold(word):
                stands = danger.spelling.get(word, "")
                yield Typed(folded, "" if word.isascii() else spoken.spelled(word), stands, untangle(folded), number)


def _within(spots: Spots, start: int, stop: int) -> Spots:
    """What of the spots lies in a stretch of the text."""
    found = {}
    for slot, places in spots.items():
        if places[0][0] < stop and places[-1][0] >= start:
            near = places[bisect_left(places, (start, 0)) : bisect_left(places, (stop, 0))]
            if inside := [place for place in near if place[1] <= stop]:
                found[slot] = inside
    return found


def _found(words: list[Typed], likely: list[Phrase], spots: Spots, stretch: range) -> tuple[Found, bool]:
    """The phrases of danger in a stretch of the text, and where: the places of their words; is something harmless said?"""
    likely = [phrase for phrase in likely if phrase.slots <= spots.keys()]
    short = len(words) <= STRETCH
    gone, told = set[int](), set[int]()
    for phrase in likely:
        if not phrase.kind and (places := _places(phrase, spots, set())):
            first, last, whole = min(places), max(places), phrase.before and phrase.after
            near = [at for at in stretch if (whole and short) or words[first].clause <= words[at].clause <= words[last].clause]
            around = {at for at in near if whole or (phrase.before and at < last) or (phrase.after and at > first)}
            gone, told = gone | places | (around if phrase.sure else set()), told | around
    found = [(phrase, _places(phrase, spots, gone if phrase.sure else gone | told)) for phrase in likely if phrase.kind]
    return [(phrase, places) for phrase, places in found if places], bool(gone)


def _spots(danger: Danger, words: list[Typed]) -> Spots:
    """Which slots are filled by words of the text, and where."""
    said = danger.said
    meant = [_meant(said, word) for word in words]
    spots: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for first in range(len(words)):
        here, at = [0], first
        while here and at < len(words):
            here = [said.after[step] for step in product(here, meant[at]) if step in said.after]
            at += 1
            for place in here:
                for slot in said.filled.get(place, ()):
                    spots[slot].append((first, at))
    return spots


def _meant(said: spoken.Ways, word: Typed) -> list[int]:
    """The numbers of the words that may be meant."""
    keys = _keys(word.folded) | {word.untangled, word.stands}
    found = {number for key in keys for number in said.meant.get(key, ())}
    return [number for number in found if _same(said.words[number], word)]


def _keys(word: str) -> set[str]:
    return spoken.keys(word) if len(word) <= LONGEST_WORD else {word}


def _places(phrase: Phrase, spots: Spots, gone: set[int]) -> set[int]:
    """Where the phrase stands in the text: the places of its words; empty if it does not."""
    taken: set[int] = set()
    for group in phrase.groups:
        if not (here := _follow(group, 0, spots, gone | taken)):
            return set()
        taken |= here
    return taken if max(taken) - min(taken) <= TOGETHER else set()


def _follow(group: Steps, end: int, spots: Spots, gone: set[int], dead: set[tuple[int, int]] | None = None) -> set[int]:
    """The places of these words, each after the one before it. dead: what leads nowhere: how many are left, where we are."""
    if not group:
        return {end - 1}
    first, dead = dead is None, set() if dead is None else dead
    if (len(group), end) in dead:
        return set()
    for start, stop in spots[group[0][0]]:
        near = (first or end <= start <= end + group[0][1]) and gone.isdisjoint(range(start, stop))
        if near and (rest := _follow(group[1:], stop, spots, gone, dead)):
            return rest.union(range(start, stop))
    dead.add((len(group), end))
    return set()


def _found_unspaced(danger: Danger, text: str, pieces: Sequence[str]) -> Found:
    """The phrases in a script without spaces, and where one of their parts stands."""
    there = {piece for piece in pieces if piece in text}
    benign = [p for p in danger.unspaced if not p.kind and not any(map(there.isdisjoint, p.parts))]
    if any(phrase.sure and phrase.after for phrase in benign):
        return []
    for piece in sorted({piece for p in benign if not p.after for part in p.parts for piece in part & there}, key=len):
        text = text.replace(piece, "\n")
    there = {piece for piece in there if piece in text}
    told = any(phrase.after for phrase in benign)
    named = (p for p in danger.unspaced if p.kind and (p.sure or not told) and not any(map(there.isdisjoint, p.parts)))
    return [(p, {text.find(piece) for piece in p.parts[0] & there}) for p in named]


def _same(want: spoken.Wanted, word: Typed) -> bool:
    """Is the typed word this one? Accents count where they were typed."""
    typed = word.folded
    if typed == want.folded:
        return word.accented == want.accented or not (word.accented or want.strict)
    if want.strict or word.accented or word.stands:
        return not want.strict and word.stands == want.folded
    if word.untangled == want.folded:
        return len(typed) > 3 or not typed.isalpha()
    # They share what is left without one letter.
    return want.mended and typed[0] == want.folded[0] and len(typed) >= spoken.SHORTEST_MENDED - 1
