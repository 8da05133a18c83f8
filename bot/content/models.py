"""The shapes of the content files, as pydantic models. What is translated is marked so, here and nowhere else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, get_args

from annotated_types import MaxLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.fields import FieldInfo

# A menu label past this is cut on a phone of 360 pixels.
LABEL_LENGTH = 40
SUMMARY_LENGTH = 100
LIST_LENGTH = 6
_PARTIAL = r"^\d{4}(-(0\d|1[0-2])(-[0-3]\d)?)?$"


@dataclass(frozen=True, slots=True)
class Translated:
    """This field is translated: as one sentence, or as marked-up text, paragraph by paragraph."""

    markup: bool = False


def _text_of_number(value: object) -> object:
    return str(value) if type(value) is int else value


def _nothing_if_blank(value: object) -> object:
    return "" if isinstance(value, str) and not value.strip() else value


_BLANK = BeforeValidator(_nothing_if_blank)
Sentence = Annotated[str, Field(min_length=1), _BLANK, Translated()]
Label = Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH), _BLANK, Translated()]
Line = Annotated[str, Field(min_length=1, max_length=SUMMARY_LENGTH), _BLANK, Translated()]
Markdown = Annotated[str, Field(min_length=1), _BLANK, Translated(markup=True)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


def _exists(value: str) -> str:
    """Is there such a month, and such a day?"""
    date.fromisoformat((value + "-01-01")[:10])
    return value


PartialDate = Annotated[
    str,
    BeforeValidator(_text_of_number),
    Field(pattern=_PARTIAL),
    AfterValidator(_exists),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _PARTIAL}, {"type": "integer"}]}),
]
Months = Annotated[int, Field(ge=1, le=36)]
Names = tuple[str, ...]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Model):
    """Where a fact comes from. date: what the source itself carries, as exact as it is known."""

    title: Line
    url: Url | None = None
    date: PartialDate | None = None


class Picture(Model):
    """A topic's picture. file: in content/pictures/; alt: what it shows, for those who do not see it."""

    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.(png|jpg)$")]
    alt: Line


class Topic(Model):
    """A page: content/topics/<section>/<topic>.yaml. `hotlines` are ids of hotlines.yaml, `ask` is for search only.

    services: categories of the directory that are offered in the person's province.
    """

    icon: str = ""
    title: Label
    summary: Line
    picture: Picture | None = None
    danger: Markdown | None = None
    hotlines: Names = ()
    body: Markdown
    services: Names = ()
    see_also: Names = ()
    ask: dict[str, Names] = {}
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    reviewed: date
    review_every: Months


class Hotline(Model):
    """Numbers to call: an entry of content/hotlines.yaml. old: the source is old or weak, so its year is shown."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    numbers: Annotated[Names, Field(min_length=1)]
    name: Sentence
    what_for: Sentence
    hours: Sentence | None = None
    cost: Sentence | None = None
    source: Url
    dated: PartialDate | None = None
    old: bool = False
    reviewed: date
    review_every: Months


Hotlines = dict[str, Hotline]


class Language(Model):
    """reviewed: a native speaker has read it. fallback: where a sentence comes from that is not translated."""

    reviewed: bool
    fallback: Names = ()


class Section(Model):
    """A menu: of topics, and of sections inside."""

    icon: str = ""
    title: Label
    summary: Line
    items: Annotated[Names, Field(min_length=1)]


class Bot(Model):
    """content/bot.yaml. source: the language that content is written in. otherwise: for people who read none of ours."""

    name: str
    languages: dict[str, Language]
    source: str
    otherwise: str
    home: Annotated[Names, Field(min_length=1)]
    sections: dict[str, Section]


class WordsFile(Model):
    """content/words.yaml: how people spell, and what they mean by it. Never shown."""

    spelling: dict[str, str]
    same: tuple[Names, ...]
    filler: dict[str, Names]


class Crisis(Model):
    """content/crisis.yaml: phrases of danger by kind and language, and what only sounds like danger."""

    kinds: dict[str, dict[str, Names]]
    harmless: dict[str, Names]


# How much a weak cue weighs.
Weight = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$"), WithJsonSchema({"type": "string"})]
# content/cues.yaml: "danger", "harmless" or a kind of danger -> weight -> words, learned from what people write. Never shown.
Cues = dict[str, dict[Weight, str]]
Redirects = dict[str, str]


@dataclass(frozen=True, slots=True)
class TextField:
    """A translated field of a model: where it stands, its gettext context, its text, whether that is marked up.

    longest: the most characters that it may have in any language, 0 for no limit.
    """

    path: tuple[str | int, ...]
    context: str
    text: str
    markup: bool
    longest: int = 0


@cache
def _fields(kind: type[BaseModel]) -> list[tuple[str, str, Translated | None, int]]:
    """The fields of a model that are translated or may hold some that are: name, key in the file, how it is translated, its
    longest text (0: any)."""
    found = []
    for name, info in kind.model_fields.items():
        mark = _mark(info)
        if mark or _holds(info.annotation):
            longest = next((m.max_length for m in info.metadata if isinstance(m, MaxLen)), 0)
            found.append((name, info.alias or name, mark, longest))
    return found


def _holds(annotation: Any) -> bool:
    """Are there models in it that have translated fields?"""
    if inside := get_args(annotation):
        return any(map(_holds, inside))
    return isinstance(annotation, type) and issubclass(annotation, BaseModel) and bool(_fields(annotation))


def _mark(info: FieldInfo) -> Translated | None:
    optional = [m for kind in get_args(info.annotation) for m in getattr(kind, "__metadata__", ())]
    return next((m for m in (*info.metadata, *optional) if isinstance(m, Translated)), None)


def translated(value: Any, context: str, path: tuple[str | int, ...] = ()) -> Iterator[TextField]:
    """Every translated field of a model and all inside it, in the order of the model.

    The context is the address of the file and the names on the way to the field, without list positions.
    """
    if isinstance(value, BaseModel):
        for name, key, mark, longest in _fields(type(value)):
            inner = getattr(value, name)
            here = f"{context}/{key}".lstrip("/")
            if not mark:
                yield from translated(inner, here, (*path, key))
            elif inner is not None:
                yield TextField((*path, key), here, inner, mark.markup, longest)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from translated(inner, f"{context}/{key}".lstrip("/"), (*path, key))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from translated(inner, context, (*path, index))
