"""The shapes of content/places/ and content/services/, as pydantic models: provinces, gates, countries, the directory."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.content.hours import is_hours
from bot.content.models import SUMMARY_LENGTH, Label, Line, Markdown, Model, Months, Names, PartialDate, Sentence, Url

Confidence = Literal["high", "medium", "low"]
Position = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
Code = Annotated[str, Field(pattern=r"^\d{2}$")]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]


def _hours(value: str) -> str:
    if not is_hours(value):
        raise ValueError
    return value


Hours = Annotated[str, AfterValidator(_hours)]


class Origin(Model):
    """Where an entry comes from. The title is not translated: it is what the source calls itself."""

    title: Annotated[str, Field(min_length=1, max_length=SUMMARY_LENGTH)]
    url: Url | None = None
    date: PartialDate | None = None


class OldProvince(Model):
    """One of the 63 until 30 June 2025. closed: the day from which its code is no longer valid, None where it lives on."""

    name: str
    code: Code
    seat: str
    area_code: Annotated[str, Field(pattern=r"^0\d{2,3}$")]
    cities: Names = ()
    also: Names = ()
    closed: date | None = None


class Province(Model):
    """One of the 34 of today, in content/places/provinces.yaml; its key is the address of its screen.

    code: of the National Statistics Office. since: the day from which the province exists as it is. position: latitude,
    longitude of the seat. also: other names. districts: abolished on 1 July 2025, each one of its name in the country.
    """

    name: str
    code: Code
    kind: Literal["province", "city"]
    seat: str
    since: date | None = None
    position: Position
    borders: tuple[Literal["laos", "cambodia", "china"], ...] = ()
    also: Names = ()
    old: Annotated[dict[str, OldProvince], Field(min_length=1)]
    districts: Names = ()


class SharedName(Model):
    """A name that several provinces have, so that we ask which one is meant."""

    name: str
    provinces: Annotated[Names, Field(min_length=2)]


class Provinces(Model):
    """content/places/provinces.yaml. shared: names of abolished districts that stand in several provinces."""

    provinces: dict[str, Province]
    shared: tuple[SharedName, ...] = ()
    sources: Annotated[tuple[Origin, ...], Field(min_length=1)]
    reviewed: date
    review_every: Months


class Gate(Model):
    """A border gate: an entry of content/places/gates.yaml; its key is its address, gate/<key>.

    also: names that people type. commune_from_source: a source names the commune (else it bears the gate's name).
    position: centre of the commune, not the gate. country: a key of countries.yaml.
    """

    name: Sentence
    short: str
    also: Names = ()
    level: Literal["international", "main", "secondary"]
    mode: Literal["road", "rail", "river"]
    province: str
    old_province: str
    district: str | None = None
    commune: str | None = None
    commune_from_source: bool = False
    position: Position | None = None
    opposite: str | None = None
    opposite_province: str | None = None
    country: str
    note: Sentence | None = None
    confidence: Confidence
    sources: Annotated[tuple[Origin, ...], Field(min_length=1)]
    reviewed: date
    review_every: Months


Gates = dict[str, Gate]


class Country(Model):
    """Where Vietnamese people go: an entry of content/places/countries.yaml; its key is its address, abroad/<key>.

    code: ISO 3166; its name comes from CLDR. towns: places there that people name. advice: what to do first there.
    """

    code: CountryCode
    also: Names = ()
    towns: Names = ()
    advice: Markdown | None = None


Countries = dict[str, Country]


class Category(Model):
    """What a service is for: an entry of content/categories.yaml; its key ends the address services/<province>/<key>.

    kinds: finer words of services.yaml that belong here. ask: ways people say that they need it, per language.
    otherwise: hotlines to offer where a province has none.
    """

    icon: str = ""
    title: Label
    summary: Line
    ask: dict[str, Names] = Field(default_factory=dict)
    otherwise: Annotated[Names, Field(min_length=1)]


Categories = dict[str, Category]


class Service(Model):
    """An entry of the directory: content/services/<province>.yaml; its key is its address, service/<key>.

    what_for: one line, what a person finds here. old_province: key of the province of before July 2025, where known.
    phones_unverified: numbers that nobody confirmed; shown only as such. hours: in the syntax of OpenStreetMap's
    opening_hours; emergency_hours: of the emergency room or line. position: latitude, longitude. free, insurance,
    no_papers, children, women_only: None where nobody knows. before_merger: the source is older than July 2025, so the
    address may name abolished units. openstreetmap: the entry or its position is from OpenStreetMap (ODbL).
    """

    name: Sentence
    what_for: Sentence | None = None
    categories: Annotated[Names, Field(min_length=1)]
    old_province: str | None = None
    address: str | None = None
    phones: Names = ()
    phones_unverified: Names = ()
    website: Url | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    hours: Hours | None = None
    emergency_hours: Hours | None = None
    position: Position | None = None
    free: bool | None = None
    insurance: bool | None = None
    no_papers: bool | None = None
    children: bool | None = None
    women_only: bool | None = None
    languages: Names = ()
    note: Sentence | None = None
    before_merger: bool = False
    openstreetmap: bool = False
    confidence: Confidence
    sources: Annotated[tuple[Origin, ...], Field(min_length=1)]
    reviewed: date
    review_every: Months

    @property
    def numbers(self) -> Names:
        """Every number, confirmed or not."""
        return (*self.phones, *self.phones_unverified)


Services = dict[str, Service]
