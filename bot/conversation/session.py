"""What we remember of a person between two messages, and the shape in which it is saved."""

from dataclasses import dataclass
from typing import Any

# Apps repeat an event within minutes of the first delivery; a person does not do more than this in between.
RECENT_EVENTS = 32
MOST_FOUND = 12
# A session travels in a cookie on the web: so many unfinished forms fit into it.
MOST_FORMS = 3


@dataclass(frozen=True, slots=True)
class Session:
    """language: the language chosen or guessed, None before the first turn. screen: the address last shown.

    recent: ids of the last events, oldest first, so that a repeated delivery is known. left: the person blocked us.
    found: the addresses that the last question was answered with, while they are the screen that is shown.
    province: the one whose services were last looked at, so that the next need is answered there. forms: the answers so far
    of forms that are not finished, the last one touched at the end. done: surveys that were handed in.
    """

    language: str | None = None
    screen: str = "home"
    recent: tuple[str, ...] = ()
    left: bool = False
    found: tuple[str, ...] = ()
    province: str = ""
    forms: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    done: tuple[str, ...] = ()

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
        if self.province:
            saved["province"] = self.province
        if self.forms:
            saved["forms"] = [[form, *map(list, answers)] for form, answers in self.forms[-MOST_FORMS:]]
        if self.done:
            saved["done"] = list(self.done)
        return saved

    @classmethod
    def from_dict(cls, saved: object) -> "Session":
        """Read what `to_dict` wrote, by this release or another; what cannot be read is forgotten, nothing raises."""
        if not isinstance(saved, dict):
            return cls()
        language, screen, recent = saved.get("language"), saved.get("screen"), saved.get("recent")
        found, province = saved.get("found"), saved.get("province")
        return cls(
            language if isinstance(language, str) else None,
            screen if isinstance(screen, str) else "home",
            tuple(map(str, recent))[-RECENT_EVENTS:] if isinstance(recent, list) else (),
            saved.get("left") is True,
            tuple(map(str, found))[:MOST_FOUND] if isinstance(found, list) else (),
            province if isinstance(province, str) else "",
            _read_forms(saved["forms"]) if "forms" in saved else (),
            tuple(map(str, done)) if isinstance(done := saved.get("done"), list) else (),
        )


def _read_forms(saved: object) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    forms = []
    for entry in saved if isinstance(saved, list) else ():
        if isinstance(entry, list) and entry and isinstance(entry[0], str):
            pairs = [answer for answer in entry[1:] if isinstance(answer, list) and len(answer) == 2]
            forms.append((entry[0], tuple((str(question), str(said)) for question, said in pairs)))
    return tuple(forms)
