"""Words -> ranked screens: a small BM25 over titles, ways people ask, summaries and bodies. Nothing is generated.

What is typed wrongly is mended against the words of the pages: one letter too many, missing or changed, or keyboard residue.
"""

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversation.words import Words, lowered, untangle

# How much a word counts by where it stands: people ask in the words of titles and of `ask`.
WEIGHTS = {"title": 4.0, "ask": 3.0, "summary": 0.8, "body": 0.9, "call": 1.0}
NAMES = ("title", "ask", "call")
PAIRED = (*NAMES, "summary")
# BM25's k: a word that stands three times is worth little more than one that stands twice.
SATURATION, BODY_SATURATION = 1.6, 1.0
# So much of a word's weight comes from titles and ways of asking, the rest from everything else on the page.
NAMED = 0.75
# A pair of neighbouring words is worth this much more than the words alone: Vietnamese words are two syllables.
PAIR = 0.6
FILLER = 0.12
SYNONYM = 0.7
MENDED = 0.7
# Of a word typed with accents, so much counts only where it stands with these accents: they change meaning.
ACCENTS = 0.3
# Words that only pages of other languages know lead to pages too, but less surely.
FOREIGN = 0.9
# A page that speaks of all that was asked stands before one that speaks of a part of it often.
WHOLE = 0.5
# A word of this weight is spoken of in full.
FULL = 0.25
SHORTEST_MENDED = 4
# Words in the longest phrase that has others for the same thing; words of a question that are read, and that are mended.
LONGEST_PHRASE, MOST_WORDS, MOST_MENDED = 4, 60, 6
# Of a common word the pages that hold it most are looked at, no others. For a question, so many in all, the rarest words
# first, but some for each word.
MOST_PAGES, MOST_READ, FEWEST_READ = 200, 1000, 20
# How many words are enough to trust, by their rarity; bounds of evidence for showing one page and for showing any; how much
# of the best page's score another needs to stand beside it. From the development half: tests/bench/bench_search.py --curve.
ENOUGH = 12.0
SURE, UNSURE, NEAR, TIED = 1.15, 0.9, 0.3, 0.97
MOST = 5


class Document(NamedTuple):
    """One page in one language."""

    address: str
    language: str
    fields: Mapping[str, Sequence[str]]


class Hit(NamedTuple):
    """A page that answers. score: for ordering only. evidence: 0 to 3, how much of what was asked its title and the ways
    people ask for it name, how much that tells, and how many neighbouring words stand side by side there."""

    address: str
    score: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Index:
    """Built once. postings: word or pair -> language -> pages that hold it, the heaviest first: the number of the address and
    a weight of 0 to 255 in one. sizes: pages by language. lengths: words that typing errors are mended to, by length."""

    words: Words
    addresses: Sequence[str]
    postings: Mapping[str, Mapping[str, Sequence[int]]]
    sizes: Mapping[str, int]
    lengths: Mapping[int, Sequence[str]]

    def rarity(self, feature: str, language: str) -> float:
        """How much a word tells: more, the fewer pages of a language hold it; most if none does."""
        return math.log(1 + (self.sizes.get(language, 0) + 1) / (len(self.postings.get(feature, {}).get(language, ())) + 0.5))


def build(documents: Iterable[Document], words: Words, counted: dict[Any, dict[str, int]] | None = None) -> Index:
    """Index the pages. counted: what was counted in them before with the same words; filled here."""
    counted = {} if counted is None else counted
    numbers: dict[str, int] = {}
    shelves: dict[str, dict[str, list[int]]] = {}
    known: dict[str, Sequence[str]] = {}
    sizes = Counter[str]()
    for document in documents:
        number = numbers.setdefault(document.address, len(numbers)) << 8
        sizes[document.language] += 1
        shelf = shelves.setdefault(document.language, defaultdict(list))
        text = tuple((name, tuple(texts)) for name, texts in document.fields.items())
        if text not in counted:
            counted[text] = _count(document, words, known)
        for feature, weight in counted[text].items():
            shelf[feature].append(number | weight)
    postings: dict[str, dict[str, Sequence[int]]] = defaultdict(dict)
    for language, shelf in shelves.items():
        for feature, pages in shelf.items():
            postings[feature][language] = array("I", sorted(pages, key=_WEIGHT, reverse=True)[:MOST_PAGES])
    lengths = defaultdict[int, list[str]](list)
    for feature in postings:
        if len(feature) >= SHORTEST_MENDED - 1 and feature.isascii() and feature.isalpha():
            lengths[len(feature)].append(feature)
    return Index(words, tuple(numbers), dict(postings), sizes, lengths)


