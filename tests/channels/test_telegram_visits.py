"""Whole visits: people with Telegram <-> a Bot API server that checks its limits <-> the house, by polling and by webhook.

Every button leads on; nobody waits for somebody else; whatever the network, Telegram or people do, a screen arrives.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.app import House
from bot.channels.render import render
from bot.channels.telegram import CAN, SECRET_HEADER
from bot.conversation import Catalog, token
from bot.settings import Settings
from bot.store.tables import views
from tests.channels.fake_telegram import PUBLIC, SECRET, TOKEN, Call, FakeTelegram, Fault, Message, Pauses, Person, opened
from tests.channels.faults import Logs

ROOT = Path(__file__).parents[2]
# The house and its database serve all tests of this file: each test has people of its own.
NUMBERS = count(5_550_001)
HOME = {"vi": "🤝 Đồng Hành", "en": "🤝 Đồng Hành", "km": "🤝 Đồng Hành", "lo": "🤝 Đồng Hành"}
COVID, MASKS, SOS, BACK = "🦠 COVID-19 và dịch bệnh", "Khi nào nên đeo khẩu trang", "🆘 Cần giúp ngay", "‹ Quay lại"
START = "🏠 Trang đầu"
# python-telegram-bot warns about its own exception's attribute whenever it makes one for a 429.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return new_house(tmp_path_factory.mktemp("house"))


def new_house(folder: Path) -> House:
    return House(
        Settings(
            telegram_token=TOKEN,
            database_url=f"sqlite+aiosqlite:///{folder}/bot.db",
            content_dir=ROOT / "content",
            locales_dir=ROOT / "locales",
        )
    )


@pytest.fixture
async def pauses(house: House, server: FakeTelegram, public: str, logs: Logs) -> AsyncIterator[Pauses]:
    """The house is open; how long its Telegram door would have waited, so far."""
    async with opened(house, server, public=public) as (_, pauses):
        yield pauses


def somebody(server: FakeTelegram, language: str = "vi") -> Person:
    return server.person(next(NUMBERS), language)


def troubles(logs: Logs) -> Logs:
    return [entry for entry in logs if entry["log_level"] in ("warning", "error", "critical")]


def shows(person: Person) -> list[Message]:
    """All messages of the bot in a person's chat."""
    return [message for message in person.messages if message.ours]


async def start(server: FakeTelegram, language: str = "vi") -> Person:
    """Somebody who has just opened the bot and sees home."""
    person = somebody(server, language)
    person.says("/start")
    await server.settled()
    assert person.title == HOME.get(language, HOME["en"])
    return person


# Visits


async def test_a_visit_by_buttons_stays_in_one_message_and_words_get_a_new_one(
    server: FakeTelegram, pauses: Pauses, logs: Logs
) -> None:
    mai = await start(server)
    for label, title in [(COVID, COVID), (MASKS, MASKS), (BACK, COVID), (SOS, SOS), (START, HOME["vi"])]:
        mai.taps(label)
        await server.settled()
        assert mai.title == title
    assert len(shows(mai)) == 1

    mai.says("1")
    await server.settled()
    mai.says("#covid-masks")
    await server.settled()

    assert [message.text.splitlines()[0] for message in shows(mai)] == [HOME["vi"], COVID, MASKS]
    assert (server.refusals, server.unanswered, troubles(logs), pauses) == ([], [], [], [])


@pytest.mark.parametrize(
    ("typed", "first"),
    [("khau trang", "vi:covid/masks"), ("toi bi nhot", "vi:help/captive"), ("", "vi:covid"), ("xyzzy plugh", "vi:covid")],
)
async def test_what_is_looked_up_in_another_chat_is_offered_as_cards_with_a_link(
    server: FakeTelegram, pauses: Pauses, logs: Logs, catalog: Catalog, typed: str, first: str
) -> None:
    somebody(server).looks_up(typed)
    await server.settled()
    (call,) = server.made("answerInlineQuery")[-1:]
    card = call.parameters["results"][0]
    screen = catalog.editions["vi"].screens[first.partition(":")[2]]
    assert (card["id"], card["title"], card["description"]) == (first, screen.title, screen.summary)
    sent = card["input_message_content"]["message_text"]
    assert f"?start=vi__{screen.address.replace('/', '_')}" in sent
    assert ("113" in sent) == (screen.address == "help/captive"), "numbers to call travel with the card"
    assert (server.refusals, server.unanswered, troubles(logs)) == ([], [], [])


