"""Quick exit in Telegram: takes back what the bot said before."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from telegram.error import BadRequest

# So many message numbers back a quick exit deletes. Numbers are shared by all chats of the bot.
WIPED = 300


async def wipe(call: Callable[[str, dict[str, Any]], Awaitable[Any]], person: str, sent: Any) -> None:
    """Delete what stands in a chat before the message that was sent. Which numbers are this chat's we do not keep: those of
    other chats are passed over. What is older than 48 hours stays; so does everything if Telegram refuses."""
    newest = sent.get("message_id") if isinstance(sent, dict) else None
    if not isinstance(newest, int):
        return
    numbers = range(max(newest - WIPED, 1), newest)
    for start in reversed(range(0, len(numbers), 100)):
        with suppress(BadRequest):
            await call("deleteMessages", {"chat_id": int(person), "message_ids": list(numbers[start : start + 100])})