def _count(document: Document, words: Words, known: dict[str, Sequence[str]]) -> dict[str, int]:
    """The weight of each word and pair in a page. known: what stands in a text, and what words are read as; filled here."""
    names, others = defaultdict[str, float](float), defaultdict[str, float](float)
    for name, texts in document.fields.items():
        into, weight = names if name in NAMES else others, WEIGHTS[name]
        for text in texts:
            if (key := f"{name in PAIRED} {text}") not in known:
                known[key] = _read(text, words, known, name in PAIRED)
            for feature in known[key]:
                into[feature] += weight
    weights = {feature: (255 - 255 * NAMED) * count / (count + BODY_SATURATION) for feature, count in others.items()}
    for feature, count in names.items():
        weights[feature] = weights.get(feature, 0.0) + 255 * NAMED * count / (count + SATURATION)
    return {feature: round(weight) for feature, weight in weights.items()}


def _read(text: str, words: Words, known: dict[str, Sequence[str]], paired: bool) -> list[str]:
    """The words of a text, those with accents as they were typed too, and its pairs."""
    tokens, accented = list[str](), list[str]()
    for word in lowered(text):
        if word not in known:
            read = words.read_word(word)
            known[word] = [token for token, _ in read]
            known[f"={word}"] = [typed for _, typed in read if typed]
        tokens += known[word]
        accented += known[f"={word}"]
    return [*tokens, *accented, *_pairs(tokens)] if paired else tokens


class Asked(NamedTuple):
    """What to look up of a question. kind: a word of it, a pair of neighbours, another word for the same."""

    pages: Sequence[int]
    weight: float
    kind: Literal["word", "pair", "same"]


def rank(index: Index, text: str, language: str, languages: Iterable[str]) -> list[Hit]:
    """The pages that speak most of what was asked, best first, twice as many as are ever shown.

    languages: those whose pages are searched besides the reader's.
    """
    asked, unknown = _features(index, text, tuple(dict.fromkeys((language, *languages))))
    whole = unknown["word"] + sum(feature.weight for feature in asked if feature.kind == "word")
    sides = unknown["pair"] + sum(feature.weight for feature in asked if feature.kind == "pair") or 1.0
    scores, shares, named, paired = (defaultdict[int, float](float) for _ in range(4))
    left = MOST_READ
    for pages, weight, kind in sorted(asked, key=lambda feature: -feature.weight):
        read = pages[: max(left, FEWEST_READ)]
        left -= len(read)
        for page in read:
            number, found = page >> 8, page & 255
            scores[number] += weight * found
            if kind == "word":
                shares[number] += weight * _SPOKEN[found]
                if found > _UNNAMED:
                    named[number] += weight
            elif kind == "pair":
                paired[number] += weight
    worth = ((score / 255 * (WHOLE + shares[number] / whole), number) for number, score in scores.items() if whole)
    return [
        Hit(index.addresses[number], score, named[number] / whole + min(named[number] / ENOUGH, 1.0) + paired[number] / sides)
        for score, number in heapq.nlargest(2 * MOST, worth)
    ]


