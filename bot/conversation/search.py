"""Words -> ranked screens: a small BM25 over titles, ways people ask, summaries and bodies. Nothing is generated.

What is typed wrongly is mended against the words of the pages: one letter too many, missing or changed, or keyboard residue.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from bot.conversation.words import Words, has_accents, lower, untangle

# How much a word counts by where it stands: people ask in the words of titles and of `ask`.
WEIGHTS = {"title": 3.0, "ask": 3.0, "summary": 1.5, "body": 0.6}
# BM25's k: a word that stands three times is worth little more than one that stands twice.
SATURATION = 1.6
# A pair of neighbouring words is worth this much more than the words alone: Vietnamese words are two syllables.
PAIR = 0.9
FILLER = 0.12
# A word that stands in a title or a way of asking is spoken of in full, one that only stands in the body is not.
FULL = 0.6
SYNONYM = 0.55
MENDED = 0.7
ACCENTS = 0.25
# Pages of other languages than the reader's answer too, but after those of their own.
FOREIGN = 0.9
SHORTEST_MENDED = 4
# Bounds of what a page's share of the question must be, see tests/bench/bench_search.py for the curve they come from.
SURE, UNSURE, LEAD = 0.62, 0.34, 1.12
MOST = 5


class Document(NamedTuple):
    """One page in one language."""

    address: str
    language: str
    fields: Mapping[str, Sequence[str]]


class Hit(NamedTuple):
    """A page that answers. score: for ordering only. share: how much of what was asked the page speaks of, 0 to 1."""

    address: str
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class Index:
    """Built once. postings: word or pair -> (document, weight). near: word with one letter left out -> words."""

    words: Words
    documents: Sequence[tuple[str, str]]
    postings: Mapping[str, Sequence[tuple[int, float]]]
    rarity: Mapping[str, float]
    rarest: float
    near: Mapping[str, Sequence[str]]


def build(documents: Iterable[Document], words: Words, counted: dict[Any, dict[str, float]] | None = None) -> Index:
    """Index the pages. counted: what was counted in them before with the same words; filled here."""
    counted = {} if counted is None else counted
    places: list[tuple[str, str]] = []
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    known: dict[str, tuple[list[str], list[str]]] = {}
    for number, document in enumerate(documents):
        places.append((document.address, document.language))
        text = tuple((name, tuple(texts)) for name, texts in document.fields.items())
        if text not in counted:
            counted[text] = _count(document, words, known)
        for feature, count in counted[text].items():
            weights[feature][number] = count / (count + SATURATION)
    total = len(places) + 1
    rarity = {feature: math.log(1 + total / (len(found) + 0.5)) for feature, found in weights.items()}
    near: dict[str, list[str]] = defaultdict(list)
    for feature in weights:
        if feature.isascii() and feature.isalpha() and len(feature) >= SHORTEST_MENDED:
            for shorter in _shorter(feature):
                near[shorter].append(feature)
    postings = {feature: tuple(found.items()) for feature, found in weights.items()}
    return Index(words, places, postings, rarity, math.log(1 + total / 0.5), near)


def _count(document: Document, words: Words, known: dict[str, tuple[list[str], list[str]]]) -> dict[str, float]:
    """How much of each word and pair is in a page. known: what to look up for each word, and with accents; filled here."""
    counts: dict[str, float] = defaultdict(float)
    for name, texts in document.fields.items():
        weight = WEIGHTS[name]
        for text in texts:
            tokens: list[str] = []
            for word in lower(text).split():
                if word not in known:
                    known[word] = words.tokens(word), _accented(word)
                tokens += known[word][0]
                for feature in known[word][1]:
                    counts[feature] += weight
            for feature in tokens if name == "body" else (*tokens, *_pairs(tokens)):
                counts[feature] += weight
    return counts


def rank(index: Index, text: str, language: str, languages: Iterable[str]) -> list[Hit]:
    """The pages that speak of what was asked, best first. languages: those whose pages are searched besides the reader's."""
    tokens = index.words.tokens(text)
    asked = _features(index, tokens)
    whole = sum(weight for feature, weight, single in asked if single)
    if not whole:
        return []
    scores: dict[int, float] = defaultdict(float)
    shares: dict[int, float] = defaultdict(float)
    for feature, weight, single in asked:
        for number, found in index.postings.get(feature, ()):
            scores[number] += weight * found
            if single:
                shares[number] += weight * min(1.0, found / FULL)
    for feature in _accented(text):
        for number, found in index.postings.get(feature, ()):
            scores[number] += ACCENTS * index.rarity[feature] * found
    wanted = {language, *languages}
    best: dict[str, Hit] = {}
    for number, score in scores.items():
        address, tongue = index.documents[number]
        if tongue in wanted:
            share = min(shares[number] / whole, 1.0)
            worth = score * (1.0 if tongue == language else FOREIGN) * (0.5 + share)
            if address not in best or best[address].score < worth:
                best[address] = Hit(address, worth, share)
    return sorted(best.values(), key=lambda hit: -hit.score)


def choose(hits: Sequence[Hit]) -> tuple[str, ...]:
    """What to show: one address if it is clear, up to five if not, none if nothing fits."""
    fitting = [hit for hit in hits[:MOST] if hit.share >= UNSURE]
    if not fitting:
        return ()
    first = fitting[0]
    if first.share >= SURE and (len(fitting) == 1 or first.score >= LEAD * fitting[1].score):
        return (first.address,)
    return tuple(hit.address for hit in fitting)


def _features(index: Index, tokens: list[str]) -> list[tuple[str, float, bool]]:
    """What to look up, how much it counts, and whether it is a word of the question (not a pair or a synonym)."""
    asked: list[tuple[str, float, bool]] = []
    known: list[str] = []
    for token in tokens:
        filler = FILLER if token in index.words.filler else 1.0
        if token in index.postings:
            known.append(token)
            asked.append((token, index.rarity[token] * filler, True))
        elif mended := _mend(index, token):
            known.append(mended)
            asked.append((mended, index.rarity[mended] * MENDED, True))
        else:
            asked.append((token, index.rarest * filler, True))
    asked += [(pair, index.rarity[pair] * PAIR, False) for pair in _pairs(known) if pair in index.postings]
    for phrase in (*known, *(pair.replace("_", " ") for pair in _pairs(known))):
        for other in index.words.same.get(phrase, ()):
            feature = other.replace(" ", "_")
            if feature in index.postings:
                asked.append((feature, index.rarity[feature] * SYNONYM, False))
    return asked


def _mend(index: Index, token: str) -> str:
    """The word of the pages that was probably meant, "" if none is near."""
    plain = untangle(token)
    if plain != token and plain in index.postings:
        return plain
    if len(token) < SHORTEST_MENDED or not token.isascii():
        return ""
    found = {word for shorter in (token, *_shorter(token)) for word in index.near.get(shorter, ())}
    found |= {shorter for shorter in _shorter(token) if shorter in index.postings}
    # Of several, the one that more pages know: the rarer one is more often a name.
    return min(found, key=lambda word: (abs(len(word) - len(token)), index.rarity[word], word), default="")


def _pairs(tokens: list[str]) -> list[str]:
    return [f"{one}_{other}" for one, other in pairwise(tokens) if one.isascii() and other.isascii()]


def _accented(text: str) -> list[str]:
    """Words that carry accents, marked so that they differ from folded ones: tone marks change meaning."""
    return [f"={word}" for word in lower(text).split() if has_accents(word)]


def _shorter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]
