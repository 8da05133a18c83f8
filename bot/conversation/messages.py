"""What a person can do, whatever app they use. Each channel decodes its own JSON into one of these."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing a person did.

    channel: the door's name, e.g. "telegram". person: the app's id of the person, as text.
    at: when, with time zone. id: the same text for each delivery of the same event; "" where the app gives none.
    languages: what the app says the person reads, best first, as BCP 47 tags; only a hint.
    """

    channel: str
    person: str
    at: datetime
    id: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Incoming):
    """Typed words; "" for a picture, a voice message or anything else that has no words."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped(Incoming):
    """A button. message: the app's id of the message that carried it, "" where it is unknown.

    query: what the app wants the tap to be acknowledged with; it may tell who tapped, so it is never kept.
    """

    token: str
    message: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Incoming):
    """A position, in degrees (WGS 84). Used for the answer, never kept."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Incoming):
    """A link that leads into the conversation; payload as `address.parse_payload` reads it, "" for the front door."""

    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Incoming):
    """The person blocked us: nothing may be sent to them until they write again."""


def accepted(header: str) -> tuple[str, ...]:
    """The languages of a browser's Accept-Language header, best first."""
    wanted = []
    for index, entry in enumerate(header[:500].split(",")):
        tag, _, weight = (part.strip() for part in entry.partition(";"))
        try:
            quality = float(weight.removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag and tag != "*" and quality > 0:
            wanted.append((-quality, index, tag))
    return tuple(tag for _, _, tag in sorted(wanted))
