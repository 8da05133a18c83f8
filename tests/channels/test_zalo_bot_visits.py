"""Whole visits: people with Zalo <-> a Zalo Bot Platform that checks its limits <-> the house, by polling and by webhook.

The golden conversations play here as they are written; whatever the network, Zalo or people do, one answer arrives.
"""

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import DDL, select

from bot.app import House, opening_line
from bot.channels.render import render
from bot.channels.zalo_bot import CAN, ZaloBot, encode
from bot.channels.zalo_bot_updates import LONGEST_PAUSE
from bot.conversation import Catalog, Said, Session, code, parse_payload, parse_token, respond
from bot.settings import Settings
from bot.store.migrate import migrate
from bot.store.quota import SqlQuota
from bot.store.tables import views
from tests.channels.fake_zalo_bot import NOW, PUBLIC, SECONDS, TOKEN, FakeZaloBot, Fault, Pauses, Person, opened, served
from tests.channels.faults import Logs

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "tests" / "transcripts").rglob("*.txt"))
HOME, HELP = "🤝 Đồng Hành", "🆘 Cần giúp ngay"
MASKS = "Khi nào nên đeo khẩu trang"


def new_house(folder: Path, **settings: Any) -> House:
    database = f"sqlite+aiosqlite:///{folder}/bot.db"
    return House(Settings(database_url=database, content_dir=ROOT / "content", locales_dir=ROOT / "locales", **settings))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The house and its database serve many tests: each test has people of its own."""
    return new_house(tmp_path_factory.mktemp("house"))


@pytest.fixture
async def server() -> AsyncIterator[FakeZaloBot]:
    async with FakeZaloBot() as server:
        yield server


@pytest.fixture
async def pauses(house: House, server: FakeZaloBot, public: str, logs: Logs) -> AsyncIterator[Pauses]:
    """The house is open; how long its door would have waited, so far."""
    async with opened(house, server, public=public) as (_, pauses, door):
        await decided(door)
        yield pauses


async def eventually(true: Callable[[], object]) -> None:
    """Wait for something inside the house. It tells nobody, so we look again and again."""
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def decided(door: ZaloBot) -> None:
    """Wait until the door is open, or knows why not."""
    await eventually(lambda: door.state != "opening")


def troubles(logs: Logs) -> list[str]:
    return [entry["event"] for entry in logs if entry["log_level"] in ("warning", "error", "critical")]


async def ask(server: FakeZaloBot, person: Person, *texts: str) -> str:
    """Type one text after the other, each after the answer to the one before; the last answer."""
    for text in texts:
        number = len(person.answers) + 1
        person.says(text)
        await server.answered(person, number)
    return person.answers[-1]


async def seen(house: House, person: Person) -> str:
    """The language and address that the house remembers of a person."""
    session, _ = await house.store.load("zalo_bot", person.id)
    return f"{session.language}:{session.screen}"


async def viewed(house: House, address: str) -> int:
    """How often a screen was counted on Zalo, today in the tests' time."""
    wanted = select(views.c.count).where(views.c.channel == "zalo_bot", views.c.address == address)
    async with house.store.engine.connect() as connection:
        return sum((await connection.execute(wanted)).scalars())


async def metrics(address: str) -> str:
    async with aiohttp.ClientSession() as client, client.get(f"{address}/metrics") as response:
        return await response.text()


