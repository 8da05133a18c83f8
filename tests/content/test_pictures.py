"""Pictures of topics: what is wrong with one is said at its line, what is right is shown in every edition under a name that
changes with it, and ours are light."""

import re
import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.content.load import Loaded, load, look
from bot.content.pictures import LARGEST, read_pictures, size
from bot.conversation import Catalog

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
MASKS, FILE = "content/topics/covid/masks.yaml", "mask-steps.png"
OURS = ROOT / "content" / "pictures"


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(20)


def jpeg(width: int, height: int) -> bytes:
    table = b"\xff\xc4" + struct.pack(">H", 5) + bytes(3)
    return b"\xff\xd8" + table + b"\xff\xc2" + struct.pack(">HBHH", 11, 8, height, width) + bytes(20)


Check = Callable[[], Loaded]


@pytest.fixture
def check(content_copy: Path) -> Check:
    """Check the copy."""
    return lambda: load(content_copy / "content", content_copy / "locales", TODAY)


def said(loaded: Loaded, language: str = "en") -> list[str]:
    return [problem.line_for_author(language) for problem in loaded.errors if "masks.yaml" in problem.path]


def line(folder: Path, start: str) -> int:
    return [row.lstrip() for row in (folder / MASKS).read_text("utf-8").splitlines()].index(start) + 1


WRONG = {
    "too heavy": (png(10, 10) + bytes(LARGEST), "'mask-steps.png' has 151 KB; at most 150"),
    "too wide": (png(1601, 10), "'mask-steps.png' is 1601 x 10 pixels; at most 1600 on each side"),
    "another kind": (jpeg(10, 10), "'mask-steps.png' is not the kind of picture that its name says, PNG or JPEG"),
    "no picture": (b"<svg/>", "'mask-steps.png' is not the kind of picture that its name says, PNG or JPEG"),
    "cut off": (png(10, 10)[:12], "'mask-steps.png' is not the kind of picture that its name says, PNG or JPEG"),
}


@pytest.mark.parametrize(("content", "problem"), WRONG.values(), ids=WRONG)
def test_a_picture_that_cannot_be_shown_is_said_at_its_line_and_the_page_stands_without_it(
    content_copy: Path, check: Check, content: bytes, problem: str
) -> None:
    (content_copy / "content" / "pictures" / FILE).write_bytes(content)
    loaded = check()
    assert said(loaded) == [f"{MASKS}:{line(content_copy, f'file: {FILE}')}:9: {problem}"]
    assert loaded.catalog
    picture = loaded.catalog.editions["vi"].screens["covid/masks"].picture
    assert picture is None or picture.width > 1600


def test_a_picture_that_is_missing_is_said_with_the_name_that_was_meant(content_copy: Path, check: Check) -> None:
    file = content_copy / MASKS
    file.write_text(file.read_text("utf-8").replace(FILE, "mask-step.png"), "utf-8")
    place = f"{MASKS}:{line(content_copy, 'file: mask-step.png')}:9"
    wrong = check()
    assert said(wrong) == [f"{place}: 'mask-step.png' is not in content/pictures; did you mean 'mask-steps.png'?"]
    assert said(wrong, "vi") == [
        f"{place}: không có 'mask-step.png' trong content/pictures; có phải ý bạn là 'mask-steps.png'?"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (r"  alt: .*\n", "", "'alt' is missing"),
        (FILE, "../secret.key", "'../secret.key' is not a picture's name such as mask-steps.png"),
        (FILE, "masks.gif", "'masks.gif' is not a picture's name such as mask-steps.png"),
        (r'alt: ".*"', 'alt: "' + "a" * 101 + '"', "101 characters; at most 100"),
    ],
)
def test_a_picture_has_a_name_of_ours_and_says_what_it_shows(
    content_copy: Path, check: Check, old: str, new: str, problem: str
) -> None:
    file = content_copy / MASKS
    file.write_text(re.sub(old, new, file.read_text("utf-8")), "utf-8")
    (found,) = said(check())
    assert problem in found


def test_size_is_read_from_png_and_jpeg_and_from_nothing_else() -> None:
    assert size(png(800, 600)) == size(jpeg(800, 600)) == (800, 600)
    for odd in (b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xc4\x00\x05", b"GIF89a", jpeg(1, 1)[:14]):
        assert size(odd) == (0, 0)


def test_a_page_has_its_picture_in_every_edition_with_words_for_those_who_do_not_see_it(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        picture = edition.screens["covid/masks"].picture
        assert picture and picture.alt and picture.language == language
        assert size(catalog.pictures[picture.file]) == (picture.width, picture.height)
    assert not any(edition.screens["home"].picture for edition in catalog.editions.values())


def test_a_picture_that_is_changed_is_noticed_and_gets_another_name(content_copy: Path, check: Check) -> None:
    before, seen = check(), look(content_copy / "content")
    (content_copy / "content" / "pictures" / FILE).write_bytes(png(640, 480))
    assert look(content_copy / "content") != seen
    after = check()
    assert before.catalog and after.catalog and not said(after)
    old, new = (loaded.catalog.editions["vi"].screens["covid/masks"].picture for loaded in (before, after) if loaded.catalog)
    assert old and new and old.file != new.file
    assert (new.width, new.height) == (640, 480)
    assert old.file not in after.catalog.pictures


def test_our_own_pictures_are_light_and_can_be_changed_by_others() -> None:
    drawings = read_pictures(OURS)
    assert drawings
    for name, drawing in drawings.items():
        assert 0 < drawing.width <= 800 >= drawing.height > 0
        assert drawing.length <= 60 * 1024
        drawn = (OURS / name).with_suffix(".svg").read_text("utf-8")
        words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
        assert all(re.fullmatch("[0-9–]+", word) for word in words), "a picture is shown in every language"
