"""Names of provinces (old and new), towns, border gates and countries -> which place is meant. Typing errors are forgiven,
but never so that a wrong place is taken silently: what may be two places is asked back."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from bot.conversation.words import fold, lower, untangle

# A name of so many letters may hold one typing error; shorter ones with an error are too many others.
SHORTEST_MENDED = 3
# One-letter errors in names of districts: there are too many short ones.
SHORTEST_DISTRICT = 6
# No place name has more words ("bà rịa vũng tàu", "cửa khẩu quốc tế lệ thanh" without its first words).
MOST_WORDS = 5
# What stands before and after a name and does not belong to it, folded.
_GATE = re.compile(r"^(cua khau( quoc te| quoc gia| chinh| phu)?|ck) | (international )?(border gate|border|gate)$")
_KIND = re.compile(
    "^(o|tai|tinh|thanh pho|tp|thi xa|tx|huyen|quan|thi tran|xa|phuong|province of|city of|the|in|at|from) "
    "| (province|city|district)$"
)
# Words after which a name may be expected in a sentence.
_BEFORE = frozenset(
    ("o", "tai", "den", "ve", "tu", "qua", "sang", "tinh", "pho", "tp", "xa", "tx", "huyen", "quan", "khau", "ck")
)
_BEFORE |= {"vung", "khu", "gan", "ben", "in", "at", "to", "from", "near", "of"}
# The same in Lao and Khmer, which write no spaces before them; and what says that a border gate is meant.
_ENDS = ("ຢູ່", "ໄປ", "ແຂວງ", "ເມືອງ", "នៅ", "ទៅ", "ពី", "ខេត្ត")
_GATE_ENDS, _GATE_AFTER = ("ດ່ານ", "ດ່ານສາກົນ", "ຊາຍແດນ", "ច្រក", "ច្រកទ្វារ", "ព្រំដែន"), ("border", "gate", "checkpoint")

Rank = Literal["province", "town", "district", "gate", "country"]


class Named(NamedTuple):
    """A place. address: of its screen. name: as it is written. rank: provinces, old ones too, are meant before lesser places
    of the same name. alone: without accents it reads like ordinary words, so inside a sentence it counts only with them."""

    address: str
    name: str
    rank: Rank
    alone: bool = False


Places = tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Built once. known: name without spaces -> places. near: a name, or it with a letter left out -> names."""

    known: Mapping[str, Sequence[Named]]
    near: Mapping[str, Sequence[str]]


def build(places: Iterable[Named]) -> Names:
    """Index the names. The same name may stand for several places."""
    known: dict[str, list[Named]] = defaultdict(list)
    for place in places:
        listed = known[fold(place.name).replace(" ", "")]
        if all(place.address != other.address for other in listed):
            listed.append(place)
    near: dict[str, list[str]] = defaultdict(list)
    for key, listed in known.items():
        if len(key) >= (SHORTEST_DISTRICT if all(place.rank == "district" for place in listed) else SHORTEST_MENDED):
            for shorter in {key, *_shorter(key)}:
                near[shorter].append(key)
    return Names(known, near)


def find(names: Names, text: str) -> Places:
    """The places that a text names and nothing else: one if it is clear, several to choose from, none."""
    typed = fold(text)
    folded = " ".join(map(untangle, typed.split()))
    bare = next((rest for way in (typed, folded) if (rest := _GATE.sub("", way)) != way), folded)
    gate = bare not in (typed, folded)
    parts = [part.split() for part in dict.fromkeys((typed, bare, _KIND.sub("", _KIND.sub("", bare))))]
    # A name as it is written goes before one that is mended; what says its kind is first taken for a part of it:
    # "quan binh" is Quảng Bình with an error, and no district ("quận") of a name like Vinh.
    for mend in (False, True):
        for words in parts:
            if 0 < len(words) <= MOST_WORDS and (found := _look(names, words, lower(text), mend=mend, gate=gate)):
                return found
    return ()


