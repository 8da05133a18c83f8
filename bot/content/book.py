"""Reads every file under content/ into models that know their lines: the book, before any language is written out."""

import csv
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.content import form_models, models, place_models
from bot.content.fixed_models import Fixed
from bot.content.places import Places, sound
from bot.content.problems import Problem, nearest
from bot.content.yaml_lines import Document, Path_, parse, read
from bot.conversation import Point, is_address

T = TypeVar("T")


@dataclass(slots=True)
class Page(Generic[T]):
    """One file, read. address: what it is called in translations; for a topic, its address."""

    address: str
    document: Document
    model: T


@dataclass
class Book:
    """All of content/. Of what could not be read stand the problems here, and the topics' addresses in `unread`."""

    bot: Page[models.Bot] | None = None
    fixed: Page[Fixed] | None = None
    hotlines: Page[models.Hotlines] | None = None
    redirects: Page[models.Redirects] | None = None
    words: Page[models.WordsFile] | None = None
    crisis: Page[models.Crisis] | None = None
    provinces: Page[place_models.Provinces] | None = None
    gates: Page[place_models.Gates] | None = None
    countries: Page[place_models.Countries] | None = None
    categories: Page[place_models.Categories] | None = None
    services: dict[str, Page[place_models.Services]] = field(default_factory=dict)
    forms: dict[str, Page[form_models.Form]] = field(default_factory=dict)
    communes: list[Point] = field(default_factory=list)
    topics: dict[str, Page[models.Topic]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def pages(self) -> Iterator[Page[Any]]:
        """Every page that holds sentences, in a fixed order."""
        kinds = (self.bot, self.fixed, self.hotlines, self.gates, self.countries, self.categories)
        yield from (page for page in kinds if page)
        yield from (self.services[province] for province in sorted(self.services))
        yield from (self.forms[key] for key in sorted(self.forms))
        yield from (self.topics[address] for address in sorted(self.topics))

    @cached_property
    def places(self) -> Places:
        """What is known of places and services; what could not be read, or names what is not there, is left out."""
        places = Places(
            self.provinces.model.provinces if self.provinces else {},
            self.provinces.model.shared if self.provinces else (),
            self.gates.model if self.gates else {},
            self.countries.model if self.countries else {},
            self.categories.model if self.categories else {},
            {key: (province, s) for province, page in self.services.items() for key, s in page.model.items()},
            self.communes,
        )
        return sound(places, self.hotlines.model if self.hotlines else {})


def read_book(folder: Path) -> Book:
    """Read the folder. Never raises for what an author can get wrong."""
    book = Book()
    name = folder.name
    book.bot = _read(book, folder / "bot.yaml", f"{name}/bot.yaml", "", models.Bot)
    book.fixed = _read(book, folder / "screens.yaml", f"{name}/screens.yaml", "", Fixed)
    book.hotlines = _read(book, folder / "hotlines.yaml", f"{name}/hotlines.yaml", "hotlines", models.Hotlines)
    book.words = _read(book, folder / "words.yaml", f"{name}/words.yaml", "", models.WordsFile)
    book.crisis = _read(book, folder / "crisis.yaml", f"{name}/crisis.yaml", "", models.Crisis)
    if (folder / "redirects.yaml").exists():
        book.redirects = _read(book, folder / "redirects.yaml", f"{name}/redirects.yaml", "", models.Redirects)
    _read_places(book, folder)
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


def _read_places(book: Book, folder: Path) -> None:
    """Provinces, gates, countries, services, forms. A bot may do without, so a file that is not there is no problem."""

    def optional(path: str, address: str, kind: Any) -> Page[Any] | None:
        return _read(book, folder / path, f"{folder.name}/{path}", address, kind) if (folder / path).exists() else None

    book.provinces = optional("places/provinces.yaml", "", place_models.Provinces)
    book.gates = optional("places/gates.yaml", "gate", place_models.Gates)
    book.countries = optional("places/countries.yaml", "abroad", place_models.Countries)
    book.categories = optional("categories.yaml", "categories", place_models.Categories)
    for file in sorted((folder / "services").glob("*.yaml")):
        if not file.name.startswith((".", "#", "~")):
            page = optional(f"services/{file.name}", "service", place_models.Services)
            if page:
                book.services[file.stem] = page
    for file in sorted((folder / "forms").glob("*.yaml")):
        if not file.name.startswith((".", "#", "~")):
            page = optional(f"forms/{file.name}", f"form/{file.stem}", form_models.Form)
            if page:
                book.forms[file.stem] = page
    _read_communes(book, folder / "places" / "communes.csv", f"{folder.name}/places/communes.csv")


def _read_communes(book: Book, file: Path, shown: str) -> None:
    """Each row a commune: its province, and where its centre is."""
    if not file.exists():
        return
    points = list[Point]()
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            for found in csv.DictReader(stream):
                points.append(Point(float(found["latitude"]), float(found["longitude"]), found["province"]))
    except UnicodeDecodeError:
        book.problems.append(Problem(shown, 1, 1, "unreadable", (("reason", "not UTF-8"),)))
    except (KeyError, TypeError, ValueError):
        wanted = "a row such as Mộc Bài,tay-ninh,11.0920,106.1850 under commune,province,latitude,longitude"
        book.problems.append(Problem(shown, len(points) + 2, 1, "wrong-form", (("value", "…"), ("wanted", wanted))))
    else:
        book.communes = points


def _read(book: Book, file: Path, shown: str, address: str, kind: Any) -> Page[Any] | None:
    if not file.exists():
        book.problems.append(Problem(shown, 1, 1, "missing-file"))
        return None
    page: Page[Any] | None
    try:
        page, problems = _page(file.read_bytes(), shown, address, kind)
    except OSError:
        page, problems = None, read(file, shown).problems
    book.problems += problems
    return page


@lru_cache(maxsize=1024)
def _page(content: bytes, shown: str, address: str, kind: Hashable) -> tuple[Page[Any] | None, list[Problem]]:
    """One file, read. After a correction only the file that changed is read anew; nobody changes a page."""
    document = parse(content, shown)
    if document.value is None:
        return None, document.problems
    try:
        return Page(address, document, _adapter(kind).validate_python(document.value)), document.problems
    except ValidationError as error:
        faults = error.errors(include_url=False)
        inner = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
        problems = list(document.problems)
        for fault in faults:
            # pydantic says "too short" besides, where an item of the list was wrong
            if not (fault["type"] == "too_short" and fault["loc"] in inner):
                problems.append(_problem(document, kind, dict(fault)))
        return None, problems


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


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
        return document.problem(path, "wrong-form", value=shown, wanted=wanted, hint=hint)
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
