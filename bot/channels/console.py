"""The terminal: the smallest channel, also for pipes. Copy it for a new app."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.channels.render import Capabilities, Outgoing, render
from bot.conversation import Catalog, Incoming, Opened, Said, Session, respond

CAN = Capabilities(buttons=0, label=80, text=20_000, inline=False)


def decode(line: str) -> Incoming:
    """A typed line."""
    return Said(channel="console", person="me", at=datetime.now(UTC), text=line.rstrip("\r\n"))


def encode(outgoing: Outgoing) -> str:
    """What is printed."""
    return "\n\n".join(outgoing.parts)


class Console:
    """Talks with whoever sits at the terminal. The session lives as long as the conversation."""

    def __init__(self, catalog: Catalog, *, language: str | None = None) -> None:
        self._catalog = catalog
        self._session = Session(language=language)

    def run(self, lines: Iterable[str], show: Callable[[str], None]) -> None:
        """Greet, then answer each line."""
        self._turn(Opened(channel="console", person="me", at=datetime.now(UTC)), show)
        for line in lines:
            self._turn(decode(line), show)

    def _turn(self, incoming: Incoming, show: Callable[[str], None]) -> None:
        turn = respond(self._catalog, self._session, incoming)
        self._session = turn.session
        for screen in turn.replies:
            show(encode(render(screen, CAN)))
