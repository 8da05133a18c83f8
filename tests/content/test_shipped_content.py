"""The shipped content, as people see it in every language: whole, reachable, short enough, with true numbers and sources."""

import html
import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import phonenumbers
import pytest
import yaml
from babel.dates import format_date

from bot.content.book import Book, read_book
from bot.content.extract import status
from bot.content.load import Loaded, load
from bot.content.transcripts import play_all
from bot.conversation import Catalog, Screen

ROOT = Path(__file__).parents[2]
LANGUAGES = ("vi", "en", "km", "lo")

# Posters, links and statistics depend on these addresses.
FIXED = {
    "covid": "spread masks hygiene vaccination symptoms testing home-care risk-groups long-covid border myths",
    "diseases": "dengue malaria tb measles mpox cholera",
    "migration": "legal-routes licensed-companies fees contract documents trafficking-signs scam-compounds trapped "
    "rights-abroad consular money return victim-support internal border-crossing foreigners",
    "health": "insurance insurance-move insurance-card no-insurance emergency pre-departure abroad pregnancy children srh tb "
    "hiv mental work foreigners violence rights",
    "frontline": "ppe hand-hygiene screening suspected-case reporting talking first-aid trafficking-id infection-control "
    "self-care",
    "help": "now suicide violence captive medical child",
}
ADDRESSES = {f"{section}/{name}" for section, names in FIXED.items() for name in names.split()}
# Two screens of a phone.
LENGTH = 2000
TAPS = 3


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book(ROOT / "content")


@pytest.fixture(scope="module")
def loaded(book: Book) -> Loaded:
    """Everything, as of the day of the newest review."""
    return load(ROOT / "content", ROOT / "locales", max(page.model.reviewed for page in book.topics.values()))


@pytest.fixture(scope="module")
def catalog(loaded: Loaded) -> Catalog:
    assert loaded.catalog
    return loaded.catalog


def screens(catalog: Catalog) -> Iterator[Screen]:
    for edition in catalog.editions.values():
        yield from edition.screens.values()


def shown(screen: Screen) -> str:
    """Where a failing screen can be looked at."""
    return f"/{screen.language}/{screen.address}"


def test_check_finds_nothing_to_mend(loaded: Loaded) -> None:
    assert [problem.line_for_author() for problem in loaded.errors] == []
    assert {problem.code for problem in loaded.problems} <= {"untranslated", "overdue"}


def test_the_editors_transcripts_are_answered_as_they_say(catalog: Catalog) -> None:
    assert [
        problem.line_for_author() for problem in play_all(ROOT / "content/transcripts", "content/transcripts", catalog)
    ] == []


def test_the_bot_speaks_vietnamese_english_khmer_and_lao(catalog: Catalog) -> None:
    assert tuple(catalog.editions) == LANGUAGES
    assert catalog.source == "vi"


def test_english_is_complete(book: Book) -> None:
    progress = status(book, ROOT / "locales")["en"]
    assert [place for section in progress.values() for place in (*section.stale, *section.missing)] == []
    assert sum(section.translated for section in progress.values()) > 1000


@pytest.mark.parametrize("language", ["vi", "en"])
def test_vietnamese_and_english_screens_have_no_paragraph_in_another_language(catalog: Catalog, language: str) -> None:
    edition = catalog.editions[language]
    foreign = {shown(screen) for screen in edition.screens.values() for block in screen.blocks if block.language != language}
    assert foreign == set()


def test_every_promised_page_is_there_and_at_least_60_in_all(book: Book) -> None:
    assert ADDRESSES - set(book.topics) == set()
    assert len(book.topics) >= 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_at_most_three_taps_from_home(catalog: Catalog, language: str) -> None:
    edition = catalog.editions[language]
    taps = {"home": 0}
    waiting = deque(taps)
    while waiting:
        address = waiting.popleft()
        for choice in edition.screens[address].choices:
            if choice.language == language and choice.address not in taps and choice.address in edition.screens:
                taps[choice.address] = taps[address] + 1
                waiting.append(choice.address)
    directory = ("services/", "service/", "report/", "gate/", "abroad/", "forget/")
    pages = [address for address in edition.screens if not address.startswith(directory) and not is_part(address)]
    assert {address for address in pages if taps.get(address, TAPS + 1) > TAPS} == set()


def is_part(address: str) -> bool:
    """Is it a question or an ending of a form?"""
    return address.startswith("form/") and address.count("/") > 1


