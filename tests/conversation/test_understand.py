"""What people type, and where it leads."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.conversation import Catalog, Counted, Said, Session, Tapped, Unanswered, common_words, fold, respond

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def lands(catalog: Catalog, text: str, screen: str = "home", language: str = "vi") -> tuple[str, str]:
    """Language and address after typing; "?" in front if it was not understood."""
    session = Session(language=language, screen=screen)
    turn = respond(catalog, session, Said(channel="test", person="1", at=NOW, text=text))
    mark = "" if turn.records else "?"
    return turn.session.language or "", mark + turn.session.screen


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("1", "covid"),
        (" 2. ", "migration"),
        ("²", "migration"),
        ("-1", "covid"),
        ("៣", "health"),  # Khmer digit
        ("໔", "frontline"),  # Lao digit
        ("6", "help/now"),
        ("0", "home"),
        ("#", "help/now"),
        ("＃", "help/now"),  # full width
        ("trợ giúp", "help/now"),
        ("TRO GIUP", "help/now"),
        ("cứu tôi!", "help/now"),
        ("cuu toi", "help/now"),
        ("help", "help/now"),
        ("ជួយផង", "help/now"),
        ("ຊ່ວຍແດ່", "help/now"),
        ("/help", "help/now"),
        ("/language", "settings/language"),
        ("Di cư an toàn", "migration"),
        ("di cu", "migration"),
        ("kham chua benh", "health"),
        ("covid/masks", "covid/masks"),
        ("#covid-masks", "covid/masks"),
        ("# COVID-MASKS", "covid/masks"),
        ("covid-masks", "covid/masks"),
        ("khau trang", "covid/masks"),
        ("Khẩu trang?", "covid/masks"),
        ("mask", "covid/masks"),
        ("sos", "help/now"),
    ],
)
def test_words_lead_from_home_to_a_screen(catalog: Catalog, typed: str, address: str) -> None:
    assert lands(catalog, typed) == ("vi", address)


@pytest.mark.parametrize("typed", ["", " ", "99", "asdfgh", "🙂", "\x00", "\ud800", "a" * 10_000, "7" * 500])
def test_what_is_not_understood_keeps_the_place_and_says_so(catalog: Catalog, typed: str) -> None:
    turn = respond(catalog, Session("vi", "covid"), Said(channel="test", person="1", at=NOW, text=typed))

    assert turn.session.screen == "covid"
    assert turn.replies[0].blocks == (catalog.editions["vi"].notices["not-understood"],)
    assert turn.replies[0].choices == catalog.editions["vi"].screens["covid"].choices
    assert {type(record) for record in turn.records} <= {Counted}, "counted, not kept"
    assert "115" in turn.replies[0].blocks[0].text.plain


def test_a_number_is_the_place_on_the_screen_that_was_last_shown(catalog: Catalog) -> None:
    third = catalog.editions["vi"].screens["covid"].choices[2]

    assert lands(catalog, "3", screen="covid") == ("vi", third.address)


def test_back_leads_up_the_menus(catalog: Catalog) -> None:
    for typed in ("quay lại", "quay lai", "<", "back", "/back"):
        assert lands(catalog, typed, screen="covid/masks") == ("vi", "covid")
    assert lands(catalog, "quay lại", screen="covid") == ("vi", "home")
    assert lands(catalog, "quay lại", screen="home") == ("vi", "home")


@pytest.mark.parametrize(
    ("typed", "language"),
    [("English", "en"), ("en", "en"), ("tieng anh", "en"), ("ខ្មែរ", "km"), ("ລາວ", "lo"), ("Tiếng Khmer", "km"), ("vi", "vi")],
)
def test_a_language_typed_on_any_screen_shows_this_screen_in_it(catalog: Catalog, typed: str, language: str) -> None:
    assert lands(catalog, typed, screen="covid/masks") == (language, "covid/masks")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khẩu trang", "khau trang"),
        ("Đồng Hành", "dong hanh"),
        ("bảo hiểm", "bảo hiểm"),  # NFC and NFD
        ("“Khẩu trang”", "'khẩu  trang'"),
        ("khẩu\u200btrang", "khẩutrang"),
        ("ＣＯＶＩＤ", "covid"),
        ("covid–19", "COVID-19"),
        ("១២", "12"),
        ("🆘 Cần giúp", "can giup"),
    ],
)
def test_fold_makes_the_same_of_different_spellings(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("ក", "កា"), ("ກາ", "ກີ"), ("ñ", "m")])
def test_fold_keeps_what_carries_meaning(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_tap_on_a_token_of_another_language_changes_the_language(catalog: Catalog) -> None:
    turn = respond(catalog, Session("vi"), Tapped(channel="test", person="1", at=NOW, token="en:covid/masks"))

    assert turn.session == Session("en", "covid/masks")


# --- what nothing answers


def test_of_a_question_in_vain_only_words_of_our_pages_are_counted(catalog: Catalog) -> None:
    said: dict[str, Any] = {"channel": "web", "person": "7", "at": NOW}
    turn = respond(catalog, Session(language="vi"), Said(**said, text="Xyzzyplugh 0912345678 bóng chuyền abc123"))
    kept = [record for record in turn.records if isinstance(record, Unanswered)]
    assert [screen.address for screen in turn.replies] == ["home"]
    assert all(word in catalog.index.features and word.isalpha() for record in kept for word in record.words)
    assert "xyzzyplugh" not in str(kept)
    story = " ".join(word for word in catalog.index.features if word.isalpha())
    assert common_words(catalog, story) == ()
