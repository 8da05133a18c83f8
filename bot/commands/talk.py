"""What opens the bot or asks it: run, chat, search, place."""

import argparse
import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.commands.content import read_catalog
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from bot.conversation import Catalog


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.app import serve

    _loop(serve(settings))
    return 0


def _loop(task: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(task)
    return uvloop.run(task)


def chat(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.console import Console

    catalog = read_catalog(settings)
    language = _language(parsed.language, catalog) if parsed.language else None
    with suppress(KeyboardInterrupt):
        Console(catalog, language=language).run(sys.stdin, lambda text: print(f"{text}\n", flush=True))
    return 0


def search(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.conversation import LINGUA, rank

    catalog = read_catalog(settings)
    edition = catalog.editions[_language(parsed.language, catalog)]
    for question in sys.stdin if parsed.text == "-" else [parsed.text]:
        hits = rank(catalog.index, question, edition.language, LINGUA)
        rows = [{"address": h.address, "title": edition.screens[h.address].title, "score": round(h.score, 3)} for h in hits]
        if parsed.json:
            print(json.dumps(rows, ensure_ascii=False), flush=True)
        else:
            print("\n".join(f"{row['score']:8.2f}  {row['address']:32} {row['title']}" for row in rows[:5]))
    return 0


def place(parsed: argparse.Namespace, settings: Settings) -> int:
    from bot.conversation import find_place

    catalog = read_catalog(settings)
    for text in sys.stdin if parsed.text == "-" else [parsed.text]:
        found = [
            {
                "province": catalog.province(place.address) or None,
                "gate": place.address.removeprefix("gate/") if place.address.startswith("gate/") else None,
                "country": place.address.removeprefix("abroad/") if place.address.startswith("abroad/") else None,
                "matched": place.name,
            }
            for place in find_place(catalog.names, text)
        ]
        if parsed.json:
            print(json.dumps(found[0] if len(found) == 1 else {"choices": found}, ensure_ascii=False), flush=True)
        else:
            rows = [" ".join(f"{key} {value}" for key, value in row.items() if value) for row in found]
            print("\n".join(rows) or "not known")
    return 0


def _language(language: str, catalog: "Catalog") -> str:
    if language not in catalog.editions:
        raise SettingsError(f"--language: '{language}' is not allowed; allowed: {', '.join(catalog.editions)}")
    return language
