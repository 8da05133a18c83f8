"""Words -> ranked screens, and which of them to show. Nothing is generated.

What is typed wrongly is mended against the words of the pages: one letter too many, missing or changed, or keyboard residue.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversation.index import NAMED, SHORTEST_MENDED, Index, pairs
from bot.conversation.words import untangle

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
# Words in the longest phrase that has others for the same thing; words of a question that are read, and that are mended.
LONGEST_PHRASE, MOST_WORDS, MOST_MENDED = 4, 60, 6
# For a question so many pages are looked at in all, the rarest words first, but some for each word.
MOST_READ, FEWEST_READ = 1000, 20
# How many words are enough to trust, by their rarity; bounds of evidence for showing one page and for showing any; how much
# of the best page's score another needs to stand beside it. From the development half: tests/bench/bench_search.py --curve.
ENOUGH = 12.0
SURE, UNSURE, NEAR, TIED = 1.15, 0.9, 0.3, 0.97
MOST = 5


class Hit(NamedTuple):
    """A page that answers. score: for ordering only. evidence: 0 to 3, how much of what was asked its title and the ways
    people ask for it name, how much that tells, and how many neighbouring words stand side by side there."""

    address: str
    score: float
    evidence: float


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
    held = {language: sum(word in index.postings.get(language, ()) for word in words) for language in languages}
    # Who writes in another language than the reader's is searched for in that first.
    order = sorted(languages, key=lambda language: -held[language] * (1.0 if language == languages[0] else FOREIGN))
    asked, unknown = list[Asked](), {"word": 0.0, "pair": 0.0, "same": 0.0}

    def look_up(feature: str, factor: float, kind: Literal["word", "pair", "same"], lost: float = 1.0) -> None:
        """In the first language that has it. lost: how much it counts if none does."""
        language = next((language for language in order if feature in index.postings.get(language, ())), "")
        if language:
            sure = factor * (1.0 if language == order[0] else FOREIGN)
            asked.append(Asked(index.pages(feature, language), sure * index.rarity(feature, language), kind))
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
                for feature in pairs(same.split()) or [same]:
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
        if typos < MOST_MENDED and not any(index.pages(word, language) for language in languages):
            typos += 1
            mended = _mend(index, word)
            known += [(other, "", MENDED) for other in mended] or [(word, "", factor)]
        else:
            known.append((word, typed, factor))
    return known


def _mend(index: Index, token: str) -> Sequence[str]:
    """The word of the pages that was probably meant, or the words if spaces were left out; none if nothing is near."""
    plain = untangle(token)
    if plain != token and plain in index.features:
        return [plain]
    if len(token) < SHORTEST_MENDED or not token.isascii():
        return ()
    near = [word for size in (0, 1, -1) for word in index.lengths.get(len(token) + size, ())]
    if found := process.extractOne(token, near, scorer=OSA.distance, score_cutoff=1):
        return [found[0]]
    for at in range(2, len(token) - 1):
        for end in range(at + 2, min(at + 7, len(token) + 1)):
            parts = [token[:at], token[at:end], *filter(None, [token[end:]])]
            if "_".join(parts[:2]) in index.features and parts[-1] in index.features:
                return parts
    return ()


_SPOKEN = [min(1.0, weight / 255 / FULL) for weight in range(256)]
_UNNAMED = round(255 * (1 - NAMED))
