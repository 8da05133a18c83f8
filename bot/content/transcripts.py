"""Editors' conversations, content/transcripts/*.txt: what is typed, and what must be in the answer.

    # language: vi
    > khau trang
    < Che kín mũi, miệng và cằm

"> " is what a person types, each "< " after it some words of the answer. "# language:" is what their app says they read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.content.problems import Problem
from bot.conversation import Catalog, Opened, Said, Screen, Session, respond

# Any day: what is typed leads to the same screen at any time.
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def play_all(folder: Path, shown: str, catalog: Catalog) -> Iterator[Problem]:
    """Play every transcript of a folder; a problem where an answer does not hold what it should."""
    for file in sorted(folder.glob("*.txt")):
        try:
            script = file.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            line = file.read_bytes()[: error.start].count(b"\n") + 1
            yield Problem(f"{shown}/{file.name}", line, 1, "unreadable", (("reason", "not UTF-8"),))
        else:
            yield from play(script, f"{shown}/{file.name}", catalog)


def play(script: str, shown: str, catalog: Catalog) -> Iterator[Problem]:
    """Play one transcript."""
    languages: tuple[str, ...] = ()
    session: Session | None = None
    answer = ""
    for number, line in enumerate(script.splitlines(), 1):
        mark, text = line[:2], line[2:].strip()
        if line.startswith("# language:"):
            languages = (line.partition(":")[2].strip(),)
        elif mark == "> ":
            if session is None:
                opened = Opened(channel="transcript", person="", at=_AT, languages=languages)
                session = respond(catalog, Session(), opened).session
            turn = respond(catalog, session, Said(channel="transcript", person="", at=_AT, text=text))
            session, answer = turn.session, "\n".join(map(_plain, turn.replies))
        elif mark == "< ":
            if text not in answer:
                yield Problem(shown, number, 3, "not-in-answer", (("text", text), ("title", answer.partition("\n")[0])))
        elif line.strip() and not line.startswith("#"):
            yield Problem(shown, number, 1, "transcript-line")


def _plain(screen: Screen) -> str:
    """A screen as one text: title, blocks, labels."""
    blocks = (" ".join(block.text.plain.split()) for block in screen.blocks)
    return "\n".join([screen.title, *blocks, *(choice.label for choice in (*screen.choices, *screen.ways))])
