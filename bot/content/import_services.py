"""Takes a partner's table into content/services/: every row is checked as `check` checks the files, then all of it is written,
or nothing. What the table does not name stays as it is.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.content.book import Book, Page, read_book
from bot.content.check import check_book
from bot.content.faults import faults
from bot.content.phones import is_phone, tel
from bot.content.place_models import Service, Services
from bot.content.problems import ContentError, Problem, nearest
from bot.content.service_fields import FIELDS
from bot.content.services_csv import Row, Sheet, origins, read_csv
from bot.content.services_yaml import TOP, Edit, rewrite, top_of, write_file
from bot.content.sheet_problems import CellProblem
from bot.content.yaml_lines import Document, read
from bot.conversation import fold, is_address

COUNTRY = "VN"
_WHERE = ("id", "province")


@dataclass(frozen=True, slots=True)
class Change:
    """What the table makes of one entry. old: None if the entry is new."""

    province: str
    key: str
    old: Service | None
    new: Service

    @property
    def fields(self) -> list[str]:
        """The fields that changed; none for an entry that stays as it is. Of a new entry, those that it says."""
        return [name for name in FIELDS if getattr(self.old, name, None) != getattr(self.new, name)]


@dataclass(slots=True)
class Import:
    """What an import would do, or did. With problems there are no files. files: their new texts."""

    problems: list[CellProblem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)


def import_services(file: Path, folder: Path, today: date, *, dry_run: bool) -> Import:
    """Check the table and, unless it is a dry run, write the provinces that changed.

    Raises ContentError if the content itself has problems: on such ground nothing can be checked.
    """
    book = read_book(folder)
    if book.problems:
        raise ContentError(book.problems)
    try:
        sheet = read_csv(file.read_bytes().decode("utf-8-sig"), file.name)
    except UnicodeDecodeError:
        return Import([CellProblem(file.name, 1, 1, "", "encoding")])
    except OSError as error:
        return Import([CellProblem(file.name, 1, 1, "", "unreadable", (("reason", error.strerror),))])
    found = _plan(sheet, book, folder, today)
    if not dry_run:
        write_all(found.files)
    return found


def _plan(sheet: Sheet, book: Book, folder: Path, today: date) -> Import:
    rows = list(_placed(sheet, book))
    entries = {row.id: _entry(sheet, row, book) for row in rows}
    parts = {province: [row for row in rows if row.province == province] for province in {row.province: 0 for row in rows}}
    changes: list[Change] = []
    checked = replace(book, services=dict(book.services))
    for province, some in parts.items():
        document = _document(sheet, some, entries)
        model = _model(sheet, document, some)
        old = book.services[province].model if province in book.services else {}
        checked.services[province] = Page("service", document, {**old, **model})
        changes += [Change(province, key, old.get(key), service) for key, service in model.items()]
    _check(sheet, checked, today)
    if sheet.problems:
        return Import(sorted(dict.fromkeys(sheet.problems), key=lambda problem: (problem.row, problem.column, problem.code)))
    return Import([], changes, dict(_files(changes, book, folder)))


def _placed(sheet: Sheet, book: Book) -> Iterator[Row]:
    """The rows that have an id, each id once; without a province where that is wrong: the rest is checked all the same."""
    provinces = book.provinces.model.provinces if book.provinces else {}
    names = {fold(province.name): key for key, province in provinces.items()}
    known = {key: province for key, (province, _) in book.places.services.items()}
    taken: dict[str, int] = {}
    for row in sheet.rows:
        at_id, at_province = (row.columns.get((name,), 1) for name in _WHERE)
        home = known.get(row.id, "")
        said = names.get(fold(row.province), row.province)
        if not row.id:
            sheet.problem(row.number, at_id, "missing-key", key="id")
        elif not is_address(row.id) or "/" in row.id:
            sheet.problem(row.number, at_id, "bad-id", value=row.id)
        elif row.id in taken:
            sheet.problem(row.number, at_id, "same-id", value=row.id, first=taken[row.id])
        else:
            if not said and not home:
                sheet.problem(row.number, at_province, "missing-key", key="province")
            elif said and said not in provinces:
                hint = nearest(said, provinces)
                sheet.problem(row.number, at_province, "dead-link", hint=hint, where="province", address=row.province)
            elif home and said and said != home:
                sheet.problem(row.number, at_id, "moved", value=row.id, province=home)
            row.province = home or (said if said in provinces else "")
            yield row
        taken.setdefault(row.id, row.number)


def _entry(sheet: Sheet, row: Row, book: Book) -> dict[str, Any]:
    """The entry as YAML would hold it: as it was, and over it what the row says. Notes what only a person can mend."""
    old = book.places.services[row.id][1] if row.id in book.places.services else None
    entry = old.model_dump(mode="json", exclude_defaults=True) if old else {}
    for name, value in row.values.items():
        if name == "sources":
            found = origins(value, old.sources if old else ())
            entry[name] = list(found.values())
            for index, number in enumerate(found):
                for part in found[number]:
                    column = row.columns.get((name, number, part), 0)
                    row.columns |= {(name, index, part): column, (name, index): column} if column else {}
        elif value is None:
            entry.pop(name, None)
        else:
            entry[name] = value
    for name in ("phones", "phones_unverified"):
        for number in row.values.get(name) or ():
            if not is_phone(number, COUNTRY):
                sheet.problem(row.number, row.columns[(name,)], "bad-phone", number=number, country=COUNTRY)
            elif not number.startswith(("+", "0")) and tel(number, COUNTRY).startswith("tel:+"):
                sheet.problem(row.number, row.columns[(name,)], "lost-zero", value=number)
    return entry


def _document(sheet: Sheet, rows: Sequence[Row], entries: Mapping[str, dict[str, Any]]) -> Document:
    """The rows of a province as a document whose lines and columns are those of the table."""
    document = Document(sheet.shown, {row.id: entries[row.id] for row in rows})
    for row in rows:
        here = (row.number, row.columns.get(("id",), 1))
        document.keys[(row.id,)] = document.values[(row.id,)] = here
        for path, column in row.columns.items():
            document.values[(row.id, *path)] = document.keys[(row.id, *path)] = (row.number, column)
    return document


def _model(sheet: Sheet, document: Document, rows: Sequence[Row]) -> Services:
    """The rows as models; those that are none are left out, with their problems noted."""
    found: Services = {}
    for row in rows:
        part = replace(document, value={row.id: document.value[row.id]})
        try:
            found |= TypeAdapter(Services).validate_python(part.value)
        except ValidationError as error:
            for path, problem in faults(part, Services, error):
                missing = problem.code == "missing-key" and (name := _column(path[1:])) in sheet.header
                _note(sheet, replace(problem, column=list(sheet.header).index(name) + 1) if missing else problem)
    return found


def _column(path: Sequence[str | int]) -> str:
    """The name of the column in which a missing field would stand."""
    if path[0] != "sources":
        return str(path[0])
    return f"source{int(path[1]) + 1}_{path[2]}" if len(path) > 2 else "source1_title"


def _check(sheet: Sheet, book: Book, today: date) -> None:
    """What the rules of `check` say of the rows. What they say of other entries is not the table's fault."""
    for problem in check_book(book, today):
        if problem.path == sheet.shown and problem.line > 1 and problem.level == "error":
            _note(sheet, problem)


