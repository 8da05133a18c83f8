"""Editors' conversations, content/transcripts/*.txt: the shipped ones hold, each language has one, and where an answer does not
say what it should, `check --transcripts` names the line and is red.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.content.transcripts import play, play_all
from bot.conversation import Catalog

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "content" / "transcripts").glob("*.txt"))
SHOWN = "content/transcripts/thu.txt"
MASKS = "Khi nào nên đeo khẩu trang"


def lines(script: str, catalog: Catalog) -> list[str]:
    """What an editor reads about a transcript."""
    return [problem.line_for_author() for problem in play(script, SHOWN, catalog)]


def test_the_shipped_conversations_hold(catalog: Catalog) -> None:
    assert [problem.line_for_author() for problem in play_all(ROOT / "content" / "transcripts", "transcripts", catalog)] == []


def test_every_language_has_a_conversation_in_which_something_is_typed_and_expected(catalog: Catalog) -> None:
    languages = set()
    for file in SHIPPED:
        text = file.read_text("utf-8").splitlines()
        languages |= {line.removeprefix("# language:").strip() for line in text if line.startswith("# language:")}
        assert {"> ", "< "} <= {line[:2] for line in text}, file.name
    assert languages >= catalog.editions.keys() - {"en"}  # people whose app speaks English


def test_a_conversation_goes_on_from_line_to_line_and_other_lines_say_nothing(catalog: Catalog) -> None:
    script = f"""# language: vi
# Từ trang đầu tới khẩu trang.
> 1

< Dấu hiệu COVID-19
> khau trang
< {MASKS}
< Che kín mũi, miệng và cằm
> English
< When to wear a mask
> 0
< Health care
"""
    assert lines(script, catalog) == []


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("# language: vi\n> khau trang\n< Rửa mũi", ["3:3: the answer, '{masks}', does not say 'Rửa mũi'"]),
        (
            "# language: vi\n> 0\n< Đồng Hành\n< Đồng Hàng\n> #\n< 115\n< 911\n",
            ["4:3: the answer, '{home}', does not say 'Đồng Hàng'", "7:3: the answer, '{help}', does not say '911'"],
        ),
        ("# language: km\n> 0\n< Bạn cần gì?", ["3:3: the answer, '{home}', does not say 'Bạn cần gì?'"]),
        ("< 115", ["1:3: the answer, '', does not say '115'"]),
        (
            "# language: vi\nkhau trang\n>khau trang\n> khau trang\n<\n< Che kín",
            [f"{line}:1: a line begins with '> ' (typed), '< ' (in the answer) or '#'" for line in (2, 3, 5)],
        ),
    ],
    ids=["wrong", "two", "language", "nothing typed", "marks"],
)
def test_what_is_wrong_is_said_at_its_line(catalog: Catalog, script: str, wanted: list[str]) -> None:
    screens = catalog.editions["vi"].screens
    titles = {"masks": screens["covid/masks"].title, "help": screens["help/now"].title, "home": screens["home"].title}
    assert lines(script, catalog) == [f"{SHOWN}:{line.format(**titles)}" for line in wanted]


def test_a_file_from_a_windows_editor_plays_like_any_other(catalog: Catalog, tmp_path: Path) -> None:
    script = "# language: vi\r\n> khau trang\r\n< Che kín mũi\r\n"
    (tmp_path / "thu.txt").write_bytes(b"\xef\xbb\xbf" + script.encode())
    assert list(play_all(tmp_path, "transcripts", catalog)) == []


def test_a_file_that_is_not_utf_8_is_a_problem_of_its_own(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# language: vi\n> khau trang\n< mũi", "utf-16")
    (tmp_path / "b.txt").write_text("# language: vi\n> khau trang\n< Rửa mũi\n", "utf-8")
    first, second = [(problem.path, problem.line, problem.code) for problem in play_all(tmp_path, "transcripts", catalog)]
    assert first == ("transcripts/a.txt", 1, "unreadable")
    assert second == ("transcripts/b.txt", 3, "not-in-answer")


def test_check_plays_them_when_asked_and_is_red_where_one_does_not_hold(
    content_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (content_copy / SHOWN).write_text("# language: vi\n> khau trang\n< Che kín mũi\n< Rửa mũi\n", "utf-8")
    monkeypatch.setenv("BOT_CONTENT_DIR", str(content_copy / "content"))
    monkeypatch.setenv("BOT_LOCALES_DIR", str(content_copy / "locales"))
    command = [sys.executable, "-m", "bot", "check", "--transcripts"]

    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert played.returncode == 1
    assert played.stderr == ""
    (line,) = [line for line in played.stdout.splitlines() if "thu.txt" in line]
    assert line.startswith(f"{SHOWN}:4:3: the answer, '")
    assert line.endswith(f"{MASKS}', does not say 'Rửa mũi'")
    assert "\n1 problems, " in played.stdout

    assert main(["check"]) == 0
    assert "thu.txt" not in capsys.readouterr().out
