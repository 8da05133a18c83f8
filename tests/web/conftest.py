"""What the tests of the web share: the whole house on a port of its own, a visitor with a cookie jar, a real browser.

House and browser are started once for all tests of this folder (each takes seconds), so these tests run in one event loop.
"""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import StringIO
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, async_playwright

from bot.app import House
from bot.conversation import Catalog
from bot.settings import Settings
from bot.web.pages import Pages
from tests.logged import logged

ROOT = Path(__file__).parent.parent.parent
# The first one has no window to draw: it takes a third of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: containers run tests as root. The others keep the browser from calling home.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(autouse=True)
def log() -> Iterator[StringIO]:
    """What the house logs during a test, in the shape in which an operator gets it."""
    with logged(StringIO()) as stream:
        yield stream


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the house keeps everything in."""
    return tmp_path_factory.mktemp("house") / "bot.db"


@pytest.fixture(scope="session")
def house(database: Path) -> House:
    """All parts, with the shipped content (a copy: it is read again when a file changes) and no app's door open."""
    for name in ("content", "locales"):
        shutil.copytree(ROOT / name, database.parent / name)
    return House(
        Settings(
            database_url=f"sqlite+aiosqlite:///{database}",
            content_dir=database.parent / "content",
            locales_dir=database.parent / "locales",
        )
    )


@pytest.fixture(scope="session")
def catalog(house: House) -> Catalog:
    """What the house shows, as of today."""
    return house.catalog


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(house: House) -> AsyncIterator[TestServer]:
    """The real application, listening."""
    server = TestServer(house.application())
    await server.start_server(access_log=None)
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(site: TestServer) -> AsyncIterator[ClientSession]:
    """Somebody with a browser of their own, without a cookie yet."""
    async with ClientSession(str(site.make_url("/")), cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
def served() -> Callable[[Pages, Iterable[web.RouteDef]], AbstractAsyncContextManager[ClientSession]]:
    """Serves some routes behind the guard of the pages, for as long as a `with` lasts; gives a visitor."""

    @asynccontextmanager
    async def serve(pages: Pages, routes: Iterable[web.RouteDef]) -> AsyncIterator[ClientSession]:
        app = web.Application(middlewares=[pages.guard])
        app.add_routes(routes)
        server = TestServer(app)
        await server.start_server(access_log=None)
        async with ClientSession(str(server.make_url("/")), cookie_jar=CookieJar(unsafe=True)) as visitor:
            yield visitor
        await server.close()

    return serve


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The chromium of this machine. Without one the tests are skipped, except in CI, where that is a failure."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        missing = f"no browser on this machine (looked for {', '.join(BROWSERS)})"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield browser
        await browser.close()