def metric(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


# The golden conversations


def steps(script: str) -> list[tuple[str, str]]:
    """What is typed, and the whole answer as an app without buttons shows it."""
    parts = re.split(r"^> ?", script, flags=re.MULTILINE)[1:]
    return [
        (head, "\n".join(re.findall(r"^< ?(.*)$", rest, re.MULTILINE))) for head, _, rest in (p.partition("\n") for p in parts)
    ]


def typed(line: str, catalog: Catalog, language: str) -> tuple[list[str], bool]:
    """What people type on Zalo, which has neither links nor buttons, for the same; and whether the same words answer it.

    A button that leads nowhere any more cannot be typed: home takes its place.
    """
    if not line.startswith(("tap:", "open:")):
        return [line], True
    place = parse_token(line[5:]) if line.startswith("tap:") else parse_payload(line[5:].strip())
    if line == "open:":
        return [language, "0"], True
    if place and place.language in catalog.editions and (screen := catalog.find(place.language, place.address)):
        return [place.language, f"#{code(screen.address)}"], True
    return [place.language if place and place.language in catalog.editions else "menu", "0"], False


@pytest.mark.parametrize("file", SCRIPTS, ids=[file.stem for file in SCRIPTS])
async def test_a_golden_conversation_goes_word_for_word_on_zalo(
    house: House, catalog: Catalog, server: FakeZaloBot, public: str, pauses: Pauses, file: Path
) -> None:
    house.catalog = catalog
    can = CAN if not public else CAN.__class__(buttons=0, label=CAN.label, text=CAN.text, inline=False, web=PUBLIC)
    script = file.read_text("utf-8")  # noqa: ASYNC240
    language = match[1] if (match := re.search(r"^# language: (\w+)", script, re.MULTILINE)) else "vi"
    person, session = server.person(), Session()
    for line, answer in steps(script):
        texts, same = typed(line, catalog, language)
        for text in texts:
            before = len(person.answers)
            said = Said(channel="zalo_bot", person=person.id, at=NOW, text=text)
            session, replies, *_ = respond(catalog, session, said)
            wanted = [call for reply in replies for call in encode(render(reply, can))]
            person.says(text)
            await server.answered(person, before + len(wanted))
        assert await seen(house, person) == f"{session.language}:{session.screen}"
        if same:
            words = " ".join(person.answers[before:]).split()
            link = [f"{PUBLIC}/{reply.language}/{reply.address}" for reply in replies] if public else []
            assert [word for word in words if word not in link] == answer.split()
    assert server.refusals == []


# Menus and words


async def test_a_menu_is_a_numbered_list_and_its_numbers_labels_codes_and_words_can_be_typed(
    house: House, server: FakeZaloBot, pauses: Pauses
) -> None:
    person = server.person()
    home = await ask(server, person, "0")
    first = re.search(r"^1\. (.+)$", home, re.MULTILINE)
    assert first
    for way in ("1", "1.", first[1], "１"):
        await ask(server, person, "0", way)
        assert await seen(house, person) == "vi:covid", way
    for way in ("#covid-masks", "covid/masks", "khau trang", "Khẩu trang?"):
        await ask(server, person, "0", way)
        assert (person.title, await seen(house, person)) == (MASKS, "vi:covid/masks"), way
    assert server.refusals == []


@pytest.mark.parametrize("where", ["0", "#", "#covid-masks", "km", "asdf qwer", "99"])
async def test_home_help_back_and_codes_work_in_every_state(
    house: House, server: FakeZaloBot, pauses: Pauses, where: str
) -> None:
    person = server.person()
    await ask(server, person, where)
    language = (await seen(house, person)).partition(":")[0]
    expected = {"0": "home", "#": "help/now", "trợ giúp": "help/now", "#covid-masks": "covid/masks", "quay lại": "covid"}
    for text, address in expected.items():
        await ask(server, person, text)
        assert await seen(house, person) == f"{language}:{address}"


async def test_the_first_word_of_somebody_new_is_answered_whatever_it_is(
    house: House, server: FakeZaloBot, pauses: Pauses
) -> None:
    person = server.person()
    assert "1. " in await ask(server, person, "xin chào")
    other = server.person()
    await ask(server, other, "khau trang")
    assert other.title == MASKS


async def test_pictures_voices_stickers_and_the_unknown_are_answered_and_groups_are_not(
    house: House, server: FakeZaloBot, pauses: Pauses, logs: Logs
) -> None:
    person, group = server.person(), server.person()
    for number, kind in enumerate(["image", "voice", "sticker", "unsupported", "location"], 1):
        person.sends(kind, url="https://p.zdn.vn/a")
        assert "1. " in await server.answered(person, number)
    group.sends("text", chat_type="GROUP", text="xin chào")
    await ask(server, person, "0")
    assert group.answers == []
    assert troubles(logs) == []


@pytest.mark.parametrize("switch", ["wrapped", "listed"])
async def test_events_come_bare_wrapped_or_in_a_list(server: FakeZaloBot, pauses: Pauses, switch: str) -> None:
    setattr(server, switch, True)
    assert (await ask(server, server.person(), "#")).startswith(HELP)


# Repeated, late, lost


async def test_an_event_that_comes_twice_is_applied_and_answered_once(
    house: House, server: FakeZaloBot, pauses: Pauses
) -> None:
    before = await viewed(house, "covid/tests")
    server.twice = True
    person = server.person()
    await ask(server, person, "#covid-tests", "1", "quay lại")
    server.twice = False
    await ask(server, server.person(), "0")
    assert len(person.answers) == 3
    assert await viewed(house, "covid/tests") <= before + 2


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_an_update_that_every_poll_gives_again_is_answered_once(server: FakeZaloBot, pauses: Pauses, logs: Logs) -> None:
    server.replay = True
    person = server.person()
    await ask(server, person, "0", "1")
    await server.polled(30)
    assert len(person.answers) == 2
    assert len(pauses) >= 30
    assert set(pauses) == {1.0}
    assert server.refusals == troubles(logs) == []


@pytest.mark.parametrize("public", [PUBLIC], ids=["webhook"])
async def test_an_event_that_comes_again_while_it_is_being_answered_is_answered_once(
    server: FakeZaloBot, pauses: Pauses
) -> None:
    person, go = server.person(), asyncio.Event()
    server.fail("sendMessage", Fault(wait=go))
    event = person.says("0")
    await server.until(lambda: server.held)
    assert [await server.post(event) for _ in range(3)] == [200, 200, 200]
    assert person.answers == []
    go.set()
    await server.answered(person, 1)
    await ask(server, person, "#")
    assert len(person.answers) == 2


async def test_after_a_restart_a_repeated_event_is_not_applied_again(house: House, server: FakeZaloBot, public: str) -> None:
    person = server.person()
    async with opened(house, server, public=public):
        await server.until(lambda: server.webhook or server.made("getUpdates"))
        await ask(server, person, "#covid-masks")
        one = person.says("1")
        await server.answered(person, 2)
    async with opened(house, server, public=public):
        server.give(one)
        assert (await ask(server, person, "#")).startswith(HELP)
        assert len(person.answers) == 3


TROUBLES = {
    "busy": [Fault(code=429)] * 3,
    "their 403": [Fault(code=403)],
    "their 403 with status 200": [Fault(code=403, ok=True)],
    "an outage": [Fault(code=502, html=True), Fault(code=504, html=True), Fault(code=503)],
    "a proxy that says 200": [Fault(html=True)],
    "a broken connection": [Fault(dropped=True)],
    "half an answer": [Fault(garbled=True)],
}


@pytest.mark.parametrize("faults", TROUBLES.values(), ids=TROUBLES)
async def test_whatever_the_network_does_the_answer_arrives(
    server: FakeZaloBot, pauses: Pauses, logs: Logs, faults: list[Fault]
) -> None:
    server.fail("sendMessage", *faults)
    person = server.person()
    assert (await ask(server, person, "#")).startswith(HELP)
    await ask(server, server.person(), "0")
    assert person.answers == [person.answers[0]] * len(person.answers)
    assert len(person.answers) == (2 if faults[0].garbled else 1), "what may have arrived is repeated, once"
    assert [pause for pause in pauses if pause > 1] == [2.0, 4.0][: len(faults) - 1]
    assert troubles(logs) == []


async def test_a_message_that_is_late_is_announced_by_typing(server: FakeZaloBot, pauses: Pauses) -> None:
    person = server.person()
    await ask(server, person, "0")
    assert server.actions == []
    server.fail("sendMessage", Fault(code=502, html=True))
    await ask(server, person, "#")
    await server.until(lambda: server.actions == [person.id])


async def test_an_answer_that_cannot_be_sent_now_is_taken_up_again(
    server: FakeZaloBot, public: str, pauses: Pauses, logs: Logs
) -> None:
    server.fail("sendMessage", *[Fault(code=502, html=True)] * 4)
    person = server.person()
    assert (await ask(server, person, "#")).startswith(HELP)
    assert [pause for pause in pauses if pause > 1] == [2.0, 4.0]
    assert troubles(logs) == ["zalo_unsent"]
    if public:
        assert server.statuses == [200]


async def test_what_may_have_arrived_is_repeated_once_and_then_left(server: FakeZaloBot, pauses: Pauses, logs: Logs) -> None:
    server.fail("sendMessage", *[Fault(dropped=True)] * 2)
    person = server.person()
    person.says("#")
    assert (await ask(server, person, "0")).startswith(HOME)
    assert len(person.answers) == 1
    assert troubles(logs) == ["zalo_unsent", "zalo_unanswered"]


async def test_what_zalo_says_no_to_again_and_again_does_not_stop_the_next_message(
    server: FakeZaloBot, pauses: Pauses, logs: Logs
) -> None:
    server.fail("sendMessage", *[Fault(code=403)] * 24)
    person = server.person()
    person.says("#")
    assert (await ask(server, person, "0")).startswith(HOME)
    assert len(person.answers) == 1
    assert troubles(logs) == [*["zalo_unsent"] * 6, "zalo_unanswered"]


async def test_an_outage_of_hours_loses_nobody_and_what_is_days_old_is_not_answered_any_more(
    server: FakeZaloBot, pauses: Pauses, logs: Logs
) -> None:
    outage, over = Fault(code=502, html=True), NOW + timedelta(hours=3)
    server.script = lambda _: outage if server.now() < over else None
    person = server.person()
    assert (await ask(server, person, "#")).startswith(HELP)
    server.script, server.inbox.waits = lambda _: outage, True
    before = server.inbox.later
    person.says("#")
    await server.until(lambda: server.inbox.later > before)
    server.script = lambda _: None
    server.inbox.pass_(days=3)
    assert (await ask(server, person, "0")).startswith(HOME)
    assert len(person.answers) == 2
    assert troubles(logs)[-2:] == ["zalo_unsent", "zalo_unanswered"]


async def test_a_slow_answer_to_one_person_holds_up_nobody_else_and_keeps_their_order(
    house: House, server: FakeZaloBot, pauses: Pauses
) -> None:
    slow, go = server.person(), asyncio.Event()
    server.fail("sendMessage", Fault(wait=go))
    slow.says("#")
    await server.until(lambda: server.held)
    slow.says("#covid-masks")
    slow.says("quay lại")
    for _ in range(3):
        await ask(server, server.person(), "0", "1")
    assert slow.answers == []
    go.set()
    await server.answered(slow, 3)
    assert [text.splitlines()[0] for text in slow.answers[:2]] == [HELP, MASKS]
    assert await seen(house, slow) == "vi:covid"


async def test_what_was_taken_is_answered_before_the_door_closes(house: House, server: FakeZaloBot, public: str) -> None:
    person, go = server.person(), asyncio.Event()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened(house, server, public=public))
        await server.until(lambda: server.webhook or server.made("getUpdates"))
        server.fail("sendMessage", Fault(wait=go))
        person.says("#")
        await server.until(lambda: server.held)
        closing = asyncio.create_task(stack.aclose())
        await asyncio.sleep(0)
        go.set()
        await closing
    assert person.title == HELP


