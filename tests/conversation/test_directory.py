"""Where can I go: what is nearest and how far, in which province, whether it is open; and no position is ever kept."""

import html
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from bot.content.book import Book, read_book
from bot.content.hours import Times
from bot.content.phones import is_phone, tel
from bot.conversation import Catalog, Point, Said, Screen, Session, Shared, Turn, distance, nearest, respond
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.turns import Turns

ROOT = Path(__file__).parents[2]
FIVE = ("nghe-an", "ha-tinh", "dong-thap", "an-giang", "tay-ninh")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday, 15:00 in Viet Nam
HANOI, SAIGON = (21.0285, 105.8542), (10.7769, 106.7009)
# In Tây Ninh; the digits occur nowhere in our content.
HERE = (11.0921347, 106.1850719)
TRACES = ("11.0921", "11.09213", "106.1850", "106.18507")
ABROAD = {
    "Bangkok": (13.7563, 100.5018),
    "Phnom Penh": (11.5564, 104.9282),
    "Poipet": (13.6570, 102.5636),
    "Vientiane": (17.9757, 102.6331),
    "Savannakhet": (16.5567, 104.7525),
    "Hong Kong": (22.3193, 114.1694),
    "Taipei": (25.0330, 121.5654),
    "nowhere": (0.0, 0.0),
    "the South Pole": (-90.0, 0.0),
}
degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
near_viet_nam = st.tuples(st.floats(7, 24), st.floats(101, 110))


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book(ROOT / "content")


def share(catalog: Catalog, position: tuple[float, float], screen: str = "services/near", language: str = "vi") -> Turn:
    shared = Shared(channel="test", person="1", at=NOW, latitude=position[0], longitude=position[1])
    return respond(catalog, Session(language=language, screen=screen), shared)


def plain(screen: Screen) -> str:
    return "\n".join(block.text.plain for block in screen.blocks)


# ---- distances


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        (HANOI, SAIGON, 1143),
        ((0.0, 0.0), (0.0, 1.0), 111.2),
        ((51.5074, -0.1278), (48.8566, 2.3522), 343.6),  # London, Paris
        ((90.0, 0.0), (-90.0, 77.0), 20015),
        ((0.0, 179.5), (0.0, -179.5), 111.2),  # across the date line
        (HANOI, HANOI, 0),
    ],
)
def test_distances_are_those_of_a_great_circle(one: tuple[float, float], other: tuple[float, float], kilometres: float) -> None:
    assert distance(one, other) == pytest.approx(kilometres, rel=0.003, abs=0.001)
    assert distance(one, other) == pytest.approx(distance(other, one))


@settings(max_examples=100, deadline=None)
@given(st.lists(degrees | near_viet_nam, max_size=60), degrees | near_viet_nam, st.integers(1, 7))
def test_the_nearest_are_those_that_looking_at_all_of_them_finds(
    places: list[tuple[float, float]], position: tuple[float, float], count: int
) -> None:
    points = sorted(Point(latitude, longitude, str(number)) for number, (latitude, longitude) in enumerate(places))

    found = nearest(points, position, count)

    wanted = sorted(distance(position, (point.latitude, point.longitude)) for point in points)[:count]
    assert [kilometres for kilometres, _ in found] == pytest.approx(wanted)
    assert len({key for _, key in found}) == len(found)


def test_the_nearest_in_the_shipped_directory_are_those_that_looking_at_all_of_them_finds(catalog: Catalog) -> None:
    for points in catalog.directory.services.values():
        for latitude in range(8, 24, 2):
            position = (latitude + 0.37, 105.11)
            every = sorted(distance(position, (point.latitude, point.longitude)) for point in points)
            assert [kilometres for kilometres, _ in nearest(points, position)] == pytest.approx(every[:5])


# ---- where somebody is


def test_a_position_lies_in_the_right_province(catalog: Catalog, book: Book) -> None:
    assert book.provinces and book.gates
    seats = {key: province.position for key, province in book.provinces.model.provinces.items()}
    assert {key: catalog.directory.province(position) for key, position in seats.items()} == {key: key for key in seats}
    for key, gate in book.gates.model.items():
        assert not gate.position or catalog.directory.province(gate.position) == gate.province, key
    assert len(seats) == 34


@pytest.mark.parametrize("place", ABROAD)
def test_outside_viet_nam_there_is_no_province_and_the_countries_are_offered(catalog: Catalog, place: str) -> None:
    assert catalog.directory.province(ABROAD[place]) == ""
    for language, edition in catalog.editions.items():
        screen = share(catalog, ABROAD[place], language=language).replies[0]
        assert edition.screens["home"].labels["outside"] in plain(screen)
        assert screen.choices[-1].address == "countries"
        assert not [choice for choice in screen.choices if choice.address.startswith(("service/", "services/tay"))]


# ---- near me


