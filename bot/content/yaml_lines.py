"""YAML that knows its lines: values as plain Python, and for each the line and column where it stands."""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.content.problems import Problem

Path_ = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_Safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Deeper than any of our files; the parser itself ends the process with some ten thousand, and is safe with so many.
_DEEPEST, _SAFE = 20, 4_000
# What a list or mapping inside another takes at the least: room before it, of which a sign may open two, or a bracket. Each may
# come to half of what is safe.
_ROOM = re.compile(rf"\n[ ?:-]{{{_SAFE // 4}}}")


# What is not text to us when it is written without quotes, by its first letter: nothing, yes or no, whole numbers.
_FORMS: dict[str, list[tuple[str, re.Pattern[str]]]] = {
    first: [(tag, form) for tag, form in forms if tag.removeprefix(_TAG) in ("null", "bool", "int")]
    for first, forms in _Safe.yaml_implicit_resolvers.items()
}


class _Loader(_Safe):  # type: ignore[misc,valid-type]
    """Tells what is text, and nothing by where it stands: several times as fast as what it replaces."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        if kind is yaml.ScalarNode and implicit[0]:
            for tag, form in _FORMS.get(value[:1], ()):
                if form.match(value):
                    return tag
        return ""

    def descend_resolver(self, *_: object) -> None: ...
    def ascend_resolver(self) -> None: ...


@dataclass(slots=True)
class Document:
    """One YAML file. shown: its path as authors know it. values and keys: line and column, from 1, of what a path leads to.

    A path is the keys and list positions from the top, e.g. ("sources", 0, "title").
    For a block of text ("|") the place is that of its first line.
    """

    shown: str
    value: Any = None
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    blocks: set[Path_] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path_, *, at_key: bool = False, line: int = 0) -> tuple[int, int]:
        """Line and column of a value (or of its key); `line` lines further down if it is a block of text."""
        place = (self.keys.get(path) if at_key else None) or self.values.get(path)
        while place is None and path:  # what is missing has no place of its own: its holder has
            path = path[:-1]
            place = self.values.get(path)
        row, column = place or (1, 1)
        return row + (line if path in self.blocks else 0), column

    def problem(
        self, path: Path_, code: str, /, *, at_key: bool = False, line: int = 0, hint: str = "", **values: object
    ) -> Problem:
        """A problem at such a place."""
        return Problem(self.shown, *self.place(path, at_key=at_key, line=line), code, tuple(values.items()), hint)


def read(file: Path, shown: str) -> Document:
    """Read a file. Whatever is wrong with it stands in `problems`, with everything that could still be read in `value`."""
    try:
        return parse(file.read_bytes(), shown)
    except OSError as error:
        return Document(shown, problems=[Problem(shown, 1, 1, "unreadable", (("reason", error.strerror or "?"),))])


def parse(content: bytes, shown: str) -> Document:
    """Read what stands in a file."""
    document = Document(shown)
    try:
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        # By line: most lines are normal at first sight, and a single one that is not would have all of the text looked through.
        text = "".join(unicodedata.normalize("NFC", line) for line in text.splitlines(keepends=True))
        node = None if (deep := _too_deep(text)) else yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        document.problems.append(Problem(shown, line, 1, "unreadable", (("reason", "not UTF-8"),)))
    except yaml.YAMLError as error:
        document.problems.append(_syntax(error, shown, text))
    else:
        try:
            if deep:
                raise _TooDeep(deep)
            document.value = _Reader(document, text.splitlines()).value(node, ()) if node else None
        except _TooDeep as error:
            reason = f"more than {_DEEPEST} levels"
            document.problems = [Problem(shown, error.mark.line + 1, error.mark.column + 1, "syntax", (("reason", reason),))]
        if document.value is None and not document.problems:
            document.problems.append(Problem(shown, 1, 1, "empty"))
    return document


class _TooDeep(Exception):
    """Lists and mappings stand deeper in each other than we read them, from this mark on."""

    def __init__(self, mark: yaml.Mark) -> None:
        self.mark = mark


def _too_deep(text: str) -> Any:
    """The mark where lists and mappings stand deeper in each other than we read them; None if they do not, or not so deep
    that the parser could not stand it: then the reader finds it."""
    if not _ROOM.search(f"\n{text}") and text.count("[") + text.count("{") < _SAFE // 2:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return event.start_mark
    return None


def _syntax(error: yaml.YAMLError, shown: str, text: str) -> Problem:
    reason = str(getattr(error, "problem", None) or error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if "end of stream" in reason:  # an open quote or bracket: the end of the file is no place to look
        mark = getattr(error, "context_mark", None) or mark
    if isinstance(error, yaml.reader.ReaderError):
        before = text.encode()[: error.position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    else:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    if "\t" in (lines[line - 1] if line <= len(lines) else "")[:column]:
        return Problem(shown, line, column, "tab")
    return Problem(shown, line, column, "syntax", (("reason", reason),))


class _Reader:
    """Walks the nodes of one document, noting the place of each."""

    def __init__(self, document: Document, lines: list[str]) -> None:
        self.document = document
        self.lines = lines
        self.open: set[int] = set()

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self.document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if id(node) in self.open:  # an alias to its own holder
            self.document.problems.append(self.document.problem(path, "syntax", reason="an alias that holds itself"))
            return None
        if len(path) >= _DEEPEST:
            raise _TooDeep(node.start_mark)
        self.open.add(id(node))
        value = self.mapping(node, path) if isinstance(node, yaml.MappingNode) else self.sequence(node, path)
        self.open.discard(id(node))
        return value

    def sequence(self, node: yaml.Node, path: Path_) -> list[Any]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                self.document.problems.append(Problem(self.document.shown, *place, "bad-key"))
                continue
            here = (*path, key.value)
            if key.value in found:
                first = self.document.keys[here][0]
                self.document.problems.append(
                    Problem(self.document.shown, *place, "duplicate-key", (("key", key.value), ("first", first)))
                )
                continue
            self.document.keys[here] = place
            found[key.value] = self.value(value, here)
        return found

    def scalar(self, node: yaml.ScalarNode, path: Path_) -> Any:
        if node.style in ("|", ">"):
            self.block(node, path)
        kind = node.tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            if node.value.lower() not in ("true", "false"):
                self.document.problems.append(self.document.problem(path, "bare-yes", word=node.value))
            return node.value.lower() in ("true", "yes", "on")
        if kind == "int" and node.value.isascii() and node.value.isdecimal() and (node.value == "0" or node.value[0] != "0"):
            return int(node.value)
        return node.value

    def block(self, node: yaml.ScalarNode, path: Path_) -> None:
        """The place of a block of text is that of its first line, not of the "|" before it."""
        first = node.start_mark.line + 1
        row = next((row for row in range(first, len(self.lines)) if self.lines[row].strip()), None)
        if row is not None:
            column = len(self.lines[row]) - len(self.lines[row].lstrip())
            self.document.values[path] = ((first if node.style == "|" else row) + 1, column + 1)
        if node.style == "|":
            self.document.blocks.add(path)