def test_no_page_is_longer_than_two_screens_of_a_phone(catalog: Catalog) -> None:
    for screen in screens(catalog):
        texts = [block.text.plain for block in screen.blocks if block.kind != "source"]
        assert len(screen.title) + sum(map(len, texts)) <= LENGTH, shown(screen)


def test_from_every_screen_one_tap_leads_to_help_to_home_and_back(catalog: Catalog) -> None:
    for screen in screens(catalog):
        if screen.closing:  # somebody wants to leave no trace
            continue
        ways = {way.key: way.address for way in screen.ways}
        assert ways.get("#", screen.address) == "help/now", shown(screen)
        assert ways.get("0", screen.address) == "home", shown(screen)
        assert ways.get("<", screen.address) == screen.parent, shown(screen)
        assert all(way.language == screen.language for way in screen.ways)


def test_every_choice_leads_to_a_screen_and_its_label_says_something(catalog: Catalog) -> None:
    for screen in screens(catalog):
        for choice in (*screen.choices, *screen.ways, *screen.languages):
            address = re.sub("^helpful/(yes|no)/", "", choice.address)
            if address.startswith("form/") and address.count("/") > 1:  # answers lead on: tests/conversation/test_forms.py
                address = "/".join(address.split("/")[:2])
            assert catalog.find(choice.language, address), shown(screen)
            assert any(letter.isalnum() for letter in choice.label), shown(screen)


def test_every_screen_can_be_read_in_each_other_language(catalog: Catalog) -> None:
    for screen in screens(catalog):
        if screen.closing:
            continue
        assert {choice.language for choice in screen.languages} == set(LANGUAGES) - {screen.language}
        assert {choice.address for choice in screen.languages} == {screen.address}


def test_every_page_has_a_source_and_each_one_with_an_address_opens_from_the_screen(catalog: Catalog, book: Book) -> None:
    for edition in catalog.editions.values():
        for address, page in book.topics.items():
            texts = [block.text for block in edition.screens[address].blocks if block.kind == "source"]
            assert len(texts) == 1
            for source in page.model.sources:
                assert source.title
                if source.url:
                    assert source.url.startswith(("https://", "http://"))
                    link = f'<a href="{html.escape(source.url).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")}">'
                    assert link in texts[0].web, f"/{edition.language}/{address}"
                    assert link in texts[0].inline, f"/{edition.language}/{address}"


def test_every_page_says_when_it_was_last_checked(catalog: Catalog, book: Book) -> None:
    for edition in catalog.editions.values():
        for address, page in book.topics.items():
            checked = format_date(page.model.reviewed, "long", edition.language)
            assert checked in edition.screens[address].blocks[-1].text.plain, f"/{edition.language}/{address}"


def texts_of_content() -> Iterator[Path]:
    for folder in ("content", "locales"):
        yield from (file for file in sorted((ROOT / folder).rglob("*")) if file.suffix in (".yaml", ".po", ".txt", ".json"))


def test_nothing_unverified_is_published(catalog: Catalog) -> None:
    for screen in screens(catalog):
        assert "UNVERIFIED" not in " ".join([screen.title, screen.summary, *(block.text.plain for block in screen.blocks)])
    for file in texts_of_content():
        lines = file.read_text("utf-8").splitlines()
        assert [line for line in lines if "UNVERIFIED" in line and not line.startswith("# Facts:")] == [], file.name


def test_every_file_is_in_nfc_so_that_equal_words_are_equal() -> None:
    files = list(texts_of_content())
    assert len(files) > 60
    for file in files:
        assert unicodedata.is_normalized("NFC", file.read_text("utf-8")), file.name


# ---- numbers to call


def digits(number: str) -> str:
    return re.sub(r"[^\d+]", "", number)


@pytest.fixture(scope="module")
def hotlines() -> dict[str, str]:
    """Digits of each number that may be shown -> the country in which it is dialled. Read without our own reader."""
    entries = yaml.safe_load((ROOT / "content/hotlines.yaml").read_text("utf-8"))
    known = {digits(number): entry["country"] for entry in entries.values() for number in entry["numbers"]}
    for file in sorted((ROOT / "content/services").glob("*.yaml")):
        for entry in yaml.safe_load(file.read_text("utf-8")).values():
            known |= {digits(number): "VN" for key in ("phones", "phones_unverified") for number in entry.get(key, ())}
    # In Telegram with the code of the country.
    known |= {f"+84{number[1:]}": country for number, country in known.items() if country == "VN" and number[0] == "0"}
    return known


