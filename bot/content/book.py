"""Reads every file under content/ into models that know their lines: the book, before any language is written out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.content import models
from bot.content.problems import Problem, nearest
from bot.content.yaml_lines import Document, Path_, read
from bot.conversation import is_address

T = TypeVar("T")


@dataclass(slots=True)
class Page(Generic[T]):
    """One file, read. address: what it is called in translations; for a topic, its address."""

    address: str
    document: Document
    model: T


@dataclass(slots=True)
class Book:
    """All of content/. Of what could not be read stand the problems here, and the topics' addresses in `unread`."""

    bot: Page[models.Bot] | None = None
    fixed: Page[models.Fixed] | None = None
    hotlines: Page[models.Hotlines] | None = None
    redirects: Page[models.Redirects] | None = None
    words: Page[models.WordsFile] | None = None
    crisis: Page[models.Crisis] | None = None
    topics: dict[str, Page[models.Topic]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def pages(self) -> Iterator[Page[Any]]:
        """Every page that holds sentences, in a fixed order."""
        yield from (page for page in (self.bot, self.fixed, self.hotlines) if page)
        yield from (self.topics[address] for address in sorted(self.topics))


def read_book(folder: Path) -> Book:
    """Read the folder. Never raises for what an author can get wrong."""
    book = Book()
    name = folder.name
    book.bot = _read(book, folder / "bot.yaml", f"{name}/bot.yaml", "", models.Bot)
    book.fixed = _read(book, folder / "screens.yaml", f"{name}/screens.yaml", "", models.Fixed)
    book.hotlines = _read(book, folder / "hotlines.yaml", f"{name}/hotlines.yaml", "hotlines", models.Hotlines)
    book.words = _read(book, folder / "words.yaml", f"{name}/words.yaml", "", models.WordsFile)
    book.crisis = _read(book, folder / "crisis.yaml", f"{name}/crisis.yaml", "", models.Crisis)
    if (folder / "redirects.yaml").exists():
        book.redirects = _read(book, folder / "redirects.yaml", f"{name}/redirects.yaml", "", models.Redirects)
    topics = folder / "topics"
    for file in sorted(topics.rglob("*.yaml")):
        if file.name.startswith((".", "#", "~")):  # what editors and systems put beside a file
            continue
        address = file.relative_to(topics).with_suffix("").as_posix()
        shown = f"{name}/topics/{address}.yaml"
        if not is_address(address):
            book.problems.append(Problem(shown, 1, 1, "bad-address", (("value", address),)))
            continue
        page: Page[models.Topic] | None = _read(book, file, shown, address, models.Topic)
        if page:
            book.topics[address] = page
        else:
            book.unread.add(address)
    return book


def _read(book: Book, file: Path, shown: str, address: str, kind: type[T] | Any) -> Page[T] | None:
    if not file.exists():
        book.problems.append(Problem(shown, 1, 1, "missing-file"))
        return None
    document = read(file, shown)
    book.problems += document.problems
    if document.value is None:
        return None
    try:
        return Page(address, document, TypeAdapter(kind).validate_python(document.value))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        inner = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
        for fault in faults:
            # pydantic says "too short" besides, where an item of the list was wrong
            if not (fault["type"] == "too_short" and fault["loc"] in inner):
                book.problems.append(_problem(document, kind, dict(fault)))
        return None


def _problem(document: Document, kind: Any, fault: dict[str, Any]) -> Problem:
    """One of pydantic's errors as a sentence for authors."""
    path: Path_ = tuple(step for step in fault["loc"] if step != "[key]")
    context, value, name = fault.get("ctx", {}), fault["input"], fault["type"]
    shown = "…" if isinstance(value, dict | list) else str(value)
    if name == "extra_forbidden":
        hint = nearest(str(path[-1]), _fields(kind, path[:-1]) - _written(document, path[:-1]))
        return document.problem(path, "unknown-key", at_key=True, hint=hint, key=path[-1])
    if name == "missing":
        return document.problem(path[:-1], "missing-key", at_key=len(path) > 1, key=path[-1])
    if name in _SIMPLE:
        return document.problem(path, _SIMPLE[name], value=shown)
    if name == "value_error":
        return document.problem(path, "wrong-form", value=shown, wanted=_FORMS[models._PARTIAL])
    if name.startswith("date"):
        return document.problem(path, "not-date", value=shown)
    if name == "string_too_long":
        return document.problem(path, "too-long", count=len(value), limit=context["max_length"])
    if name in ("string_too_short", "too_short"):
        return document.problem(path, "too-few", limit=context["min_length"])
    if name == "string_pattern_mismatch":
        return document.problem(path, "wrong-form", value=shown, wanted=_FORMS[context["pattern"]])
    if name in ("greater_than_equal", "less_than_equal"):
        return document.problem(path, "out-of-range", value=shown, allowed="1-36")
    return document.problem(path, "unreadable", reason=fault["msg"])


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
}


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
