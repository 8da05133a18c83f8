"""fold(): one spelling for everything that people type and that we compare with it; Words: what their spelling stands for."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

# Longer texts hold no command or title; reading the start of them keeps a turn fast whatever is sent.
LONGEST = 400

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]")
# With Latin marks: Khmer and Lao vowels are marks that carry meaning.
_UNSEEN = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]+")
_LATIN = re.compile("[\x00-\x7f\u0300-\u036f]+")
_WORD = re.compile(r"[^\s!?.,;:…\"'`´‘’“”«»‹›()\[\]_*/\\|~–—-]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_ONE = itemgetter(1)  # a template would cost a call even where nothing is repeated
# Digits of other scripts, and signs; not the marks of Khmer, Lao and Thai, which are no "word characters" either.
_ODD = re.compile("[^\\D0-9]|[^\\w\\s\x00-\x7f\u0e00-\u0e3e\u0e40-\u0eff\u1780-\u17da\u17dc-\u17ff]")
# Scripts that are written without spaces between words: Lao and Khmer; and Thai.
UNSPACED = re.compile("[\u0e80-\u0eff\u1780-\u17ff]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff]+")
_RUNS = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff]+|[^\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff]+")
# A letter of theirs with what stands around it: vowels before, letters below, vowels and tones after.
_CLUSTER = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2e\u0e81-\u0eae\u0edc-\u0edf][\u0e2f-\u0e3a\u0e45-\u0e4e\u0eaf-\u0ebd\u0ec6-\u0ece]*"
    "|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*|."
)
# What the Telex and VNI keyboards leave in a word when they are switched off: doubled vowels, tone letters, digits.
_TELEX_VOWELS = re.compile(r"(aa|ee|oo|dd|aw|ow|uw|w)")
_TELEX_TONES = re.compile(r"(?<=[aeiouy])([a-z]*?)[sfrxj]")


def fold(text: str) -> str:
    """Lower case, without Latin accents, punctuation, pictures, invisible characters; đ as d; digits of any script as 0-9.

    "Khẩu trang?" and "khau  trang" fold to the same text, in NFC or NFD. Never raises, whatever the text.
    """
    text = text[:LONGEST]
    if text.isascii():
        return " ".join(_WORD.findall(_REPEATED.sub(_ONE, text.lower())))
    text = _bare(unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", " ".join(_WORD.findall(_REPEATED.sub(_ONE, text))))


# The same of what authors write: labels, titles, ways to ask for a page stand in many places. Never of what people type.
folded = lru_cache(maxsize=32_768)(fold)


def _bare(text: str) -> str:
    """Lower case without accents, pictures, invisible characters and digits of other scripts."""
    text = unicodedata.normalize("NFD", text.replace("đ", "d"))
    if _LATIN.fullmatch(text):  # many times as fast
        return text.encode("ascii", "ignore").decode()
    text = _UNSEEN.sub("", text)
    return text if text.isascii() else _ODD.sub(lambda match: _sign(match[0]), text)


@lru_cache(maxsize=4096)  # of single characters
def _sign(character: str) -> str:
    """A digit of another script as 0-9; pictures and other symbols as nothing."""
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character)[0] == "S" else character


def lower(text: str) -> str:
    """As fold(), but with accents: for comparing words that were typed with them. Tones that the south does not tell
    apart (hỏi, ngã) are one."""
    return " ".join(lowered(text[:LONGEST]))


def lowered(text: str) -> list[str]:
    """The words of a text of any length, in lower case, with their accents."""
    if text.isascii():
        return _WORD.findall(text.lower())
    text = unicodedata.normalize("NFD", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).casefold()))
    return _WORD.findall(unicodedata.normalize("NFC", text.replace("\u0303", "\u0309")))


def plain(word: str) -> str:
    """A word of lowered(), folded."""
    return _REPEATED.sub(_ONE, word if word.isascii() else unicodedata.normalize("NFC", _bare(word)))


def untangle(word: str) -> str:
    """A folded word without what the Telex or VNI keyboard left in it: "khaaru" -> "khau", "d9o62ng" -> "dong"."""
    if not word.isascii() or word.isdecimal():
        return word
    if any(map(str.isdigit, word)):
        return "".join(letter for letter in word if not letter.isdigit())
    plain = _TELEX_VOWELS.sub(lambda match: match[0][0].replace("w", "u"), word)
    return _TELEX_TONES.sub(r"\1", plain, count=1)


def syllables(text: str) -> list[str]:
    """A text in a script without spaces, cut into letters with what stands around them; what else is in it letter by letter."""
    return _CLUSTER.findall(text)


@dataclass(frozen=True, slots=True)
class Words:
    """What people's spelling stands for. All folded.

    spelling: abbreviation -> words. same: a word or phrase -> others for the same thing. filler: words that say nothing
    about what is wanted. known: those in scripts without spaces. unspaced: matches them, the longest first.
    """

    spelling: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filler: frozenset[str] = frozenset()
    known: frozenset[str] = field(init=False, compare=False)
    unspaced: re.Pattern[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        known = frozenset(filter(_UNSPACED.fullmatch, (*self.spelling, *self.same, *self.filler)))
        # By first letter: much faster than one long list.
        rests: dict[str, list[str]] = {}
        for word in sorted(known, key=lambda word: (-len(word), word)):
            rests.setdefault(word[0], []).append(word[1:])
        listed = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())
        object.__setattr__(self, "known", known)
        object.__setattr__(self, "unspaced", re.compile(f"({listed})" if listed else "(?!)()"))

    def tokens(self, text: str) -> list[str]:
        """The words of a text, abbreviations spelled out; scripts without spaces cut into overlapping pieces."""
        return [token for token, _ in self.read(text)]

    def read(self, text: str) -> list[tuple[str, str]]:
        """The words of a text, each with how it was typed, behind "=", if that has accents, else with ""."""
        return [pair for typed in lowered(text[:LONGEST]) for pair in self.read_word(typed)]

    def read_word(self, typed: str) -> list[tuple[str, str]]:
        """The same of one word in lower case."""
        word = plain(typed)
        if word in self.spelling and (typed == word or typed in self.spelling):
            return [(token, "") for token in self.spelling[word].split()]
        if word.isascii():
            return [(token, f"={typed}" if typed != word and not typed.isascii() else "") for token in word.split()]
        return [(token, "") for token in self._pieces(word)]

    def _pieces(self, word: str) -> Iterable[str]:
        """Of a run of letters without spaces the words that are known, and of the rest each two letters that stand together.
        Any other word as it is."""
        for part in self.unspaced.split(word):
            if part in self.known:
                if part not in self.filler:
                    yield from self.spelling.get(part, part).split()
                continue
            for run in _RUNS.findall(part):
                clusters = syllables(run) if _UNSPACED.match(run) else [run]
                if len(clusters) < 2:
                    yield run
                yield from map("".join, pairwise(clusters))
