"""Facts that a turn leaves behind for the store. They name no person, and tell nothing that one person alone wrote."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Viewed:
    """A screen was shown. campaign: the mark of the link or poster that led here, "" without one."""

    day: date
    channel: str
    language: str
    address: str
    campaign: str = ""


Kind = Literal["report", "helpful", "not-helpful", "answered", "unsure", "not-understood", "form", "forgotten", "exit"]


@dataclass(frozen=True, slots=True)
class Counted:
    """Something else happened, to be counted.

    kind, with its address: report: a service's number does not work; helpful, not-helpful: a page; answered, unsure,
    not-understood: typed words, by the screen they were typed on; form: a question was answered or an ending reached.
    """

    day: date
    kind: Kind
    channel: str
    language: str
    address: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished survey. answers: question and answer, in the order of asking. It counts once for a person."""

    day: date
    form: str
    language: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing was found. words: of what was asked those that our pages know, sorted; kept once several people asked alike."""

    day: date
    language: str
    words: tuple[str, ...]


Record = Viewed | Counted | Answered | Unanswered
