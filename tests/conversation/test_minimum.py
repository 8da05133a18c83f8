"""Without any content, whatever a person does shows numbers that help, and they are those of the content."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.conversation import Catalog, Opened, Said, Session, Shared, Tapped, minimal_catalog, respond

WHO: dict[str, Any] = {"channel": "web", "person": "7", "at": datetime(2026, 11, 22, tzinfo=UTC)}


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
@pytest.mark.parametrize(
    "incoming",
    [
        Opened(**WHO),
        Opened(**WHO, payload="vi__covid_masks"),
        Said(**WHO, text="tôi bị nhốt"),
        Said(**WHO, text="0"),
        Said(**WHO, text="\x00"),
        Tapped(**WHO, token="vi:covid/masks"),
        Tapped(**WHO, token="lo:form/covid-check/age/1"),
        Shared(**WHO, latitude=10.4, longitude=105.4),
    ],
)
def test_whatever_a_person_does_shows_the_numbers_in_their_language(language: str, incoming: Any) -> None:
    session = Session(language=language, screen="health/hiv", forms=(("covid-check", (("age", "1"),)),))
    turn = respond(minimal_catalog(), session, incoming)
    said = "\n".join(block.text.plain for screen in turn.replies for block in screen.blocks)
    assert all(f"{number} · " in said for number in ("115", "113", "111", "+84 981 84 84 84"))


def test_its_numbers_and_names_are_those_of_the_content(catalog: Catalog) -> None:
    for language, edition in minimal_catalog().editions.items():
        blocks = [block for screen in catalog.editions[language].screens.values() for block in screen.blocks]
        ours = {line for block in blocks if block.kind == "call" for line in block.text.plain.splitlines()}
        lines = [line for line in edition.screens["home"].blocks[0].text.plain.splitlines() if " · " in line]
        assert len(lines) >= 4
        for line in lines:
            number, _, whom = line.partition(" · ")
            assert any(number in said and f"· {whom}." in said for said in ours), line
