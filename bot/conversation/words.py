"""fold(): one spelling for everything that people type and that we compare with it."""

import re
import unicodedata

# Longer texts hold no command or title; folding the start of them keeps a turn fast whatever is sent.
LONGEST = 400

_ACCENTS = re.compile("[\u0300-\u036f]")  # Latin marks only: Khmer and Lao vowels are marks that carry meaning
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]")
_NOT_WORDS = re.compile(r"[\s!?.,;:…\"'`´‘’“”«»‹›()\[\]_*–—-]+")


def _plain(character: str) -> str:
    """A digit of another script as 0-9; pictures and other symbols as nothing."""
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character)[0] == "S" else character


def fold(text: str) -> str:
    """Lower case, without Latin accents, punctuation, pictures, invisible characters; đ as d; digits of any script as 0-9.

    "Khẩu trang?" and "khau  trang" fold to the same text, in NFC or NFD. Never raises, whatever the text.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("đ", "d")
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", _INVISIBLE.sub("", text)))
    if not text.isascii():
        text = "".join(map(_plain, text))
    return unicodedata.normalize("NFC", _NOT_WORDS.sub(" ", text).strip())
