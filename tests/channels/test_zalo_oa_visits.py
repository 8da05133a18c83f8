"""Whole visits: a house with its Zalo OA door open, a Zalo that enforces its rules and can fail, and people who write."""

import asyncio
import io
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import generate_latest
from sqlalchemy import text

from bot.app import House
from bot.channels import console
from bot.channels.render import render
from bot.conversation import Catalog, Incoming, Opened, Said, Screen, Session, respond
from bot.logs import set_up_logs
from bot.settings import SettingsError
from bot.turns import Unavailable
from tests.channels.fake_zalo_oa import (
    APP_SECRET,
    FIRST_REFRESH,
    OA_ID,
    OA_SECRET,
    FakeZaloOa,
    Fault,
    Visit,
    opened,
    settings,
    sign,
)

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").rglob("*.txt"))


@pytest.fixture
async def whole(zalo: FakeZaloOa, tmp_path: Path) -> AsyncIterator[Visit]:
    """A visit to a whole house."""
    async with opened(tmp_path, zalo) as visit:
        yield visit


def title(message: str) -> str:
    return message.splitlines()[0]


async def count(visit: Visit, query: str) -> int:
    async with visit.house.store.engine.connect() as connection:
        return int((await connection.execute(text(query))).scalar_one() or 0)


async def states(visit: Visit) -> dict[str, str]:
    async with aiohttp.ClientSession() as client, client.get(f"{visit.address}/readyz") as response:
        return dict(await response.json())


def metrics() -> str:
    return generate_latest().decode()


def lines(file: Path) -> list[str]:
    return [line[2:] for line in file.read_text("utf-8").splitlines() if line.startswith("> ")]


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=[file.stem for file in TRANSCRIPTS])
async def test_a_transcript_plays_word_for_word_with_numbered_menus(whole: Visit, zalo: FakeZaloOa, file: Path) -> None:
    mai, session = zalo.person(), Session()
    for number, line in enumerate(lines(file)):
        who: dict[str, Any] = {"channel": "zalo_oa", "person": mai.number, "at": zalo.clock(), "id": str(number)}
        before = len(mai.messages)
        if line.startswith("open:"):  # a link leads to the OA, without a payload
            incoming: Incoming = Opened(**who)
            assert await mai.does("follow" if not number else "user_click_chatnow") == 200
            zalo.virtual.pass_(days=1)
        else:
            typed = f"~m:{line[5:]}" if line.startswith("tap: ") else line
            incoming = Said(**who, text=typed) if typed == line else replace_tap(who, line[5:])
            assert await mai.says(typed) == 200
        session, replies, *_ = respond(whole.house.catalog, session, incoming)
        await whole.settle()
        assert words("\n\n".join(mai.messages[before:])) == words("\n\n".join(map(shown, replies)))
    assert zalo.refused == []


def replace_tap(who: dict[str, Any], token: str) -> Incoming:
    from bot.conversation import Tapped

    return Tapped(**who, token=token)


def shown(screen: Screen) -> str:
    return console.encode(render(screen, console.CAN))


def words(text: str) -> list[str]:
    """What stands there, wherever a long text was cut into messages."""
    return text.split()


async def test_somebody_who_follows_is_welcomed_once_even_if_they_open_the_chat_and_zalo_repeats_itself(
    visit: Visit, zalo: FakeZaloOa
) -> None:
    mai = zalo.person()
    await mai.does("follow")
    await mai.does("user_click_chatnow")
    await visit.settle()
    assert [title(message) for message in mai.messages] == ["🤝 Đồng Hành"]
    zalo.virtual.pass_(days=1)
    await mai.does("user_click_chatnow")
    await visit.settle()
    assert len(mai.messages) == 2


