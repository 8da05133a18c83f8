"""The pictures of topics: files in content/pictures/, small enough for a phone's data, each named after what is in it."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.content.problems import Problem, nearest

if TYPE_CHECKING:
    from bot.content.book import Book

LARGEST, WIDEST = 150 * 1024, 1600
KINDS = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}
# Segments of a JPEG that begin with its size; the others that look alike are tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


class Drawing(NamedTuple):
    """A file, read. name: with a mark of its content, so that browsers may keep it. length: in bytes. width, height: in
    pixels; 0 where it is not of the kind that its name says, or too large to be read."""

    name: str
    content: bytes
    length: int
    width: int
    height: int


def read_pictures(folder: Path) -> dict[str, Drawing]:
    """Every picture of a folder by its name."""
    files = sorted(file for file in folder.glob("*") if file.suffix in KINDS and not file.name.startswith((".", "#", "~")))
    return {file.name: _drawing(file.name, _content(file), file.stat().st_size) for file in files}


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.stat().st_size <= LARGEST else b""


@lru_cache(maxsize=64)
def _drawing(name: str, content: bytes, length: int) -> Drawing:
    stem, _, kind = name.rpartition(".")
    width, height = size(content) if content.startswith(KINDS[f".{kind}"]) else (0, 0)
    return Drawing(f"{stem}.{sha256(content).hexdigest()[:10]}.{kind}", content, length, width, height)


def size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG in pixels; 0, 0 if they cannot be found."""
    if content.startswith(KINDS[".png"]):
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0, 0


def pictures(book: "Book", today: date) -> Iterator[Problem]:
    """A topic's picture is there, of the kind that its name says, and no larger than phones and apps take."""
    for page in book.topics.values():
        if not page.model.picture:
            continue
        file, path = page.model.picture.file, ("picture", "file")
        drawing = book.pictures.get(file)
        if drawing is None:
            yield page.document.problem(path, "picture-missing", file=file, hint=nearest(file, book.pictures))
        elif drawing.length > LARGEST:
            count = -(-drawing.length // 1024)
            yield page.document.problem(path, "picture-large", file=file, count=count, limit=LARGEST // 1024)
        elif not (drawing.width and drawing.height):
            yield page.document.problem(path, "picture-kind", file=file)
        elif max(drawing.width, drawing.height) > WIDEST:
            pixels = f"{drawing.width} x {drawing.height}"
            yield page.document.problem(path, "picture-wide", file=file, pixels=pixels, limit=WIDEST)
