"""What does not fit a model, as sentences for authors: pydantic's errors with file, line, column and the right word."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bot.content import models
from bot.content.problems import Problem, nearest
from bot.content.yaml_lines import Document, Path_


def faults(document: Document, kind: Any, error: ValidationError) -> Iterator[tuple[Path_, Problem]]:
    """Each fault with its path, once: pydantic says "too short" besides, where an item of the list was wrong."""
    found = error.errors(include_url=False)
    inner = {fault["loc"][:depth] for fault in found for depth in range(len(fault["loc"]))}
    for fault in found:
        if not (fault["type"] == "too_short" and fault["loc"] in inner):
            yield fault["loc"], _problem(document, kind, dict(fault))


def _problem(document: Document, kind: Any, fault: dict[str, Any]) -> Problem:
    """One of pydantic's errors as a sentence for authors."""
    path: Path_ = tuple(step for step in fault["loc"] if step != "[key]")
    context, value, name = fault.get("ctx", {}), fault["input"], fault["type"]
    shown = "…" if isinstance(value, dict | list) else str(value)
    if name == "extra_forbidden":
        hint = nearest(str(path[-1]), _fields(kind, path[:-1]) - _written(document, path[:-1]))
        return document.problem(path, "unknown-key", at_key=True, hint=hint, key=path[-1])
    if wanted := _wanted(path, name, context):
        hint = nearest(shown, wanted.split("'")[1::2])
        return document.problem(path, "wrong-form", at_key="[key]" in fault["loc"], value=shown, wanted=wanted, hint=hint)
    if name == "missing":
        return document.problem(path[:-1], "missing-key", at_key=len(path) > 1, key=path[-1])
    if name in _SIMPLE:
        return document.problem(path, _SIMPLE[name], value=shown)
    if name.startswith("date"):
        return document.problem(path, "not-date", value=shown)
    if name == "string_too_long":
        return document.problem(path, "too-long", count=len(value), limit=context["max_length"])
    if name in ("string_too_short", "too_short"):
        return document.problem(path, "too-few", limit=context["min_length"])
    if name in ("greater_than_equal", "less_than_equal"):
        return document.problem(path, "out-of-range", value=shown, allowed=_RANGES.get(str(path[-1]), "1-36"))
    return document.problem(path, "unreadable", reason=fault["msg"])


def _wanted(path: Path_, name: str, context: dict[str, Any]) -> str:
    """What a value should look like, "" where something else is wrong with it."""
    field = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if field in _WANTED and (name != "missing" or path[-1] != field):
        return _WANTED[field]
    if name == "literal_error":
        return str(context["expected"])
    if name == "string_pattern_mismatch":
        return _FORMS[context["pattern"]]
    return _FORMS[models._PARTIAL] if name == "value_error" else ""


_SIMPLE = {
    "string_type": "not-text",
    "list_type": "not-list",
    "tuple_type": "not-list",
    "dict_type": "not-mapping",
    "model_type": "not-mapping",
    "model_attributes_type": "not-mapping",
    "int_type": "not-number",
    "int_parsing": "not-number",
    "int_from_float": "not-number",
    "bool_type": "not-true-false",
    "bool_parsing": "not-true-false",
}
_FORMS = {
    "^[A-Z]{2}$": "a country code such as VN",
    r"^https?://[^\s]+$": "a web address (https://…)",
    r"^\d{4}(-(0\d|1[0-2])(-[0-3]\d)?)?$": "a date: YYYY, YYYY-MM or YYYY-MM-DD",
    r"^[a-z0-9][a-z0-9-]*\.(png|jpg)$": "a picture's name such as mask-steps.png (a-z, 0-9 and '-', then .png or .jpg)",
    r"^\d+(\.\d+)?$": 'a weight in quotes, such as "2.5"',
    r"^\d{2}$": 'two digits in quotes, such as "01"',
    r"^0\d{2,3}$": 'an area code in quotes, such as "024"',
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "an e-mail address",
}
# What is wanted under these keys, whatever is wrong with what stands there.
_WANTED = {
    "hours": "opening hours such as Mo-Fr 07:00-17:00",
    "emergency_hours": "opening hours such as Mo-Fr 07:00-17:00",
    "position": "a position: [latitude, longitude], such as [11.3291, 106.1062]",
}
_RANGES = {"choose": "1-5", "longest": "1-300"}


def _fields(kind: Any, path: Path_) -> set[str]:
    """The keys that are allowed at a path of a model."""
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {info.alias or name: info.annotation for name, info in kind.model_fields.items()}
            kind = fields.get(str(step))
        else:  # a dict or a tuple of models: what it holds is its last argument that is a class of ours
            kind = next((a for a in reversed(get_args(kind)) if a is not Ellipsis), None)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {info.alias or name for name, info in kind.model_fields.items()}
    return set()


def _written(document: Document, path: Path_) -> set[str]:
    value = document.value
    for step in path:
        value = value[step]
    return set(value)
