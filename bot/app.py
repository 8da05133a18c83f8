"""Where the parts meet: build, serve, stop. Nothing is decided here."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.telegram import Telegram
from bot.channels.webchat import WebChat
from bot.content.load import Loaded, load_catalog, look
from bot.content.problems import ContentError, Problem
from bot.content.watch import let_go, watch
from bot.conversation import minimal_catalog
from bot.doors import KEYS, open_doors
from bot.logs import set_up_logs
from bot.metrics import read_today
from bot.settings import Settings, SettingsError, data_folder
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.turns import Turns, Unavailable
from bot.web.pages import Pages

# Longest body that anybody may send us (bytes). Apps' updates and typed texts are far smaller.
BODY = 256 * 1024
# Seconds that turns in flight get to finish when we are told to stop.
GRACE = 20
# What we remember of people who do not come back is deleted after so many days (README, privacy page).
REMEMBERED_DAYS, COUNTED_DAYS = 180, 3 * 365
# How many problems an admin is told in a message; `python -m bot check` shows all.
TOLD = 5

log = structlog.get_logger()


class House:
    """All parts, put together from the settings. Use `application`, or `serve` for all of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        key = settings.key()
        self._seen = look(settings.content_dir, settings.locales_dir)
        self.content = "ok"
        self.faults: Sequence[Problem] = ()  # with which it had to open
        try:
            self.catalog = load_catalog(settings.content_dir, settings.locales_dir, _today())
        except ContentError as error:  # nobody in danger may find a closed door
            self.catalog, self.faults = minimal_catalog(), error.problems
        data_folder(settings.database_url)
        self.store = SqlStore(settings.database_url, key)
        self.turns = Turns(partial(getattr, self, "catalog"), self.store)
        self.channels = open_doors(settings, self.turns, self.store, key)
        self._telling: asyncio.Task[None] | None = None
        doors = [(channel.name, channel.link) for channel in self.channels]
        self.pages = Pages(self.turns, public=settings.public_url, doors=doors)
        secure = settings.public_url.startswith("https:")
        self.webchat = WebChat(self.turns, key, page=self.pages.chat, html=self.pages.html, secure=secure)

    def application(self) -> web.Application:
        """The web application, with every open door."""
        app = web.Application(client_max_size=BODY, middlewares=[self.pages.guard])
        app.add_routes(
            [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        app.add_routes(self.webchat.routes())
        for channel in self.channels:
            app.add_routes(channel.routes())
        app.add_routes(self.pages.routes())
        app.cleanup_ctx.append(self._life)
        return app

    async def _life(self, app: web.Application) -> AsyncIterator[None]:
        """Open the database, then the doors; close them in the opposite order, turns in flight first."""
        await self._database()
        stop = asyncio.Event()
        folders = (self.settings.content_dir, self.settings.locales_dir)
        watching = asyncio.create_task(watch(*folders, self._publish, seen=self._seen, today=_today, stop=stop), name="watch")
        forgetting = asyncio.create_task(self._forget(), name="forget")
        for channel in self.channels:
            await channel.start()
        if self.faults:
            self._broken(self.faults)
        yield
        for channel in self.channels:
            await channel.stop()
        stop.set()
        forgetting.cancel()
        await asyncio.gather(watching, forgetting, return_exceptions=True)
        await self.store.close()

    async def _database(self) -> None:
        """Bring the database to this version; nothing opens without one."""
        try:
            await migrate(self.store.engine)
        except (SQLAlchemyError, OSError) as error:
            raise SettingsError(
                f"BOT_DATABASE_URL: the database does not answer ({type(error).__name__}); allowed: a database that does"
            ) from None

    def _publish(self, loaded: Loaded) -> None:
        """A new edition is used from the next turn on; a broken one changes nothing but is told to those who can mend it."""
        if loaded.catalog and not loaded.faults:
            let_go(self.catalog)
            self.catalog, self.content, self.faults = loaded.catalog, "ok", ()
            log.info("content_loaded", topics=len(loaded.book.topics))
        else:
            self._broken(loaded.faults)

    def _broken(self, faults: Sequence[Problem]) -> None:
        shown = "only numbers for emergencies are" if self.faults else "the edition before is"
        self.content = f"{len(faults)} problems; {shown} shown"
        lines = [problem.line_for_author() for problem in faults]
        log.error("content_broken", problems=len(lines), first=lines[0] if lines else "")
        text = "\n".join([self.content, *lines[:TOLD]])
        telegram = next((channel for channel in self.channels if isinstance(channel, Telegram)), None)
        if telegram:
            self._telling = asyncio.create_task(telegram.tell(self.settings.telegram_admins(), text))

    async def _forget(self) -> None:
        """Once a day, delete what is older than we promise to keep."""
        while True:
            try:
                remembered, counted = (_today() - timedelta(days=days) for days in (REMEMBERED_DAYS, COUNTED_DAYS))
                count = await self.store.forget_before(remembered, counted)
                log.info("forgotten", sessions=count)
            except Unavailable:
                log.exception("forget_failed")
            await asyncio.sleep(24 * 3600)

    async def _healthz(self, request: web.Request) -> web.Response:
        """The process answers."""
        return web.Response(text="ok\n")

    async def _readyz(self, request: web.Request) -> web.Response:
        """The process can do its work. An app that is away, or content that broke since, only shows; one that could read no
        content is not ready: where several run, the others go on with what they have."""
        state = {"database": "ok", "content": self.content}
        try:
            await self.store.ping()
        except Unavailable:
            state["database"] = "unavailable"
        state |= {channel.name.lower().replace(" ", "_"): channel.state for channel in self.channels}
        return web.json_response(state, status=503 if self.faults or state["database"] != "ok" else 200)

    async def _metrics(self, request: web.Request) -> web.Response:
        with suppress(Unavailable):
            await read_today(self.store.engine, _today())
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _today() -> date:
    return datetime.now(UTC).date()


async def serve(settings: Settings) -> None:
    """Run until told to stop (SIGTERM, SIGINT). Raises SettingsError before anything is opened."""
    set_up_logs(settings.secrets())
    house = House(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(house.application(), access_log=None, shutdown_timeout=GRACE, handler_cancellation=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        try:
            await site.start()
        except OSError as error:
            raise SettingsError(
                f"BOT_HTTP_HOST, BOT_HTTP_PORT: cannot listen on {settings.http_host}:{settings.http_port} "
                f"({error.strerror}); allowed: an address of this machine and a free port"
            ) from None
        address = runner.addresses[0]
        if house.faults:
            print(
                f"{ContentError(house.faults)}\nUntil this is mended, only numbers for emergencies are shown.", file=sys.stderr
            )
        print(opening_line(house, f"http://{address[0]}:{address[1]}"), flush=True)
        await stop.wait()
        log.info("stopping")
    finally:
        await runner.cleanup()


def opening_line(house: House, address: str) -> str:
    """What is open, what is closed, and which variable opens it."""
    mode = "by webhook" if house.settings.public_url else "by polling"
    opened = {channel.name for channel in house.channels}
    doors = [f"{name}: {mode}" if name in opened else f"{name}: closed (set {key} to open it)" for name, key in KEYS.items()]
    return " - ".join([f"Đồng Hành is open. Web chat: {address}", *doors])