async def test_somebody_who_blocked_the_bot_is_left_alone_until_they_write_again(
    house: House, server: FakeZaloBot, pauses: Pauses, logs: Logs
) -> None:
    person = server.person()
    await ask(server, person, "0")
    person.blocked = True
    person.says("#")
    await server.until(lambda: server.refusals)
    await ask(server, server.person(), "0")
    await eventually(lambda: [entry for entry in logs if entry.get("kind") == "left"])
    session, _ = await house.store.load("zalo_bot", person.id)
    assert session.left
    assert (troubles(logs), server.refusals) == (["zalo_unsent", "zalo_unanswered"], ["sendMessage: 400"])
    person.blocked = False
    assert (await ask(server, person, "#")).startswith(HELP)
    session, _ = await house.store.load("zalo_bot", person.id)
    assert not session.left


# Pictures


@pytest.mark.parametrize("public", [PUBLIC], ids=["webhook"])
async def test_a_picture_comes_with_its_words_in_one_message(house: House, server: FakeZaloBot, pauses: Pauses) -> None:
    person = server.person()
    answer = await ask(server, person, "#covid-masks")
    picture = house.catalog.editions["vi"].screens["covid/masks"].picture
    assert picture
    assert answer.startswith(MASKS)
    assert person.lines[-1].picture == house.catalog.pictures[picture.file]
    assert (server.sent, server.refusals) == (1, [])


