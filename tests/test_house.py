"""The rules of the house: floors, sizes, names, and a README that tells the truth."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "bot").rglob("*.py"))
PURE = [*(ROOT / "bot" / "conversation").glob("*.py"), ROOT / "bot" / "channels" / "render.py"]
LINES = 270
README = (ROOT / "README.md").read_text("utf-8")


def names(files: list[Path]) -> list[str]:
    return [file.relative_to(ROOT).as_posix() for file in files]


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_each_file_says_what_lives_there_and_has_one_noun(file: Path) -> None:
    text = file.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first lines say what lives here"
    assert len(text.splitlines()) <= LINES, "more than one room"
    assert not re.search(r"(utils|helpers|common|base|manager|misc)\.py$", file.name)


@pytest.mark.parametrize("file", PURE, ids=names(PURE))
def test_pure_files_neither_wait_nor_open_nor_print(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "print", "input")


def test_imports_go_down_the_floors_only() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_tour_in_the_readme_names_every_file_of_the_bot_and_none_that_is_gone() -> None:
    rooms = re.search(r"<!-- rooms -->(.*?)<!-- /rooms -->", README, re.DOTALL)
    assert rooms
    told = set(re.findall(r"`(bot/[a-z_/]+\.py)`", rooms[1]))

    there = {name for name in names(FILES) if not name.endswith("__init__.py") and "/migrations/" not in name}
    assert told == there


def test_the_readme_names_every_variable_and_every_command() -> None:
    from bot.__main__ import _parser
    from bot.settings import PREFIX, Settings

    for name in Settings.model_fields:
        assert f"`{PREFIX}{name.upper()}`" in README
    commands = next(action for action in _parser()._actions if action.dest == "help" or action.choices)
    listed = next(action.choices for action in _parser()._actions if action.choices)
    assert commands and listed
    for command in listed:
        assert f"python -m bot {command}" in README