def choose(hits: Sequence[Hit]) -> tuple[str, ...]:
    """What to show: one address if it is clear, up to five if not, none if nothing fits."""
    if not hits or hits[0].evidence < UNSURE:
        return ()
    first, *others = hits[:MOST]
    second = others[0].score / first.score if others else 0.0
    if second < TIED and first.evidence - second >= SURE:
        return (first.address,)
    return (first.address, *(hit.address for hit in others if hit.score >= NEAR * first.score))


def _features(index: Index, text: str, languages: Sequence[str]) -> tuple[list[Asked], dict[str, float]]:
    """What to look up, and how much the words and pairs count that no page knows."""
    known = _known(index, text, languages)
    words = [word for word, _, _ in known]
    held = {language: sum(language in index.postings.get(word, ()) for word in words) for language in languages}
    # Who writes in another language than the reader's is searched for in that first.
    order = sorted(languages, key=lambda language: -held[language] * (1.0 if language == languages[0] else FOREIGN))
    asked, unknown = list[Asked](), {"word": 0.0, "pair": 0.0, "same": 0.0}

    def look_up(feature: str, factor: float, kind: Literal["word", "pair", "same"], lost: float = 1.0) -> None:
        """In the first language that has it. lost: how much it counts if none does."""
        found = index.postings.get(feature, {})
        language = next((language for language in order if language in found), "")
        if language:
            sure = factor * (1.0 if language == order[0] else FOREIGN)
            asked.append(Asked(found[language], sure * index.rarity(feature, language), kind))
        else:
            unknown[kind] += factor * lost * index.rarity("", order[0])

    for word, typed, factor in known:
        look_up(word, factor * (1 - ACCENTS) if typed else factor, "word")
        if typed:
            look_up(typed, factor * ACCENTS, "word")
    for (one, _, factor), (other, _, next_factor) in pairwise(known):
        look_up(f"{one}_{other}", PAIR, "pair", min(factor, next_factor))
    for size in range(1, LONGEST_PHRASE + 1):
        for start in range(len(words) - size + 1):
            for same in index.words.same.get(" ".join(words[start : start + size]), ()):
                for feature in _pairs(same.split()) or [same]:
                    look_up(feature, SYNONYM, "same")
    return asked, unknown


def _known(index: Index, text: str, languages: Sequence[str]) -> list[tuple[str, str, float]]:
    """The words of a question, mended: each with how it was typed, if with accents, and how much it counts."""
    filler = index.words.filler
    read = index.words.read(text)[:MOST_WORDS]
    pairs = [False, *(f"{one} {other}" in filler for (one, _), (other, _) in pairwise(read)), False]
    known, typos = list[tuple[str, str, float]](), 0
    for at, (word, typed) in enumerate(read):
        factor = FILLER if word in filler or pairs[at] or pairs[at + 1] else 1.0
        if typos < MOST_MENDED and not any(language in index.postings.get(word, ()) for language in languages):
            typos += 1
            mended = _mend(index, word)
            known += [(other, "", MENDED) for other in mended] or [(word, "", factor)]
        else:
            known.append((word, typed, factor))
    return known


def _mend(index: Index, token: str) -> Sequence[str]:
    """The word of the pages that was probably meant, or the words if spaces were left out; none if nothing is near."""
    plain = untangle(token)
    if plain != token and plain in index.postings:
        return [plain]
    if len(token) < SHORTEST_MENDED or not token.isascii():
        return ()
    near = [word for size in (0, 1, -1) for word in index.lengths.get(len(token) + size, ())]
    if found := process.extractOne(token, near, scorer=OSA.distance, score_cutoff=1):
        return [found[0]]
    for at in range(2, len(token) - 1):
        for end in range(at + 2, min(at + 7, len(token) + 1)):
            parts = [token[:at], token[at:end], *filter(None, [token[end:]])]
            if "_".join(parts[:2]) in index.postings and parts[-1] in index.postings:
                return parts
    return ()


def _pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{one}_{other}" for one, other in pairwise(tokens)]


_SPOKEN = [min(1.0, weight / 255 / FULL) for weight in range(256)]
_UNNAMED = round(255 * (1 - NAMED))
_WEIGHT = (255).__and__