@pytest.mark.parametrize("public", [""], ids=["polling"])
async def test_without_an_address_of_ours_there_are_words_only(server: FakeZaloBot, pauses: Pauses) -> None:
    person = server.person()
    assert (await ask(server, person, "#covid-masks")).startswith(MASKS)
    assert server.made("sendPhoto") == []


NO_PICTURE = {"refused": Fault(code=400), "not answered": Fault(dropped=True)}


@pytest.mark.parametrize("public", [PUBLIC], ids=["webhook"])
@pytest.mark.parametrize("fault", NO_PICTURE.values(), ids=NO_PICTURE)
async def test_a_picture_that_zalo_does_not_take_costs_nobody_the_words(
    house: House, server: FakeZaloBot, pauses: Pauses, logs: Logs, fault: Fault
) -> None:
    server.fail("sendPhoto", fault)
    person = server.person()
    assert (await ask(server, person, "#covid-masks")).startswith(MASKS)
    await ask(server, person, "0")
    session, _ = await house.store.load("zalo_bot", person.id)
    assert (len(person.answers), session.left, troubles(logs)) == (2, False, ["zalo_bot_no_picture"])


# The month's messages


# Each test has a month of its own.


async def test_every_message_is_counted_and_the_count_outlives_a_restart(
    house: House, server: FakeZaloBot, public: str
) -> None:
    month = datetime(2027, 1 if public else 2, 10, tzinfo=UTC)
    for expected in (2, 4):
        async with opened(house, server, public=public, now=lambda: month) as (address, _, door):
            await decided(door)
            await ask(server, server.person(), "0", "#covid-masks")
            await eventually(lambda expected=expected, door=door: door._quota.sent == expected)
            shown = await metrics(address)
            assert metric(shown, "bot_zalo_bot_month_messages") == server.sent == expected
            assert metric(shown, "bot_zalo_bot_month_limit") == 3000


