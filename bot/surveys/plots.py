"""Bars as SVG, without a library, a script or a colour of their own: the style of the page decides. The numbers stand beside
them in a table, so that nobody needs the picture."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

ROW, BAR, TOP = 24, 14, 4
MARK, LENGTH, NUMBER = 34, 230, 56
WIDTH = MARK + LENGTH + NUMBER


class Bar(NamedTuple):
    """mark: the same as in the table. size: 0..1 of the longest that could be; None where the number is hidden."""

    mark: str
    size: float | None
    number: str


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    """A bar a row. title: what a screen reader says instead."""
    height = TOP * 2 + ROW * len(rows)
    lines = [
        Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">').format(WIDTH, height, title),
        Markup('<line class="axis" x1="{0}" y1="0" x2="{0}" y2="{1}"/>').format(MARK, height),
    ]
    for place, row in enumerate(rows):
        y = TOP + ROW * place
        middle = y + ROW // 2 + 4
        lines.append(Markup('<text class="mark" x="{}" y="{}">{}</text>').format(MARK - 8, middle, row.mark))
        length = round(LENGTH * min(1.0, row.size), 1) if row.size is not None else 0
        if length:
            lines.append(_bar(y + (ROW - BAR) // 2, length))
        lines.append(Markup('<text x="{}" y="{}">{}</text>').format(MARK + length + 6, middle, row.number))
    return Markup("\n").join([*lines, Markup("</svg>")])


def _bar(y: int, length: float) -> Markup:
    return Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(MARK, y, length, BAR)
