"""The directory as a table (CSV) for partners: one row a service, one column a field. Writes it, and reads what Excel and
LibreOffice make of it. Whether a row is right is decided elsewhere (import_services.py).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.content.place_models import Origin, Service
from bot.content.problems import nearest
from bot.content.service_fields import FIELDS, ORIGIN
from bot.content.sheet_problems import CellProblem
from bot.content.yaml_lines import Path_

SEPARATOR = " | "
# A cell with this alone takes a fact away; an empty cell says nothing, so that nothing is lost by accident.
CLEAR = "-"
_KEYS = ("id", "province")
_POSITION = ("latitude", "longitude")
_SOURCE = re.compile(rf"source([1-9]\d?)_({'|'.join(ORIGIN)})")
_FLAGS = {"true": True, "false": False}
_DECIMAL = re.compile(r"-?\d{1,3}([.,]\d+)?")
# What spreadsheets take for a number, a date or a formula and change without asking: 0969 851 616, 24/7, 2021-08, +84 ...
_CHANGED = re.compile(
    r"[=+\-@'\t\r].*|0\d.*|[\d ./:,()-]*[ /:,()-][\d ./:,()-]*|\d{10,}|[\d.]+e[+-]?\d+", re.DOTALL | re.IGNORECASE
)


@dataclass(slots=True)
class Row:
    """One service as the table says it, empty cells left out. number: of the row, as spreadsheets count.

    values: by field, as YAML would hold them, None where the fact is taken away; position: by "latitude" and "longitude";
    sources: by their number from 0. columns: the column (from 1) of what a path leads to.
    """

    number: int
    id: str = ""
    province: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[Path_, int] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """A table, read. header: the names of its columns."""

    shown: str
    header: Sequence[str] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)

    def problem(self, row: int, column: int, code: str, /, *, hint: str = "", **values: object) -> None:
        name = self.header[column - 1] if 0 < column <= len(self.header) else ""
        self.problems.append(CellProblem(self.shown, row, column, name, code, tuple(values.items()), hint))


def write_csv(services: Mapping[str, tuple[str, Service]]) -> str:
    """The table of services, each with its province, as `Places` holds them."""
    most = max((len(service.sources) for _, service in services.values()), default=1)
    header = [*_KEYS, *(column for name in FIELDS for column in _columns(name, most))]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, header, restval="")
    writer.writeheader()
    for key, (province, service) in services.items():
        row = {"id": key, "province": province}
        for name in FIELDS:
            row |= _cells(name, getattr(service, name))
        writer.writerow({column: _protected(column, text) for column, text in row.items()})
    return stream.getvalue()


def _columns(name: str, most: int) -> list[str]:
    if FIELDS[name] == "sources":
        return [f"source{number}_{part}" for number in range(1, most + 1) for part in ORIGIN]
    return list(_POSITION) if FIELDS[name] == "position" else [name]


def _cells(name: str, value: Any) -> dict[str, str]:
    """The cells of one field."""
    if value is None:
        return {}
    if FIELDS[name] == "sources":
        found = ((number, part, getattr(origin, part)) for number, origin in enumerate(value, 1) for part in ORIGIN)
        return {f"source{number}_{part}": str(said) for number, part, said in found if said is not None}
    if FIELDS[name] == "position":
        return dict(zip(_POSITION, map(repr, value), strict=True))
    if FIELDS[name] == "list":
        return {name: SEPARATOR.join(item.replace("\\", "\\\\").replace("|", "\\|") for item in value)}
    return {name: str(value).lower() if FIELDS[name] == "flag" else str(value)}


def _protected(column: str, text: str) -> str:
    """With a ' before what a spreadsheet would change: it is shown then, and kept as text."""
    return f"'{text}" if column not in _POSITION and _CHANGED.fullmatch(text) else text


