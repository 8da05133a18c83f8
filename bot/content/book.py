"""Reads every file under content/ into models that know their lines: the book, before any language is written out."""

import csv
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.content import form_models, models, place_models
from bot.content.faults import faults
from bot.content.fixed_models import Fixed
from bot.content.pictures import Drawing, read_pictures
from bot.content.places import Places, sound
from bot.content.problems import Problem
from bot.content.yaml_lines import Document, parse, read
from bot.conversation import Point, is_address

T = TypeVar("T")


@dataclass(slots=True)
class Page(Generic[T]):
    """One file, read. address: what it is called in translations; for a topic, its address."""

    address: str
    document: Document
    model: T
    _texts: tuple[models.TextField, ...] | None = None

    def texts(self) -> tuple[models.TextField, ...]:
        """Its translated fields, in order."""
        if self._texts is None:
            self._texts = tuple(models.translated(self.model, self.address))
        return self._texts


@dataclass
class Book:
    """All of content/. Of what could not be read stand the problems here, and the topics' addresses in `unread`."""

    bot: Page[models.Bot] | None = None
    fixed: Page[Fixed] | None = None
    hotlines: Page[models.Hotlines] | None = None
    redirects: Page[models.Redirects] | None = None
    words: Page[models.WordsFile] | None = None
    crisis: Page[models.Crisis] | None = None
    cues: Page[models.Cues] | None = None
    provinces: Page[place_models.Provinces] | None = None
    gates: Page[place_models.Gates] | None = None
    countries: Page[place_models.Countries] | None = None
    categories: Page[place_models.Categories] | None = None
    services: dict[str, Page[place_models.Services]] = field(default_factory=dict)
    forms: dict[str, Page[form_models.Form]] = field(default_factory=dict)
    communes: list[Point] = field(default_factory=list)
    topics: dict[str, Page[models.Topic]] = field(default_factory=dict)
    pictures: dict[str, Drawing] = field(default_factory=dict)
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
    if (folder / "cues.yaml").exists():
        book.cues = _read(book, folder / "cues.yaml", f"{name}/cues.yaml", "", models.Cues)
    if (folder / "redirects.yaml").exists():
        book.redirects = _read(book, folder / "redirects.yaml", f"{name}/redirects.yaml", "", models.Redirects)
    _read_places(book, folder)
    book.pictures = read_pictures(folder / "pictures")
    for file in sorted(folder.rglob("*.yml")):
        book.problems.append(Problem(f"{name}/{file.relative_to(folder).as_posix()}", 1, 1, "wrong-ending"))
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
        problems = [*document.problems, *(problem for _, problem in faults(document, kind, error))]
        return None, problems


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
