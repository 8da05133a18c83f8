"""Surveys: sheets and report from a real database. Small groups are hidden and nobody is in any file."""

import csv
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from bot.conversation import Answered, Catalog, Ending, Form, Option, Question, Session
from bot.settings import SettingsError
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.reading import Filled
from bot.surveys import Survey, dictionary, read_survey, report, sheets
from bot.surveys.left import Stop, stops
from bot.surveys.sheets import Asked, Sheet, Words, survey
from tests.app.random_sheets import SURVEY, visits

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)
FORM = Form("s", True, {"a": Question({"x": Option("X"), "y": Option("Y")}, skip=True)}, {"end": Ending(0)})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}", b"k" * 32)
    await migrate(store.engine)
    yield store
    await store.close()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def filled(catalog: Catalog, *groups: tuple[int, date, dict[str, str]]) -> Survey:
    """A survey with so many equal sheets of each kind."""
    given = [Filled(day, answers) for times, day, answers in groups for _ in range(times)]
    return survey(catalog, SURVEY, given, {})


def small(*groups: tuple[int, str]) -> Survey:
    """A survey of one question."""
    asked = Asked("a", Words("<A> & ?"), "one", {"x": Words("<b>X</b>", "=X"), "y": Words("Y")})
    given = tuple(Sheet("2026-11", {"a": (said,)}) for times, said in groups for _ in range(times))
    return Survey("s", Words("<script>", "T"), (asked,), given, {}, FORM, "vi")


def places(found: Survey) -> Counter[tuple[str, str]]:
    return Counter((row["month"], row["province"]) for row in rows(sheets(found)))


async def test_each_person_counts_once_and_is_in_no_file(store: SqlStore, catalog: Catalog) -> None:
    said = (("who", "inside"), ("province", "tay-ninh"), ("gender", "woman"))
    for person in map(str, range(9000, 9006)):
        for revision in (0, 1):
            await store.save("telegram", person, Session("vi"), revision, [Answered(NOVEMBER, SURVEY, "vi", said)])
    found = await read_survey(store.engine, catalog, SURVEY)
    exported = sheets(found) + dictionary(found) + report(found)

    assert len(found.sheets) == len(rows(sheets(found))) == 6
    assert rows(sheets(found))[0] | {"month": "2026-11", "province": "tay-ninh", "gender": "woman"} == rows(sheets(found))[0]
    assert "2026-11-01" not in exported, "months, not days"
    for person in map(str, range(9000, 9006)):
        assert person not in exported
        assert store.person("telegram", person) not in exported


async def test_what_is_no_survey_is_said_with_those_that_are(store: SqlStore, catalog: Catalog) -> None:
    with pytest.raises(SettingsError, match=r"ID: 'covid-check' is no survey; allowed: access-survey"):
        await read_survey(store.engine, catalog, "covid-check")


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (5, {("2026-10", "an-giang"): 5, ("2026-11", "an-giang"): 9}),
        (4, {("*", "an-giang"): 13}),  # one month alone cannot be hidden: it could be found by subtraction
    ],
)
def test_a_month_with_fewer_than_five_sheets_is_hidden(catalog: Catalog, times: int, told: dict[tuple[str, str], int]) -> None:
    here = {"province": "an-giang"}
    assert places(filled(catalog, (times, OCTOBER, here), (9, NOVEMBER, here))) == told


def test_first_the_month_of_a_small_group_is_hidden_then_its_province(catalog: Catalog) -> None:
    found = filled(
        catalog,
        (5, OCTOBER, {"province": "an-giang"}),
        (4, OCTOBER, {"province": "tay-ninh"}),
        (4, NOVEMBER, {"province": "tay-ninh"}),
        (6, NOVEMBER, {"province": "ha-noi"}),
        (3, OCTOBER, {"province": "ha-noi"}),
        (1, OCTOBER, {"province": "hue"}),
        (9, NOVEMBER, {"province": "hue"}),
    )
    told = places(found)

    assert (
        told
        == {
            ("2026-10", "an-giang"): 5,
            ("*", "tay-ninh"): 8,
            ("2026-11", "hue"): 9,
            ("2026-11", "ha-noi"): 6,
            ("*", "*"): 4,
        }
        or min(told.values()) >= 5
    )
    assert min(told.values()) >= 5, "what is hidden last takes others with it"


def test_fewer_than_five_sheets_give_no_rows_and_no_numbers(catalog: Catalog) -> None:
    four, five = (filled(catalog, (times, NOVEMBER, {"who": "inside"})) for times in (4, 5))

    assert rows(sheets(four)) == []
    assert len(rows(sheets(five))) == 5
    assert "Chưa đủ phiếu" in report(four)
    assert "<table" not in report(four)
    assert "Chưa đủ phiếu" not in report(five)


@pytest.mark.parametrize(("times", "told"), [(5, {"x": 5, "y": 20}), (4, {"*": 24})])
def test_an_answer_that_fewer_than_five_gave_is_hidden_with_the_next(times: int, told: dict[str, int]) -> None:
    assert Counter(row["a"] for row in rows(sheets(small((times, "x"), (20, "y"))))) == told


def test_a_question_that_a_hidden_answer_led_to_is_hidden_in_the_same_row(catalog: Catalog) -> None:
    ill, well = {"ill": "badly", "first": "hospital"}, {"ill": "no"}
    found = filled(catalog, (3, NOVEMBER, ill), (30, NOVEMBER, well), (40, NOVEMBER, {"ill": "little", "first": "hospital"}))
    told = Counter((row["ill"], row["first"]) for row in rows(sheets(found)))

    assert all(first == "*" for answer, first in told if answer == "*"), "whether it was asked would tell the answer"


