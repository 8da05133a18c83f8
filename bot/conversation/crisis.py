"""Words that mean danger -> which help comes first. They are found inside sentences, with or without accents, with a typing
error, in chat spelling; what only sounds like danger is taken out before."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

from bot.conversation.words import LONGEST, fold, lower, untangle

# How many other words may stand between two words of a phrase; at "..."; how far apart its parts may be.
NEAR, FAR, TOGETHER = 1, 7, 25
# A word of this length may hold one typing error, after its first letter; in shorter ones an error is another word.
SHORTEST_MENDED = 6
_UNSPACED = re.compile("[\u0e80-\u0eff\u1780-\u17ff]")
_CLAUSE = re.compile(r"[.!?;,:\n()\u3002\u17d4]+")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_SAME = (("អោយ", "ឱ្យ"), ("ឲ្យ", "ឱ្យ"), ("្ដ", "្ត"), ("សំលាប់", "សម្លាប់"), ("ຫລ", "ຫຼ"))
Spots = Mapping[int, Sequence[tuple[int, int]]]
# The words of a phrase: which stand in each place, and how many others before them.
Steps = tuple[tuple[int, int], ...]
Slots = dict[tuple[tuple["Wanted", ...], ...], int]


class Wanted(NamedTuple):
    """A word of a phrase: folded, with accents; must its accents have been typed; may it hold a typing error."""

    folded: str
    accented: str
    strict: bool
    mended: bool


class Typed(NamedTuple):
    """A word of the text: folded; with accents if typed with any; what it abbreviates; without what Telex left in it."""

    folded: str
    accented: str
    stands: str
    untangled: str
    clause: int


class Phrase(NamedTuple):
    """Words that mean something together. kind: of danger, "" for what is harmless.

    hint: counts only with another of its kind. before, after: a harmless phrase makes harmless what is told before or after it
    in its clause; both: the whole message; but not what is sure, unless it is sure itself. groups: of words in their order; the
    groups stand in any order. parts: for scripts without spaces, parts of the text."""

    kind: str
    sure: bool
    hint: bool
    before: bool
    after: bool
    groups: tuple[Steps, ...] = ()
    parts: tuple[frozenset[str], ...] = ()


class Tree(NamedTuple):
    """Words after one another. slots: filled by the words up to here. next: a word, or it without a letter -> what follows."""

    slots: list[int]
    next: dict[str, list[tuple[Wanted, "Tree"]]]


class Danger(NamedTuple):
    """rarest: a slot -> phrases to compare when it is filled. unspaced: phrases of scripts without spaces; pieces: of them."""

    tree: Tree
    rarest: Mapping[int, Sequence[Phrase]]
    unspaced: Sequence[Phrase]
    pieces: frozenset[str]
    spelling: Mapping[str, str]


def build(kinds: Mapping[str, Iterable[str]], harmless: Iterable[str], spelling: Mapping[str, str]) -> Danger:
    """From phrases as authors write them, by kind of danger. "<name> = a/b" names words that other phrases use."""
    lines = [(kind, text) for kind, texts in (*kinds.items(), ("", harmless)) for text in texts]
    names: dict[str, tuple[str, ...]] = {}
    for name, ways in (text.split(" = ") for _, text in lines if " = " in text):
        names[name.strip()] = tuple(_ways(ways.strip(), names))
    slots: Slots = {}
    phrases = [_phrase(kind, text, names, slots) for kind, text in lines if " = " not in text]
    tree = Tree([], defaultdict(list))
    for form, slot in ((form, slot) for forms, slot in slots.items() for form in dict.fromkeys(forms)):
        here = tree
        for word in form:
            known = next((after for same, after in here.next[word.folded] if same == word), Tree([], defaultdict(list)))
            if all(known is not after for _, after in here.next[word.folded]):
                for key in _keys(word.folded) if word.mended else {word.folded}:
                    here.next[key].append((word, known))
            here = known
        here.slots.append(slot)
    used = Counter(step[0] for phrase in phrases for group in phrase.groups for step in group)
    rarest: dict[int, list[Phrase]] = defaultdict(list)
    for phrase in (phrase for phrase in phrases if phrase.groups):
        rarest[min((step[0] for group in phrase.groups for step in group), key=lambda slot: used[slot])].append(phrase)
    pieces = frozenset(piece for phrase in phrases for part in phrase.parts for piece in part)
    return Danger(tree, rarest, [phrase for phrase in phrases if phrase.parts], pieces, spelling)


def _keys(word: str) -> set[str]:
    """The word, and if it is long enough to hold an error, what is left of it without each of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)) if len(word) >= SHORTEST_MENDED - 1)}


