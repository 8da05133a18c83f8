"""Plays tests/transcripts/**/*.txt: golden conversations. Between any two lines the session goes through its stored form.

A line "> 1" is what the person types, "> tap: vi:covid" a button, "> open: vi__covid_masks" a link. The lines after it, each
with "< ", are the whole answer as an app without buttons shows it. "# language: km" at the top is what the app says the person
reads. `pytest tests/test_transcripts.py --update` writes the answers as the bot gives them now: read the difference.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.console import CAN, encode
from bot.channels.render import render
from bot.conversation import Catalog, Incoming, Opened, Said, Session, Tapped, respond

FOLDER = Path(__file__).parent / "transcripts"
EXPECTED = ["first_visit", "border_khmer", "captive_lao", "lost", "officer"]
FILES = sorted(FOLDER.rglob("*.txt"))
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_no_transcript_has_gone_missing() -> None:
    assert {file.stem for file in FILES} >= set(EXPECTED)


def incoming(line: str, language: str, number: int) -> Incoming:
    who = {"channel": "transcript", "person": "1", "at": NOW, "id": str(number), "languages": (language,) if language else ()}
    if line.startswith("tap: "):
        return Tapped(**who, token=line[5:])
    if line.startswith("open:"):
        return Opened(**who, payload=line[5:].strip())
    return Said(**who, text=line)


def play(catalog: Catalog, script: str) -> str:
    language = match[1] if (match := re.search(r"^# language: (\w+)", script, re.MULTILINE)) else ""
    session = Session()
    written: list[str] = [line for line in script.splitlines() if line.startswith("#")]
    for number, line in enumerate(line for line in script.splitlines() if line.startswith("> ")):
        stored = Session.from_dict(json.loads(json.dumps(session.to_dict())))
        session, replies, *_ = respond(catalog, stored, incoming(line[2:], language, number))
        answer = "\n\n".join(encode(render(reply, CAN)) for reply in replies)
        written += ["", line, *(f"< {text}".rstrip() for text in answer.splitlines())]
    return "\n".join(written) + "\n"


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(FOLDER).as_posix() for file in FILES])
def test_the_conversation_goes_as_written(catalog: Catalog, file: Path, request: pytest.FixtureRequest) -> None:
    script = file.read_text("utf-8")
    played = play(catalog, script)
    if request.config.getoption("--update"):
        file.write_text(played, "utf-8")

    assert played == file.read_text("utf-8")