GUESSES = [("vi", "vi"), ("en-GB", "en"), ("km", "km"), ("lo", "lo"), ("fr", "en"), ("", "vi")]


async def test_the_language_of_the_persons_app_is_guessed_and_one_tap_changes_it(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, subtests: pytest.Subtests
) -> None:
    for language, edition in GUESSES:
        with subtests.test(language):
            noy = somebody(server, language)
            noy.says("/start")
            await server.settled()
            assert catalog.editions[edition].screens["home"].choices[0].label in noy.shown.labels

            other = "lo" if edition != "lo" else "km"
            noy.taps(catalog.editions[other].name)
            await server.settled()
            noy.says("1")
            await server.settled()
            assert noy.title == catalog.editions[other].screens["covid"].title


Pressed = set[tuple[str, str]]
# Answers of forms, votes and leaving have tests of their own.
DEEDS = ("helpful/", "report/", "forget/", "exit", "need/")


def walkable(catalog: Catalog, token: str) -> bool:
    """Does it lead to one screen, and change nothing?"""
    language, _, address = token.partition(":")
    screen = catalog.editions[language].screens.get(address)
    form = address.startswith("form/") and address.count("/") > 1
    return screen is not None and not screen.asks and not form and not address.startswith(DEEDS)


def is_sample(token: str) -> bool:
    """Of the directory one province stands for all: its screens are many and written in one way."""
    address = token.partition(":")[2]
    lists = ("services/provinces", "services/needs", "services/gates")
    directory = address.startswith(("services/", "service/", "gate/"))
    return not directory or address in lists or "tay-ninh" in address


async def explore(server: FakeTelegram, person: Person, catalog: Catalog, follow: Callable[[str], bool]) -> Pressed:
    """Press every button once, breadth first, beginning where the person is. follow: are the buttons behind it pressed too?

    To press several buttons of one screen, the person asks for the screen again: each tap has a keyboard of its own.
    """
    pressed: Pressed = set()
    waiting: deque[tuple[Message, str]] = deque()

    async def plan() -> None:
        screen = person.shown
        buttons = [(b["text"], b["callback_data"]) for row in screen.rows for b in row if "callback_data" in b]
        for button in sorted({button for button in buttons if walkable(catalog, button[1])} - pressed):
            pressed.add(button)
            person.says("/again")
            await server.settled()
            assert (person.shown.text, person.shown.rows) == (screen.text, screen.rows)
            waiting.append((person.shown, button[1]))

    await plan()
    seen = set()
    while waiting:
        message, token = waiting.popleft()
        person.calls_back(token, message)
        await server.settled()
        check_screen(message, catalog, token)
        if token not in seen and follow(token):
            seen.add(token)
            await plan()
    return pressed


def check_screen(message: Message, catalog: Catalog, token: str) -> None:
    """The screen of the token is shown, and there are ways on and home."""
    language, _, address = token.partition(":")
    screen = catalog.editions[language].screens[address]
    assert message.text.splitlines()[0] == screen.title
    tokens = {button.get("callback_data") for row in message.rows for button in row}
    assert tokens >= {choice.token for choice in screen.ways}
    assert tokens & {f"{language}:home", f"{language}:help/now"}


@pytest.mark.parametrize("public", [PUBLIC], ids=["webhook"])
async def test_every_button_that_can_be_reached_from_start_leads_to_its_screen(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, logs: Logs
) -> None:
    mai = await start(server)

    pressed = await explore(server, mai, catalog, lambda token: token.startswith("vi:") and is_sample(token))

    tokens = {token(language, address) for language, edition in catalog.editions.items() for address in edition.screens}
    wanted = {one for one in tokens if walkable(catalog, one) and is_sample(one)}
    assert {one for _, one in pressed} >= {one for one in wanted if one.startswith("vi:")}
    assert len(wanted & {one for _, one in pressed}) > 400
    assert (server.refusals, server.unanswered, troubles(logs), pauses) == ([], [], [], [])


