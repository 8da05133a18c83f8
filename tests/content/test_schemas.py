"""The JSON Schemas beside the content tell editors such as VS Code the truth: they are those of this release, every file names
its own in its first line, what is right is not underlined, and what `check` refuses in a file is.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.__main__ import main
from bot.content.schema import KINDS, write_schemas
from bot.content.yaml_lines import read

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
FILES = sorted(CONTENT.rglob("*.yaml"))
NAMES = [file.relative_to(ROOT).as_posix() for file in FILES]
FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
# What says something about a value, and what only describes it.
SILENT = {"$schema", "$defs", "title", "description", "default", "format"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


class Schema:
    """Finds faults as an editor does. Of the language of schemas it knows what ours use; anything else raises."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def faults(self, value: Any) -> list[str]:
        """Where something is wrong, and by which keyword."""
        return list(self._faults(value, self._root, ""))

    def _faults(self, value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        for keyword, wanted in schema.items():
            if keyword == "$ref":
                yield from self._faults(value, self._root["$defs"][wanted.rpartition("/")[2]], where)
            elif keyword == "anyOf":
                tried = [list(self._faults(value, option, where)) for option in wanted]
                yield from [] if [] in tried else min(tried, key=len)
            elif keyword == "prefixItems":
                for index, (item, inner) in enumerate(zip(value if isinstance(value, list) else (), wanted, strict=False)):
                    yield from self._faults(item, inner, f"{where}/{index}")
            elif keyword in ("properties", "additionalProperties", "items"):
                yield from self._inside(keyword, value, schema, where)
            elif keyword not in SILENT and not _holds(keyword, wanted, value):
                yield f"{where or '/'}: {keyword}"
        if schema.get("format") == "date" and isinstance(value, str) and not _is_date(value):
            yield f"{where}: format"

    def _inside(self, keyword: str, value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        wanted = schema[keyword]
        if keyword == "items":
            for index, item in enumerate(value if isinstance(value, list) else ()):
                yield from self._faults(item, wanted, f"{where}/{index}")
            return
        for name, item in value.items() if isinstance(value, dict) else ():
            named = name in schema.get("properties", {})
            if named and keyword == "properties":
                yield from self._faults(item, wanted[name], f"{where}/{name}")
            elif not named and keyword == "additionalProperties":
                yield from [f"{where}/{name}: unknown"] if wanted is False else ()
                yield from self._faults(item, wanted, f"{where}/{name}") if isinstance(wanted, dict) else ()


def _holds(keyword: str, wanted: Any, value: Any) -> bool:
    """Does a value do what one keyword wants? Keywords say nothing about values of other types."""
    if keyword == "type":
        return isinstance(value, TYPES[wanted]) and (wanted == "boolean" or not isinstance(value, bool))
    if keyword in ("enum", "const"):
        return value in (wanted if keyword == "enum" else [wanted])
    if keyword == "required":
        return not isinstance(value, dict) or set(wanted) <= value.keys()
    if keyword == "pattern":
        return not isinstance(value, str) or re.search(wanted, value) is not None
    sizes: dict[str, tuple[type | tuple[type, ...], Callable[[Any], bool]]] = {
        "minLength": (str, lambda text: len(text) >= wanted),
        "maxLength": (str, lambda text: len(text) <= wanted),
        "minItems": (list, lambda items: len(items) >= wanted),
        "maxItems": (list, lambda items: len(items) <= wanted),
        "minProperties": (dict, lambda items: len(items) >= wanted),
        "minimum": ((int, float), lambda number: number >= wanted),
        "maximum": ((int, float), lambda number: number <= wanted),
    }
    kind, holds = sizes[keyword]
    return not isinstance(value, kind) or holds(value)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def named_in(file: Path) -> Path:
    """The schema that a content file names."""
    match = FIRST_LINE.fullmatch(file.read_text("utf-8").partition("\n")[0])
    assert match, "the first line names no schema"
    return (file.parent / match[1]).resolve()


def schema_of(file: Path) -> Schema:
    return Schema(json.loads(named_in(file).read_text("utf-8")))


def test_the_schemas_are_those_of_this_release(tmp_path: Path) -> None:
    written = {file.name: file.read_bytes() for file in write_schemas(tmp_path)}
    shipped = {file.name: file.read_bytes() for file in (CONTENT / "schema").iterdir()}
    assert written == shipped, "run: python -m bot schema"
    assert set(written) == {f"{name}.json" for name in KINDS}


def test_the_command_writes_them_into_the_content_folder(
    content_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_CONTENT_DIR", str(content_copy / "content"))
    for file in (content_copy / "content" / "schema").iterdir():
        file.unlink()
    assert main(["schema"]) == 0
    there = {file.name: file.read_bytes() for file in (content_copy / "content" / "schema").iterdir()}
    assert there == {file.name: file.read_bytes() for file in (CONTENT / "schema").iterdir()}
    assert capsys.readouterr().out.count("written: ") == len(there)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_file_names_its_schema_and_nothing_in_it_is_underlined(file: Path) -> None:
    assert named_in(file).parent == CONTENT / "schema"
    assert named_in(file).is_file()
    assert schema_of(file).faults(as_editors_read(read(file, file.name).value)) == []


def as_editors_read(value: Any) -> Any:
    """Our reader leaves a number with a point as it is written, for the model to read; editors see a number."""
    if isinstance(value, dict):
        return {key: as_editors_read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_editors_read(inner) for inner in value]
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value) else value


def test_every_schema_is_named_by_a_file_of_its_kind() -> None:
    assert {named_in(file).stem for file in FILES} == set(KINDS)
    assert {named_in(file).stem for file in (CONTENT / "topics").rglob("*.yaml")} == {"topic"}


class Mistake(NamedTuple):
    """A change of a right file. at: keys and list positions that lead to the value; value: None takes it away."""

    file: str
    at: tuple[str | int, ...]
    value: Any


PAGE = "topics/covid/testing.yaml"
MISTAKES = {
    "unknown key": Mistake(PAGE, ("sumary",), "Bốn lúc nên đeo"),
    "no title": Mistake(PAGE, ("title",), None),
    "no sources": Mistake(PAGE, ("sources",), []),
    "no source's title": Mistake(PAGE, ("sources", 0, "title"), None),
    "unknown key of a source": Mistake(PAGE, ("sources", 0, "link"), "https://example.org"),
    "address of a source": Mistake(PAGE, ("sources", 0, "url"), "example.org"),
    "date of a source": Mistake(PAGE, ("sources", 0, "date"), "13/01/2023"),
    "long title": Mistake(PAGE, ("title",), "Đ" * 41),
    "empty title": Mistake(PAGE, ("title",), ""),
    "text for a list": Mistake(PAGE, ("see_also",), "covid/symptoms"),
    "list for a text": Mistake(PAGE, ("body",), ["Hãy đeo khẩu trang."]),
    "list for languages": Mistake(PAGE, ("ask",), ["khẩu trang"]),
    "months": Mistake(PAGE, ("review_every",), 60),
    "months in words": Mistake(PAGE, ("review_every",), "soon"),
    "day of review": Mistake(PAGE, ("reviewed",), "21/11/2026"),
    "country": Mistake("hotlines.yaml", ("115", "country"), "Viet Nam"),
    "no numbers": Mistake("hotlines.yaml", ("115", "numbers"), []),
    "one number": Mistake("hotlines.yaml", ("115", "numbers"), "115"),
    "year of a number": Mistake("hotlines.yaml", ("115", "dated"), "last year"),
    "yes for true": Mistake("bot.yaml", ("languages", "lo", "reviewed"), "maybe"),
    "menu without items": Mistake("bot.yaml", ("sections", "covid", "items"), []),
    "no home": Mistake("bot.yaml", ("home",), None),
    "name in Telegram": Mistake("bot.yaml", ("links",), {"telegram": "@x"}),
    "unknown label": Mistake("screens.yaml", ("labels", "hame"), "🏠"),
    "label that is missing": Mistake("screens.yaml", ("labels", "home"), None),
    "notice that is missing": Mistake("screens.yaml", ("notices", "not-understood"), None),
    "redirect to nowhere": Mistake("redirects.yaml", ("help",), ["help/now"]),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_what_the_checker_refuses_in_a_file_is_underlined_there(mistake: Mistake) -> None:
    file = CONTENT / mistake.file
    value = deepcopy(read(file, file.name).value)
    *way, last = mistake.at
    holder = value
    for step in way:
        holder = holder[step]
    holder[last] = mistake.value
    if mistake.value is None:
        del holder[last]
    with pytest.raises(ValidationError):
        TypeAdapter(KINDS[named_in(file).stem]).validate_python(value)

    faults = schema_of(file).faults(value)
    shown = "/" + "/".join(map(str, mistake.at if mistake.value is not None else way))
    assert [fault.startswith((f"{shown}:", f"{shown}/")) for fault in faults] == [True], faults
