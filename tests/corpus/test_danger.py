"""How well danger is heard, on the phrases and the harmless traps of this folder."""

import runpy
from pathlib import Path

import pytest

from bot.conversation import find_danger

read = runpy.run_path(str(Path(__file__).parent / "halves.py"))["read"]


def rates(catalog, phrases, traps, language):
    """How many of the people in danger are shown help; how often there is a false alarm."""
    found = [bool(find_danger(catalog.danger, line.text)) for line in phrases if line.language == language]
    false = [bool(find_danger(catalog.danger, line.text)) for line in traps if line.language == language]
    return sum(found) / len(found), sum(false) / len(false)


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
def test_danger_is_heard_in_what_we_tuned_on(catalog, language):
    shown, false = rates(catalog, read("danger", "dev"), read("traps", "dev"), language)
    assert shown >= 0.99
    assert false <= 0.01


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
def test_danger_is_heard_in_the_later_phrases(catalog, language):
    """All of them are for development: they are tuned on, whatever half they would fall in."""
    phrases = [*read("danger_more", "dev"), *read("danger_more", "test")]
    traps = [*read("traps_more", "dev"), *read("traps_more", "test")]
    shown, false = rates(catalog, phrases, traps, language)
    assert shown >= 0.985
    assert false <= 0.015


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
def test_danger_is_heard_in_what_we_never_looked_at(catalog, language):
    shown, false = rates(catalog, read("danger", "test"), read("traps", "test"), language)
    assert shown >= 0.97
    assert false <= 0.03
