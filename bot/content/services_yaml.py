"""Writes services into the text of content/services/<province>.yaml, so that a diff shows what changed and nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.content.place_models import Service
from bot.content.service_fields import FIELDS, is_default
from bot.content.yaml_lines import Document

TOP = "# yaml-language-server: $schema=../schema/services.json\n# © OpenStreetMap contributors, ODbL\n"
# What needs no quotes; of plain words those that YAML takes for something else need them.
_WORD = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9-]*")
_URL = re.compile(r"https?://[\w/?&=.~%+@;:-]*[\w/]", re.ASCII)
_EMAIL = re.compile(r"\w[\w.+-]*@[\w-]+(\.[\w-]+)+", re.ASCII)
_PLAIN = {"old_province": _WORD, "confidence": _WORD, "website": _URL, "url": _URL, "email": _EMAIL}
_DATE = re.compile(r"\d{4}(-\d\d)?(-\d\d)?")
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of one entry. old: as it was, None if it is new."""

    key: str
    old: Service | None
    new: Service


def rewrite(text: str, document: Document, edits: Mapping[str, Edit]) -> str:
    """The file with these entries changed in their places, and new ones at the end. document: the file, as it was read."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    spans = _spans(lines, document, (), len(lines))
    for key in reversed(spans):
        if key in edits:
            start, end = spans[key]
            lines[start:end] = _changed(lines, document, edits[key], start, end)
    for key, edit in edits.items():
        if key not in spans:
            lines += ["", *write_entry(key, edit.new)]
    return ending.join([*lines, ""])


def write_file(services: Mapping[str, Service], top: str = TOP) -> str:
    """A whole file. top: the comments that it begins with."""
    return top + "\n".join("\n".join([*write_entry(key, service), ""]) for key, service in services.items())


def top_of(text: str) -> str:
    """The comments that a file begins with."""
    found = re.match(r"(?:[ \t]*#[^\n]*\n|[ \t]*\r?\n)*", text)
    return found[0] if found else ""


def write_entry(key: str, service: Service) -> list[str]:
    """The lines of one entry; what says no more than its absence is left out."""
    lines = [f"{key if _WORD.fullmatch(key) else quoted(key)}:"]
    for name in FIELDS:
        if not is_default(service, name):
            lines += _field(name, getattr(service, name))
    return lines


def _spans(lines: list[str], document: Document, path: tuple[str, ...], end: int) -> dict[str, tuple[int, int]]:
    """For each key below a path the lines it fills, from 0; comments and empty lines before the next key are that key's."""
    begins = sorted((place[0] - 1, str(at[-1])) for at, place in document.keys.items() if at[:-1] == path)
    spans = {}
    for (start, key), after in zip(begins, [*(start for start, _ in begins[1:]), end], strict=True):
        last = after
        while last > start + 1 and not lines[last - 1].partition("#")[0].strip():
            last -= 1
        spans[key] = (start, last)
    return spans


def _changed(lines: list[str], document: Document, edit: Edit, start: int, end: int) -> list[str]:
    """The lines of an entry with only those fields written anew that changed."""
    spans = _spans(lines, document, (edit.key,), end)
    starts = [span[0] for span in spans.values()]
    if edit.old is None or len({start, *starts}) <= len(starts):  # several fields on one line
        return write_entry(edit.key, edit.new)
    depth = document.keys[(edit.key, next(iter(spans)))][1] - 1
    places = []
    for order, name in enumerate(FIELDS):
        if getattr(edit.old, name) != getattr(edit.new, name):
            new = [] if is_default(edit.new, name) else _field(name, getattr(edit.new, name), depth)
            before = max((spans[key][1] for key in list(FIELDS)[:order] if key in spans), default=start + 1)
            places.append((*spans.get(name, (before, before)), order, new))
    found = lines[start:end]
    for first, last, _, new in sorted(places, reverse=True):  # from below, so that the lines above keep their numbers
        found[first - start : last - start] = new
    return found


def _field(name: str, value: Any, depth: int = 2) -> list[str]:
    """The lines of one field."""
    space = " " * depth
    if FIELDS[name] == "sources":
        return [f"{space}sources:", *(line for origin in value for line in _origin(origin.model_dump(mode="json"), space))]
    if FIELDS[name] in ("list", "position"):
        return [f"{space}{name}: [{', '.join(_scalar(name, item) for item in value)}]"]
    return [f"{space}{name}: {_scalar(name, value)}"]


def _origin(origin: Mapping[str, str | None], space: str) -> Iterator[str]:
    said = [(name, value) for name, value in origin.items() if value is not None]
    for index, (name, value) in enumerate(said):
        yield f"{space}  {'  ' if index else '- '}{name}: {_scalar(name, value)}"


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    plain = _DATE if name == "date" else _PLAIN.get(name) or (_WORD if FIELDS.get(name) == "list" else None)
    return value if plain and plain.fullmatch(value) else quoted(value)


def quoted(text: str) -> str:
    """In double quotes, as YAML reads them; what cannot be seen is written as a number."""
    return f'"{"".join(_character(character) for character in text)}"'


def _character(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
