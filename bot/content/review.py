"""What has to be checked again, and by when: the editor's list of work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.content.book import Book, Page
from bot.content.yaml_lines import Path_


@dataclass(frozen=True, order=True, slots=True)
class Due:
    """One page or number. section: as in the menus' addresses; place: the file's path and line of its review date."""

    due: date
    section: str
    name: str
    place: str
    reviewed: date


def add_months(day: date, months: int) -> date:
    """The same day, so many months later; the 28th where the month may be shorter; at most the last day there is."""
    year, month = divmod(day.month - 1 + months, 12)
    if day.year + year > date.max.year:
        return date.max
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, 28))


def all_due(book: Book) -> Iterator[Due]:
    """Every page and number with the day by which it has to be checked again."""
    for address, page in book.topics.items():
        topic, document = page.model, page.document
        line, _ = document.place(("reviewed",))
        due = add_months(topic.reviewed, topic.review_every)
        yield Due(due, address.partition("/")[0], address, f"{document.shown}:{line}", topic.reviewed)
    if book.hotlines:
        document = book.hotlines.document
        for name, hotline in book.hotlines.model.items():
            line, _ = document.place((name, "reviewed"))
            due = add_months(hotline.reviewed, hotline.review_every)
            yield Due(due, "hotlines", name, f"{document.shown}:{line}", hotline.reviewed)
    for place, path, reviewed, due, section in places_due(book):
        line, _ = place.document.place(path)
        name = f"{place.address}/{path[0]}" if path[1:] else "provinces"
        yield Due(due, section, name, f"{place.document.shown}:{line}", reviewed)
    for form, path, reviewed, due in forms_due(book):
        line, _ = form.document.place(path)
        yield Due(due, "form", form.address, f"{form.document.shown}:{line}", reviewed)


def forms_due(book: Book) -> Iterator[tuple[Page[Any], Path_, date, date]]:
    """Forms: page, place of the review date, that date, when due."""
    for key in sorted(book.forms):
        page = book.forms[key]
        yield page, ("reviewed",), page.model.reviewed, add_months(page.model.reviewed, page.model.review_every)


def places_due(book: Book) -> Iterator[tuple[Page[Any], Path_, date, date, str]]:
    """Services, gates and the list of provinces: page, place of the review date, that date, when due, section."""
    for province, page in sorted(book.services.items()):
        for key, service in page.model.items():
            due = add_months(service.reviewed, service.review_every)
            yield page, (key, "reviewed"), service.reviewed, due, f"services/{province}"
    if book.gates:
        for key, gate in book.gates.model.items():
            yield book.gates, (key, "reviewed"), gate.reviewed, add_months(gate.reviewed, gate.review_every), "gates"
    if book.provinces:
        model = book.provinces.model
        yield book.provinces, ("reviewed",), model.reviewed, add_months(model.reviewed, model.review_every), "places"


def review_list(book: Book, today: date, until: date) -> str:
    """What is due until a day, grouped by section, the first due first; what is overdue is marked."""
    lines = []
    entries = sorted(all_due(book))
    for section in sorted({entry.section for entry in entries}):
        wanted = [entry for entry in entries if entry.section == section and entry.due <= until]
        if wanted:
            lines += ["", f"{section}:"]
        for entry in wanted:
            mark = "OVERDUE since" if entry.due < today else "due"
            lines.append(f"  {mark:13} {entry.due}  {entry.name:32} last {entry.reviewed}  {entry.place}")
    later = sum(entry.due > until for entry in entries)
    return "\n".join([*lines, "", f"{later} more are due after {until}."]).lstrip()