@pytest.mark.parametrize("public", [PUBLIC], ids=["webhook"])
@pytest.mark.parametrize("language", ["en", "km", "lo"])
async def test_in_each_language_home_its_sections_and_help_have_no_dead_end(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, logs: Logs, language: str
) -> None:
    noy = await start(server, language)
    home = catalog.editions[language].screens["home"]
    sections = {f"{language}:{choice.address}" for choice in home.choices}

    pressed = await explore(server, noy, catalog, sections.__contains__)

    assert {token for _, token in pressed} >= sections
    assert len(pressed) > 40
    assert (server.refusals, server.unanswered, troubles(logs), pauses) == ([], [], [], [])


def test_no_two_buttons_of_a_screen_read_the_same(catalog: Catalog) -> None:
    same = set()
    for edition in catalog.editions.values():
        for screen in edition.screens.values():
            labels = [button.label for row in render(screen, CAN).buttons for button in row]
            same |= {(screen.address, label) for label in labels if labels.count(label) > 1}
    assert same == set()


async def test_a_link_opens_its_screen_in_its_language_and_counts_for_its_campaign(
    house: House, server: FakeTelegram, pauses: Pauses
) -> None:
    anna = somebody(server, "en")

    anna.says(f"/start vi__covid_masks__poster-{anna.number}")
    await server.settled()

    assert anna.title == MASKS
    assert await counted(house, f"poster-{anna.number}") == [("vi", "covid/masks", 1)]


async def counted(house: House, campaign: str) -> list[tuple[str, str, int]]:
    """What was counted for a campaign."""
    wanted = select(views.c.language, views.c.address, views.c.count).where(views.c.campaign == campaign)
    async with house.store.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(wanted)]


async def test_the_menu_of_commands_stands_in_every_language_and_works(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses
) -> None:
    await server.until(lambda: set(server.commands) == {"", *catalog.editions})
    for language, edition in catalog.editions.items():
        menu = {command["command"]: command["description"] for command in server.commands[language]}
        assert menu["help"] == edition.screens["help/now"].title
        noy = somebody(server, language)
        for command, description in menu.items():
            noy.says(f"/{command}")
            await server.settled()
            assert noy.title == description


async def test_what_has_no_words_gets_a_screen_too(server: FakeTelegram, pauses: Pauses, logs: Logs) -> None:
    mai = await start(server)
    photo = {"file_id": "A", "file_unique_id": "B", "width": 90, "height": 60}

    mai.sends(photo=[photo])
    mai.sends(voice={"file_id": "A", "file_unique_id": "B", "duration": 3})
    mai.sends(location={"latitude": 11.08, "longitude": 106.17})
    await server.settled()

    assert len(shows(mai)) == 4
    assert SOS in mai.shown.labels
    assert troubles(logs) == []


# Strangers


WORDS = [
    *("\u200b", " \n ", "<b>", "</blockquote>", "&lt;&amp;", "%s%n{0}", "'; DROP TABLE sessions;--", "\x00", "a\u0301" * 500),
    *("A" * 4096, "😀" * 2048, "0" * 4000, "²", "٣", "-1", "99999", "/", "/start@x", "#", "##", "vi:home", "../../etc/passwd"),
    *("/start " + "x" * 64, "/start vi__", "/start __", "/start ../..", "/start vi__covid_masks__" + "a" * 300, "/start 💥"),
]  # fmt: skip
TOKENS = [
    *("", ":", "vi:", ":home", "xx:no/page", "vi:no/such/page", "vi:covid/masks:x", "VI:HOME", "vi:../home", "vi:" + "a" * 61),
    *("<script>", "\x00", "đ" * 32, "null", "{}", "vi:form/old/1/2", "en:covid/masks/", "vi:service/123", "%00", "' OR 1=1"),
]  # fmt: skip


async def test_hostile_words_and_links_get_a_screen(
    server: FakeTelegram, pauses: Pauses, logs: Logs, subtests: pytest.Subtests
) -> None:
    mai = await start(server)
    for text in WORDS:
        with subtests.test(text[:30]):
            before = len(shows(mai))
            mai.says(text)
            await server.settled()
            assert len(shows(mai)) > before
            assert SOS in mai.shown.labels or mai.title == SOS

    assert (server.refusals, troubles(logs)) == ([], [])