async def test_the_log_warns_once_at_eighty_percent_and_again_at_each_start_after(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    month = datetime(2027, 3, 10, tzinfo=UTC)
    await migrate(house.store.engine)
    await SqlQuota(house.store.engine).add("zalo_bot", date(2027, 3, 1), 2397)
    async with opened(house, server, now=lambda: month) as (_, _, door):
        await ask(server, server.person(), "0", "0")
        await eventually(lambda: door._quota.sent == 2399)
        assert troubles(logs) == []
        await ask(server, server.person(), "0", "0")
        await eventually(lambda: door._quota.sent == 2401)
        warning = {"event": "zalo_bot_quota", "log_level": "warning", "percent": 80, "sent": 2400, "allowed": 3000}
        assert [entry for entry in logs if entry["log_level"] == "warning"] == [warning]
    async with opened(house, server, now=lambda: month):
        assert [entry["sent"] for entry in logs if entry["log_level"] == "warning"] == [2400, 2401]


async def test_a_new_month_begins_with_no_messages_on_viet_nams_clock(house: House, server: FakeZaloBot) -> None:
    clock = [datetime(2027, 4, 30, 16, 59, tzinfo=UTC)]
    async with opened(house, server, now=lambda: clock[0]) as (address, _, door):
        await ask(server, server.person(), "0", "1")
        await eventually(lambda: door._quota.sent == 2)
        clock[0] = datetime(2027, 4, 30, 17, 0, tzinfo=UTC)
        assert metric(await metrics(address), "bot_zalo_bot_month_messages") == 0
        await ask(server, server.person(), "0")
        await eventually(lambda: door._quota.sent == 1)
        assert metric(await metrics(address), "bot_zalo_bot_month_messages") == 1


async def test_what_may_have_arrived_is_counted_and_what_was_refused_is_not(house: House, server: FakeZaloBot) -> None:
    month = datetime(2027, 6, 10, tzinfo=UTC)
    async with opened(house, server, now=lambda: month) as (_, _, door):
        server.fail("sendMessage", Fault(code=502, html=True), Fault(code=429), Fault(dropped=True, carried_out=True))
        person = server.person()
        await ask(server, person, "0")
        await eventually(lambda: len(person.answers) == 1 and door._quota.sent == 1)
        server.fail("sendMessage", Fault(dropped=True, carried_out=True))
        await ask(server, person, "0")
        await server.answered(person, 3)
        await eventually(lambda: door._quota.sent == 3)
        assert server.sent == 3


async def test_a_database_that_is_away_costs_the_count_and_not_the_answer(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    month = datetime(2027, 7, 10, tzinfo=UTC)
    async with opened(house, server, public=PUBLIC, now=lambda: month) as (address, _, door):
        await decided(door)
        await ask(server, server.person(), "0")
        await eventually(lambda: door._quota.sent == 1)
        async with house.store.engine.begin() as connection:
            await connection.execute(DDL("ALTER TABLE quotas RENAME TO away"))
        try:
            assert (await ask(server, server.person(), "#")).startswith(HELP)
            await server.until(lambda: server.statuses == [200, 200])
            assert metric(await metrics(address), "bot_zalo_bot_month_messages") == 2
            assert troubles(logs) == ["zalo_bot_uncounted"]
        finally:
            async with house.store.engine.begin() as connection:
                await connection.execute(DDL("ALTER TABLE away RENAME TO quotas"))


async def test_when_zalo_allows_no_more_the_operator_sees_it_and_answers_go_on_as_soon_as_it_does(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    async with opened(house, server, public=PUBLIC) as (_, _, door):
        await decided(door)
        person = server.person()
        await ask(server, person, "0")
        other = server.person()
        server.allowed, server.inbox.waits = 1, True
        for number, (who, calls) in enumerate([(person, 5), (other, 6)], 1):
            who.says("#")
            await server.until(lambda number=number: server.inbox.later == number)
            assert door.state == "the month's messages are used up"
            assert len(server.made("sendMessage")) == calls, "one try is enough to learn that it is still so"
        assert [event for event in troubles(logs) if event != "zalo_unsent"] == ["zalo_bot_quota_used_up"]
        server.allowed, server.inbox.waits = 3000, False
        assert (await ask(server, server.person(), "#")).startswith(HELP)
        await eventually(lambda: door.state == "open")
        server.inbox.pass_(seconds=6)
        await server.until(lambda: (person.title, other.title) == (HELP, HELP))


# How the door opens


async def test_the_webhook_is_set_once_and_again_only_for_a_new_secret(house: House, server: FakeZaloBot) -> None:
    for secret, times in (("first-secret", 1), ("first-secret", 1), ("other-secret", 2)):
        async with opened(house, server, public=PUBLIC, secret=secret) as (_, _, door):
            await decided(door)
            assert (await ask(server, server.person(), "#")).startswith(HELP)
        assert len(server.made("setWebhook")) == times
    methods = [call.method for call in server.calls if call.method != "sendMessage"]
    assert methods[:5] == ["getMe", "getWebhookInfo", "setWebhook", "getMe", "getWebhookInfo"]


async def test_a_webhook_is_taken_away_before_polling(house: House, server: FakeZaloBot, logs: Logs) -> None:
    async with opened(house, server, public=PUBLIC):
        await server.until(lambda: server.webhook)
    async with opened(house, server) as (_, _, door):
        await decided(door)
        assert (await ask(server, server.person(), "#")).startswith(HELP)
        assert door.state == "open"
    assert len(server.made("deleteWebhook")) == 1
    assert server.refusals == troubles(logs) == []


async def test_an_idle_poll_is_no_trouble_and_polls_keep_a_second_between_them(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    async with opened(house, server):
        for number in range(1, 6):
            await server.until(lambda number=number: len(server.made("getUpdates")) == number)
            server.end_polls()
        await server.polled(1) if len(server.made("getUpdates")) < 6 else None
    assert all(after.second - before.second >= 1 for before, after in pairwise(server.made("getUpdates")))
    assert server.refusals == troubles(logs) == []
    assert all(call.body == {"timeout": 30} for call in server.made("getUpdates"))


async def test_an_outage_makes_the_polls_rarer_up_to_a_minute_and_loses_nobody(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    server.fail("getUpdates", *[Fault(code=502, html=True)] * 8)
    async with opened(house, server) as (_, pauses, _):
        assert (await ask(server, server.person(), "#")).startswith(HELP)
        assert pauses[:8] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PAUSE, LONGEST_PAUSE]
    assert troubles(logs) == ["zalo_bot_poll"] * 8


async def test_a_house_that_opens_during_an_outage_opens_when_it_is_over(
    house: House, server: FakeZaloBot, public: str, logs: Logs
) -> None:
    server.fail("getMe", Fault(code=502, html=True), Fault(dropped=True))
    server.fail("getWebhookInfo", Fault(code=403))
    async with opened(house, server, public=public) as (_, _, door):
        await server.until(lambda: server.webhook or server.made("getUpdates"))
        assert (await ask(server, server.person(), "#")).startswith(HELP)
        assert door.state == "open"
    assert troubles(logs) == ["zalo_bot_unreachable"] * 3


async def test_a_wrong_token_stops_the_door_and_not_the_house(
    house: House, server: FakeZaloBot, public: str, logs: Logs
) -> None:
    async with opened(house, server, public=public, token="1:wrong-token") as (address, _, door):
        await decided(door)
        assert len(server.calls) == 1
        async with aiohttp.ClientSession() as client, client.get(f"{address}/readyz") as response:
            assert (response.status, (await response.json())["zalo_bot"]) == (200, "token refused")
    assert [entry for entry in logs if entry["log_level"] == "error"] == [
        {"event": "zalo_bot_token_refused", "log_level": "error", "variable": "BOT_ZALO_BOT_TOKEN"}
    ]


async def test_a_token_that_is_reset_while_the_bot_runs_stops_the_door(house: House, server: FakeZaloBot, logs: Logs) -> None:
    async with opened(house, server, public=PUBLIC) as (_, _, door):
        await server.until(lambda: server.webhook)
        server.token, server.inbox.waits = "1:new", True
        person = server.person()
        person.says("#")
        await server.until(lambda: server.inbox.later)
        assert door.state == "token refused"
        assert len(server.made("sendMessage")) == 1
    assert troubles(logs) == ["zalo_bot_token_refused", "zalo_unsent"]
    server.token, later = TOKEN, NOW + timedelta(minutes=6)
    async with opened(house, server, public=PUBLIC, now=lambda: later):
        assert (await server.answered(person, 1)).startswith(HELP), "with a token that is right the answer still goes out"


async def test_a_webhook_that_may_not_be_set_today_is_set_tomorrow(house: House, server: FakeZaloBot, logs: Logs) -> None:
    server.fail("setWebhook", Fault(code=426))
    async with opened(house, server, public=PUBLIC) as (_, pauses, _):
        await server.until(lambda: server.webhook)
        assert pauses == [24 * 3600.0]
        assert troubles(logs) == ["zalo_bot_webhook_rationed"]


async def test_an_address_that_zalo_refuses_is_told_to_the_operator_and_not_tried_for_ever(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    async with opened(house, server, public="http://127.0.0.1:8080") as (_, pauses, door):
        await server.until(lambda: server.refusals)
        await decided(door)
        assert door.state == "webhook refused"
        assert (len(server.made("setWebhook")), pauses) == (1, [])
    assert troubles(logs) == ["zalo_bot_webhook_refused"]


async def test_a_webhook_that_zalo_could_not_reach_is_shown_until_it_does(
    house: House, server: FakeZaloBot, logs: Logs
) -> None:
    async with opened(house, server, public=PUBLIC, reached=False) as (address, _, door):
        await server.until(lambda: server.webhook)
        await decided(door)
        assert door.state == "unverified: webhook.err.unreachable"
        server.hosts[PUBLIC] = address
        await ask(server, server.person(), "0")
        assert door.state == "open"
    assert troubles(logs) == ["zalo_bot_webhook_unverified"]


async def test_the_webhook_lets_in_only_who_knows_the_secret(house: House, server: FakeZaloBot, logs: Logs) -> None:
    async with opened(house, server, public=PUBLIC):
        await server.until(lambda: server.webhook)
        person = server.person()
        person.wrote = True
        body = str(server.event(person.id, text="#")).replace("'", '"').replace("False", "false").encode()
        secret = str((server.webhook or {})["secret_token"])
        for wrong in (None, "", secret[:-1], secret + "x", secret.upper(), "é"):
            assert await server.call_webhook(body, wrong) == 403
        assert await server.call_webhook(b"", None) == 200, "an empty probe is answered, and nothing else happens"
        assert server.made("sendMessage") == []
        for odd in (b"", b"{", b"\xff", b"[]", b"null", b"[" * 50_000, b'{"event_name": 1}'):
            assert await server.call_webhook(odd, secret) == 200
        assert await server.call_webhook(b" " * 70_000, secret) == 413
        assert server.made("sendMessage") == []
        assert await server.call_webhook(body, secret) == 200
        assert (await server.answered(person, 1)).startswith(HELP)
    assert troubles(logs) == []


async def test_a_house_with_a_token_in_its_settings_opens_the_door_with_a_secret_of_its_own(
    server: FakeZaloBot, tmp_path: Path
) -> None:
    house = new_house(tmp_path, zalo_bot_token=TOKEN, zalo_bot_api_base=server.base, public_url=PUBLIC)
    (door,) = house.channels
    assert isinstance(door, ZaloBot)
    assert "Zalo Bot: by webhook" in opening_line(house, "")
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(house.application(), handler_cancellation=False))
        server.hosts[PUBLIC] = address
        server.tell()
        await server.until(lambda: server.webhook)
        made = hmac.new(house.settings.key(), b"zalo bot webhook", sha256).hexdigest()
        assert (server.webhook or {})["secret_token"] == made, "the same after each start and in each process"
        assert f"{PUBLIC}/vi/help/now" in await ask(server, server.person(), "#")


def test_a_house_without_a_token_says_which_variable_opens_the_door(house: House) -> None:
    assert "Zalo Bot: closed (set BOT_ZALO_BOT_TOKEN to open it)" in opening_line(house, "")
