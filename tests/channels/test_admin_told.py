"""Admins named in BOT_ADMINS are told in Telegram what is wrong with a saved file, where, and how much more; nobody else is."""

from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import aiohttp
import pytest

from bot.app import House
from bot.settings import Settings
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Fault, Person, served
from tests.logged import logged

MASKS, SPREAD = "content/topics/covid/masks.yaml", "content/topics/covid/spread.yaml"
MAI, LAN, STRANGER = 70_001, 70_002, 70_003
TOLD = 5


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the house logs, in the shape in which an operator gets it."""
    with logged(StringIO(), [TOKEN]) as stream:
        yield stream


@pytest.fixture
async def address(server: FakeTelegram, content_copy: Path, log: StringIO) -> AsyncIterator[str]:
    """The house on the copied content, polling Telegram, with two admins."""
    settings = Settings(
        telegram_token=TOKEN,
        telegram_api_base=server.base,
        admins=f"telegram:{MAI}, telegram:{LAN}",
        content_dir=content_copy / "content",
        locales_dir=content_copy / "locales",
        database_url=f"sqlite+aiosqlite:///{content_copy / 'bot.db'}",
    )
    async with served(House(settings).application(), handler_cancellation=False, shutdown_timeout=5) as address:
        yield address


async def started(server: FakeTelegram, *numbers: int) -> list[Person]:
    """People who have written to the bot before: Telegram lets it write to nobody else."""
    people = [server.person(number) for number in numbers]
    for person in people:
        person.says("/start")
    await server.until(lambda: all(person.title for person in people))
    return people


def spoil(file: Path, old: str, new: str) -> str:
    """Save a file with a mistake; returns what it was."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return text


async def test_an_admin_reads_in_telegram_what_is_wrong_where_and_how_much_more(
    server: FakeTelegram, address: str, content_copy: Path, log: StringIO
) -> None:
    mai, stranger = await started(server, MAI, STRANGER)
    masks = content_copy / MASKS
    good = spoil(masks, "\nsummary:", "\n<b>sumary</b>:")
    line = good[: good.index("\nsummary:")].count("\n") + 2

    await server.until(lambda: len(server.made("sendMessage", mai)) == 2)
    first, *before = mai.shown.text.splitlines()
    assert first == "2 problems; the edition before is shown"
    assert [problem.partition(": ")[0] for problem in before] == [f"{MASKS}:{line - 1}:1", f"{MASKS}:{line}:1"]
    assert "'summary' is missing" in before[0]
    assert "unknown key '<b>sumary</b>'" in before[1]
    # The other admin never wrote to the bot: that Telegram refuses is no reason not to tell the first.
    await server.until(lambda: "sendMessage: Bad Request: chat not found" in server.refusals)

    async with aiohttp.ClientSession() as session, session.get(f"{address}/readyz") as response:
        assert (await response.json())["content"] == first
    mai.says("/help")
    await server.until(lambda: "115" in mai.shown.text)

    files = list((content_copy / "content" / "topics" / "health").glob("*.yaml"))
    for file in files:
        file.write_text("x: y\n", "utf-8")
    await server.until(lambda: "health" in mai.shown.text)
    first, *problems = mai.shown.text.splitlines()
    # Of each file one key is unknown, and these are missing: title, summary, body, sources, reviewed, review_every.
    assert first == f"{2 + 7 * len(files)} problems; the edition before is shown"
    assert problems[:2] == before
    assert len(problems) == TOLD
    assert all(problem.startswith("content/topics/health/abroad.yaml:1:1: ") for problem in problems[2:])
    assert len(server.made("sendMessage", stranger)) == 1
    assert TOKEN not in log.getvalue()


async def test_each_admin_is_told_though_another_has_blocked_the_bot_and_telegram_was_away(
    server: FakeTelegram, address: str, content_copy: Path
) -> None:
    mai, lan = await started(server, MAI, LAN)
    mai.blocked = True
    server.fail("sendMessage", Fault(code=502, body="<html>Bad Gateway</html>"))
    spoil(content_copy / SPREAD, "review_every: ", "review_every: soon # ")

    await server.until(lambda: "'soon' is not a whole number" in lan.shown.text)
    assert SPREAD in lan.shown.text