async def test_hostile_taps_get_a_screen_and_stop_spinning(
    server: FakeTelegram, pauses: Pauses, logs: Logs, subtests: pytest.Subtests
) -> None:
    for one in TOKENS:
        with subtests.test(one):
            mai = await start(server)
            mai.calls_back(one, mai.shown)
            await server.settled()
            assert mai.title == HOME["vi"]
            assert "Trang bạn tìm không còn ở đây" in mai.shown.text

    assert (server.unanswered, server.refusals, troubles(logs)) == ([], [], [])


BODIES = [b"", b"{", b"[]", b"null", b'"x"', b"7", b"\xff\xfe", b'{"update_id": NaN}', b'{"message": {}}', b"[" * 100_000]


async def test_garbage_at_the_webhook_is_answered_200_so_that_it_does_not_come_back(
    house: House, server: FakeTelegram, logs: Logs, subtests: pytest.Subtests
) -> None:
    headers = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
    async with opened(house, server, public=PUBLIC) as (address, _), aiohttp.ClientSession(headers=headers) as client:
        for body in BODIES:
            with subtests.test(str(body[:20])):
                async with client.post(f"{address}/telegram/webhook", data=body) as response:
                    assert (response.status, await response.read()) == (200, b"")
        await start(server)

    assert troubles(logs) == []


async def test_without_the_secret_the_webhook_answers_403_and_nothing_happens(
    house: House, server: FakeTelegram, logs: Logs, subtests: pytest.Subtests
) -> None:
    number = next(NUMBERS)
    sender = {"id": number, "is_bot": False, "first_name": "X"}
    message = {"message_id": 1, "from": sender, "chat": {"id": number, "type": "private"}, "date": 1795224600, "text": "1"}
    async with opened(house, server, public=PUBLIC) as (address, _), aiohttp.ClientSession() as client:
        await server.until(lambda: server.made("setWebhook"))
        for given in [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "đ", "\x80"]:
            with subtests.test(str(given)):
                headers = {} if given is None else {SECRET_HEADER: given}
                update = {"update_id": 1, "message": message}
                async with client.post(f"{address}/telegram/webhook", json=update, headers=headers) as response:
                    assert response.status == 403
        assert await house.store.load("telegram", str(number)) == await house.store.load("telegram", "nobody")

    assert server.made("sendMessage") == []
    assert troubles(logs) == []


# What Telegram does


async def test_an_update_that_is_delivered_twice_is_applied_once(house: House, server: FakeTelegram, pauses: Pauses) -> None:
    mai = somebody(server)
    server.twice = True

    mai.says(f"/start vi__home__twice-{mai.number}")
    await server.settled()
    mai.says("1")  # covid; from there, 1 would lead on
    await server.settled()
    assert mai.title == COVID
    mai.taps(MASKS)
    await server.settled()

    assert mai.title == MASKS
    assert server.unanswered == []
    assert await counted(house, f"twice-{mai.number}") == [("vi", "home", 1)]


async def test_two_quick_taps_on_one_button_are_both_answered(server: FakeTelegram, pauses: Pauses, logs: Logs) -> None:
    mai = await start(server)

    mai.taps(COVID)
    mai.taps(COVID)
    await server.settled()

    assert (mai.title, len(shows(mai)), server.unanswered, troubles(logs)) == (COVID, 1, [], [])


