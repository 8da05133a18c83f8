"""Forms: checks, quizzes, surveys. Where somebody is in one follows from the answers so far and from nothing else: any old
session, any edition, any order of taps lead to a question or an ending, and no answer stands under another question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from bot.conversation.screens import Block

FORM = "form/"
# The last segments of addresses that are no option.
RESUME, RESTART, BACK, SKIP, DONE, TYPED = "resume", "restart", "back", "skip", "done", "typed"
_DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y", "%d %m %Y")

Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose. to: the question or ending that follows, "" for the next one. sign: what an ending says of it."""

    label: str
    to: str = ""
    points: int = 0
    sign: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """options: by key, in order; for the input "province" the provinces. why: shown after the answer."""

    options: Mapping[str, Option]
    choose: int = 1
    input: Literal["", "province", "number", "date", "text"] = ""
    least: int | date | None = None
    most: int | date | None = None
    skip: bool = False
    to: str = ""
    why: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """points: the least for it, None where only a jump leads to it. leads_to: a screen that follows at once."""

    points: int | None = None
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Questions and endings by key, in order, in one language. all: the most points there are."""

    key: str
    survey: bool
    questions: Mapping[str, Question]
    endings: Mapping[str, Ending]

    @property
    def all(self) -> int:
        return sum(max((option.points for option in q.options.values()), default=0) for q in self.questions.values())


class Walk(NamedTuple):
    """answers: those that still fit. at: the question or ending that they lead to. points: so far."""

    answers: Answers
    at: str
    points: int


def walk(form: Form, answers: Answers) -> Walk:
    """Follow the answers; what does not fit (any more) is dropped with all that came after."""
    at, points, kept = next(iter(form.questions)), 0, 0
    for question, said in answers:
        if question != at or at not in form.questions or not _fits(form.questions[at], said):
            break
        kept += 1
        asked = form.questions[at]
        if not _is_complete(asked, said):
            break
        chosen = [asked.options[key] for key in keys(said) if key in asked.options]
        points += sum(option.points for option in chosen)
        at = next((o.to for o in chosen if o.to), "") or asked.to or _following(form, at) or _by_points(form, points)
    return Walk(answers[:kept], at, points)


def keys(said: str) -> list[str]:
    """The options that an answer chose."""
    return said.rstrip(".").split(",")


def _fits(question: Question, said: str) -> bool:
    if said == SKIP:
        return question.skip
    if question.input in ("number", "date", "text"):
        return _typed(question, said, str) == said
    chosen = keys(said)
    return len(set(chosen)) == len(chosen) <= question.choose and all(key in question.options for key in chosen)


def _is_complete(question: Question, said: str) -> bool:
    """Of several options that may be chosen, all were, or the person said that it is enough (".")."""
    return said == SKIP or said.endswith(".") or bool(question.input) or len(keys(said)) == question.choose


def _following(form: Form, question: str) -> str:
    order = list(form.questions)
    return next(iter(order[order.index(question) + 1 :]), "")


def _by_points(form: Form, points: int) -> str:
    reached = [(ending.points, key) for key, ending in form.endings.items() if ending.points is not None]
    return max((entry for entry in reached if entry[0] <= points), default=min(reached, default=(0, next(iter(form.endings)))))[
        1
    ]


class Step(NamedTuple):
    """What an address of a form does. answers: from now on. notice: what has to be said besides, by name. before: the
    question that was answered just now, "" if none was."""

    answers: Answers
    notice: str = ""
    before: str = ""


def step(form: Form, answers: Answers, rest: list[str], typed: str, province: Callable[[str], str]) -> Step:
    """Answer, go back, begin anew or look. What does not belong to the question that is asked now changes nothing.

    rest: the address without form/<form>. province: the one that typed words mean, "" if it is not clear.
    """
    answers, at, _ = walk(form, answers)
    if rest == [RESTART]:
        return Step(())
    if len(rest) != 2:
        return Step(answers)
    question, said = rest
    if said == BACK:
        return Step(_without_last(answers, at) if question == at else answers)
    if question != at or at not in form.questions:
        given = dict(answers).get(question, "")
        again = said in (*keys(given), given) or (said == DONE and given.endswith("."))
        return Step(answers, "" if again else "old_question")
    asked = form.questions[at]
    before = answers[-1][1] if answers and answers[-1][0] == at else ""
    value = _typed(asked, typed, province) if said == TYPED else _chosen(asked, before, said)
    if not value:
        return Step(answers, f"type_{asked.input}" if said == TYPED and asked.input else "")
    answers = answers[:-1] if before else answers
    answers = (*answers, (at, value)) if value != "." else answers
    return Step(answers, "", at if walk(form, answers).at != at else "")


def cleaned(form: Form, answers: Answers) -> Answers:
    """The answers as they are kept: without the mark that no more options were wanted."""
    several = {key for key, question in form.questions.items() if question.choose > 1}
    return tuple((question, said.rstrip(".") if question in several else said) for question, said in answers)


def _without_last(answers: Answers, at: str) -> Answers:
    """Back at the question before: its answer is taken back, with what was chosen of this one."""
    answers = answers[:-1] if answers and answers[-1][0] == at else answers
    return answers[:-1]


def _chosen(question: Question, before: str, said: str) -> str:
    """The answer after a tap on an option; "" if it changes nothing; "." if nothing is chosen any more."""
    if said == SKIP:
        return SKIP if question.skip else ""
    if question.choose == 1 or question.input:
        return said if said in question.options else ""
    if said == DONE:
        return f"{before}." if before else ""
    if said not in question.options:
        return ""
    chosen = keys(before) if before else []
    chosen = [key for key in chosen if key != said] if said in chosen else [*chosen, said]
    return ",".join(chosen) or "."


def _typed(question: Question, typed: str, province: Callable[[str], str]) -> str:
    """What was typed as an answer in one spelling, "" if it is none."""
    typed = typed.strip()
    if question.input == "province":
        found = province(typed)
        return found if found in question.options else ""
    if question.input == "text":
        fits = isinstance(question.most, int) and 0 < len(typed) <= question.most and typed != SKIP
        return typed if fits else ""
    value: int | date | None = None
    if question.input == "number" and len(typed) < 12 and typed.isdecimal():
        value = int(typed)
    elif question.input == "date":
        value = _date(typed)
    if value is None or (question.least is not None and value < question.least):  # type: ignore[operator]
        return ""
    return "" if question.most is not None and value > question.most else str(value)  # type: ignore[operator]


def _date(typed: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None