def read_csv(text: str, shown: str = "services.csv") -> Sheet:
    """Read a table, its columns in any order. Whatever is wrong stands in `problems`; never raises."""
    sheet = Sheet(shown)
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    if said := re.fullmatch(r"\"?sep=(.)\"?\r?", first):  # a line for Excel, that Excel does not show
        text, delimiter = rest, said[1]
    else:
        delimiter = max(",;\t", key=first.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(records, 1):
            if number == 1:
                sheet.header = [_bare(name).strip().casefold() for name in record]
                _check_header(sheet)
            elif any(cell.strip() for cell in record):
                sheet.rows.append(_row(sheet, number, record))
    except csv.Error as error:
        sheet.problem(number + 1, 1, "csv", reason=str(error))
    if not sheet.rows and not sheet.problems:
        sheet.problem(1, 1, "no-rows")
    return sheet


def _known(name: str) -> bool:
    return name in {*_KEYS, *_POSITION, *FIELDS} - {"position", "sources"} or _SOURCE.fullmatch(name) is not None


def _check_header(sheet: Sheet) -> None:
    names = [*_KEYS, *(column for name in FIELDS for column in _columns(name, 1))]
    seen: set[str] = set()
    for column, name in enumerate(sheet.header, 1):
        if name and not _known(name):
            sheet.problem(1, column, "unknown-column", key=name, hint=nearest(name, {*names} - {*sheet.header}))
        elif name and name in seen:
            sheet.problem(1, column, "same-column", key=name)
        seen.add(name)
    if "id" not in seen:
        sheet.problem(1, 1, "missing-column", key="id")


def _bare(cell: str) -> str:
    """A cell without what only protected it from the spreadsheet."""
    return unicodedata.normalize("NFC", cell.strip().removeprefix("'"))


def _row(sheet: Sheet, number: int, record: Sequence[str]) -> Row:
    row = Row(number)
    for column, cell in enumerate(record, 1):
        name, text = sheet.header[column - 1] if column <= len(sheet.header) else "", _bare(cell)
        if name in _KEYS:
            setattr(row, name, text)
            row.columns[(name,)] = column
        elif text and not name:
            sheet.problem(number, column, "nameless-column")
        elif text and _known(name):
            _take(sheet, row, column, name, None if cell.strip() == CLEAR else text)
    _join_position(sheet, row)
    return row


def _take(sheet: Sheet, row: Row, column: int, name: str, text: str | None) -> None:
    """Note one cell in the row; None takes the fact away."""
    if source := _SOURCE.fullmatch(name):
        index = int(source[1]) - 1
        row.values.setdefault("sources", {}).setdefault(index, {})[source[2]] = text
        row.columns[("sources", index, source[2])] = column
        return
    if name in _POSITION:
        row.columns[("position", name)] = column
        if text is not None and not _DECIMAL.fullmatch(text):
            sheet.problem(row.number, column, "not-decimal", value=text)
        row.values.setdefault("position", {})[name] = text and text.replace(",", ".")
        return
    row.columns[(name,)] = column
    if text is None:
        row.values[name] = None
    elif FIELDS[name] == "flag":
        if text.casefold() not in _FLAGS:
            sheet.problem(row.number, column, "not-true-false")
        else:
            row.values[name] = _FLAGS[text.casefold()]
    else:
        row.values[name] = list(_items(text)) if FIELDS[name] == "list" else text


def _items(text: str) -> Iterator[str]:
    """The parts of a cell that holds several. A part that is protected on its own is laid bare too."""
    for part in re.findall(r"(?:[^|\\]|\\.|\\$)+", text, re.DOTALL):
        if item := re.sub(r"\\(.)", r"\1", part.strip(), flags=re.DOTALL):
            yield item


def _join_position(sheet: Sheet, row: Row) -> None:
    """Latitude and longitude are one fact: both are said, or both taken away."""
    if "position" not in row.values:
        return
    said = row.values.pop("position")
    one, other = (said.get(name, "") for name in _POSITION)
    column = min(row.columns[("position", name)] for name in said)
    row.columns[("position",)] = column
    if one is None and other is None:
        row.values["position"] = None
    elif not one or not other:
        sheet.problem(row.number, column, "half-position")
    elif _DECIMAL.fullmatch(one) and _DECIMAL.fullmatch(other):
        row.values["position"] = [float(one), float(other)]


def origins(said: Mapping[int, Mapping[str, str | None]], old: Sequence[Origin]) -> dict[int, dict[str, str]]:
    """By their number from 0: the sources that were there, with what the cells say. Without a title taken away, it goes."""
    found = {index: origin.model_dump(mode="json", exclude_none=True) for index, origin in enumerate(old)}
    for index, parts in sorted(said.items()):
        found[index] = {part: text for part, text in (found.get(index, {}) | dict(parts)).items() if text is not None}
        if parts.get("title", "") is None:
            del found[index]
    return found
