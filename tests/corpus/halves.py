"""Reads the corpora and cuts each into a development and a test half, by a seeded hash, so that the cut never moves."""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
SEED = "dong-hanh 2026"


class Line(NamedTuple):
    """A line of a corpus. wanted: acceptable addresses, or the kind of danger; empty for none."""

    language: str
    wanted: tuple[str, ...]
    text: str


def read(name: str, half: str) -> list[Line]:
    """The lines of a corpus ("questions", "off_topic", "danger", "traps") in a half ("dev" or "test")."""
    return [line for line in _lines(name) if sha256(f"{SEED}:{line.text}".encode()).digest()[0] % 2 == (half == "test")]


def later() -> list[Line]:
    """The lines that were written later, in all languages, for development only."""
    return [line for file in sorted(FOLDER.glob("later_*.txt")) for line in _lines(file.stem)]


def _lines(name: str) -> list[Line]:
    lines = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            language, wanted, text = (part.strip() for part in line.split("|", 2))
            lines.append(Line(language, tuple(w.strip() for w in wanted.split(",") if w.strip() != "-"), text))
    return lines
