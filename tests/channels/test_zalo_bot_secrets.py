"""What must not get out: the Zalo bot's token, the webhook's secret, who writes and what; not into logs (before any redaction),
not into errors, /metrics or /readyz, whatever goes wrong."""

import asyncio
import io
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import DDL

from bot.app import House
from bot.channels.zalo_bot_http import Failed, Unanswered, Unreachable, ZaloBotApi
from bot.settings import Settings, SettingsError, read_settings
from tests.channels.fake_zalo_bot import PUBLIC, SECONDS, SECRET, TOKEN, FakeZaloBot, Fault, opened
from tests.logged import logged

ROOT = Path(__file__).parents[2]
# So many digits that no point in time happens to hold them.
NUMBER = "7431905826174"
TYPED = f"MẬT-{NUMBER} tôi bị đánh"
FAULTS = [
    (Fault(code=401), 1),
    (Fault(code=400), 1),
    (Fault(code=429), 4),
    (Fault(dropped=True), 2),
    (Fault(html=True), 4),
]


@pytest.fixture
async def server() -> AsyncIterator[FakeZaloBot]:
    async with FakeZaloBot() as server:
        yield server


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that this process logs, nothing blanked."""
    with logged(io.StringIO()) as stream:
        yield stream


async def get(url: str) -> str:
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        return await response.text()


async def test_no_log_metric_or_state_tells_a_secret_a_person_or_a_word_whatever_goes_wrong(
    server: FakeZaloBot, written: io.StringIO, tmp_path: Path
) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    house = House(Settings(database_url=database, content_dir=ROOT / "content", locales_dir=ROOT / "locales"))
    person, shown = server.person(), ""
    server.fail("getMe", Fault(code=502, html=True), Fault(dropped=True))
    server.fail("setWebhook", Fault(code=426), Fault(code=403))
    server.redeliveries = 0
    async with opened(house, server, public=PUBLIC) as (address, _, _):
        await server.until(lambda: server.webhook)
        server.inbox.waits = True
        for fault, times in FAULTS:
            who = server.person()
            server.fail("sendMessage", *[fault] * times)
            before = server.inbox.done
            who.says(TYPED)
            await server.until(lambda before=before: server.inbox.done > before)
        await server.call_webhook(TYPED.encode(), "wrong-secret")
        await server.call_webhook(f'{{"{TYPED}"'.encode(), SECRET)
        async with house.store.engine.begin() as connection:
            await connection.execute(DDL("DROP TABLE sessions"))
        person.says(TYPED)
        await server.answered(person, 1)
        shown += await get(f"{address}/metrics") + await get(f"{address}/readyz")
    async with opened(house, server, token=f"{TOKEN}-wrong") as (address, _, door):
        async with asyncio.timeout(SECONDS):
            while door.state == "opening":  # noqa: ASYNC110
                await asyncio.sleep(0)
        shown += await get(f"{address}/metrics") + await get(f"{address}/readyz")
    lines = written.getvalue()
    events = ("bot_unreachable", "bot_webhook_rationed", "bot_token_refused", "bot_quota_used_up", "unsent", "unanswered")
    assert all(f"event=zalo_{event}" in lines for event in events), lines
    assert "event=unsaved" in lines
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, person.id, NUMBER, "đánh", "Mai"):
        assert secret not in lines
        assert secret not in shown
    for secret in (TOKEN, NUMBER, "đánh", *server.people):
        assert secret.encode() not in (tmp_path / "bot.db").read_bytes()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("zalo_bot_token", "123:a b"),
        ("zalo_bot_token", "123:a/../sendMessage"),
        ("zalo_bot_token", "123:a?x"),
        ("zalo_bot_token", "123:đ"),
        ("zalo_bot_api_base", "bot-api.example.vn/bot"),
        ("zalo_bot_webhook_secret", "7-chars"),
        ("zalo_bot_webhook_secret", "a" * 257),
        ("zalo_bot_webhook_secret", "with space"),
    ],
)
def test_a_value_that_cannot_work_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, setting: str, value: str) -> None:
    monkeypatch.setenv(f"BOT_{setting.upper()}", value)
    with pytest.raises(SettingsError, match=f"BOT_{setting.upper()}: ") as info:
        read_settings()
    assert "api_base" in setting or value not in str(info.value)


async def test_no_error_of_a_request_tells_the_token_or_the_text(server: FakeZaloBot) -> None:
    gone = f"http://127.0.0.1:{server.port}/bot"
    api = ZaloBotApi(TOKEN, gone)
    with pytest.raises(Unreachable):
        await api.call("getMe", {})
    await api.open()
    kinds = []
    never = asyncio.Event()
    server.fail(
        "getMe", Fault(dropped=True), Fault(code=502, html=True), Fault(code=400), Fault(wait=never), Fault(garbled=True)
    )
    try:
        for seconds in (SECONDS, SECONDS, SECONDS, 0.05, SECONDS):
            with pytest.raises(Failed) as info:
                await api.call("getMe", {"text": TYPED}, seconds)
            kinds.append(type(info.value).__name__)
            told = "".join(traceback.format_exception(info.value)) + repr(info.value)
            assert TOKEN not in told
            assert TYPED not in told
        assert kinds == ["Unanswered", "Unreachable", "Refused", "Unanswered", "Unreachable"]
    finally:
        await api.close()


@pytest.mark.parametrize("base", ["http://127.0.0.1:1/bot", "http://[::1/bot", "http:///bot", "http://name.invalid/bot"])
async def test_a_base_that_leads_nowhere_is_unreachable_and_tells_nothing(base: str) -> None:
    api = ZaloBotApi(TOKEN, base)
    await api.open()
    try:
        with pytest.raises(Unreachable) as info:
            await api.call("getMe", {})
        assert not isinstance(info.value, Unanswered)
        assert TOKEN not in "".join(traceback.format_exception(info.value))
    finally:
        await api.close()
