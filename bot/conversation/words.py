"""fold(): one spelling for everything that people type and that we compare with it; Words: what their spelling stands for."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Longer texts hold no command or title; reading the start of them keeps a turn fast whatever is sent.
LONGEST = 400

_ACCENTS = re.compile("[\u0300-\u036f]")  # Latin marks only: Khmer and Lao vowels are marks that carry meaning
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]")
_NOT_WORDS = re.compile(r"[\s!?.,;:…\"'`´‘’“”«»‹›()\[\]_*/\\|~–—-]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
# Scripts that are written without spaces between words: Thai and Lao, Khmer.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff]+")
# What the Telex and VNI keyboards leave in a word when they are switched off: doubled vowels, tone letters, digits.
_TELEX_VOWELS = re.compile(r"(aa|ee|oo|dd|aw|ow|uw|w)")
_TELEX_TONES = re.compile(r"(?<=[aeiouy])([a-z]*?)[sfrxj]")
_PIECE = 3


def fold(text: str) -> str:
    """Lower case, without Latin accents, punctuation, pictures, invisible characters; đ as d; digits of any script as 0-9.

    "Khẩu trang?" and "khau  trang" fold to the same text, in NFC or NFD. Never raises, whatever the text.
    """
    text = text[:LONGEST]
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text).casefold().replace("đ", "d")
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", _INVISIBLE.sub("", text)))
    if not text.isascii():
        text = "".join(map(_plain, text))
    text = _REPEATED.sub(r"\1", text)
    return unicodedata.normalize("NFC", _NOT_WORDS.sub(" ", text).strip())


def _plain(character: str) -> str:
    """A digit of another script as 0-9; pictures and other symbols as nothing."""
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character)[0] == "S" else character


def lower(text: str) -> str:
    """As fold(), but with accents: for comparing words that were typed with them. Tones that the south does not tell
    apart (hỏi, ngã) are one."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    text = unicodedata.normalize("NFD", _INVISIBLE.sub("", text)).replace("\u0303", "\u0309")
    return _NOT_WORDS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def has_accents(word: str) -> bool:
    """Was it typed with Vietnamese accents?"""
    return not word.isascii() and fold(word) not in ("", word)


def untangle(word: str) -> str:
    """A folded word without what the Telex or VNI keyboard left in it: "khaaru" -> "khau", "d9o62ng" -> "dong"."""
    if not word.isascii() or word.isdecimal():
        return word
    if any(map(str.isdigit, word)):
        return "".join(letter for letter in word if not letter.isdigit())
    plain = _TELEX_VOWELS.sub(lambda match: match[0][0].replace("w", "u"), word)
    return _TELEX_TONES.sub(r"\1", plain, count=1)


@dataclass(frozen=True, slots=True)
class Words:
    """What people's spelling stands for. All folded.

    spelling: abbreviation -> words. same: a word or phrase -> others for the same thing. filler: words that say nothing
    about what is wanted.
    """

    spelling: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filler: frozenset[str] = frozenset()

    def tokens(self, text: str) -> list[str]:
        """The words of a text, abbreviations spelled out; scripts without spaces cut into overlapping pieces."""
        found: list[str] = []
        for typed in lower(text).split():
            word = fold(typed)
            if word in self.spelling and (typed == word or typed in self.spelling):
                found += self.spelling[word].split()
            elif word.isascii():
                found += word.split()
            else:
                found += pieces(word)
        return found


def pieces(word: str) -> Iterable[str]:
    """Overlapping pieces of a run of letters without spaces; any other word as it is."""
    if not _UNSPACED.search(word):
        return [word]
    found: list[str] = []
    for run in re.findall(f"{_UNSPACED.pattern}|[^\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff]+", word):
        if _UNSPACED.fullmatch(run) and len(run) > _PIECE:
            found += [run[start : start + _PIECE] for start in range(len(run) - _PIECE + 1)]
        else:
            found.append(run)
    return found
