"""The shapes of content/forms/<form>.yaml, as pydantic models: checks (decision trees), quizzes, surveys."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from bot.content.models import Label, Line, Markdown, Model, Months, Names, Sentence, Source


class Option(Model):
    """One answer. to: the question or ending that follows, where that is not the next question in the file.

    points: what it adds. sign: a line that the ending lists if this was chosen. right: of a quiz.
    """

    label: Label
    to: str | None = None
    points: int = 0
    sign: Sentence | None = None
    right: bool = False


class Question(Model):
    """Either options, or `input`: provinces (the 34 to choose from), number or date (least, most), text (longest).

    choose: how many options may be chosen. why: shown after the answer, in a quiz with its sources. skip: may be left
    unanswered; to: what follows an answer that is typed or a question that is skipped, where that is not the next one.
    """

    text: Markdown
    options: dict[str, Option] = Field(default_factory=dict)
    choose: Annotated[int, Field(ge=1, le=5)] = 1
    input: Literal["province", "number", "date", "text"] | None = None
    least: int | date | None = None
    most: int | date | None = None
    longest: Annotated[int, Field(ge=1, le=300)] | None = None
    skip: bool = False
    to: str | None = None
    why: Markdown | None = None
    sources: tuple[Source, ...] = ()


class Ending(Model):
    """What a form ends with. Reached by a jump, or by points: the ending with the highest `points` that was reached.

    points: the least points for this ending; None for an ending that is only reached by a jump. leads_to: an address
    whose screen is shown at once, after this text. hotlines, see_also: as in a topic.
    """

    points: int | None = None
    danger: Markdown | None = None
    hotlines: Names = ()
    text: Markdown
    leads_to: str | None = None
    see_also: Names = ()


class Form(Model):
    """A form: content/forms/<form>.yaml; its address is form/<form>. intro: what it is, what it is not, what is kept.

    Questions are asked in the order of the file. signs: the heading above the signs that an ending lists.
    """

    kind: Literal["check", "quiz", "survey"]
    icon: str = ""
    title: Label
    summary: Line
    intro: Markdown
    questions: Annotated[dict[str, Question], Field(min_length=1)]
    endings: Annotated[dict[str, Ending], Field(min_length=1)]
    see_also: Names = ()
    ask: dict[str, Names] = Field(default_factory=dict)
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    reviewed: date
    review_every: Months
