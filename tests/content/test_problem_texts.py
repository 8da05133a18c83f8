"""Every problem can be said to its author in English and in Vietnamese, in the language that is asked for."""

import json
import string
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.content.problem_texts import SENTENCES
from bot.content.problems import ContentError, Problem

LANGUAGES = {"en", "vi"}
PATH = "content/topics/covid/masks.yaml"


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


@pytest.mark.parametrize("code", SENTENCES)
def test_each_problem_is_worded_in_both_languages_with_the_same_values(code: str) -> None:
    sentences = SENTENCES[code]
    assert set(sentences) == LANGUAGES
    assert all(text.strip() for text in sentences.values())
    assert sentences["en"] != sentences["vi"]
    assert placeholders(sentences["en"]) == placeholders(sentences["vi"])


@pytest.mark.parametrize("code", SENTENCES)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_value_is_lost_and_no_brace_is_left_when_a_problem_is_said(code: str, language: str) -> None:
    names = placeholders(SENTENCES[code]["en"])
    problem = Problem(PATH, 1, 1, code, tuple((name, f"<{name}>") for name in names))
    text = problem.text(language)
    assert all(f"<{name}>" in text for name in names)
    assert "{" not in text
    assert "}" not in text


VIETNAMESE = [
    (Problem(PATH, 12, 3, "unknown-key", (("key", "sumary"),), "summary"), "khóa lạ 'sumary'; có phải ý bạn là 'summary'?"),
    (Problem(PATH, 12, 3, "tab"), "có dấu tab; hãy thụt lề bằng dấu cách"),
    (Problem(PATH, 12, 3, "duplicate-key", (("key", "title"), ("first", 2))), "'title' bị viết hai lần; lần đầu ở dòng 2"),
    (Problem(PATH, 12, 3, "too-long", (("count", 41), ("limit", 40))), "dài 41 ký tự; nhiều nhất 40"),
    (Problem(PATH, 12, 3, "unknown-phone", (("number", "1900 9068"),)), "số '1900 9068' không có trong hotlines.yaml"),
    (
        Problem(PATH, 12, 3, "overdue", (("due", "2026-05-01"),), level="warning"),
        "lưu ý: đã quá hạn xem lại từ 2026-05-01; hãy kiểm tra và sửa 'reviewed'",
    ),
]


@pytest.mark.parametrize(("problem", "line"), VIETNAMESE, ids=[problem.code for problem, _ in VIETNAMESE])
def test_a_vietnamese_author_reads_vietnamese(problem: Problem, line: str) -> None:
    assert problem.line_for_author("vi") == f"{PATH}:12:3: {line}"


def test_a_hint_is_given_in_the_language_of_the_message() -> None:
    problem = Problem(PATH, 5, 12, "dead-link", (("where", "see_also"), ("address", "health/hvi")), "health/hiv")
    assert problem.line_for_author() == f"{PATH}:5:12: see_also 'health/hvi' does not exist; did you mean 'health/hiv'?"
    assert problem.line_for_author("vi") == f"{PATH}:5:12: see_also 'health/hvi' không tồn tại; có phải ý bạn là 'health/hiv'?"


def test_all_problems_stand_in_the_error_that_stops_the_start() -> None:
    error = ContentError([Problem(PATH, 1, 1, "empty"), Problem(PATH, 2, 1, "tab")])
    assert str(error) == f"{PATH}:1:1: the file is empty\n{PATH}:2:1: a tab; indent with spaces"


@pytest.fixture
def broken(content_copy: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commands read a copy of the shipped files in which a title is a number. Returns the start of the line about it."""
    monkeypatch.setenv("BOT_CONTENT_DIR", str(content_copy / "content"))
    monkeypatch.setenv("BOT_LOCALES_DIR", str(content_copy / "locales"))
    lines = (content_copy / PATH).read_text("utf-8").splitlines()
    row = next(row for row, line in enumerate(lines) if line.startswith("title: "))
    lines[row] = "title: 115"
    (content_copy / PATH).write_text("\n".join(lines), "utf-8")
    return f"{PATH}:{row + 1}:8: "


def test_check_speaks_vietnamese_when_it_is_asked_to(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--language", "vi"]) == 1
    assert f"{broken}phải là chữ; hãy đặt trong ngoặc kép" in capsys.readouterr().out.splitlines()


def test_an_editor_gets_the_same_problems_as_json(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    path, line, column, _ = broken.split(":")
    message = "must be text; put it in quotes"
    wanted = {"path": path, "line": int(line), "column": int(column), "level": "error", "code": "not-text", "message": message}
    assert wanted in found
