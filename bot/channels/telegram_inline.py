"""Telegram's inline mode: "@bot khẩu trang", typed in any chat, offers cards to send there. Nothing of it is kept."""

from collections.abc import Callable
from typing import Any

from markupsafe import escape

from bot.conversation import Catalog, Screen, look_up, payload, token

# Telegram may show the same answer again for so long (seconds); only to the same person, whose language it is in.
KEPT = 300


def answer(update: dict[str, Any], catalog: Catalog, link: Callable[[str, str], str]) -> dict[str, Any] | None:
    """What answerInlineQuery takes, None if nothing was asked inline. Raises nothing. link: opens a screen in this bot."""
    try:
        query = update["inline_query"]
        asked, number = str(query["query"]), str(query["id"])
        language = catalog.guess([str(query["from"].get("language_code") or "")])
    except (KeyError, TypeError, AttributeError):
        return None
    home = catalog.editions[language].screens["home"]
    found = look_up(catalog, language, asked) if asked.strip() else ()
    offered = (catalog.find(choice.language, choice.address) for choice in home.choices)
    return {
        "inline_query_id": number,
        "results": [_card(screen, link) for screen in found or offered if screen],
        "cache_time": KEPT,
        "is_personal": True,
        "button": {"text": home.labels["open_chat"], "start_parameter": payload(language, "home")},
    }


def _card(screen: Screen, link: Callable[[str, str], str]) -> dict[str, Any]:
    """A card: the title, the line below it, numbers to call where there are any, and a link to all of it."""
    calls = [block.text.inline for block in screen.blocks if block.kind == "call"]
    url = link(screen.language, screen.address)
    text = "\n\n".join(filter(None, (f"<b>{escape(screen.title)}</b>\n{escape(screen.summary)}", *calls, url)))
    return {
        "type": "article",
        "id": token(screen.language, screen.address),
        "title": screen.title,
        "description": screen.summary,
        "input_message_content": {"message_text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}},
    }
