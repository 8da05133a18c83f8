"""The commands for partners say what they do, or what is wrong, in the language of who runs them."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.content.partners import export_command, import_command
from tests.content.odd_services import CONTENT, NEW, table, texts

TODAY = date(2026, 11, 22)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT, tmp_path / "content")
    return tmp_path / "content"


def test_the_command_says_what_changed_by_province(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = content.parent / "partner.csv"
    file.write_text(
        table({"id": "hanoi-bachmai", "phones": "115", "free": "true"}, NEW, {"id": "hanoi-cdc"}), "utf-8", newline=""
    )
    assert import_command(file, content, TODAY, dry_run=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ha-noi: 1 added, 1 changed, 1 unchanged",
        "  added    hanoi-moi: Phòng khám Thử",
        "  changed  hanoi-bachmai:",
        '           phones: ["0969 851 616"] -> ["115"]',
        "           free: none -> true",
        "Nothing was written (dry run); 1 files would change.",
    ]
    assert import_command(file, content, TODAY, dry_run=False, language="vi") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Đã ghi 1 tệp.")


def test_the_command_says_what_is_wrong_in_the_language_of_its_author(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = content.parent / "partner.csv"
    file.write_text("id,phones\nhanoi-bachmai,969851616\n", "utf-8")
    assert import_command(file, content, TODAY, dry_run=False, language="vi") == 1
    assert capsys.readouterr().out.splitlines() == [
        "partner.csv: dòng 2, cột phones (B2): '969851616' bị mất số 0 hoặc dấu '+' ở đầu; "
        "hãy đặt cột kiểu Text rồi viết đúng như khi gọi",
        "1 lỗi: chưa thay đổi gì.",
    ]


def test_what_is_exported_can_be_imported(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export_command("csv", content) == 0
    file = content.parent / "partner.csv"
    file.write_text(capsys.readouterr().out, "utf-8", newline="")
    before = texts(content)
    assert import_command(file, content, TODAY, dry_run=False) == 0
    assert texts(content) == before
