"""A survey with its answer sheets: months instead of days, answers under the question that they were given to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.conversation import Catalog, Edition, Form, Question
from bot.settings import SettingsError
from bot.store.reading import Filled, sheets_of, steps_of

# How a question that was left out stands in a sheet (bot/conversation/forms.py).
SKIP = "skip"
PROVINCE = "province"
ENGLISH = "en"


class Words(NamedTuple):
    """A text in the language that content is written in, and in English, "" where that is the same or missing."""

    source: str
    english: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. kind: one or several of its options; else province, number, date or text; gone: asked in former times.

    options: by key, also those that only old sheets hold. leads: the answer decides which question comes next.
    """

    key: str
    text: Words
    kind: str
    options: Mapping[str, Words] = field(default_factory=dict)
    leads: bool = False

    @property
    def is_choice(self) -> bool:
        return self.kind in ("one", "several", PROVINCE)


class Sheet(NamedTuple):
    """What one person handed in. answers: by question, in the order of the options; a question that is not there was
    not asked, since an answer led past it."""

    month: str
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Survey:
    """asked: in the order of asking. reached: how often each question and ending was. form: what leads where."""

    key: str
    title: Words
    asked: tuple[Asked, ...]
    sheets: tuple[Sheet, ...]
    reached: Mapping[str, int]
    form: Form
    source: str

    @property
    def province(self) -> str:
        """The question about the province; "" if there is none."""
        return next((asked.key for asked in self.asked if asked.kind == PROVINCE), "")


async def read_survey(engine: AsyncEngine, catalog: Catalog, key: str) -> Survey:
    """All of a survey. Raises Unavailable, and SettingsError if there is no such survey."""
    edition = catalog.editions[catalog.source]
    surveys = [name for name, form in edition.forms.items() if form.survey]
    if key not in surveys:
        raise SettingsError(f"ID: '{key}' is no survey; allowed: {', '.join(surveys) or 'there is none'}")
    return survey(catalog, key, await sheets_of(engine, key), await steps_of(engine, key))


def survey(catalog: Catalog, key: str, filled: Iterable[Filled], reached: Mapping[str, int]) -> Survey:
    """The same from what was read already."""
    edition, other = catalog.editions[catalog.source], catalog.editions.get(ENGLISH)
    other = other if catalog.source != ENGLISH else None
    form, filled = edition.forms[key], list(filled)
    asked = [_asked(edition, other, form, name, filled) for name in form.questions]
    gone = sorted({question for one in filled for question in one.answers} - set(form.questions))
    asked += [Asked(name, Words(name), "gone", {}) for name in gone]
    title = _both(*(_title(one, key) if one else "" for one in (edition, other)))
    sheets = tuple(Sheet(f"{one.day:%Y-%m}", _answers(asked, one.answers)) for one in filled)
    return Survey(key, title, tuple(asked), sheets, reached, form, catalog.source)


def _asked(edition: Edition, other: Edition | None, form: Form, name: str, filled: list[Filled]) -> Asked:
    question, address = form.questions[name], f"form/{form.key}/{name}"
    kind = question.input or ("several" if question.choose > 1 else "one")
    options = {}
    for key, option in question.options.items():
        options[key] = _both(option.label, other.forms[form.key].questions[name].options[key].label if other else "")
    if options:
        given = {part for one in filled for part in _parts(kind, one.answers.get(name, ""))}
        options |= {key: Words(key) for key in sorted(given - set(options) - {SKIP})}
    text = _both(_text(edition, address), _text(other, address) if other else "")
    return Asked(name, text, kind, options, _leads(question))


def _leads(question: Question) -> bool:
    return len({option.to or question.to for option in question.options.values()} | {question.to}) > 1


def _both(source: str, english: str) -> Words:
    return Words(source, english if english != source else "")


def _title(edition: Edition, key: str) -> str:
    """Without the picture before it."""
    title = edition.screens[f"form/{key}"].title
    picture, _, rest = title.partition(" ")
    return title if any(map(str.isalnum, picture)) else rest


def _text(edition: Edition, address: str) -> str:
    """The text of a question, without what stands around it."""
    return " ".join(block.text.plain for block in edition.screens[address].blocks if block.kind == "text")


def _parts(kind: str, said: str) -> list[str]:
    return [part for part in (said.split(",") if kind == "several" else [said]) if part]


def _answers(asked: Iterable[Asked], given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for question in asked:
        parts = _parts(question.kind, given.get(question.key, ""))
        order = list(question.options)
        if parts:
            found[question.key] = tuple(sorted(parts, key=lambda part: order.index(part) if part in order else -1))
    return found
