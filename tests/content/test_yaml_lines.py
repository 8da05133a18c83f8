"""The YAML reader knows where every value, key and line of text stands, and never raises, whatever a file holds."""

import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.yaml_lines import Document, read

Read = Callable[[str | bytes], Document]
EXAMPLES = 150  # each writes a file: more are slow, fewer find less


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Writes a text to a file and reads it."""
    file = tmp_path_factory.mktemp("yaml") / "page.yaml"

    def write_and_read(text: str | bytes) -> Document:
        file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return read(file, "page.yaml")

    return write_and_read


PAGE = """\
# A comment.
title: Khẩu trang
"summary": 'Một dòng'
ask:
  vi: [khẩu trang, "đeo gì"]
  en:
    - mask
    -   face mask
sources:
  - title: WHO
    url: https://example.org

  - {title: Bộ Y tế, date: 2025}
body: |
  Đoạn một,
  dòng hai.

  - một
  - hai
note: >
  gấp lại
  thành một
quoted: "dòng một
  dòng hai"
old: false
months: 6
"""
VALUES = {
    (): (2, 1),
    ("title",): (2, 8),
    ("summary",): (3, 12),
    ("ask",): (5, 3),
    ("ask", "vi"): (5, 7),
    ("ask", "vi", 0): (5, 8),
    ("ask", "vi", 1): (5, 20),
    ("ask", "en", 1): (8, 9),
    ("sources",): (10, 3),
    ("sources", 0): (10, 5),
    ("sources", 0, "url"): (11, 10),
    ("sources", 1): (13, 5),
    ("sources", 1, "date"): (13, 28),
    ("body",): (15, 3),
    ("note",): (21, 3),
    ("quoted",): (23, 9),
    ("old",): (25, 6),
    ("months",): (26, 9),
}
KEYS = {("title",): (2, 1), ("summary",): (3, 1), ("ask", "en"): (6, 3), ("sources", 1, "date"): (13, 22), ("months",): (26, 1)}


@pytest.mark.parametrize(("path", "place"), VALUES.items())
def test_each_value_has_the_line_and_column_where_it_begins(
    reading: Read, path: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    assert reading(PAGE).place(path) == place


@pytest.mark.parametrize(("path", "place"), KEYS.items())
def test_each_key_has_the_line_and_column_where_it_begins(
    reading: Read, path: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    assert reading(PAGE).place(path, at_key=True) == place


def test_the_values_are_those_that_yaml_has_with_numbers_dates_and_fractions_as_they_are_written(reading: Read) -> None:
    text = "a: 12\nb: 0276\nc: 1.50\nd: 2026-11-21\ne: true\nf:\ng: [x, '1']\nh: {115: i}\nk: 12:30\n"
    assert reading(text).value == {
        "a": 12,
        "b": "0276",
        "c": "1.50",
        "d": "2026-11-21",
        "e": True,
        "f": None,
        "g": ["x", "1"],
        "h": {"115": "i"},
        "k": "12:30",
    }


@pytest.mark.parametrize("line", range(4))
def test_a_line_of_a_block_of_text_stands_so_many_lines_below_its_first(reading: Read, line: int) -> None:
    text = "title: a\nbody: |\n  không\n  một\n\n  ba\n"
    assert reading(text).place(("body",), line=line) == (3 + line, 3)


def test_empty_lines_at_the_start_of_a_block_of_text_are_counted(reading: Read) -> None:
    document = reading("body: |\n\n\n  hai\n  ba\n")
    lines = document.value["body"].splitlines()
    assert document.place(("body",), line=lines.index("hai")) == (4, 3)
    assert document.place(("body",), line=lines.index("ba")) == (5, 3)


def test_a_folded_text_has_only_the_place_of_its_first_line(reading: Read) -> None:
    assert reading("note: >\n  một\n\n  hai\n").place(("note",), line=1) == (2, 3)


def test_what_is_missing_is_placed_at_what_should_hold_it(reading: Read) -> None:
    document = reading(PAGE)
    assert document.place(("sources", 1, "url")) == (13, 5)
    assert document.place(("sources", 1, "url"), at_key=True) == (13, 5)
    assert document.place(("services", 0)) == (2, 1)


def test_windows_line_ends_and_a_byte_order_mark_move_nothing(reading: Read) -> None:
    document = reading("\ufefftitle: a\r\nbody: |\r\n  b\r\n  c\r\n")
    assert document.value == {"title": "a", "body": "b\nc\n"}
    assert document.place(("title",)) == (1, 8)
    assert document.place(("body",), line=1) == (4, 3)


def test_text_written_in_nfd_is_read_in_nfc(reading: Read) -> None:
    text = "title: Khẩu trang\nbody: |\n  Rửa tay trước khi đeo.\nask: {vi: [đeo khẩu trang]}\n"
    assert reading(unicodedata.normalize("NFD", text)).value == reading(text).value


WRONG = [
    ("", ["1:1: the file is empty"]),
    ("# chỉ có lời ghi\n", ["1:1: the file is empty"]),
    (b"title: a\nbody: caf\xe9\n", ["2:1: cannot be read: not UTF-8"]),
    ("title: a\n\tbody: b\n", ["2:1: a tab; indent with spaces"]),
    ("list:\n  - a\n\t- b\n", ["3:1: a tab; indent with spaces"]),
    ("list:\n\t- b\n", ["2:1: a tab; indent with spaces"]),
    ("a: b\nc: \x07\n", ["2:4: not valid YAML: unacceptable character #x0007: control characters are not allowed"]),
    ("a: 'b\nc: d\ne: f\n", ["1:4: not valid YAML: found unexpected end of stream"]),
    ('a: b\nc: "d\n\ne: f\n', ["2:4: not valid YAML: found unexpected end of stream"]),
    ("a: b: c\n", ["1:5: not valid YAML: mapping values are not allowed in this context"]),
    ("a: [b, c\nd: e\n", ["2:2: not valid YAML: did not find expected ',' or ']'"]),
    ("a: b\n---\nc: d\n", ["2:1: not valid YAML: but found another document"]),
    ("a: *b\n", ["1:4: not valid YAML: found undefined alias"]),
    ("a: &b [*b]\n", ["1:4: not valid YAML: an alias that holds itself"]),
    ("a: b\n[c]: d\n", ["2:1: a key must be plain text"]),
    ("a: 1\nb: 2\na: 3\nb: 4\n", ["3:1: 'a' is written twice; first on line 1", "4:1: 'b' is written twice; first on line 2"]),
    ("a:\n  b: 1\n  b: 2\n", ["3:3: 'b' is written twice; first on line 2"]),
]


@pytest.mark.parametrize(("text", "lines"), WRONG)
def test_each_mistake_has_its_line_and_column(reading: Read, text: str | bytes, lines: list[str]) -> None:
    assert [problem.line_for_author() for problem in reading(text).problems] == [f"page.yaml:{line}" for line in lines]


@pytest.mark.parametrize("word", ["yes", "no", "Yes", "NO", "on", "off"])
def test_a_bare_yes_or_no_is_a_mistake(reading: Read, word: str) -> None:
    assert [problem.line_for_author() for problem in reading(f"a: b\nold: {word}\n").problems] == [
        f'page.yaml:2:6: a bare {word} means true or false in YAML; write "{word}" in quotes, or true or false'
    ]


@pytest.mark.parametrize("word", ["true", "False", '"yes"', "'no'", "yes please", "y", "n"])
def test_true_false_and_words_in_quotes_are_none(reading: Read, word: str) -> None:
    assert reading(f"old: {word}\n").problems == []


def test_the_first_of_two_equal_keys_stays(reading: Read) -> None:
    assert reading("a: 1\na: 2\n").value == {"a": 1}


def test_a_folder_in_the_place_of_a_file_is_a_problem_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "page.yaml").mkdir()
    assert [problem.code for problem in read(tmp_path / "page.yaml", "page.yaml").problems] == ["unreadable"]


DEEP = {"flow": "[" * 900 + "]" * 900, "blocks": "- " * 900 + "a", "mappings": "{a: " * 900 + "}" * 900}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_lists_inside_lists_without_end_are_a_problem_and_no_error(reading: Read, text: str) -> None:
    assert reading(text).problems


def test_a_file_of_brackets_does_not_end_the_process(tmp_path: Path) -> None:
    file = tmp_path / "page.yaml"
    file.write_text("[" * 100_000, "utf-8")
    code = (
        f"from pathlib import Path; from bot.content.yaml_lines import read; print(len(read(Path({str(file)!r}), '').problems))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, cwd=Path(__file__).parents[2]
    )
    assert (done.returncode, done.stdout) == (0, "1\n")


@given(st.text() | st.text(alphabet=" \t\n-:#[]{}'\"|>&*!%?,abé1<=~"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_text_makes_the_reader_raise(reading: Read, text: str) -> None:
    document = reading(text)
    assert document.problems or document.value is not None or yaml.safe_load(text) is None


@given(st.binary())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_bytes_make_the_reader_raise(reading: Read, content: bytes) -> None:
    document = reading(content)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in document.problems)


WORD = st.text(alphabet="abcđêộខລ", min_size=1, max_size=8)


@given(st.dictionaries(WORD, WORD | st.lists(WORD, min_size=1, max_size=4), min_size=1), st.integers(min_value=2, max_value=6))
@settings(max_examples=EXAMPLES, deadline=None)
def test_at_every_place_stands_what_the_place_is_of(reading: Read, page: dict[str, str | list[str]], indent: int) -> None:
    text = yaml.safe_dump(page, allow_unicode=True, indent=indent, sort_keys=False)
    document, lines = reading(text), text.splitlines()
    assert document.value == page
    for path, (row, column) in document.keys.items():
        assert lines[row - 1][column - 1 :].startswith(f"{path[-1]}:")
    words = {(key, index): word for key, value in page.items() if isinstance(value, list) for index, word in enumerate(value)}
    words |= {(key,): value for key, value in page.items() if isinstance(value, str)}
    for path, word in words.items():
        row, column = document.values[path]
        assert lines[row - 1][column - 1 :] == word


def test_the_shipped_style_of_a_page_is_read(reading: Read) -> None:
    document = reading(PAGE)
    assert document.problems == []
    assert document.value["body"] == "Đoạn một,\ndòng hai.\n\n- một\n- hai\n"
    assert document.value["note"] == "gấp lại thành một\n"
    assert document.value["quoted"] == "dòng một dòng hai"