async def test_a_location_is_understood_and_stands_nowhere_afterwards(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    assert await mai.shares(10.80991234, 106.30991234) == 200
    await visit.settle()
    assert len(mai.messages) == 1
    assert await count(visit, "SELECT count(*) FROM inbox WHERE payload IS NOT NULL OR answer IS NOT NULL OR person <> ''") == 0


async def test_a_picture_or_sticker_is_answered_too(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    for kind in ("sticker", "image", "audio"):
        await mai.sends(kind)
    await visit.settle()
    assert len(mai.messages) == 3


async def test_somebody_who_unfollows_is_sent_nothing_and_is_welcome_when_they_come_back(
    visit: Visit, zalo: FakeZaloOa
) -> None:
    mai = zalo.person()
    await visit.answer(mai, "1")
    await mai.does("unfollow")
    await visit.settle()
    assert (len(mai.messages), zalo.refused) == (1, [])
    session, _ = await visit.house.store.load("zalo_oa", mai.number)
    assert session.left
    mai.restricted = False
    assert title(await visit.answer(mai, "0")) == "🤝 Đồng Hành"


async def test_somebody_who_does_not_want_our_messages_any_more_is_noted_as_having_left(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    mai.restricted = True
    assert await visit.answer(mai, "1") == ""
    session, _ = await visit.house.store.load("zalo_oa", mai.number)
    assert session.left
    assert zalo.refused == [-244]


async def test_an_event_that_comes_again_is_answered_once(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    event = mai.event("user_send_text", {"text": "1"})
    for retry in range(4):
        assert await zalo.deliver(event, retry=retry) == 200
    await visit.settle()
    assert await zalo.deliver(event, retry=5) == 200
    await visit.settle()
    assert len(mai.messages) == 1
    assert await count(visit, "SELECT sum(count) FROM views") == 1


async def test_one_person_is_answered_in_order_and_people_side_by_side(visit: Visit, zalo: FakeZaloOa) -> None:
    wait = asyncio.Event()
    mai, lan = zalo.person(1), zalo.person(2)
    zalo.fail("cs", Fault(wait=wait))
    await mai.says("1")
    await zalo.until(lambda: zalo.met["cs"])
    await mai.says("0")
    await mai.says("2")
    await lan.says("1")
    await zalo.until(lambda: lan.messages)
    assert mai.messages == []
    wait.set()
    await visit.settle()
    assert [title(message) for message in mai.messages] == [
        title(shown(visit.house.catalog.editions["vi"].screens[address])) for address in ("covid", "home", second(visit))
    ]


def second(visit: Visit) -> str:
    return visit.house.catalog.editions["vi"].screens["home"].choices[1].address


async def test_the_empty_unsigned_call_with_which_zalo_tries_an_address_gets_its_200(visit: Visit, zalo: FakeZaloOa) -> None:
    for body in (b"{}", b"", b"[]", b"not json", b"\xff", b'{"event_name": null}', b"[" * 10_000):
        assert await zalo.deliver({}, body=body, mac="") == 200
    assert await count(visit, "SELECT count(*) FROM inbox") == 0


async def test_an_event_with_a_wrong_signature_is_acknowledged_and_not_taken(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    for mac in ("", "mac=", "mac=" + "0" * 64, "ế", "x" * 5000):
        with suppress(ValueError, UnicodeError):
            assert await mai.says("1", mac=mac) == 200
    event = mai.event("user_send_text", {"text": "1"})
    raw = json.dumps(event).encode()
    assert await zalo.deliver(event, body=raw, mac=sign(raw, event["timestamp"], secret=APP_SECRET)) == 200
    assert await zalo.deliver(event, body=raw + b" ", mac=sign(raw, event["timestamp"])) == 200
    await visit.settle()
    assert mai.messages == []
    assert "events with another signature refused" in visit.door.state
    assert await zalo.deliver(event, body=raw, mac=sign(raw, event["timestamp"])) == 200
    await visit.settle()
    assert len(mai.messages) == 1, "without mac= it counts as well"


async def test_in_observe_mode_everything_is_taken_and_the_log_says_which_formula_fits(
    zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path
) -> None:
    said = io.StringIO()
    set_up_logs([], stream=said)
    async with opened(tmp_path, zalo, catalog, zalo_oa_signature="observe") as visit:
        mai = zalo.person()
        event = mai.event("user_send_text", {"text": "1"})
        raw = json.dumps(event).encode()
        await zalo.deliver(event, body=raw, mac=sign(raw, event["timestamp"], secret=APP_SECRET, first=OA_ID))
        await mai.says("0", mac="mac=nonsense")
        await visit.settle()
        assert len(mai.messages) == 2
    assert "formula=oa_id+app_secret" in said.getvalue()
    assert "formula=none" in said.getvalue()
    logging.getLogger().handlers.clear()


async def test_events_of_another_app_or_oa_and_replays_of_yesterday_are_not_taken(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    await asyncio.wait_for(visit.pauses.looked.wait(), 10)
    assert visit.door.link("vi", "home") == f"https://zalo.me/{OA_ID}"
    event = mai.event("user_send_text", {"text": "1"})
    assert await zalo.deliver(event | {"app_id": "1"}) == 200
    assert await zalo.deliver(event | {"recipient": {"id": "1"}}) == 200
    zalo.virtual.pass_(hours=3)
    assert await zalo.deliver(event) == 200
    zalo.virtual.pass_(hours=-4)
    assert await zalo.deliver(event) == 200
    await visit.settle()
    assert mai.messages == []


async def test_a_retry_that_comes_as_late_as_zalo_plans_them_is_still_taken(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    address, zalo.bot = zalo.bot, "http://127.0.0.1:1"
    assert await mai.says("1") == 0
    await zalo.pass_time(minutes=51)
    zalo.bot = address
    await zalo.pass_time(hours=2)
    await visit.settle()
    assert (zalo.statuses, zalo.disabled, len(mai.messages)) == ([0, 0, 0, 0, 0, 200], False, 1)


async def away(*_: object, **__: object) -> bool:
    """The database does not answer."""
    raise Unavailable


async def test_what_does_not_stand_in_the_database_is_not_acknowledged(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    visit.inbox.put = away  # type: ignore[method-assign]
    assert await mai.says("1") == 503
    del visit.inbox.put
    await zalo.pass_time(seconds=40)
    await visit.settle()
    assert (zalo.statuses, len(mai.messages)) == ([503, 200], 1)


async def test_an_event_older_than_the_free_window_is_not_answered_but_counted(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    before = await value(visit, 'bot_zalo_unanswered_total{channel="zalo_oa",reason="late"}')
    zalo.fail("cs", Fault(code=-32))
    await mai.says("1")
    await visit.settle()
    zalo.virtual.pass_(hours=47, minutes=31)
    visit.door._worker._news.set()
    await visit.settle()
    assert (mai.messages, await count(visit, "SELECT count(*) FROM inbox WHERE payload IS NOT NULL")) == ([], 0)
    assert await value(visit, 'bot_zalo_unanswered_total{channel="zalo_oa",reason="late"}') == before + 1


async def value(visit: Visit, name: str) -> float:
    found = re.search(f"^{re.escape(name)} (.*)$", metrics(), re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(code=-32), 61),
        (Fault(code=-200), 6),
        (Fault(status=502, html="<html>bad gateway</html>"), 6),
        (Fault(html="<html>please log in</html>"), 6),
        (Fault(code=-224), 301),
        (Fault(code=-321), 301),
    ],
)
async def test_an_answer_that_zalo_does_not_take_now_is_sent_later(
    visit: Visit, zalo: FakeZaloOa, fault: Fault, seconds: float
) -> None:
    mai = zalo.person()
    zalo.fail("cs", fault)
    assert await visit.answer(mai, "1") == ""
    zalo.virtual.pass_(seconds=seconds)
    visit.door._worker._news.set()
    await visit.settle()
    assert len(mai.messages) == 1
    assert await count(visit, "SELECT sum(count) FROM views") == 1


async def test_a_message_that_may_have_arrived_is_repeated_once_and_not_more(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    zalo.fail("cs", Fault(dropped=True))
    assert title(await visit.answer(mai, "1"))
    zalo.fail("cs", Fault(dropped=True, carried_out=True))
    before = len(mai.messages)
    await visit.answer(mai, "0")
    assert len(mai.messages) - before == 2
    zalo.fail("cs", *[Fault(dropped=True)] * 2)
    assert await visit.answer(mai, "1") == ""
    assert await count(visit, "SELECT count(*) FROM inbox WHERE payload IS NOT NULL") == 0
    assert title(await visit.answer(mai, "0")) == "🤝 Đồng Hành"


async def test_what_zalo_never_does_is_given_up_after_a_few_tries_so_that_the_next_message_is_answered(
    visit: Visit, zalo: FakeZaloOa
) -> None:
    mai = zalo.person()
    zalo.fail("cs", *[Fault(code=-200)] * 6)
    await mai.says("1")
    await mai.says("0")
    for _ in range(7):
        await visit.settle()
        zalo.virtual.pass_(minutes=11)
        visit.door._worker._news.set()
    await visit.settle()
    assert [title(message) for message in mai.messages] == ["🤝 Đồng Hành"]


async def test_a_code_that_only_the_operator_can_mend_shows_until_a_message_gets_through(
    whole: Visit, zalo: FakeZaloOa
) -> None:
    mai = zalo.person()
    zalo.fail("cs", Fault(code=-224))
    await whole.answer(mai, "1")
    assert (await states(whole))["zalo_oa"] == "operator must act: -224 the OA needs a package with OpenAPI"
    zalo.virtual.pass_(minutes=6)
    whole.door._worker._news.set()
    await whole.settle()
    assert (await states(whole))["zalo_oa"] == "open"
    assert len(mai.messages) == 1


async def test_an_access_token_that_zalo_stopped_taking_is_replaced_and_the_call_repeated(
    visit: Visit, zalo: FakeZaloOa
) -> None:
    mai = zalo.person()
    await visit.answer(mai, "1")
    for code in (-216, -220):
        zalo.fail("cs", Fault(code=code))
        assert await visit.answer(mai, "0")
    assert zalo.exchanges == 3
    assert len(mai.messages) == 3


async def test_without_consent_events_wait_the_operator_is_told_and_a_new_token_answers_them(
    zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path
) -> None:
    zalo.refresh = "granted-anew"
    mai = zalo.person()
    async with opened(tmp_path, zalo, catalog) as visit:
        assert await visit.answer(mai, "1") == ""
        assert visit.door.state == "operator must act: needs consent (refused-14014)"
    assert zalo.spent == 1
    zalo.virtual.pass_(minutes=10)
    async with opened(tmp_path, zalo, catalog, zalo_oa_refresh_token="granted-anew") as visit:
        await zalo.until(lambda: mai.messages)
        await visit.settle()
        assert visit.door.state == "open"
    assert len(mai.messages) == 1


async def test_a_rate_limit_holds_everybody_back_until_the_next_minute(visit: Visit, zalo: FakeZaloOa) -> None:
    people = [zalo.person(number) for number in range(12)]
    zalo.a_minute = 5
    for person in people:
        await person.says("1")
    for _ in range(10):
        await visit.settle()
        zalo.virtual.pass_(seconds=61)
        visit.door._worker._news.set()
    await visit.settle()
    assert [len(person.messages) for person in people] == [1] * 12


async def test_an_answer_that_needs_more_messages_than_the_budget_ends_with_help(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    zalo.old_budget = 8
    edition = visit.house.catalog.editions["vi"]
    home = edition.screens["home"]
    text_ = home.blocks[0].text
    long = replace(home.blocks[0], text=replace(text_, plain=" ".join(["rất dài"] * 200)))
    screens = dict(edition.screens) | {"home": replace(home, blocks=(long,) * 20)}
    visit.house.catalog = replace(visit.house.catalog, editions={"vi": replace(edition, screens=screens)})
    await visit.answer(mai, "0")
    assert len(mai.messages) == 8
    assert title(mai.messages[-1]) == edition.screens["help/now"].title
    assert zalo.refused == []


@pytest.mark.parametrize("shape", ["A", "B"])
async def test_buttons_come_beside_the_numbered_menu_where_the_operator_wants_them(
    zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path, shape: str
) -> None:
    zalo.shape = shape
    mai = zalo.person()
    async with opened(tmp_path, zalo, catalog, zalo_oa_buttons=shape) as visit:
        shown_ = await visit.answer(mai, "0")
        assert "1. " in shown_
        assert 1 < len(mai.buttons) <= 5
        before = len(mai.messages)
        await mai.taps(mai.buttons[0]["title"])
        await visit.settle()
        assert title(mai.messages[before]) == title(await visit.answer(mai, "#covid"))
    assert zalo.refused == []


async def test_buttons_that_zalo_does_not_take_cost_nobody_their_answer(
    zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path
) -> None:
    mai = zalo.person()
    async with opened(tmp_path, zalo, catalog, zalo_oa_buttons="A") as visit:
        assert "1. " in await visit.answer(mai, "0")
        assert await visit.answer(mai, "1")
    assert zalo.refused == [-201]
    assert len(mai.messages) == 2


async def test_no_secret_no_token_and_no_word_that_anybody_wrote_gets_into_logs_metrics_or_the_database(
    zalo: FakeZaloOa, catalog: Catalog, tmp_path: Path
) -> None:
    said = io.StringIO()
    set_up_logs([], stream=said, level=logging.DEBUG)
    word = "bimatcuaMai"
    async with opened(tmp_path, zalo, catalog) as visit:
        mai = zalo.person()
        zalo.fail("cs", Fault(code=-216), Fault(html="<html>"), Fault(dropped=True), Fault(code=-224), Fault(code=-99))
        zalo.fail("oauth", Fault(dropped=True))
        zalo.fail("getoa", Fault(status=500, html="oh"))
        for _ in range(4):
            await mai.says(word)
            await visit.settle()
            zalo.virtual.pass_(minutes=10)
            visit.door._worker._news.set()
            await visit.settle()
        await mai.says(word, mac="mac=wrong")
        await visit.settle()
        seen = said.getvalue() + metrics() + visit.door.state
    logging.getLogger().handlers.clear()
    stored = everything(tmp_path)
    hidden = [FIRST_REFRESH, APP_SECRET, OA_SECRET, *zalo.access, zalo.refresh, word, mai.number]
    assert [secret for secret in hidden if secret in seen] == []
    assert [secret for secret in hidden if secret.encode() in stored] == []
    assert "zalo_oa_refreshed" in said.getvalue()


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_keys_of_finished_events_are_thrown_away_after_two_days(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person()
    await visit.answer(mai, "1")
    for hours, left in ((47, 1), (2, 0)):
        zalo.virtual.pass_(hours=hours)
        purged = visit.inbox.purged
        await zalo.until(lambda purged=purged: visit.inbox.purged > purged)
        assert await count(visit, "SELECT count(*) FROM inbox") == left


async def test_the_door_stays_closed_with_half_of_its_variables_and_says_which_are_missing(
    zalo: FakeZaloOa, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as error:
        House(settings(tmp_path, zalo, zalo_oa_app_secret="", zalo_oa_secret_key=""))
    assert str(error.value).splitlines() == [
        "BOT_ZALO_OA_APP_SECRET: not set; allowed: what developers.zalo.me shows for the app",
        "BOT_ZALO_OA_SECRET_KEY: not set; allowed: what developers.zalo.me shows for the app",
    ]
    assert "Zalo OA" in [channel.name for channel in House(settings(tmp_path, zalo)).channels]
