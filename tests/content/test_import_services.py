"""A partner's table becomes files only if every row is right; then only lines that changed are written, never half a file."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.content.book import read_book
from bot.content.import_services import Import, import_services
from bot.content.problems import ContentError
from bot.content.services_csv import write_csv
from tests.content.odd_services import BACH_MAI, CONTENT, NEW, SHIPPED, table, texts

TODAY = date(2026, 11, 22)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT, tmp_path / "content")
    return tmp_path / "content"


def take(content: Path, *rows: Mapping[str, str], dry_run: bool = False) -> Import:
    file = content.parent / "partner.csv"
    file.write_text(table(*rows), "utf-8", newline="")
    return import_services(file, content, TODAY, dry_run=dry_run)


def lines(found: Import) -> list[str]:
    return [problem.line_for_author() for problem in found.problems]


def new_lines(before: bytes, after: bytes) -> list[str]:
    """The lines that are only in the newer text; everything else has to stand there as it did."""
    old, new = before.decode().splitlines(), after.decode().splitlines()
    assert [line for line in new if line in old] == [line for line in old if line in new]
    return [line for line in new if line not in old]


def test_a_table_that_was_exported_changes_nothing_when_it_comes_back(content: Path) -> None:
    before = texts(content)
    file = content.parent / "partner.csv"
    file.write_text("\ufeff" + write_csv(SHIPPED), "utf-8", newline="")
    found = import_services(file, content, TODAY, dry_run=False)
    assert lines(found) == []
    assert len(found.changes) == len(SHIPPED)
    assert [change for change in found.changes if change.fields] == []
    assert texts(content) == before


def test_the_whole_directory_can_be_built_from_a_table(content: Path) -> None:
    for old in (content / "services").glob("*.yaml"):
        old.unlink()
    file = content.parent / "partner.csv"
    file.write_text(write_csv(SHIPPED), "utf-8", newline="")
    found = import_services(file, content, TODAY, dry_run=False)
    assert lines(found) == []
    book = read_book(content)
    assert book.problems == []
    assert book.places.services == SHIPPED
    for written in (content / "services").glob("*.yaml"):
        assert written.read_text("utf-8").startswith("# yaml-language-server: $schema=../schema/services.json\n# © Open")


def test_one_fact_is_one_line_of_one_file(content: Path) -> None:
    before = texts(content)
    found = take(content, {"id": BACH_MAI, "phones": "024 3869 3731 | 1022"})
    assert lines(found) == []
    after = texts(content)
    assert {name for name in after if after[name] != before[name]} == {"ha-noi.yaml"}
    assert new_lines(before["ha-noi.yaml"], after["ha-noi.yaml"]) == ['  phones: ["024 3869 3731", "1022"]']
    assert read_book(content).places.services[BACH_MAI][1].phones == ("024 3869 3731", "1022")


def test_a_fact_that_was_not_there_is_put_where_the_model_has_it(content: Path) -> None:
    before = texts(content)["ha-noi.yaml"]
    found = take(
        content,
        {"id": BACH_MAI, "hours": "'24/7", "insurance": "TRUE", "languages": "vi | en", "source2_url": "https://a.vn/?b=1"},
    )
    assert lines(found) == []
    after = texts(content)["ha-noi.yaml"]
    assert new_lines(before, after) == [
        '  hours: "24/7"',
        "  insurance: true",
        "  languages: [vi, en]",
        "      url: https://a.vn/?b=1",
    ]
    (change,) = found.changes
    assert change.fields == ["hours", "insurance", "languages", "sources"]


def test_a_dash_takes_a_fact_away_and_an_empty_cell_does_not(content: Path) -> None:
    before = read_book(content).places.services[BACH_MAI][1]
    found = take(
        content, {"id": BACH_MAI, "phones": "-", "note": "", "latitude": "-", "longitude": "-", "openstreetmap": "false"}
    )
    assert lines(found) == []
    after = read_book(content).places.services[BACH_MAI][1]
    assert after == before.model_copy(update={"phones": (), "position": None, "openstreetmap": False})
    text = (content / "services" / "ha-noi.yaml").read_text("utf-8")
    assert "phones:" not in text.partition("hanoi-nhtd:")[0]


def test_a_new_entry_stands_at_the_end(content: Path) -> None:
    before = texts(content)["ha-noi.yaml"].decode()
    found = take(content, NEW)
    assert lines(found) == []
    assert (content / "services" / "ha-noi.yaml").read_text("utf-8") == before + (
        "\nhanoi-moi:\n"
        '  name: "Phòng khám Thử"\n'
        "  categories: [hospital, clinic]\n"
        '  phones: ["024 3869 3731"]\n'
        "  confidence: medium\n"
        "  sources:\n"
        '    - title: "Một nguồn"\n'
        "  reviewed: 2026-11-21\n"
        "  review_every: 6\n"
    )


NGHE_AN = next(key for key, (province, _) in SHIPPED.items() if province == "nghe-an")
# What is written in a cell of a right row, and what its author reads; the first cell is the one that is named.
BAD_CELLS = [
    ({"id": "Hà Nội"}, "'Hà Nội' is not an id; use a-z, 0-9 and '-'"),
    ({"id": ""}, "'id' is missing"),
    ({"id": NGHE_AN}, f"'{NGHE_AN}' is an entry of nghe-an; an import moves nothing to another province"),
    ({"province": ""}, "'province' is missing"),
    ({"province": "ha-nol"}, "province 'ha-nol' does not exist; did you mean 'ha-noi'?"),
    ({"name": ""}, "'name' is missing"),
    ({"categories": "hospitl"}, "category 'hospitl' does not exist; did you mean 'hospital'?"),
    ({"categories": ""}, "'categories' is missing"),
    ({"old_province": "nghe-an"}, "'nghe-an' did not become part of 'ha-noi'"),
    ({"phones": "0276 382"}, "'0276 382' is not a phone number of VN"),
    (
        {"phones": "969851616"},
        "'969851616' has lost its first digit or '+'; make the column Text and write it as it is dialled",
    ),
    ({"phones_unverified": "84 969 851 616"}, "'84 969 851 616' has lost its first digit or '+'; make the column Text and"),
    ({"website": "bachmai.vn"}, "'bachmai.vn' is not a web address (https://…)"),
    ({"email": "ai đó"}, "'ai đó' is not an e-mail address"),
    ({"hours": "sáng"}, "'sáng' is not opening hours such as Mo-Fr 07:00-17:00"),
    ({"free": "có"}, "must be true or false"),
    ({"latitude": "21,0,1", "longitude": "105.8"}, "'21,0,1' is not a number such as 21.00181"),
    ({"longitude": "105.8"}, "a position needs both latitude and longitude"),
    ({"latitude": "48.85", "longitude": "2.35"}, "48.85, 2.35"),
    ({"confidence": "cao"}, "'cao' is not 'high', 'medium' or 'low'"),
    ({"source1_title": ""}, "'sources' is missing"),
    ({"source1_title": "", "source1_url": "https://a.vn"}, "'title' is missing"),
    ({"source2_title": "", "source2_url": "https://a.vn"}, "'title' is missing"),
    ({"source1_url": "a.vn"}, "'a.vn' is not a web address (https://…)"),
    ({"source1_date": "Aug-21"}, "'Aug-21' is not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    ({"reviewed": "21/11/2026"}, "'21/11/2026' is not a date; write YYYY-MM-DD"),
    ({"reviewed": "2036-11-21"}, "'2036-11-21' is in the future"),
    ({"review_every": "sáu"}, "'sáu' is not a whole number"),
    ({"review_every": "120"}, "120 is out of range: 1-36"),
]


def test_every_bad_cell_is_named_and_nothing_is_written(content: Path) -> None:
    rows = [{**NEW, "id": f"moi-{number}", "province": "ha-noi", **cells} for number, (cells, _) in enumerate(BAD_CELLS)]
    rows.append({**NEW, "id": "hanoi-tot"})  # one that is right does not go in alone
    header = list(dict.fromkeys(name for row in rows for name in row))
    before = texts(content)
    found = take(content, *rows)
    assert texts(content) == before
    assert (found.files, found.changes) == ({}, [])
    said = {problem.row: problem.line_for_author() for problem in found.problems}
    assert len(said) == len(found.problems) == len(BAD_CELLS)
    for row, (cells, wanted) in enumerate(BAD_CELLS, 2):
        name = next(iter(cells))
        cell = f"{chr(ord('A') + header.index(name))}{row}"
        assert said[row].startswith(f"partner.csv: row {row}, {name} ({cell}): {wanted}"), said[row]


def test_an_id_stands_in_one_row_only(content: Path) -> None:
    found = take(content, {"id": BACH_MAI, "phones": "115"}, {"id": BACH_MAI, "phones": "1022"})
    assert lines(found) == ["partner.csv: row 3, id (A3): 'hanoi-bachmai' stands in row 2 too"]


def test_a_row_without_a_province_is_checked_all_the_same(content: Path) -> None:
    found = take(content, {**NEW, "province": "", "phones": "0276 382", "hours": "sáng"}, {"id": "moi", "phones": "969851616"})
    assert {problem.row for problem in found.problems} == {2, 3}
    assert [line.partition(": row 2, ")[2] for line in lines(found) if "row 2" in line] == [
        "province (B2): 'province' is missing",
        "phones (E2): '0276 382' is not a phone number of VN",
        "hours (J2): 'sáng' is not opening hours such as Mo-Fr 07:00-17:00",
    ]
    assert "partner.csv: row 3, categories (D3): 'categories' is missing" in lines(found)


def test_two_bad_numbers_in_one_cell_are_two_problems(content: Path) -> None:
    found = take(content, {"id": BACH_MAI, "phones": "0276 382 | 0276 383"})
    assert lines(found) == [
        "partner.csv: row 2, phones (B2): '0276 382' is not a phone number of VN",
        "partner.csv: row 2, phones (B2): '0276 383' is not a phone number of VN",
    ]


def test_a_table_in_another_encoding_is_not_guessed_at(content: Path) -> None:
    file = content.parent / "partner.csv"
    file.write_bytes("id,name\nmột,é\n".encode("utf-16"))
    assert lines(import_services(file, content, TODAY, dry_run=False)) == [
        "partner.csv: row 1, ? (A1): not UTF-8; in Excel save as 'CSV UTF-8 (Comma delimited)'"
    ]


def test_a_table_that_is_not_there_is_said(content: Path) -> None:
    found = import_services(content / "partner.csv", content, TODAY, dry_run=False)
    assert lines(found) == ["partner.csv: row 1, ? (A1): cannot be read: No such file or directory"]


def test_a_dry_run_says_the_same_and_writes_nothing(content: Path) -> None:
    before = texts(content)
    rows = ({"id": BACH_MAI, "phones": "115"}, NEW)
    tried = take(content, *rows, dry_run=True)
    assert texts(content) == before
    done = take(content, *rows)
    assert tried.changes == done.changes
    assert {file.name: text.encode() for file, text in done.files.items()} == {"ha-noi.yaml": texts(content)["ha-noi.yaml"]}
    assert tried.files == done.files


def test_content_that_is_broken_is_not_written_over(content: Path) -> None:
    (content / "services" / "hue.yaml").write_text("hue: [", "utf-8")
    before = texts(content)
    with pytest.raises(ContentError):
        take(content, {"id": BACH_MAI, "phones": "115"})
    assert texts(content) == before
