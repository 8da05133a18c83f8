"""Screens on apps that can do more or less: the same choices as buttons or numbers; nothing lost, no letter cut."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import telegram
from bot.channels.render import Capabilities, length, render, shorten, split
from bot.conversation import Catalog

BARE = Capabilities(buttons=0, label=20, text=2000, inline=False)


def test_without_buttons_the_choices_are_numbered_and_the_ways_have_keys(catalog: Catalog) -> None:
    outgoing = render(catalog.editions["vi"].screens["covid/masks"], BARE)

    lines = outgoing.parts[-1].splitlines()
    assert "1. Dấu hiệu COVID-19, khi nào đi viện" in lines
    assert "# = 🆘 Cần giúp ngay · < = ‹ Quay lại · 0 = 🏠 Trang đầu · + = 👍 Có ích · - = 👎 Chưa" in lines
    assert "en = English · km = ខ្មែរ · lo = ລາວ" in lines
    assert outgoing.buttons == ()


def test_more_choices_than_buttons_become_numbers_and_the_ways_stay_buttons(catalog: Catalog) -> None:
    screen = catalog.editions["en"].screens["covid"]
    few = dataclasses.replace(telegram.CAN, buttons=10)

    outgoing = render(screen, few)

    labels = [button.label for row in outgoing.buttons for button in row]
    assert labels == [choice.label for choice in (*screen.ways, *screen.languages)]
    assert f"12. {screen.choices[11].label}" in outgoing.parts[-1]


@pytest.mark.parametrize("can", [BARE, telegram.CAN, dataclasses.replace(BARE, text=300)])
def test_every_screen_fits_every_app(catalog: Catalog, can: Capabilities) -> None:
    for edition in catalog.editions.values():
        for screen in edition.screens.values():
            outgoing = render(screen, can)
            assert outgoing.parts
            assert all(0 < length(part) <= can.text for part in outgoing.parts)
            assert sum(map(len, outgoing.buttons)) <= can.buttons
            assert all(len(row) <= 8 for row in outgoing.buttons)


def test_a_screen_of_the_shipped_content_is_one_message_on_telegram(catalog: Catalog) -> None:
    for edition in catalog.editions.values():
        for screen in edition.screens.values():
            assert len(render(screen, telegram.CAN).parts) == 1, screen.address


def test_a_web_address_of_our_own_is_offered_where_there_is_one(catalog: Catalog) -> None:
    screen = catalog.editions["lo"].screens["help/now"]

    buttons = render(screen, dataclasses.replace(telegram.CAN, web="https://example.org")).buttons
    plain = render(screen, dataclasses.replace(BARE, web="https://example.org")).parts[-1]

    assert buttons[-1][0].url == "https://example.org/lo/help/now"
    assert plain.endswith("https://example.org/lo/help/now")


@pytest.mark.parametrize(
    ("label", "limit", "short"),
    [
        ("Khẩu trang", 20, "Khẩu trang"),
        ("Khi nào nên đeo khẩu trang", 20, "Khi nào nên đeo…"),
        ("ខ្មែរខ្មែរខ្មែរ", 6, "ខ្មែរ…"),
        ("e\u0301" * 10, 6, "e\u0301e\u0301…"),
    ],
)
def test_a_label_is_cut_at_a_word_or_between_letters(label: str, limit: int, short: str) -> None:
    assert shorten(label, limit) == short


@given(st.lists(st.text(min_size=1), max_size=20), st.integers(20, 200))
def test_splitting_loses_no_letter_and_keeps_the_limit(paragraphs: list[str], limit: int) -> None:
    parts = split(paragraphs, limit)

    assert all(length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join("".join(paragraphs).split())


@pytest.mark.parametrize("web", ["", "http://127.0.0.1:8080", "https://bot.example.org"])
def test_a_picture_is_shown_where_the_app_can_and_finds_it(catalog: Catalog, web: str) -> None:
    screen = catalog.editions["km"].screens["covid/masks"]
    assert screen.picture

    outgoing = render(screen, dataclasses.replace(telegram.CAN, web=web))

    shown = web.startswith("https:")
    assert outgoing.picture == (f"{web}/pictures/{screen.picture.file}" if shown else "")
    assert outgoing.alt == (screen.picture.alt if shown else "")
    assert render(screen, dataclasses.replace(BARE, web=web)).picture == ""
    assert render(catalog.editions["vi"].screens["home"], dataclasses.replace(telegram.CAN, web=web)).picture == ""