NUMBER = re.compile(r"\+\d[\d .]{7,}\d|\b1[89]00[ .]?\d[\d .]{2,8}\d\b|\b0\d{2,3}[ .-]\d{3}[ .-]?\d{3,4}\b|\b0\d{9}\b")


@cache
def numbers(text: str) -> set[str]:
    """Everything in a text that reads like a phone number of a country that we speak of. Many screens share a text."""
    if sum(map(str.isdigit, text)) < 3:
        return set()
    text = re.sub(r"https?://\S+", " ", text)  # maps have positions in their addresses
    found = {match.group() for match in NUMBER.finditer(text)}
    for country in ("VN", "KH", "LA", "TH", "MM"):
        found |= {match.raw_string for match in phonenumbers.PhoneNumberMatcher(text, country)}
    return {digits(number) for number in found}


def texts(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Every text that anybody sees, with the place where it is seen."""
    for edition in catalog.editions.values():
        for name, block in edition.notices.items():
            yield f"{edition.language} {name}", block.text.plain
        for name, label in edition.screens["home"].labels.items():
            yield f"{edition.language} {name}", label
        for screen in edition.screens.values():
            yield shown(screen), screen.title
            yield shown(screen), screen.summary
            for block in screen.blocks:
                yield shown(screen), block.text.plain


def test_every_phone_number_that_is_shown_is_one_of_our_hotlines(catalog: Catalog, hotlines: dict[str, str]) -> None:
    seen: set[str] = set()
    for place, text in texts(catalog):
        found = numbers(text)
        assert found <= set(hotlines), place
        seen |= found
    assert len(seen) > 15


def test_every_number_that_a_tap_copies_in_telegram_is_one_of_our_hotlines(catalog: Catalog, hotlines: dict[str, str]) -> None:
    for screen in screens(catalog):
        for block in screen.blocks:
            assert {digits(number) for number in re.findall("<code>(.*?)</code>", block.text.inline)} <= set(hotlines), shown(
                screen
            )


# "Call 115", "gọi 115", "ហៅ 115", "ໂທ 115": what follows is a number, however short.
CALL = re.compile(r"(?:gọi|call|dial|ហៅ|ទូរស័ព្ទទៅ|ໂທ|ໂທຫາ)\s*:?\s*(\d{3,5})(?![\d .]*\d)", re.IGNORECASE)


def test_every_short_number_that_a_person_is_told_to_call_is_one_of_our_hotlines(
    catalog: Catalog, hotlines: dict[str, str]
) -> None:
    told = {(place, number) for place, text in texts(catalog) for number in CALL.findall(text)}
    assert {(place, number) for place, number in told if number not in hotlines} == set()
    assert len(told) > 50


LINK = re.compile(r'<a[^>]* href="tel:([^"]*)">(.*?)</a>')


def test_every_tel_link_dials_the_number_that_it_shows(catalog: Catalog, hotlines: dict[str, str]) -> None:
    count = 0
    for screen in screens(catalog):
        for block in screen.blocks:
            for dialled, text in LINK.findall(block.text.web):
                assert re.fullmatch(r"\+?\d{3,15}", dialled), shown(screen)
                assert same_number(dialled, digits(text), hotlines[digits(text)]), shown(screen)
                count += 1
    assert count > 100


def same_number(dialled: str, written: str, country: str) -> bool:
    """Is it dialled as it is written, or in the international form of that country?"""
    code = phonenumbers.country_code_for_region(country)
    return dialled in (written, f"+{code}{written.removeprefix('0')}")


def test_no_tel_link_is_lost_on_the_way_to_the_page(catalog: Catalog) -> None:
    for screen in screens(catalog):
        for block in screen.blocks:
            assert block.text.web.count("tel:") == len(LINK.findall(block.text.web)), shown(screen)


def test_whoever_needs_help_now_sees_whom_to_call_in_every_language(catalog: Catalog) -> None:
    for edition in catalog.editions.values():
        web = "".join(block.text.web for block in edition.screens["help/now"].blocks)
        assert {"115", "113", "111", "+84981848484"} <= {dialled for dialled, _ in LINK.findall(web)}
        assert "tel:115" in edition.notices["not-understood"].text.web


def test_every_help_page_begins_with_what_to_do_and_whom_to_call(catalog: Catalog) -> None:
    for edition in catalog.editions.values():
        for address in ADDRESSES:
            if address.startswith("help/"):
                kinds = [block.kind for block in edition.screens[address].blocks if block.kind != "note"]
                assert "call" in kinds[:2], f"/{edition.language}/{address}"
