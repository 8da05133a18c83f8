"""Numbers that leave the house: small ones are hidden, and no cell can be run as a formula.

A count from 1 to 4 could point to somebody, so "<5" stands for it. Where the total is known, one hidden part could be found by
subtraction: then the next smallest parts are hidden as well ("*"), until no hidden number is left that could be only one.
"""

import csv
from collections.abc import Collection, Iterable, Sequence
from io import StringIO
from math import inf

# The smallest count that is shown.
LEAST = 5
FEW = f"<{LEAST}"
HIDDEN = "*"
# What makes a spreadsheet read a cell as a formula, in its full width too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

Shown = int | str


def is_small(count: int) -> bool:
    return 0 < count < LEAST


def shown(count: int) -> Shown:
    """A count of which no total is known."""
    return FEW if is_small(count) else count


def hide(parts: Sequence[int], *, last: Collection[int] = (), never: Collection[int] = ()) -> list[Shown]:
    """The parts of a whole that is known.

    last: places that are hidden besides only when nothing else is left. never: places that must not be told at all, because
    another table would give a hidden number away.
    """
    hidden = {place for place, count in enumerate(parts) if is_small(count)} | set(never)
    waiting = sorted(
        (place for place, count in enumerate(parts) if count and place not in hidden),
        key=lambda place: (place in last, parts[place], place),
    )
    chosen: list[int] = []

    def bounds(place: int) -> tuple[float, float]:
        """What somebody knows of a hidden number who knows these rules."""
        if place in never:
            return 0, inf
        if place not in chosen:
            return 1, LEAST - 1
        return LEAST, min((parts[it] - (it < place) for it in waiting if (it in last) == (place in last)), default=inf)

    def is_told(place: int) -> bool:
        """Could a hidden number be only one, since the total is known?"""
        others = [bounds(other) for other in hidden if other != place]
        low, high = bounds(place)
        rest = sum(parts[other] for other in hidden)
        return min(high, rest - sum(one for one, _ in others)) <= max(low, rest - sum(most for _, most in others))

    while waiting and any(map(is_told, hidden)):
        chosen.append(waiting.pop(0))
        hidden.add(chosen[-1])
    if hidden and not waiting:  # nothing but noughts is left: which of the others are small must not be told either
        return [HIDDEN if count or place in never else 0 for place, count in enumerate(parts)]
    return [HIDDEN if place in (*chosen, *never) else shown(count) for place, count in enumerate(parts)]


def csv_text(rows: Iterable[Sequence[Shown]], *, for_people: bool = False) -> str:
    """Rows as CSV. for_people: with the mark that makes spreadsheets read Vietnamese letters as they are."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if isinstance(cell, int) else harmless(cell) for cell in row])
    return ("\ufeff" if for_people else "") + text.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
