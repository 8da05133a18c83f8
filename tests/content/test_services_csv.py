"""The table for partners: what we write comes back as it was, also after a spreadsheet has saved it, and what is wrong with a
table is said with its row, column and cell.
"""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.place_models import Origin, Service
from bot.content.service_fields import FIELDS
from bot.content.services_csv import Sheet, origins, read_csv, write_csv
from bot.content.sheet_problems import cell_name
from tests.content.odd_services import DIRECTORIES, SHIPPED, Directory


def entries(sheet: Sheet) -> Directory:
    """The services of a table that says everything."""
    assert [problem.line_for_author() for problem in sheet.problems] == []
    found = {}
    for row in sheet.rows:
        values = dict(row.values)
        values["sources"] = list(origins(values["sources"], ()).values())
        found[row.id] = (row.province, Service.model_validate(values))
    return found


def shuffled(text: str, delimiter: str = ",", seed: int = 1) -> str:
    """The same table with its columns in another order, and other separators, as a spreadsheet may save it."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([row[column] for column in order] for row in rows)
    return stream.getvalue()


def test_there_is_a_column_for_every_field_of_a_service() -> None:
    header = next(csv.reader(io.StringIO(write_csv(SHIPPED), newline="")))
    assert set(FIELDS) - {"position", "sources"} | {"id", "province", "latitude", "longitude"} < set(header)
    assert len(header) == len(set(header))


def test_the_shipped_services_come_back_as_they_were() -> None:
    assert len(SHIPPED) >= 168
    found = entries(read_csv(write_csv(SHIPPED)))
    assert found == SHIPPED
    assert list(found) == list(SHIPPED)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_order_of_columns_separator_and_byte_order_mark_do_not_matter(delimiter: str, mark: str) -> None:
    assert entries(read_csv(mark + shuffled(write_csv(SHIPPED), delimiter))) == SHIPPED


def test_the_line_that_tells_excel_the_separator_is_no_row() -> None:
    sheet = read_csv("sep=;\r\nid;nam\r\nmot;Một\r\n")
    assert [problem.line_for_author() for problem in sheet.problems] == [
        "services.csv: row 1, nam (B1): unknown column 'nam'; did you mean 'name'?"
    ]


@given(DIRECTORIES, st.sampled_from(",;\t"))
@settings(max_examples=80, deadline=None)
def test_whatever_stands_in_a_field_comes_back(services: Directory, delimiter: str) -> None:
    assert entries(read_csv(shuffled(write_csv(services), delimiter))) == services


@pytest.mark.parametrize(
    "text",
    [
        "0969 851 616",
        "+84 24 6273 8532",
        "1900 1234",
        "24/7",
        "2021-08",
        "2026-11-21",
        "=HYPERLINK(1)",
        "@a",
        "-5",
        "'x",
        "1e5",
        "0123",
    ],
)
def test_what_a_spreadsheet_would_change_is_marked_as_text(text: str) -> None:
    service = SHIPPED["hanoi-bachmai"][1].model_copy(update={"note": text})
    (row,) = csv.DictReader(io.StringIO(write_csv({"mot": ("ha-noi", service)}), newline=""))
    assert row["note"] == f"'{text}"
    assert read_csv(write_csv({"mot": ("ha-noi", service)})).rows[0].values["note"] == text


@pytest.mark.parametrize("text", ["Bệnh viện Bạch Mai", "1022", "21.00181", "medium", "3", "108 Trần Hưng Đạo", "http://a.vn"])
def test_what_no_spreadsheet_changes_is_written_as_it_is(text: str) -> None:
    service = SHIPPED["hanoi-bachmai"][1].model_copy(update={"note": text})
    (row,) = csv.DictReader(io.StringIO(write_csv({"mot": ("ha-noi", service)}), newline=""))
    assert row["note"] == text


def test_a_row_says_only_what_stands_in_it() -> None:
    sheet = read_csv('phones,id,free,latitude,longitude,note\n\'0969 851 616 | 115,mot,TRUE,"21,5",105.8,-\n,hai,,,,\n')
    first, second = sheet.rows
    assert first.values == {"phones": ["0969 851 616", "115"], "free": True, "position": [21.5, 105.8], "note": None}
    assert second.values == {}
    assert (first.number, second.number) == (2, 3)
    assert not sheet.problems


def test_sources_are_filled_in_one_by_one() -> None:
    old = (Origin(title="Một", date="2020"), Origin(title="Hai"))
    assert list(origins({1: {"url": "https://a.vn"}, 2: {"title": "Ba"}}, old).values()) == [
        {"title": "Một", "date": "2020"},
        {"title": "Hai", "url": "https://a.vn"},
        {"title": "Ba"},
    ]
    assert list(origins({0: {"title": None}}, old).values()) == [{"title": "Hai"}]
    assert list(origins({0: {"date": None}}, old).values()) == [{"title": "Một"}, {"title": "Hai"}]


BAD_TABLES = [
    ("", ["services.csv: row 1, ? (A1): no row below the names of the columns"]),
    ("id,name\r\n", ["services.csv: row 1, id (A1): no row below the names of the columns"]),
    ("name\nMột\n", ["services.csv: row 1, name (A1): column 'id' is missing"]),
    ("id,phone\nmot,115\n", ["services.csv: row 1, phone (B1): unknown column 'phone'; did you mean 'phones'?"]),
    (
        "id,source1_titel\nmot,x\n",
        ["services.csv: row 1, source1_titel (B1): unknown column 'source1_titel'; did you mean 'source1_title'?"],
    ),
    ("id,name,name\nmot,a,b\n", ["services.csv: row 1, name (C1): column 'name' stands there twice"]),
    ("id,\nmot,a\n", ["services.csv: row 2, ? (B2): this cell stands in a column without a name"]),
    ("id\nmot,,a\n", ["services.csv: row 2, ? (C2): this cell stands in a column without a name"]),
    ('id,name\nmot,"a\n', ["services.csv: row 2, id (A2): not a table that can be read: unexpected end of data"]),
    (
        "id,free,latitude,longitude\nmot,có,x,105\n\nhai,yes,21.5,\n",
        [
            "services.csv: row 2, free (B2): must be true or false",
            "services.csv: row 2, latitude (C2): 'x' is not a number such as 21.00181",
            "services.csv: row 4, free (B4): must be true or false",
            "services.csv: row 4, latitude (C4): a position needs both latitude and longitude",
        ],
    ),
]


@pytest.mark.parametrize(("text", "lines"), BAD_TABLES)
def test_what_is_wrong_with_a_table_is_said_with_its_cell(text: str, lines: list[str]) -> None:
    assert [problem.line_for_author() for problem in read_csv(text).problems] == lines


def test_rows_are_counted_as_spreadsheets_count_them() -> None:
    sheet = read_csv('id,note,free\nmot,"hai\ndòng",\n\nhai,,có\n')
    assert [problem.line_for_author("vi") for problem in sheet.problems] == [
        "services.csv: dòng 4, cột free (C4): phải là true hoặc false"
    ]


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A12"), (26, "Z12"), (27, "AA12"), (52, "AZ12"), (53, "BA12"), (703, "AAA12")]
)
def test_cells_are_called_as_spreadsheets_call_them(column: int, name: str) -> None:
    assert cell_name(12, column) == name


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_text_makes_the_reader_raise(text: str) -> None:
    read_csv(text)
    read_csv("id,sources,phones,latitude\n" + text)
