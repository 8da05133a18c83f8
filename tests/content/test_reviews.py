"""Review dates act: what is due is listed, what is overdue says so to the reader in their language, and numbers and help pages
that are a month late turn `check` red without taking anything from the people who need them.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.content.book import read_book
from bot.content.check import check_book
from bot.content.load import load, load_catalog
from bot.content.review import add_months, review_list

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
MASKS, NOW, HOTLINES = "content/topics/covid/masks.yaml", "content/topics/help/now.yaml", "content/hotlines.yaml"
ENTRY = re.compile(r"  (OVERDUE since|due) +(\d{4}-\d\d-\d\d)  (\S+) +last (\d{4}-\d\d-\d\d)  (\S+):(\d+)")


def reviewed(folder: Path, file: str, day: str, every: int = 6, *, entry: str = "") -> None:
    """Say when a page was last checked, and how often it has to be; of a file with several, that of an entry."""
    path = folder / file
    text = path.read_text("utf-8")
    start = text.index(f"\n{entry}:\n") if entry else 0
    changed = re.sub(r"reviewed: .*\n( *)review_every: .*", rf"reviewed: {day}\n\1review_every: {every}", text[start:], count=1)
    path.write_text(text[:start] + changed, "utf-8")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-21", 1, "2026-12-21"),
        ("2026-12-21", 1, "2027-01-21"),
        ("2026-01-01", 11, "2026-12-01"),
        ("2026-06-15", 18, "2027-12-15"),
        ("2026-11-21", 36, "2029-11-21"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-08-30", 6, "2027-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2025-12-31", 12, "2026-12-28"),
    ],
)
def test_months_later_is_the_same_day_or_one_that_every_month_has(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_the_review_list_has_every_page_and_number_once_by_section_and_day(content_copy: Path) -> None:
    reviewed(content_copy, MASKS, "2026-05-20")
    reviewed(content_copy, "content/topics/covid/spread.yaml", "2026-03-01")
    reviewed(content_copy, HOTLINES, "2026-08-20", 3, entry='"115"')
    book = read_book(content_copy / "content")

    text = review_list(book, TODAY, date(2099, 1, 1))

    parts = [part.splitlines() for part in text.split("\n\n")]
    sections, rest = parts[:-1], parts[-1]
    names = [heading.removesuffix(":") for heading, *_ in sections]
    topics = {address.partition("/")[0] for address in book.topics}
    assert names == sorted(
        {*topics, "form", "hotlines", "gates", "places", *(f"services/{province}" for province in book.services)}
    )
    rows = {name: [ENTRY.fullmatch(line) for line in lines] for name, (_, *lines) in zip(names, sections, strict=True)}
    listed = []
    for name, entries in rows.items():
        days = []
        for entry in entries:
            assert entry, name
            mark, due, what, last, file, line = entry.groups()
            assert (mark == "due") == (date.fromisoformat(due) >= TODAY)
            assert (content_copy / file).read_text("utf-8").splitlines()[int(line) - 1].strip() == f"reviewed: {last}"
            days.append(due)
            listed.append(what)
        assert days == sorted(days)
    assert book.hotlines
    services, gates = book.places.services, book.places.gates
    places = [
        "provinces",
        *(f"form/{key}" for key in book.forms),
        *(f"service/{key}" for key in services),
        *(f"gate/{key}" for key in gates),
    ]
    assert sorted(listed) == sorted([*book.topics, *book.hotlines.model, *places])
    first = {name: entries[0] for name, entries in rows.items()}
    assert first["covid"] and first["covid"].group(1, 2, 3) == ("OVERDUE since", "2026-09-01", "covid/spread")
    assert first["hotlines"] and first["hotlines"].group(1, 2, 3) == ("OVERDUE since", "2026-11-20", "115")
    assert rest == ["0 more are due after 2099-01-01."]


def test_what_is_due_later_is_only_counted(content_copy: Path) -> None:
    reviewed(content_copy, MASKS, "2026-05-21")
    book = read_book(content_copy / "content")
    assert book.hotlines
    text = review_list(book, TODAY, TODAY)
    assert text.splitlines()[0] == "covid:"
    assert [entry[3] for entry in ENTRY.finditer(text)] == ["covid/masks"]
    others = len(book.hotlines.model) + len(book.places.services) + len(book.places.gates) + len(book.forms) + 1
    assert text.endswith(f"\n{len(book.topics) + others - 1} more are due after 2026-11-21.")


def test_the_command_lists_what_is_overdue(
    content_copy: Path, at_home: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(content_copy, NOW, "2020-01-01", 1)
    at_home(content_copy)
    assert main(["review"]) == 0
    assert re.search(r"^help:\n  OVERDUE since +2020-02-01  help/now +last 2020-01-01", capsys.readouterr().out, re.MULTILINE)


def test_an_overdue_page_says_so_with_the_date_in_every_language(content_copy: Path) -> None:
    dates = {"vi": "5 tháng 1, 2025", "en": "January 5, 2025", "km": "5 មករា 2025", "lo": "5 ມັງກອນ 2025"}
    reviewed(content_copy, MASKS, "2025-01-05")

    loaded = load(content_copy / "content", content_copy / "locales", TODAY)

    assert loaded.catalog
    assert set(dates) == set(loaded.catalog.editions)
    for language, edition in loaded.catalog.editions.items():
        overdue = {
            address: block.text
            for address, screen in edition.screens.items()
            for block in screen.blocks
            if block.kind == "note" and "⏳" in block.text.plain
        }
        assert list(overdue) == ["covid/masks"], language
        note = overdue["covid/masks"]
        assert all(dates[language] in text for text in (note.plain, note.inline, note.web)), note
    line = (content_copy / MASKS).read_text("utf-8").splitlines().index("reviewed: 2025-01-05") + 1
    (told,) = [problem for problem in loaded.problems if problem.code == "overdue"]
    wanted = f"{MASKS}:{line}:11: warning: review was due on 2025-07-05; check the facts and set 'reviewed'"
    assert told.line_for_author() == wanted
    assert loaded.errors == []


@pytest.mark.parametrize(
    ("file", "entry", "level"),
    [(MASKS, "", "warning"), (NOW, "", "error"), (HOTLINES, '"115"', "error")],
    ids=["page", "help", "number"],
)
def test_a_month_after_the_due_day_help_and_numbers_are_errors(content_copy: Path, file: str, entry: str, level: str) -> None:
    reviewed(content_copy, file, "2026-06-10", 3, entry=entry)
    due = date(2026, 9, 10)
    book = read_book(content_copy / "content")

    def levels(today: date) -> list[str]:
        return [problem.level for problem in check_book(book, today) if problem.code == "overdue"]

    assert levels(due) == []
    assert levels(due + timedelta(days=1)) == ["warning"]
    assert levels(due + timedelta(days=30)) == ["warning"]
    assert levels(due + timedelta(days=31)) == [level]


def test_check_is_red_for_late_help_and_numbers_but_they_are_still_served(
    content_copy: Path, at_home: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(content_copy, NOW, "2020-01-01", 1)
    reviewed(content_copy, HOTLINES, "2020-01-01", 1, entry='"115"')
    at_home(content_copy)
    assert main(["check"]) == 1
    late = [line for line in capsys.readouterr().out.splitlines() if "review was due on 2020-02-01" in line]
    assert [line.partition(":")[0] for line in late] == [HOTLINES, NOW]
    assert not any("warning:" in line for line in late)

    catalog = load_catalog(content_copy / "content", content_copy / "locales", TODAY)
    for edition in catalog.editions.values():
        (calls,) = [block for block in edition.screens["help/now"].blocks if block.kind == "call"]
        assert "115 · " in calls.text.plain


def test_check_stays_green_for_any_other_page_that_is_late(
    content_copy: Path, at_home: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(content_copy, MASKS, "2020-01-01", 1)
    at_home(content_copy)
    assert main(["check"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{MASKS}:")]
    assert "warning: review was due on 2020-02-01" in line


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Lets the commands work on a folder, as the operator's variables do."""

    def settle(folder: Path) -> None:
        monkeypatch.setenv("BOT_CONTENT_DIR", str(folder / "content"))
        monkeypatch.setenv("BOT_LOCALES_DIR", str(folder / "locales"))

    return settle