FAULTS = {
    "429": ([Fault(code=429, retry_after=7)], [7.0]),
    "429 twice": ([Fault(code=429, retry_after=3), Fault(code=429, retry_after=4)], [3.0, 4.0]),
    "429 for an hour": ([Fault(code=429, retry_after=3600)], []),
    "500": ([Fault(code=500)], [0.5]),
    "502": ([Fault(code=502, body="<html>Bad Gateway</html>")], [0.5]),
    "503, then dropped": ([Fault(code=503), Fault(dropped=True)], [0.5, 1.0]),
    "dropped": ([Fault(dropped=True)], [0.5]),
    "500 three times": ([Fault(code=500)] * 3, [0.5, 1.0]),
}


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_a_call_that_was_not_carried_out_is_made_again_until_the_person_sees_the_screen_once(
    server: FakeTelegram, pauses: Pauses, subtests: pytest.Subtests, method: str
) -> None:
    for name, (faults, waited) in FAULTS.items():
        with subtests.test(name):
            mai = await start(server)
            pauses.clear()
            await one_step(server, mai, method, faults)
            assert (mai.title, len(shows(mai))) == (COVID, 2 if method == "sendMessage" else 1)
            assert pauses == waited
    assert server.unanswered == []


async def one_step(server: FakeTelegram, person: Person, method: str, faults: list[Fault]) -> None:
    """From home to COVID-19, by words or by a button, with these faults."""
    server.fail(method, *faults)
    if method == "sendMessage":
        person.says("1")
    else:
        person.taps(COVID)
    await server.settled()


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_an_answer_that_is_not_telegrams_says_nothing_was_carried_out(
    server: FakeTelegram, pauses: Pauses, method: str
) -> None:
    mai = await start(server)

    await one_step(server, mai, method, [Fault(code=200, body="<html>Please log in to this network</html>")])

    assert mai.title == COVID


async def test_a_call_whose_answer_is_lost_is_not_forgotten(
    server: FakeTelegram, pauses: Pauses, subtests: pytest.Subtests
) -> None:
    for fault in [Fault(dropped=True, carried_out=True), Fault(garbled=True)]:
        for method in ["sendMessage", "editMessageText"]:
            with subtests.test(method, fault=fault):
                mai = await start(server)
                await one_step(server, mai, method, [fault])
                assert mai.title == COVID
    assert server.unanswered == []


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_a_button_stops_spinning_although_the_answer_to_its_tap_fails(
    server: FakeTelegram, pauses: Pauses, subtests: pytest.Subtests
) -> None:
    for faults in [[Fault(code=500)], [Fault(dropped=True)], [Fault(code=500)] * 3]:
        with subtests.test(str(len(faults)), fault=faults[0]):
            mai = await start(server)
            server.fail("answerCallbackQuery", *faults)
            mai.taps(COVID)
            await server.settled()
            assert (mai.title, len(shows(mai)), server.unanswered) == (COVID, 1, [])


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_an_answer_that_comes_too_late_for_telegram_changes_nothing(
    server: FakeTelegram, pauses: Pauses, logs: Logs
) -> None:
    mai = await start(server)
    server.fail("answerCallbackQuery", Fault(code=400, description="query is too old and response timeout expired"))

    mai.taps(COVID)
    await server.settled()

    assert (mai.title, pauses, troubles(logs)) == (COVID, [], [])


GONE = ["message to edit not found", "message can't be edited", "there is no text in the message to edit"]


async def test_where_a_message_cannot_be_edited_the_screen_comes_as_a_new_one(
    server: FakeTelegram, pauses: Pauses, logs: Logs, subtests: pytest.Subtests
) -> None:
    for reason in GONE:
        with subtests.test(reason):
            mai = await start(server)
            await one_step(server, mai, "editMessageText", [Fault(code=400, description=reason)])
            assert (mai.title, len(shows(mai)), server.unanswered, troubles(logs)) == (COVID, 2, [], [])


async def test_a_tap_on_a_deleted_message_and_on_one_too_old_to_be_shown_brings_a_new_one(
    server: FakeTelegram, pauses: Pauses, logs: Logs
) -> None:
    mai = await start(server)
    old = mai.shown
    mai.messages.remove(old)
    mai.calls_back("vi:covid", old)
    await server.settled()
    assert [message.text.splitlines()[0] for message in shows(mai)] == [COVID]

    mai.calls_back("vi:covid/masks")
    await server.settled()

    assert [message.text.splitlines()[0] for message in shows(mai)] == [COVID, MASKS]
    assert server.refusals == ["editMessageText: Bad Request: message to edit not found"]
    assert (server.unanswered, troubles(logs)) == ([], [])