def _note(sheet: Sheet, problem: Problem) -> None:
    sheet.problem(problem.line, problem.column, problem.code, hint=problem.hint, **dict(problem.values))


def _files(changes: Sequence[Change], book: Book, folder: Path) -> Iterator[tuple[Path, str]]:
    """The new texts of the files that change. Each is read again before anything is written: it says what was meant."""
    for province in {change.province: 0 for change in changes if change.fields}:
        file = folder / "services" / f"{province}.yaml"
        edits = {c.key: Edit(c.key, c.old, c.new) for c in changes if c.province == province and c.fields}
        old: Services = book.services[province].model if file.exists() else {}
        wanted = {**old, **{key: edit.new for key, edit in edits.items()}}
        if not file.exists():
            yield file, write_file(wanted)
            continue
        with file.open(encoding="utf-8", newline="") as stream:
            before = stream.read()
        text = rewrite(before, book.services[province].document, edits)
        yield file, text if _says(text, wanted) else write_file(wanted, top_of(before) or TOP)


def _says(text: str, wanted: Services) -> bool:
    """Does our reader find exactly these services in it, in this order?"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "services.yaml"
        file.write_text(text, "utf-8", newline="")
        document = read(file, file.name)
    try:
        found = TypeAdapter(Services).validate_python(document.value)
    except ValidationError:
        return False
    return not document.problems and list(found.items()) == list(wanted.items())


def write_all(files: Mapping[Path, str]) -> None:
    """Write all beside their places first, then put each in its place: after a crash a file is old or new, never half."""
    drafts: list[tuple[Path, Path]] = []
    try:
        for file, text in files.items():
            handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
            drafts.append((Path(name), file))
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        for draft, file in drafts:
            draft.replace(file)
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)
