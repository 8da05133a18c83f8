"""What we remember of a person between two messages, and the shape in which it is saved."""

from dataclasses import dataclass
from typing import Any

# Apps repeat an event within minutes of the first delivery; a person does not do more than this in between.
RECENT_EVENTS = 32
MOST_FOUND = 5


@dataclass(frozen=True, slots=True)
class Session:
    """language: the language chosen or guessed, None before the first turn. screen: the address last shown.

    recent: ids of the last events, oldest first, so that a repeated delivery is known. left: the person blocked us.
    found: the addresses that the last question was answered with, while they are the screen that is shown.
    """

    language: str | None = None
    screen: str = "home"
    recent: tuple[str, ...] = ()
    left: bool = False
    found: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The saved shape: plain JSON, only what differs from a new session."""
        saved: dict[str, Any] = {"screen": self.screen}
        if self.language:
            saved["language"] = self.language
        if self.recent:
            saved["recent"] = list(self.recent)
        if self.left:
            saved["left"] = True
        if self.found:
            saved["found"] = list(self.found)
        return saved

    @classmethod
    def from_dict(cls, saved: object) -> "Session":
        """Read what `to_dict` wrote, by this release or another; what cannot be read is forgotten, nothing raises."""
        if not isinstance(saved, dict):
            return cls()
        language, screen, recent = saved.get("language"), saved.get("screen"), saved.get("recent")
        found = saved.get("found")
        return cls(
            language if isinstance(language, str) else None,
            screen if isinstance(screen, str) else "home",
            tuple(map(str, recent))[-RECENT_EVENTS:] if isinstance(recent, list) else (),
            saved.get("left") is True,
            tuple(map(str, found))[:MOST_FOUND] if isinstance(found, list) else (),
        )
