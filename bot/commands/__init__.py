"""What each command does, by who calls it. `bot/__main__.py` reads the arguments; here nothing is decided either."""

from bot.commands.content import check, preview, schema, services, translate
from bot.commands.data import migrate, review, stats, survey
from bot.commands.talk import chat, place, run, search

__all__ = [
    "chat",
    "check",
    "migrate",
    "place",
    "preview",
    "review",
    "run",
    "schema",
    "search",
    "services",
    "stats",
    "survey",
    "translate",
]