async def test_who_blocks_the_bot_is_remembered_as_gone_until_they_come_back(
    house: House, server: FakeTelegram, pauses: Pauses, logs: Logs
) -> None:
    mai = await start(server)
    calls = len(server.made("sendMessage"))

    mai.blocks()
    await server.settled()
    session, _ = await house.store.load("telegram", str(mai.number))
    assert session.left
    assert len(server.made("sendMessage")) == calls

    mai.blocked = False
    mai.says("/start")
    await server.settled()
    session, _ = await house.store.load("telegram", str(mai.number))
    assert not session.left
    assert (len(shows(mai)), troubles(logs)) == (2, [])


@pytest.mark.parametrize("tap", [True, False], ids=["tap", "words"])
async def test_a_403_is_remembered_and_not_tried_again(
    house: House, server: FakeTelegram, pauses: Pauses, logs: Logs, tap: bool
) -> None:
    mai = await start(server)
    made = len(server.calls)
    mai.blocked = True

    if tap:
        mai.taps(COVID)
    else:
        mai.says("1")
    await server.settled()

    session, _ = await house.store.load("telegram", str(mai.number))
    assert session.left
    shown = [call for call in server.calls[made:] if call.method in ("sendMessage", "editMessageText")]
    assert [call.refused for call in shown] == ["Forbidden: bot was blocked by the user"]
    assert (pauses, troubles(logs)) == ([], [])


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_a_second_poller_costs_a_pause_and_nothing_else(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)
    async with aiohttp.ClientSession() as client, client.post(f"{server.base}{TOKEN}/getUpdates") as response:
        assert response.status == 200
    mai.says("1")
    await server.settled()

    assert (mai.title, pauses) == (COVID, [1.0])
    assert server.refusals[0].startswith("getUpdates: Conflict: terminated by other getUpdates request")


# Order, and side by side


async def test_what_one_person_types_quickly_is_handled_in_order(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)

    for text in ["1", "3", "/back", "1", "#help-now", "/back", "/help", "#covid-masks"]:
        mai.says(text)
    await server.settled()

    titles = [message.text.splitlines()[0] for message in shows(mai)]
    assert titles[1:4] == [COVID, MASKS, COVID]
    assert titles[5:] == [SOS, HOME["vi"], SOS, MASKS]


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_a_tap_and_the_words_after_it_are_handled_in_order(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)

    mai.taps(COVID)
    mai.says("3")  # the third choice of covid; on home it is another
    await server.settled()

    assert mai.title == MASKS


async def test_many_words_of_one_person_that_come_again_after_a_failure_are_applied_once(
    server: FakeTelegram, pauses: Pauses
) -> None:
    mai = await start(server)
    server.fail("sendMessage", Fault(code=429, retry_after=3600))

    for _ in range(6):
        mai.says("1")
        mai.says("/back")
    mai.says("3")
    await server.settled()

    assert mai.title == "🏥 Khám chữa bệnh"


async def test_one_persons_slow_answer_does_not_hold_up_somebody_elses(server: FakeTelegram, pauses: Pauses) -> None:
    mai, noy = somebody(server), somebody(server, "lo")
    gate = asyncio.Event()
    server.fail("sendMessage", Fault(wait=gate))
    mai.says("/start")
    mai.says("1")
    noy.says("/start")

    await server.until(lambda: noy.title)
    assert server.held[0].parameters["chat_id"] == str(mai.number)
    assert mai.title == ""

    gate.set()
    await server.settled()
    assert [message.text.splitlines()[0] for message in shows(mai)] == [HOME["vi"], COVID]


async def test_who_writes_while_somebody_elses_answer_is_slow_is_answered_at_once(server: FakeTelegram, pauses: Pauses) -> None:
    mai, noy = somebody(server), somebody(server, "lo")
    gate = asyncio.Event()
    server.fail("sendMessage", Fault(wait=gate))
    mai.says("/start")
    await server.until(lambda: server.held)

    noy.says("/start")
    try:
        await server.until(lambda: noy.title, seconds=2)
    finally:
        gate.set()
    await server.settled()
    assert mai.title == HOME["vi"]


