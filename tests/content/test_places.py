"""content/places/ and content/services/ as they are shipped: complete, of today, with their licence; what a mistake costs."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.content.book import Book, read_book
from bot.content.check_places import RULES
from bot.content.load import load
from bot.content.review import all_due
from bot.conversation import TOKEN_BYTES, Catalog, token

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
MERGER = date(2025, 7, 1)
# Codes of the National Statistics Office, Decision 19/2025/QĐ-TTg.
CODES = "01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 68 75 79 80 82 86 91 92 96"
# Provinces that were not merged.
WHOLE = {
    "ha-noi",
    "cao-bang",
    "dien-bien",
    "lai-chau",
    "son-la",
    "lang-son",
    "quang-ninh",
    "thanh-hoa",
    "nghe-an",
    "ha-tinh",
    "hue",
}


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book(ROOT / "content")


def test_the_rules_find_nothing_to_mend(book: Book) -> None:
    assert [problem.line_for_author() for rule in RULES for problem in rule(book, TODAY) if problem.level == "error"] == []


def test_there_are_34_provinces_with_the_codes_of_the_law_and_63_old_ones_each_once(book: Book) -> None:
    provinces = book.places.provinces
    old = [key for province in provinces.values() for key in province.old]
    assert len(provinces) == 34
    assert {province.code for province in provinces.values()} == set(CODES.split())
    assert len(old) == len(set(old)) == 63
    assert sum(province.kind == "city" for province in provinces.values()) == 7  # Đồng Nai since 30 April 2026


def test_an_old_unit_is_closed_on_the_day_of_the_merger_exactly_where_there_was_one(book: Book) -> None:
    for key, province in book.places.provinces.items():
        merged = key not in WHOLE
        assert bool(len(province.old) > 1) == merged, key
        assert {unit.closed for unit in province.old.values()} == ({MERGER} if merged else {None}), key
        assert province.since == (MERGER if merged else date(2025, 1, 1) if key == "hue" else None), key


def test_every_address_of_old_and_new_leads_somewhere_in_every_language(catalog: Catalog, book: Book) -> None:
    addresses = {*book.places.addresses, *book.places.redirects()}
    assert len(addresses) > 1000
    for language in catalog.editions:
        for address in addresses:
            assert catalog.find(language, address) is not None, f"/{language}/{address}"
            assert len(token(language, address).encode()) <= TOKEN_BYTES


def test_the_names_of_the_shipped_places_lead_to_screens_that_exist(catalog: Catalog) -> None:
    for places in catalog.names.known.values():
        for place in places:
            assert catalog.find("vi", place.address), place


def test_what_comes_from_openstreetmap_says_so_on_its_screen_and_its_folder_names_the_licence(
    catalog: Catalog, book: Book
) -> None:
    marked = [key for key, (_, service) in book.places.services.items() if service.openstreetmap]
    named = [
        key
        for key, (_, service) in book.places.services.items()
        if any("OpenStreetMap" in source.title for source in service.sources)
    ]
    assert len(marked) >= 95
    assert set(named) <= set(marked)
    for edition in catalog.editions.values():
        said = edition.screens["home"].labels["openstreetmap"]
        assert "OpenStreetMap" in said
        assert "ODbL" in said
        for key in marked:
            assert any(block.text.plain == said for block in edition.screens[f"service/{key}"].blocks), key
    assert "ODbL" in (ROOT / "content/services/LICENSE.md").read_text("utf-8")


def test_a_service_says_where_it_is_known_from_when_it_was_checked_and_what_is_doubtful(catalog: Catalog, book: Book) -> None:
    for language, edition in catalog.editions.items():
        labels = edition.screens["home"].labels
        for key, (_, service) in book.places.services.items():
            screen = edition.screens[f"service/{key}"]
            text = "\n".join(block.text.plain for block in screen.blocks)
            assert [block.kind for block in screen.blocks].count("source") == 1, f"/{language}/service/{key}"
            assert (labels["not_confirmed"] in text) == (service.confidence == "low")
            assert (labels["old_address"] in text) == service.before_merger
            assert (labels["no_phone"] in text) == (not service.phones and not service.phones_unverified)
            reports = [choice.address for choice in screen.choices if choice.address.startswith("report/")]
            assert reports == ([f"report/{key}"] if service.phones or service.phones_unverified else [])


def test_the_review_list_has_every_service_and_gate_and_the_provinces_once(book: Book) -> None:
    names = Counter(entry.name for entry in all_due(book))
    assert max(names.values()) == 1
    assert {f"service/{key}" for key in book.places.services} <= names.keys()
    assert {f"gate/{key}" for key in book.places.gates} <= names.keys()
    assert "provinces" in names
    assert {entry.section for entry in all_due(book) if entry.name.startswith("service/")} == {
        f"services/{province}" for province, _ in book.places.services.values()
    }


# ---- what a mistake costs: it is told, and everything else can still be written


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return make


def without(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return make


@pytest.fixture
def small(content_copy: Path) -> Path:
    """The content in Vietnamese only: written in a quarter of the time."""
    path = content_copy / "content/bot.yaml"
    text = re.sub(r"\n  (en|km|lo): \{.*", "", path.read_text("utf-8"))
    path.write_text(re.sub(r"\notherwise: en", "\notherwise: vi", text), "utf-8")
    return content_copy


BROKEN = {
    "a category that is not there": edit("services/hue.yaml", "[hospital", "[hospitl"),
    "a file of no province": lambda folder: (folder / "services/hue.yaml").rename(folder / "services/huee.yaml") and None,
    "a gate in no province": edit("places/gates.yaml", "  province: nghe-an", "  province: nghean"),
    "a gate to no country": edit("places/gates.yaml", "  country: laos", "  country: lao"),
    "a category without its hotline": edit("categories.yaml", '["115"]', '["1155"]'),
    "a category renamed": edit("categories.yaml", "\nhospital:\n", "\nhospitals:\n"),
    "a shared name of no province": edit("places/provinces.yaml", "provinces: [gia-lai, ", "provinces: [gialai, "),
    "provinces that cannot be read": edit("places/provinces.yaml", "kind: city", "kind: town"),
    "a commune that lies nowhere": edit("places/communes.csv", ",9.7871,", ",9.7871 N,"),
    "communes without a heading": edit("places/communes.csv", "commune,province,", "xã,tỉnh,"),
}
GONE = ["places", "services", "categories.yaml", "places/provinces.yaml", "places/gates.yaml", "places/countries.yaml"]


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_in_a_place_is_told_and_breaks_nothing_else(small: Path, mistake: str) -> None:
    BROKEN[mistake](small / "content")
    loaded = load(small / "content", small / "locales", TODAY)
    assert [problem for problem in loaded.errors if re.search("places/|services/|categories", problem.path)]
    assert loaded.catalog
    assert "help/now" in loaded.catalog.editions["vi"].screens


@pytest.mark.parametrize("name", [*GONE, "places/communes.csv"])
def test_a_bot_can_do_without_any_of_these_files(small: Path, name: str) -> None:
    without(name)(small / "content")
    loaded = load(small / "content", small / "locales", TODAY)
    assert loaded.catalog
    assert "help/now" in loaded.catalog.editions["vi"].screens
