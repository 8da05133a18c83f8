"""Another process that asks for a token of Zalo's OA, forked from one that has imported everything: it begins at once."""

import asyncio
import multiprocessing
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.channels.zalo_oa_api import Api
from bot.channels.zalo_oa_tokens import NoToken, Tokens
from bot.logs import set_up_logs
from bot.store import SqlStore
from bot.store.tokens import TokenStore
from tests.channels.fake_zalo_oa import APP_ID, APP_SECRET, FIRST_REFRESH, KEY

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


class Asker:
    """The process, as it is seen from here. base: where Zalo is."""

    def __init__(self, url: str, base: str, folder: Path) -> None:
        self._link, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_begin, args=(theirs, url, base, folder), daemon=True)
        self._process.start()
        theirs.close()

    async def told(self) -> object:
        """The next thing that it says: "ready", then the generation of the token that it got, or why it got none."""
        return await asyncio.to_thread(self._link.recv)

    def go(self) -> None:
        """Let it ask."""
        self._link.send(None)

    def end(self, *, kill: bool = False) -> tuple[int | None, list[object]]:
        """Wait for its end; how it ended, and what it had still said."""
        if kill:
            self._process.kill()
        self._process.join()
        said = []
        with suppress(EOFError):
            while True:
                said.append(self._link.recv())
        self._link.close()
        return self._process.exitcode, said


def _begin(link: "Connection[Any, Any]", url: str, base: str, folder: Path) -> None:
    set_up_logs([])
    asyncio.run(_ask(link, url, base, folder))


async def _ask(link: "Connection[Any, Any]", url: str, base: str, folder: Path) -> None:
    store, api = SqlStore(url, KEY.encode()), Api(base=base, oauth=base)
    await api.start()
    keeper = TokenStore(store.engine, KEY.encode(), folder)
    tokens = Tokens(keeper, lambda token: api.refresh(APP_ID, APP_SECRET, token), app_id=APP_ID, seed=FIRST_REFRESH)
    link.send("ready")
    link.recv()
    try:
        link.send((await tokens.access()).generation)
    except NoToken as error:
        link.send(error.reason)
    await api.stop()
    await store.close()