async def test_two_failures_at_once_are_both_made_good(server: FakeTelegram, pauses: Pauses) -> None:
    mai, noy = somebody(server), somebody(server, "lo")
    server.fail("sendMessage", *[Fault(code=429, retry_after=3600)] * 2)

    mai.says("/start")
    noy.says("/start")
    await server.settled()

    assert (mai.title, noy.title) == (HOME["vi"], HOME["lo"])


async def test_one_persons_failure_repeats_nothing_for_somebody_else(server: FakeTelegram, pauses: Pauses) -> None:
    mai, noy = somebody(server), somebody(server, "lo")
    server.fail("sendMessage", Fault(code=429, retry_after=3600))

    mai.says("/start")
    noy.says("/start")
    await server.settled()

    assert (len(shows(mai)), len(shows(noy))) == (1, 1)


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_a_tap_that_failed_until_telegram_gave_it_up_does_not_hold_up_what_comes_after(
    server: FakeTelegram, pauses: Pauses
) -> None:
    mai, noy = await start(server), somebody(server, "lo")
    number = mai.taps(COVID)

    def lost(call: Call) -> Fault | None:
        if number in server.pending and len(server.made("editMessageText")) == 3:
            server.expire(number)
        return Fault(code=500) if call.method == "editMessageText" else None

    server.script = lost
    await server.until(lambda: number not in server.pending)
    noy.says("/start")
    await server.settled()
    made = len(server.made("getUpdates"))
    noy.says("1")
    await server.settled()

    assert noy.title == "🦠 COVID-19 ແລະ ພະຍາດລະບາດ"
    assert len(server.made("getUpdates")) < made + 5


# Start and stop


async def test_what_was_written_while_the_bot_was_away_is_answered_when_it_comes_back(
    house: House, server: FakeTelegram, public: str
) -> None:
    async with opened(house, server, public=public):
        mai = await start(server)
    mai.says("1")
    mai.says("3")

    async with opened(house, server, public=public):
        await server.settled()

    assert mai.title == MASKS


async def test_a_webhook_is_set_once_and_again_only_when_its_secret_changes(house: House, server: FakeTelegram) -> None:
    for secret in (SECRET, SECRET, "another-secret", "another-secret"):
        async with opened(house, server, public=PUBLIC, secret=secret):
            await start(server)

    made = [call.parameters["secret_token"] for call in server.made("setWebhook")]
    assert made == [SECRET, "another-secret"]
    assert all(TOKEN not in call.parameters["url"] for call in server.made("setWebhook"))
    assert all("drop_pending_updates" not in call.parameters for call in server.made("setWebhook"))


async def test_polling_takes_an_old_webhook_away_and_loses_nothing(house: House, server: FakeTelegram) -> None:
    async with opened(house, server, public=PUBLIC):
        mai = await start(server)
    mai.says("1")
    async with opened(house, server):
        await server.settled()

    assert (mai.title, server.refusals) == (COVID, [])
    assert len(server.made("deleteWebhook")) == 1


async def test_the_bot_opens_when_telegram_can_be_reached_again(house: House, server: FakeTelegram, public: str) -> None:
    server.fail("getMe", Fault(code=502), Fault(dropped=True))
    server.fail("setMyCommands", *[Fault(code=500)] * 3)
    mai = somebody(server)
    mai.says("/start")

    async with opened(house, server, public=public) as (address, pauses), aiohttp.ClientSession() as client:
        await server.settled()
        async with client.get(f"{address}/readyz") as response:
            assert (await response.json())["telegram"] == "open"

    assert mai.title == HOME["vi"]
    assert pauses == [1.0, 2.0, 0.5, 1.0, 4.0]


async def test_stopping_waits_for_the_turns_in_flight(house: House, server: FakeTelegram, public: str) -> None:
    gate = asyncio.Event()
    mai, noy = somebody(server), somebody(server)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened(house, server, public=public))
        server.fail("sendMessage", Fault(wait=gate), Fault(wait=gate))
        mai.says("/start")
        noy.says("/start")
        await server.until(lambda: len(server.held) == 2)

        closing = asyncio.create_task(stack.pop_all().aclose())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not closing.done()
        gate.set()
        await closing

    assert (mai.title, noy.title) == (HOME["vi"], HOME["vi"])
    assert server.statuses == ([200, 200] if public else [])
