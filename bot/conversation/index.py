"""What is searched: words and pairs of words -> the pages that hold them, by language, and how much each speaks of it."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from bot.conversation.words import Words, lowered

# How much a word counts by where it stands: people ask in the words of titles and of `ask`.
WEIGHTS = {"title": 4.0, "ask": 3.0, "summary": 0.8, "body": 0.9, "call": 1.0}
NAMES = ("title", "ask", "call")
PAIRED = (*NAMES, "summary")
# BM25's k: a word that stands three times is worth little more than one that stands twice.
SATURATION, BODY_SATURATION = 1.6, 1.0
# So much of a word's weight comes from titles and ways of asking, the rest from everything else on the page.
NAMED = 0.75
# In shorter words an error is another word.
SHORTEST_MENDED = 4
# Of a common word the pages that hold it most are kept, no others.
MOST_PAGES = 200
_WEIGHT = (255).__and__
# Of what is counted in a page, what stands in its names, as against everything else.
_NAMED = 1 << 20
# What stands in a text, with its pairs or without; what a word is read as, and how it was typed if with accents.
Known = tuple[dict[tuple[bool, str], list[str]], dict[str, tuple[list[str], list[str]]]]


class Document(NamedTuple):
    """One page in one language."""

    address: str
    language: str
    fields: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Index:
    """Built once. postings: language -> word or pair -> pages that hold it, the heaviest first: the number of the address and
    a weight of 0 to 255 in one. features: words and pairs of any language. sizes: pages by language. lengths: words that typing
    errors are mended to, by length."""

    words: Words
    addresses: Sequence[str]
    postings: Mapping[str, Mapping[str, Sequence[int]]]
    features: Set[str]
    sizes: Mapping[str, int]
    lengths: Mapping[int, Sequence[str]]

    def pages(self, feature: str, language: str) -> Sequence[int]:
        """Those of a language that hold a word or pair."""
        return self.postings.get(language, {}).get(feature, ())

    def rarity(self, feature: str, language: str) -> float:
        """How much a word tells: more, the fewer pages of a language hold it; most if none does."""
        return math.log(1 + (self.sizes.get(language, 0) + 1) / (len(self.pages(feature, language)) + 0.5))


def build(documents: Iterable[Document], words: Words, counted: dict[Any, dict[str, int]] | None = None) -> Index:
    """Index the pages. counted: what was counted in them before with the same words; filled here."""
    counted = {} if counted is None else counted
    numbers: dict[str, int] = {}
    shelves: dict[str, dict[str, list[int]]] = {}
    known: Known = {}, {}
    weights = _Weights()
    sizes = Counter[str]()
    for document in documents:
        number = numbers.setdefault(document.address, len(numbers)) << 8
        sizes[document.language] += 1
        shelf = shelves.setdefault(document.language, defaultdict(list))
        text = tuple((name, tuple(texts)) for name, texts in document.fields.items())
        if text not in counted:
            counted[text] = _count(document, words, known)
        for feature, count in counted[text].items():
            shelf[feature].append(number | weights[count])
    postings: dict[str, dict[str, Sequence[int]]] = {}
    for language, shelf in shelves.items():
        for pages in shelf.values():
            if len(pages) > 1:  # most stand on one page
                pages.sort(key=_WEIGHT, reverse=True)
                del pages[MOST_PAGES:]
        postings[language] = {feature: array("I", pages) for feature, pages in shelf.items()}
    features: dict[str, None] = {}
    for shelf in shelves.values():
        features |= dict.fromkeys(shelf)
    lengths = defaultdict[int, list[str]](list)
    for feature in features:
        if len(feature) >= SHORTEST_MENDED - 1 and feature.isascii() and feature.isalpha():
            lengths[len(feature)].append(feature)
    return Index(words, tuple(numbers), postings, features.keys(), sizes, lengths)


class _Weights(dict[int, int]):
    """What was counted of a word in a page -> its weight, 0 to 255. The same few counts come again and again."""

    def __missing__(self, count: int) -> int:
        named, other = count // _NAMED / 10, count % _NAMED / 10
        weight = 255 * NAMED * named / (named + SATURATION) + 255 * (1 - NAMED) * other / (other + BODY_SATURATION)
        self[count] = found = round(weight)
        return found


def _count(document: Document, words: Words, known: Known) -> dict[str, int]:
    """How often each word and pair stands in a page, by what WEIGHTS says: in tenths, in names _NAMED times. known: filled
    here."""
    counts = defaultdict[str, int](int)
    for name, texts in document.fields.items():
        weight = round(10 * WEIGHTS[name]) * (_NAMED if name in NAMES else 1)
        for text in texts:
            if (key := (name in PAIRED, text)) not in known[0]:
                known[0][key] = _read(text, words, known[1], paired=name in PAIRED)
            for feature in known[0][key]:
                counts[feature] += weight
    return counts


def _read(text: str, words: Words, known: dict[str, tuple[list[str], list[str]]], *, paired: bool) -> list[str]:
    """The words of a text, those with accents as they were typed too, and its pairs."""
    tokens, accented = list[str](), list[str]()
    for word in lowered(text):
        if word not in known:
            read = words.read_word(word)
            known[word] = [token for token, _ in read], [typed for _, typed in read if typed]
        plain, typed = known[word]
        tokens += plain
        accented += typed
    return [*tokens, *accented, *pairs(tokens)] if paired else tokens


def pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{one}_{other}" for one, other in pairwise(tokens)]