def test_answers_that_no_edition_knows_any_more_are_kept(catalog: Catalog) -> None:
    found = filled(
        catalog, (5, NOVEMBER, {"who": "nomad", "pet": "cat"}), (5, NOVEMBER, {"who": "inside", "hard": "far,price"})
    )
    told = rows(sheets(found))

    assert {(row["who"], row["pet"], row["hard"]) for row in told} == {("nomad", "cat", ""), ("inside", "", "price;far")}
    assert ("who", "nomad") in {(row["column"], row["value"]) for row in rows(dictionary(found))}
    assert "pet" in report(found)


def test_the_rows_are_in_no_order_of_time_and_the_same_every_time(catalog: Catalog) -> None:
    one = filled(catalog, (7, NOVEMBER, {"who": "inside"}), (9, OCTOBER, {"who": "foreign"}))
    other = filled(catalog, (9, OCTOBER, {"who": "foreign"}), (7, NOVEMBER, {"who": "inside"}))

    assert sheets(one) == sheets(other)
    assert report(one) == report(other)


def test_the_dictionary_says_every_column_every_option_and_every_rule(catalog: Catalog) -> None:
    found = filled(catalog, (5, NOVEMBER, {"province": "hue"}))
    said = rows(dictionary(found))
    columns = sheets(found).splitlines()[0].split(",")

    assert [row["column"] for row in said if row["kind"] in ("month", "province", "one", "several")] == columns
    by = {(row["column"], row["value"]): row for row in said}
    assert by["gender", "woman"] == {"column": "gender", "value": "woman", "kind": "option", "vi": "Nữ", "en": "Woman"}
    assert {value for column, value in by if column == "(all columns)"} == {"skip", "(empty)", "*"}
    assert sum(row["kind"] == "rule" for row in said) == 3
    assert len([key for key in by if key[0] == "province"]) == 35


def test_texts_are_escaped_and_formulas_are_not_run() -> None:
    page = report(small((5, "x"), (9, "y")))

    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "&lt;b&gt;X&lt;/b&gt;" in page
    assert "<b>X" not in page
    assert "'=X" in dictionary(small((5, "x"), (9, "y")))


def test_the_report_needs_nothing_from_anywhere(catalog: Catalog) -> None:
    page = report(filled(catalog, (5, NOVEMBER, {"who": "inside"})))
    for needs in ("<script", "<link", "<img", "url(", "@import", "http://", "https://", "src=", "href="):
        assert needs not in page


def test_the_report_tells_the_base_what_was_left_out_and_no_small_number(catalog: Catalog) -> None:
    page = report(small((30, "x"), (10, "y"), (10, "skip")))
    assert "n = 40" in page
    assert "75 %" in page
    assert "25 %" in page

    page = report(small((30, "x"), (20, "y"), (3, "skip")))
    assert "n = 49–52" in page, "who were left out cannot be counted by subtraction"
    assert "&lt;5" in page
    assert ">50<" not in page
    assert ">20<" not in page


def test_where_people_stopped_is_told_in_groups_of_five_or_more() -> None:
    asked = {
        "a": Question({"on": Option("On")}),
        "b": Question({"on": Option("On"), "out": Option("Out", "out"), "aside": Option("Aside", "c")}, to="d"),
        "c": Question({"on": Option("On")}),
        "d": Question({"on": Option("On")}),
    }
    form = Form("f", True, asked, {"end": Ending(0), "out": Ending()})

    assert stops(form, {"a": 100, "b": 95, "c": 40, "d": 80, "end": 80, "out": 10}) == [
        Stop("a", 100, 0, 0),
        Stop("b", 95, 5, 0),
        Stop("d", 80, 15, 10),
        Stop("", 80, 0, 0),
    ]
    assert stops(form, {"a": 100, "b": 96, "d": 80, "end": 78, "out": 13}) == [
        Stop("a", 100, 0, 0),
        Stop("b", "*", "*", "*"),
        Stop("d", "*", "*", "*"),
        Stop("", 78, 22, 13),
    ]
    assert stops(form, {"a": 3, "b": 2}) == [
        Stop("a", "<5", 0, 0),
        Stop("b", "*", "*", "*"),
        Stop("d", "*", "*", "*"),
        Stop("", "*", "*", "*"),
    ]
    assert stops(form, {})[0] == Stop("a", 0, 0, 0)


async def test_two_hundred_people_who_tap_anything_make_files_without_small_groups(store: SqlStore, catalog: Catalog) -> None:
    for number, records in enumerate(visits(catalog, 200)):
        await store.save("zalo_bot", str(number), Session("vi"), 0, records)
    found = await read_survey(store.engine, catalog, SURVEY)
    told = rows(sheets(found))

    assert len(found.sheets) == len(told) == 200
    assert min(places(found).values()) >= 5
    for column in found.asked:
        if column.key != found.province:
            sizes = Counter(part for row in told for part in row[column.key].split(";"))
            assert min(sizes.values()) >= 5 or column.kind == "several" or sizes["*"], column.key
    assert found.reached["thanks"] == 200
    assert report(found) == report(await read_survey(store.engine, catalog, SURVEY))