def _ways(text: str, names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The ways to say a slot: a/b is a or b, <name> are the words of that name, lock* is lock, locks, locked, locking."""
    for way in text.split("/"):
        head, star, tail = way.partition("*")
        ends: tuple[str, ...] = (head,)
        if star:
            stem, double = head.removesuffix("e"), head + head[-1]
            ends = (head, f"{head}s", f"{head}es", f"{stem}ed", f"{stem}ing", f"{double}ed", f"{double}ing")
        yield from names[way] if way.startswith("<") else (end + tail for end in ends)


def _phrase(kind: str, text: str, names: Mapping[str, Sequence[str]], slots: Slots) -> Phrase:
    """Read a phrase as authors write it; content/crisis.yaml says how."""
    words = text.lstrip("!?").split()
    before, after = words[0] == "...", words[-1] == "..."
    marks = kind, text.startswith("!"), text.startswith("?"), before, after
    words = words[before : len(words) - after]
    spoken = [tuple(_ways(word, names)) for word in words if word not in ("...", "+")]
    if any(_UNSPACED.search(way) for ways in spoken for way in ways):
        return Phrase(*marks, parts=tuple(frozenset(map(_packed, ways)) for ways in spoken))
    groups, gap = list[list[tuple[int, int]]]([[]]), NEAR
    for word in words:
        if word == "+":
            groups.append([])
        elif word == "...":
            gap = FAR
        else:
            forms = tuple(_wanted(way, bool(kind)) for way in _ways(word, names))
            groups[-1].append((slots.setdefault(forms, len(slots)), gap if kind or gap == FAR else 0))
            gap = NEAR
    return Phrase(*marks, groups=tuple(map(tuple, groups)))


@lru_cache(maxsize=16_384)
def _wanted(way: str, mended: bool) -> tuple[Wanted, ...]:
    """The words of one way to say something. Authors use the same ways in many phrases; what people write never comes here."""
    words = ((word, fold(word)) for word in lower(way.lstrip("=").replace("_", " ")).split())
    exact = way[0] == "="
    return tuple(Wanted(f, _spelled(w), exact and f != w, mended and len(f) >= SHORTEST_MENDED) for w, f in words)


def _spelled(word: str) -> str:
    """With accents, its tone last: "hòa" and "hoà" are the same; letters that are held down count once."""
    word = unicodedata.normalize("NFD", _REPEATED.sub(r"\1", word))
    return _TONES.sub("", word) + "".join(_TONES.findall(word))


def _packed(text: str) -> str:
    return reduce(lambda packed, same: packed.replace(*same), _SAME, fold(text).replace(" ", ""))


def find(danger: Danger, text: str) -> tuple[str, ...]:
    """The kinds of danger that a text speaks of, the one that is named most exactly first."""
    found = _found(danger, list(_words(danger, text))) + (
        _found_unspaced(danger, _packed(text)) if _UNSPACED.search(text) else []
    )
    exactness: Counter[str] = Counter()
    hints: list[tuple[str, set[int]]] = []
    for phrase, places in found:
        if not phrase.hint:
            exactness[phrase.kind] = max(exactness[phrase.kind], len(phrase.parts) or sum(map(len, phrase.groups)))
        elif all(places.isdisjoint(other) for _, other in hints):
            hints.append((phrase.kind, places))
    exactness.update({kind for kind, told in Counter(kind for kind, _ in hints).items() if told > 1} - exactness.keys())
    return tuple(kind for kind, _ in exactness.most_common())


def _words(danger: Danger, text: str) -> Iterator[Typed]:
    for number, clause in enumerate(_CLAUSE.split(text[:LONGEST])):
        for word in lower(clause).split():
            if folded := fold(word):
                stands = danger.spelling.get(word, "")
                yield Typed(folded, "" if word.isascii() else _spelled(word), stands, untangle(folded), number)


def _found(danger: Danger, words: list[Typed]) -> list[tuple[Phrase, set[int]]]:
    """The phrases of danger in the text, and where: the places of their words."""
    spots = _spots(danger, words)
    likely = [p for slot in spots for p in danger.rarest.get(slot, ()) if all(s[0] in spots for g in p.groups for s in g)]
    gone, told = set[int](), set[int]()
    for phrase in likely:
        if not phrase.kind and (places := _places(phrase, spots, set())):
            first, last, whole = min(places), max(places), phrase.before and phrase.after
            near = [at for at, w in enumerate(words) if whole or words[first].clause <= w.clause <= words[last].clause]
            around = {at for at in near if whole or (phrase.before and at < last) or (phrase.after and at > first)}
            gone, told = gone | places | (around if phrase.sure else set()), told | around
    found = [(phrase, _places(phrase, spots, gone if phrase.sure else gone | told)) for phrase in likely if phrase.kind]
    return [(phrase, places) for phrase, places in found if places]


def _spots(danger: Danger, words: list[Typed]) -> Spots:
    """Which slots are filled by words of the text, and where."""
    spots: dict[int, list[tuple[int, int]]] = defaultdict(list)
    keys = [tuple(_keys(word.folded) | {word.untangled, word.stands}) for word in words]
    for first in range(len(words)):
        here, at = [danger.tree], first
        while here and at < len(words):
            edges = {id(e[1]): e for tree in here for key in keys[at] if key in tree.next for e in tree.next[key]}
            here = [after for want, after in edges.values() if _same(want, words[at])]
            at += 1
            for slot in (slot for tree in here for slot in tree.slots):
                spots[slot].append((first, at))
    return spots


def _places(phrase: Phrase, spots: Spots, gone: set[int]) -> set[int]:
    """Where the phrase stands in the text: the places of its words; empty if it does not."""
    taken: set[int] = set()
    for group in phrase.groups:
        if not (here := _follow(group, 0, spots, gone | taken)):
            return set()
        taken |= here
    return taken if max(taken) - min(taken) <= TOGETHER else set()


def _follow(group: Steps, end: int, spots: Spots, gone: set[int], first: bool = True) -> set[int]:
    """The places of these words, each after the one before it."""
    if not group:
        return {end - 1}
    for start, stop in spots[group[0][0]]:
        near = (first or end <= start <= end + group[0][1]) and gone.isdisjoint(range(start, stop))
        if near and (rest := _follow(group[1:], stop, spots, gone, False)):
            return rest.union(range(start, stop))
    return set()


def _found_unspaced(danger: Danger, text: str) -> list[tuple[Phrase, set[int]]]:
    """The phrases in a script without spaces, and where one of their parts stands."""
    there = {piece for piece in danger.pieces if piece in text}
    benign = [p for p in danger.unspaced if not p.kind and not any(map(there.isdisjoint, p.parts))]
    for piece in sorted({piece for p in benign if not p.after for part in p.parts for piece in part & there}, key=len):
        text = text.replace(piece, "\n")
    there = {piece for piece in there if piece in text}
    told = any(phrase.after for phrase in benign)
    named = (p for p in danger.unspaced if p.kind and (p.sure or not told) and not any(map(there.isdisjoint, p.parts)))
    return [(p, {text.find(piece) for piece in p.parts[0] & there}) for p in named]


def _same(want: Wanted, word: Typed) -> bool:
    """Is the typed word this one? Accents count where they were typed."""
    typed = word.folded
    if typed == want.folded:
        return word.accented == want.accented or not (word.accented or want.strict)
    if want.strict or word.accented or word.stands:
        return not want.strict and word.stands == want.folded
    if word.untangled == want.folded:
        return len(typed) > 3 or not typed.isalpha()
    # They share what is left without one letter.
    return want.mended and typed[0] == want.folded[0] and len(typed) >= SHORTEST_MENDED - 1
