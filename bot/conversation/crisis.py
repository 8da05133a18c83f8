"""Words that mean danger -> which help comes first. They are found inside sentences, with or without accents, with a typing
error, in chat spelling. Phrases that authors wrote and cues that were learned are weighed together; what only sounds like
danger weighs against them."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from bot.conversation import cues, spoken
from bot.conversation.phrases import Phrase, Slots, Steps, chunks, packed, read, ways
from bot.conversation.words import UNSPACED, fold, lower, syllables, untangle

# How far apart the parts of a phrase may be, in words.
TOGETHER = 25
# How many characters are read. People tell long stories and say at the end what they need; more would make a turn slow.
READ = 1_500
# Of a text of more words (syllables, in scripts without spaces) than LONG, each stretch of so many is heard as a message of its
# own, and where the next one begins: what is harmless far away says nothing, nor do cues add up. At the least, and at the most.
LONG, STRETCH, SOON, LATE = 50, 20, 6, 10
# Longer words are in no phrase: emoji, letters that are held down.
LONGEST_WORD = 30
_CLAUSE = re.compile(r"[.!?;,:\n()\u3002\u17d4]+")
Spots = Mapping[int, Sequence[tuple[int, int]]]


class Typed(NamedTuple):
    """A word of the text, or a syllable where words are not told apart: folded; with accents if typed with any; what it
    abbreviates; without what Telex left in it; in which part of the sentence; the numbers of the words of phrases that may be
    meant."""

    folded: str
    accented: str
    stands: str
    untangled: str
    clause: int
    meant: Sequence[int] = ()


class Danger(NamedTuple):
    """said: the ways to fill slots. rarest: a slot -> phrases to compare when it is filled. unspaced: phrases of scripts
    without spaces; pieces: of them."""

    said: spoken.Ways
    rarest: Mapping[int, Sequence[Phrase]]
    unspaced: Sequence[Phrase]
    pieces: Collection[str]
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
    """The kinds of danger that a text speaks of, the clearest first."""
    words = list(islice(_words(danger, text[:READ]), READ // 2))
    heard: dict[str, float] = {}
    short = len(words) <= LONG
    whole = "".join(word.folded for word in words)
    danger = danger._replace(pieces=[piece for piece in danger.pieces if piece in whole] if UNSPACED.search(whole) else ())
    for part in [words] if short else _stretches(words):
        for kind, clear in _hear(danger, part, short=short).items():
            heard[kind] = max(clear, heard.get(kind, clear))
    return tuple(sorted(heard, key=lambda kind: -heard[kind]))


def _stretches(words: list[Typed]) -> Iterator[list[Typed]]:
    """Parts of a long text; they overlap, and begin where a part of a sentence does, if they can."""
    start = 0
    while start < len(words) - SOON:
        yield words[start : start + STRETCH]
        soon = range(start + SOON, min(start + LATE, len(words)))
        start = next((at for at in soon if words[at].clause != words[at - 1].clause), start + LATE)


def _hear(danger: Danger, words: list[Typed], *, short: bool) -> dict[str, float]:
    """The kinds of danger that one message speaks of, and how clearly; none if it weighs too little."""
    found, calm = _found(danger, words, short=short)
    cue = cues.weigh(danger.weights, pieces(words))
    if not any(phrase.sure for phrase in found) and cue.total + cues.said(len(found), calm=calm) <= 0:
        return {}
    return cues.kinds(cue, [phrase.kind for phrase in found])


def pieces(words: list[Typed]) -> set[str]:
    """What cues weigh of a message: words, which of them follow one another, and how they were typed if with accents."""
    said = [part for word in words for part in (word.stands or word.folded).split()]
    return cues.pieces(said) | {f"={word.accented}" for word in words if word.accented != word.folded and word.accented}


def _words(danger: Danger, text: str) -> Iterator[Typed]:
    for number, clause in enumerate(_CLAUSE.split(text)):
        for word in (word for chunk in chunks(clause) for word in lower(chunk).split()):
            if UNSPACED.search(word):
                yield from (Typed(syllable, "", "", syllable, number) for syllable in syllables(packed(word)))
            elif folded := fold(word):
                stands = danger.spelling.get(word, "")
                typed = Typed(folded, "" if word.isascii() else spoken.spelled(word), stands, untangle(folded), number)
                yield typed._replace(meant=_meant(danger.said, typed))


def _found(danger: Danger, words: list[Typed], *, short: bool = True) -> tuple[list[Phrase], bool]:
    """The phrases of danger in a message; is something harmless said? short: what makes a whole message harmless does so; in a
    part of a long one only in its sentence."""
    spots = _spots(danger, words)
    likely = [p for slot in spots for p in danger.rarest.get(slot, ()) if p.slots <= spots.keys()]
    gone, told = set[int](), set[int]()
    for phrase in likely:
        if not phrase.kind and (places := _places(phrase, spots, set())):
            first, last, whole = min(places), max(places), phrase.before and phrase.after
            near = [
                at
                for at, word in enumerate(words)
                if (whole and short) or words[first].clause <= word.clause <= words[last].clause
            ]
            around = {at for at in near if whole or (phrase.before and at < last) or (phrase.after and at > first)}
            gone, told = gone | places | (around if phrase.sure else set()), told | around
    found = [phrase for phrase in likely if phrase.kind and _places(phrase, spots, gone if phrase.sure else gone | told)]
    return found + _found_unspaced(danger, "".join(word.folded for word in words)) if danger.pieces else found, bool(gone)


def _spots(danger: Danger, words: list[Typed]) -> Spots:
    """Which slots are filled by words of the text, and where."""
    said = danger.said
    reached: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for first in range(len(words)):
        here, at = [0], first
        while here and at < len(words):
            here = [said.after[step] for step in product(here, words[at].meant) if step in said.after]
            at += 1
            for place in here:
                reached[place].append((first, at))
    spots: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place in reached.keys() & said.filled.keys():
        for slot in said.filled[place]:
            spots[slot] += reached[place]
    return spots


def _meant(said: spoken.Ways, word: Typed) -> list[int]:
    """Which words may be meant."""
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


def _found_unspaced(danger: Danger, text: str) -> list[Phrase]:
    """The phrases in a script without spaces."""
    there = {piece for piece in danger.pieces if piece in text}
    benign = [p for p in danger.unspaced if not p.kind and not any(map(there.isdisjoint, p.parts))]
    if any(phrase.sure and phrase.after for phrase in benign):
        return []
    for piece in sorted({piece for p in benign if not p.after for part in p.parts for piece in part & there}, key=len):
        text = text.replace(piece, "\n")
    there = {piece for piece in there if piece in text}
    told = any(phrase.after for phrase in benign)
    return [p for p in danger.unspaced if p.kind and (p.sure or not told) and not any(map(there.isdisjoint, p.parts))]


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