def test_near_me_shows_the_nearest_first_with_distances_in_every_category_and_language(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        for category, points in catalog.directory.services.items():
            if not points:  # nobody is asked for a position where it cannot help
                continue
            turn = share(catalog, HERE, f"services/near/{category}", language)
            screen = turn.replies[0]
            found = nearest(points, HERE)
            services = [choice.address for choice in screen.choices if choice.address.startswith("service/")]
            assert services == [f"service/{key}" for _, key in found]
            assert len(services) <= 5
            for (kilometres, key), block in zip(found, screen.blocks, strict=False):
                said = f"{kilometres:.1f}" if kilometres < 10 else f"{kilometres:.0f}"
                assert edition.screens["home"].labels["distance"].format(km=said) in block.text.plain
                assert edition.cards[key].text.plain in block.text.plain
            if not found:
                assert edition.screens["home"].labels["nothing_near"] in plain(screen)
            assert {f"services/tay-ninh/{category}", "services/tay-ninh"} <= {choice.address for choice in screen.choices}
            assert turn.session.screen == f"services/near/{category}"


def test_a_position_that_nobody_asked_for_is_answered_with_hospitals(catalog: Catalog) -> None:
    screen = share(catalog, HERE, "covid/masks").replies[0]
    assert screen.address == "services/near/hospital"
    first = next(choice for choice in screen.choices if choice.address.startswith("service/"))
    assert first.address == f"service/{nearest(catalog.directory.services['hospital'], HERE)[0][1]}"


def test_what_is_near_can_be_opened_by_its_number_only_while_it_is_shown(catalog: Catalog) -> None:
    """The position is forgotten with the turn, and with it the list: a number typed afterwards must not open another place."""
    turn = share(catalog, HERE, "services/near/hospital")
    typed = Said(channel="test", person="1", at=NOW, text="1")
    after = respond(catalog, turn.session, typed).replies[0]
    assert after.address in (turn.replies[0].choices[0].address, "services/near/hospital", "services/needs/hospital")


@pytest.mark.parametrize("position", [HERE, *ABROAD.values(), (90.0, 180.0), (-90.0, -180.0)])
def test_a_position_is_answered_once_and_nothing_of_it_is_in_the_session_or_the_records(
    catalog: Catalog, position: tuple[float, float]
) -> None:
    turn = share(catalog, position)
    assert len(turn.replies) == 1
    kept = json.dumps(turn.session.to_dict()) + repr(turn.session) + repr(turn.records)
    for degrees in position:
        assert degrees == int(degrees) or f"{degrees:.4f}" not in kept
    assert not any(trace in kept for trace in TRACES)


def written(folder: Path) -> str:
    """Everything in the files of a folder."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file()).decode("latin-1")


async def test_a_position_is_never_stored_logged_or_counted(
    catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}", b"the key of the tests, long enough")
    await migrate(store.engine)
    turns = Turns(lambda: catalog, store)
    shared = Shared(channel="telegram", person="1", at=NOW, id="7", latitude=HERE[0], longitude=HERE[1])
    with caplog.at_level(logging.DEBUG), capture_logs() as events:
        async with turns.turn(shared) as turn:
            assert turn.replies[0].address == "services/near/hospital"
        await turns.carried(Session("vi", "services/near/jobs"), shared)
        loaded, _ = await store.load("telegram", "1")
    await store.close()
    said = [written(tmp_path), repr(loaded), caplog.text, json.dumps(events, default=str), generate_latest().decode()]

    assert loaded.screen == "services/near/hospital"
    assert events
    assert [trace for trace in TRACES for text in said if trace in text] == []


# ---- opening hours, in Viet Nam's time

OFFICE, HOSPITAL = "Mo-Fr 07:00-11:30,13:00-17:00", "Mo-Fr 07:00-16:00; Sa 07:00-12:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "utc", "state"),
    [
        (OFFICE, "2026-11-23T00:30", "open"),  # Monday 07:30
        (OFFICE, "2026-11-22T23:30", "closed"),  # Monday 06:30, still Sunday in UTC
        (OFFICE, "2026-11-23T05:00", "closed"),  # noon
        (OFFICE, "2026-11-23T09:59", "open"),
        (OFFICE, "2026-11-23T10:00", "closed"),  # 17:00
        (OFFICE, "2026-11-22T03:00", "closed"),  # Sunday
        (OFFICE, "2026-09-02T03:00", "holiday"),  # National Day, a Wednesday
        (OFFICE, "2027-01-01T03:00", "holiday"),
        (OFFICE, "2026-04-30T03:00", "holiday"),
        (OFFICE, "2026-02-17T03:00", "holiday"),  # first day of Tết
        (OFFICE, "2027-02-05T03:00", "holiday"),  # the day before Tết, a Friday
        (OFFICE, "2026-04-27T03:00", "holiday"),  # Hùng Kings (10th of the 3rd month, a Sunday), taken on Monday
        (f"{OFFICE}; PH off", "2026-09-02T03:00", "closed"),
        (f"{OFFICE}; PH off", "2026-02-17T03:00", "closed"),
        ("24/7", "2026-09-02T03:00", "open"),
        ("24/7", "2026-11-22T19:00", "open"),
        (HOSPITAL, "2026-11-21T03:00", "open"),  # Saturday 10:00
        (HOSPITAL, "2026-11-21T06:00", "closed"),
        ("22:00-02:00", "2026-11-22T18:00", "open"),  # over midnight
    ],
)
def test_open_is_told_in_viet_nams_time_and_a_holiday_says_to_call_ahead(hours: str, utc: str, state: str) -> None:
    assert Times(hours).state(at(utc)) == state


def test_a_service_says_whether_it_is_open_now_and_what_nobody_knows_it_says_so(catalog: Catalog, book: Book) -> None:
    moments = [at("2026-11-23T03:00"), at("2026-11-22T19:00"), at("2026-09-02T03:00")]
    for language, edition in catalog.editions.items():
        labels = edition.screens["home"].labels
        for key in book.places.services:
            for moment in moments:
                said = Said(channel="test", person="1", at=moment, text=f"service/{key}")
                screen = respond(catalog, Session(language=language), said).replies[0]
                first = screen.blocks[0].text.plain
                known = catalog.directory.hours.get(key)
                if known:
                    assert first == labels[known.state(moment)]
                else:
                    assert first not in (labels["open"], labels["closed"], labels["holiday"])
                    assert labels["about_hours"] in plain(screen)


def test_open_now_marks_what_is_open_and_moves_nothing(catalog: Catalog) -> None:
    screens, hours = catalog.editions["vi"].screens, catalog.directory.hours
    lists = [address for address in screens if re.fullmatch("services/[^/]+/[^/]+/open", address)]
    assert lists
    for address in lists:
        for moment in (at("2026-11-23T03:00"), at("2026-11-22T19:00")):
            said = Said(channel="test", person="1", at=moment, text=address)
            shown = respond(catalog, Session(language="vi"), said).replies[0]
            assert [choice.address for choice in shown.choices] == [choice.address for choice in screens[address].choices]
            for choice in shown.choices:
                state = hours[choice.address.removeprefix("service/")].state(moment)
                assert choice.label[0] == {"open": "🟢", "closed": "⚪", "holiday": "🟡"}[state]


# ---- what the directory promises


def test_each_of_the_five_provinces_has_at_least_five_services_in_lists_that_can_be_reached(catalog: Catalog) -> None:
    for province in FIVE:
        screens = catalog.editions["vi"].screens
        lists = [c.address for c in screens[f"services/{province}"].choices if c.address.startswith(f"services/{province}/")]
        services = {c.address for one in lists for c in screens[one].choices if c.address.startswith("service/")}
        assert len(services) >= 5, province


def test_every_gate_of_the_five_provinces_names_a_hospital_or_says_that_none_is_known(catalog: Catalog, book: Book) -> None:
    assert book.gates
    gates = [key for key, gate in book.gates.model.items() if gate.province in FIVE]
    assert len(gates) >= 30
    for language, edition in catalog.editions.items():
        unknown = edition.screens["home"].labels["hospital_unknown"]
        for key in gates:
            screen = edition.screens[f"gate/{key}"]
            text = plain(screen)
            named = [choice.address.removeprefix("service/") for choice in screen.choices]
            kinds = [book.places.services[name][1].categories for name in named if name in book.places.services]
            care = [kind for kind in kinds if {"hospital", "clinic"} & {*kind}]
            assert bool(care) != (unknown in text), f"/{language}/gate/{key}"
            assert "115" in text
            assert any(choice.address.startswith("abroad/") for choice in screen.choices)


def numbers() -> Iterator[tuple[str, str, str]]:
    """Every number of the directory: service, number, kind. Read without our own reader."""
    for file in sorted((ROOT / "content/services").glob("*.yaml")):
        for key, service in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader).items():
            for kind in ("phones", "phones_unverified"):
                yield from ((key, str(number), kind) for number in service.get(kind, ()))


def test_every_number_of_the_directory_is_one_and_dials_from_the_page_and_from_the_app(catalog: Catalog) -> None:
    every = list(numbers())
    assert len(every) > 40
    for key, number, kind in every:
        assert is_phone(number, "VN"), (key, number)
        target = tel(number, "VN")
        bare = re.sub(r"\D", "", number)
        if target.startswith("tel:+"):
            assert phonenumbers.is_valid_number(phonenumbers.parse(target.removeprefix("tel:")))
        for language, edition in catalog.editions.items():
            blocks = edition.screens[f"service/{key}"].blocks
            (block,) = [block for block in blocks if f'href="{html.escape(target)}"' in block.text.web]
            assert number in block.text.plain, (language, key)
            assert (block.kind == "call") == (kind == "phones")
            apps = re.sub(r"[^\d+]", "", block.text.inline)  # Telegram makes numbers of "+84 ..." itself
            assert (target.removeprefix("tel:") if "+" in target else bare) in apps


def test_numbers_that_nobody_confirmed_stand_only_behind_these_words(catalog: Catalog) -> None:
    for key, number, kind in numbers():
        for edition in catalog.editions.values():
            before = edition.screens["home"].labels["unverified_phones"].partition("{")[0]
            for block in edition.screens[f"service/{key}"].blocks if kind == "phones_unverified" else ():
                assert number not in block.text.plain or block.text.plain.startswith(before)
            assert kind == "phones" or number not in edition.cards[key].text.plain