def find_within(names: Names, text: str) -> tuple[Places, str]:
    """The longest name inside a sentence, and the folded sentence without it. Ordinary words read like names when accents
    are left out, so there has to be a sign that a place is meant."""
    words, typed = fold(text).split(), lower(text).split()
    if len(words) != len(typed):
        typed = words
    for size in range(min(MOST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            part, end = words[start : start + size], start + size
            shown = " ".join(typed[start:end])
            before = words[start - 1] if start else ""
            gate = before.endswith(_GATE_ENDS) or words[max(0, start - 2) : start] == ["cua", "khau"]
            gate = gate or before == "ck" or " ".join(words[end : end + 1]) in _GATE_AFTER
            sign = end == len(words) or before in _BEFORE or before.endswith((*_ENDS, *_GATE_ENDS))
            mend = sign and size > 1 and sum(map(len, part)) > SHORTEST_DISTRICT
            found = tuple(
                place
                for place in _look(names, part, shown, mend=mend, gate=gate)
                if _is_meant(place, shown, sign=sign, first=start == 0, gate=gate)
                and not (place.rank == "district" and _is_mended(place, part))
            )
            if found:
                return found, " ".join(words[:start] + words[end:])
    return (), " ".join(words)


def _is_meant(place: Named, typed: str, *, sign: bool, first: bool, gate: bool) -> bool:
    if not typed.isascii():
        # "chủ" (an employer) and "Chũ" (a town) are one where hỏi and ngã are
        return _marks(typed) == _marks(lower(place.name)) and not (place.alone and " " not in typed)
    if place.alone or (place.rank == "gate" and not gate):
        return False
    return sign or place.rank == "country" or (first and place.rank == "province")


def _is_mended(place: Named, words: Sequence[str]) -> bool:
    """In a sentence, names of districts are not mended: "phong tro" (a rented room) is not Phong Thổ."""
    return fold(place.name).replace(" ", "") not in ("".join(words), "".join(map(untangle, words)))


def _look(names: Names, words: Sequence[str], typed: str, *, mend: bool, gate: bool) -> Places:
    keys = dict.fromkeys(("".join(words), "".join(map(untangle, words))))
    for key in keys:
        if exact := names.known.get(key, ()):
            places = _first(_accented(exact, typed), gate=gate)
            if mend and all(place.rank == "district" for place in exact):
                # A province that is one letter away is more likely than a district of this name.
                places = [*places, *(place for place in _mended(names, key) if place.rank != "district")]
            return _each(places)
    for key in keys if mend else ():
        if near := _mended(names, key):
            return _each(_first(near, gate=gate) if len({place.name for place in near}) == 1 else near)
    return ()


def _first(places: Sequence[Named], *, gate: bool) -> list[Named]:
    """Of places with the same name: the gate if one was asked for, else provinces before all others."""
    gates = [place for place in places if place.rank == "gate"]
    if gate and gates:
        return gates
    provinces = [place for place in places if place.rank == "province"]
    return provinces or list(places)


def _each(places: Iterable[Named]) -> Places:
    return tuple({place.address: place for place in reversed([*places])}.values())[::-1]


def _mended(names: Names, key: str) -> list[Named]:
    """Places whose name is one letter away."""
    keys = {near for shorter in (key, *_shorter(key)) for near in names.near.get(shorter, ())}
    near = sorted(name for name in keys if OSA.distance(name, key, score_cutoff=1) <= 1)
    return [place for name in near for place in names.known[name]]


def _accented(places: Sequence[Named], typed: str) -> Sequence[Named]:
    """Of several places with the same letters, those whose accents were typed."""
    if typed.isascii() or len(places) < 2:
        return places
    marks = _marks(typed)
    return [place for place in places if _marks(lower(place.name)) == marks] or places


def _marks(text: str) -> list[str]:
    """The accents of a text in alphabetical order: on which vowel the tone stands is a matter of taste."""
    return sorted(letter for letter in unicodedata.normalize("NFD", text) if letter == "đ" or "\u0300" <= letter <= "\u036f")


def _shorter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]
