"""Danger is heard in people's own words; what only sounds like danger is not. Measured on tests/corpus."""

import runpy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from bot.content.load import load_catalog
from bot.conversation import build_danger, find_danger

ROOT = Path(__file__).parent.parent.parent
read = runpy.run_path(str(ROOT / "tests" / "corpus" / "halves.py"))["read"]


@cache
def danger():
    return load_catalog(ROOT / "content", ROOT / "locales", datetime(2026, 11, 21, tzinfo=UTC).date()).danger


def rates(phrases, traps, language):
    """How many of the people in danger are shown help; how often there is a false alarm."""
    found = [bool(find_danger(danger(), line.text)) for line in phrases if line.language == language]
    false = [bool(find_danger(danger(), line.text)) for line in traps if line.language == language]
    return sum(found) / len(found), sum(false) / len(false)


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
def test_danger_is_heard_in_what_we_tuned_on(language):
    shown, false = rates(read("danger", "dev"), read("traps", "dev"), language)
    assert shown >= 0.98
    assert false <= 0.01


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
def test_danger_is_heard_in_the_later_phrases(language):
    """All of them are for development: they are tuned on, whatever half they would fall in."""
    phrases = [*read("danger_more", "dev"), *read("danger_more", "test")]
    traps = [*read("traps_more", "dev"), *read("traps_more", "test")]
    shown, false = rates(phrases, traps, language)
    assert shown >= 0.96
    assert false <= 0.03


@pytest.mark.parametrize(
    ("language", "least", "most"), [("vi", 0.92, 0.13), ("en", 0.91, 0.10), ("km", 0.93, 0.05), ("lo", 0.90, 0.06)]
)
def test_danger_is_heard_in_what_we_never_looked_at(language, least, most):
    shown, false = rates(read("danger", "test"), read("traps", "test"), language)
    assert shown >= least
    assert false <= most


def kinds(text, phrases, harmless=(), spelling=None):
    return find_danger(build_danger({"a": phrases}, harmless, spelling or {}), text)


@pytest.mark.parametrize(
    ("phrase", "text", "heard"),
    [
        ("bị đánh", "em bị nó đánh", True),
        ("bị đánh", "em bi danh", True),
        ("bị đánh", "danh bi", False),
        ("bị đánh", "bị dành", False),
        ("bị =đánh", "bi danh", False),
        ("bị ... đánh", "bị mấy thằng bảo vệ đánh", True),
        ("dọa", "nó doạ em", True),
        ("trốn + cứu", "cứu em, em muốn trốn", True),
        ("lock* me", "he locked me", True),
        ("kidnapped", "kidnaped", True),
        ("?đánh", "đánh", False),
        ("មិនឱ្យ/អត់ឱ្យ ចេញ", "គេមិនអោយខ្ញុំចេញ", True),
    ],
)
def test_a_phrase_is_read_as_written(phrase, text, heard):
    assert bool(kinds(text, [phrase])) is heard


def test_two_hints_of_a_kind_are_danger():
    assert kinds("nó say rồi đánh", ["?đánh", "?say"])


def test_named_words_stand_for_many():
    assert kinds("chồng đánh em", ["<ai> = chồng/sếp", "<ai> đánh"])


def test_the_harmless_is_taken_out_and_what_is_told_about_but_not_what_is_sure():
    assert not kinds("đánh răng", ["đánh"], ["đánh răng"])
    assert not kinds("xem phim thấy đánh", ["đánh"], ["... phim ..."])
    assert kinds("xem phim xong bị đánh", ["!bị đánh"], ["... phim ..."])
    assert not kinds("phim bị đánh", ["!bị đánh"], ["!phim ..."])


def test_any_text_is_borne():
    for text in ("", " ", "?" * 5000, "a" * 5000, "😀" * 50, "\u200b", "ຂ້ອຍ"):
        find_danger(danger(), text)
