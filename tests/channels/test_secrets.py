"""Whatever goes wrong, no log line, exception or metric holds the bot's token, the webhook's secret or what people type."""

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp.test_utils import unused_port

from bot.app import House
from bot.logs import set_up_logs
from bot.settings import Settings, SettingsError, read_settings
from tests.channels.fake_telegram import PUBLIC, ROOT, SECONDS, SECRET, TOKEN, FakeTelegram, Fault, opened, small_content

KEY = "a-key-of-more-than-thirty-two-characters"
TYPED = "toi bi nhot o khu lua dao 9371"
# Proxies and captive portals like to repeat the address that was asked.
ECHO = f"<html>The requested URL /bot{TOKEN}/method?secret_token={SECRET} was not found on this server.</html>"
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def house(folder: Path) -> House:
    settings = Settings(
        telegram_token=TOKEN,
        telegram_webhook_secret=SECRET,
        secret_key=KEY,
        database_url=f"sqlite+aiosqlite:///{folder}/bot.db",
        content_dir=small_content(folder),
        locales_dir=ROOT / "locales",
    )
    return House(settings)


class Logs(logging.Handler):
    """All that is logged: as it is written (`written`), and what our own code says before secrets are blanked (`said`).

    What libraries put into their exceptions is not ours to say: there, what counts is what is written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stream = io.StringIO()
        self.said: list[str] = []
        self._news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("bot."):
            said = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
            self.said.append(str({name: value for name, value in said.items() if name != "exception"}))
        self._news.set()

    @property
    def written(self) -> str:
        return self.stream.getvalue()

    async def until(self, event: str) -> None:
        """Wait for an event of ours."""
        async with asyncio.timeout(SECONDS):
            while event not in self.written:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def logs(house: House) -> Iterator[Logs]:
    """Logs at DEBUG, set up as `run` does; afterwards as they were."""
    root = logging.getLogger()
    known = [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    levels = {logger: logger.level for logger in (root, *known)}
    handlers, config = root.handlers[:], structlog.get_config()
    logs = Logs()
    set_up_logs(house.settings.secrets(), stream=logs.stream, level=logging.DEBUG)
    root.addHandler(logs)
    yield logs
    root.handlers[:] = handlers
    structlog.configure(**config)
    for logger, level in levels.items():
        logger.setLevel(level)


def check(logs: Logs, metrics: str) -> None:
    """Nothing got out."""
    assert "event=turn" in logs.written or "telegram_" in logs.written, "the logs are on"
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, KEY, TYPED):
        assert secret not in logs.written
        assert not [line for line in logs.said if secret in line]
        assert secret not in metrics


def holds(folder: Path, text: str) -> bool:
    """Does the database have it?"""
    files = list(folder.glob("bot.db*"))
    assert files
    return any(text.encode() in file.read_bytes() for file in files)


async def get(address: str) -> str:
    """All that the process says about itself."""
    async with aiohttp.ClientSession() as client:
        texts = []
        for path in ("/metrics", "/readyz", "/healthz", "/no/such/page"):
            async with client.get(address + path) as response:
                texts.append(await response.text())
    return "\n".join(texts)


def faults(*all_of: Fault) -> dict[str, list[Fault]]:
    return {name: list(all_of) for name in ("getMe", "setMyCommands", "getUpdates", "sendMessage", "editMessageText")}


TROUBLES = {
    "none": {},
    "500": faults(Fault(code=500)),
    "502 that repeats the address": faults(Fault(code=502, body=ECHO)),
    "404 that repeats the address": faults(Fault(code=404, body=ECHO)) | {"getMe": []},
    "400 that repeats the address": faults(Fault(code=400, body=ECHO)),
    "a page that repeats the address": faults(Fault(code=200, body=ECHO)),
    "429": faults(Fault(code=429, retry_after=5)),
    "dropped": faults(Fault(dropped=True)),
    "dropped again and again": faults(*[Fault(dropped=True)] * 4),
    "half an answer": faults(Fault(garbled=True)),
    "markup refused": {"sendMessage": [Fault(code=400, description="can't parse entities: Unclosed start tag")] * 2},
    "403": {"sendMessage": [Fault(code=403, description="bot was blocked by the user")]},
}


@pytest.mark.parametrize("public", ["", PUBLIC], ids=["polling", "webhook"])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_visit_in_trouble_leaves_no_secret_and_no_word_behind(
    house: House, folder: Path, server: FakeTelegram, logs: Logs, public: str, trouble: str
) -> None:
    for method, failures in TROUBLES[trouble].items():
        server.fail(method, *failures)
    mai = server.person(7)
    async with opened(house, server, public=public, secret=SECRET) as (address, _):
        mai.says(TYPED)
        mai.says(f"/start {TYPED}")
        mai.calls_back(TYPED)
        await server.settled()
        mai.says(TYPED)
        await server.settled()
        metrics = await get(address)

    check(logs, metrics)
    assert "event=turn" in logs.written
    assert not holds(folder, TYPED)


async def test_a_refused_token_is_not_named(house: House, server: FakeTelegram, logs: Logs) -> None:
    server.token = "1:another"
    async with opened(house, server) as (address, _):
        await logs.until("telegram_token_refused")
        metrics = await get(address)

    check(logs, metrics)
    assert "BOT_TELEGRAM_TOKEN" in logs.written


async def test_a_telegram_that_cannot_be_reached_is_not_named(house: House, server: FakeTelegram, logs: Logs) -> None:
    async with opened(house, server, base=f"http://127.0.0.1:{unused_port()}/bot") as (address, _):
        await logs.until("telegram_unreachable")
        metrics = await get(address)

    check(logs, metrics)


async def test_a_stranger_at_the_webhook_leaves_no_word_behind(house: House, server: FakeTelegram, logs: Logs) -> None:
    async with opened(house, server, public=PUBLIC, secret=SECRET) as (address, _), aiohttp.ClientSession() as client:
        await server.until(lambda: server.made("setWebhook"))
        for secret in (SECRET + "x", SECRET):
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            for body in (f'{{"text": "{TYPED}"', f'["{TYPED}"]', f'{{"message": {{"text": "{TYPED}"}}}}'):
                await client.post(f"{address}/telegram/webhook", data=body, headers=headers)
        metrics = await get(address)

    check(logs, metrics)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BOT_TELEGRAM_TOKEN", "geheim-without-colon"),
        ("BOT_TELEGRAM_WEBHOOK_SECRET", "geheim mit Leerzeichen"),
        ("BOT_SECRET_KEY", "geheim"),
        ("BOT_DATABASE_URL", "postgresql://bot:geheim@localhost/bot"),
    ],
)
def test_a_wrong_setting_is_said_without_the_secret_in_it(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError, match=variable) as error:
        read_settings()

    assert "geheim" not in str(error.value)
