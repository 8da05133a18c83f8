"""The commands as an operator runs them, each in a process of its own: what `run` says, answers, logs, forgets and how it
stops; what is said when it cannot start; `chat` in a pipe; `check`."""

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Condition, Thread
from typing import IO

import pytest
from sqlalchemy import update

from bot.app import GRACE, REMEMBERED_DAYS
from bot.conversation import Catalog, Session
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.tables import sessions
from tests.channels.fake_telegram import small_content
from tests.logged import timeless

ROOT = Path(__file__).parents[2]
BOT = [sys.executable, "-m", "bot"]
KEY = "k" * 32
# Seconds after which we take a process for stuck; nothing waits that long when all is well.
STUCK = 60
LOGFMT = re.compile(r'[a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^\s"=]+)(?: [a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^\s"=]*))*')


def environment(**variables: str) -> dict[str, str]:
    content = {"BOT_CONTENT_DIR": str(ROOT / "content"), "BOT_LOCALES_DIR": str(ROOT / "locales")}
    return os.environ | {"PYTHONPATH": str(ROOT)} | content | variables


class Command:
    """`python -m bot ...` in a folder, from its start."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [*BOT, *arguments], cwd=folder, env=environment(**variables), stdin=pipe, stdout=pipe, stderr=pipe
        )

    def end(self, typed: bytes = b"") -> tuple[int, str, str]:
        """Exit code, output, errors."""
        try:
            said, errors = self._process.communicate(typed, timeout=STUCK)
        finally:
            self._process.kill()
        return self._process.returncode, said.decode(), errors.decode()


def sentences(errors: str) -> list[str]:
    """What is said to the operator, between the lines of the log."""
    return [line for line in errors.splitlines() if not LOGFMT.fullmatch(line)]


class Lines:
    """The lines that a process has written so far."""

    def __init__(self, stream: IO[str]) -> None:
        self.all: list[str] = []
        self._news = Condition()
        self._reader = Thread(target=self._read, args=[stream])
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._news:
                self.all.append(line.rstrip("\n"))
                self._news.notify_all()

    def first(self, words: str) -> str:
        """The first line that holds these words; waits for it."""
        with self._news:
            found = self._news.wait_for(lambda: next((line for line in self.all if words in line), ""), STUCK)
        assert found, f"never said {words!r}, but: {self.all}"
        return found

    def end(self) -> list[str]:
        self._reader.join(STUCK)
        return self.all


class House:
    """`python -m bot run`."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*BOT, "run"],
            cwd=folder,
            env=environment(BOT_HTTP_PORT="0", **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stderr
        self.said, self.errors = Lines(self.process.stdout), Lines(self.process.stderr)

    @property
    def address(self) -> tuple[str, int]:
        found = re.search(r"http://([0-9.]+):(\d+)", self.said.first("Đồng Hành is open"))
        assert found
        return found[1], int(found[2])

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        with closing(HTTPConnection(*self.address, timeout=STUCK)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            return response.status, response.read().decode()

    def ask_raw(self, request: bytes) -> bytes:
        """For requests that no client would send."""
        with socket.create_connection(self.address, STUCK) as connection:
            connection.sendall(request)
            return connection.recv(100)

    def open_database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "data" / "bot.db", isolation_level=None)

    def database(self, query: str) -> list[tuple[object, ...]]:
        with closing(self.open_database()) as connection:
            return connection.execute(query).fetchall()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for lines, stream in ((self.said, self.process.stdout), (self.errors, self.process.stderr)):
            lines.end()
            stream.close()


def prepare(folder: Path, seen: dict[str, int]) -> None:
    """A database in which these people wrote so many days ago."""

    async def write() -> None:
        store = SqlStore(f"sqlite+aiosqlite:///{folder}/data/bot.db", KEY.encode())
        await migrate(store.engine)
        for person, days in seen.items():
            await store.save("telegram", person, Session("km", person), 0, [])
            day = datetime.now(UTC).date() - timedelta(days=days)
            async with store.engine.begin() as connection:
                mine = sessions.c.person == store.person("telegram", person)
                await connection.execute(update(sessions).where(mine).values(seen=day))
        await store.close()

    (folder / "data").mkdir()
    asyncio.run(write())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that is open while these tests run; some who wrote to it did so long ago."""
    folder = tmp_path_factory.mktemp("house")
    prepare(folder, {"long-ago": REMEMBERED_DAYS + 2, "longer-ago": 1000, "lately": REMEMBERED_DAYS - 2, "today": 0})
    house = House(folder, BOT_SECRET_KEY=KEY)
    yield house
    house.close()


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[[], House]]:
    """Opens a house for one test."""
    opened: list[House] = []

    def open_(**variables: str) -> House:
        opened.append(House(tmp_path, **variables))
        return opened[-1]

    yield open_
    for house in opened:
        house.close()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where a few pages are, for a process of which nobody reads more."""
    return {"BOT_CONTENT_DIR": str(small_content(tmp_path_factory.mktemp("few")))}


# --- run


def test_one_opening_line_names_the_address_and_the_variable_that_opens_the_closed_channel(house: House) -> None:
    host, port = house.address
    (line,) = house.said.all
    assert f"Web chat: http://{host}:{port}" in line
    assert "Telegram: closed (set BOT_TELEGRAM_TOKEN to open it)" in line
    assert host == "127.0.0.1"
    assert port != 0
    assert house.ask("GET", "/")[0] == 200


def test_healthz_and_readyz_say_that_all_is_well(house: House) -> None:
    assert house.ask("GET", "/healthz") == (200, "ok\n")
    status, body = house.ask("GET", "/readyz")
    assert (status, json.loads(body)["database"]) == (200, "ok")


def test_metrics_count_the_turns(house: House) -> None:
    def turns() -> float:
        status, body = house.ask("GET", "/metrics")
        assert status == 200
        found = re.search(r'^bot_turns_total\{channel="web",kind="tapped"\} ([0-9.]+)$', body, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = turns()
    for _ in range(3):
        assert house.ask("POST", "/api/chat", {"token": "vi:covid"})[0] == 200
    assert turns() == before + 3


def test_sessions_are_deleted_180_days_after_the_last_turn(house: House) -> None:
    assert REMEMBERED_DAYS == 180
    assert "sessions=2" in house.errors.first("event=forgotten")
    kept = sorted(json.loads(str(session))["screen"] for (session,) in house.database("SELECT session FROM sessions"))
    assert kept == ["lately", "today"]


def test_logs_are_events_with_values_and_hold_nothing_that_anybody_wrote(house: House) -> None:
    words = "tôi-bị-giữ-ở-Svay-Rieng".encode()
    assert house.ask("POST", "/api/chat", {"text": words.decode()})[0] == 200
    assert house.ask("POST", "/api/chat", {"position": {"lat": 11.0871, "lon": 105.7993}})[0] == 200
    assert house.ask("POST", "/api/chat", {"token": "Svay-Rieng"})[0] == 200
    assert house.ask("POST", "/api/chat", ["Svay-Rieng"])[0] == 400
    assert house.ask("GET", "/vi/covid?q=Svay-Rieng")[0] == 200
    assert house.ask("GET", "/Svay-Rieng")[0] == 404
    assert b" 400 " in house.ask_raw(b"POST /api/chat " + words + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 400 " in house.ask_raw(b"GET / HTTP/1.1\r\n" + words + b"\r\n\r\n")
    assert house.ask("POST", "/api/chat", {"token": "vi:about"})[0] == 200
    last = house.errors.first("address=about")
    assert {"event=turn", "channel=web", "address=about", "kind=tapped"} <= set(last.split())
    written = "\n".join(house.errors.all)
    assert sentences(written) == []
    assert [word for word in ("Svay-Rieng", "11.08", "105.79") if word in timeless(written)] == []


def test_on_sigterm_a_turn_in_flight_is_finished_and_counted_and_the_exit_code_is_0(
    open_house: Callable[[], House],
) -> None:
    house = open_house()
    house.errors.first("event=forgotten")  # it has written for the last time of its own accord
    body = b'{"token": "km:covid/masks"}'
    idle = HTTPConnection(*house.address, timeout=STUCK)
    with closing(idle), closing(house.open_database()) as database, socket.create_connection(house.address, STUCK) as slow:
        database.execute("BEGIN IMMEDIATE")  # a turn that wants to write waits
        slow.sendall(b"POST /api/chat HTTP/1.1\r\nHost: bot\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body))
        assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
        slow.sendall(body)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read() == b"ok\n"  # so the body, which was sent before, has arrived
        house.process.send_signal(signal.SIGTERM)
        house.errors.first("event=stopping")
        assert idle.sock.recv(1) == b""  # who is idle is sent away, who is being served is waited for
        database.rollback()
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
        assert house.process.wait(GRACE) == 0
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(content)["replies"][0]["address"] == "covid/masks"
    assert house.database("SELECT language, address, count FROM views") == [("km", "covid/masks", 1)]
    assert sentences("\n".join(house.errors.end())) == []
    assert len(house.said.end()) == 1


# --- it cannot start


def test_a_port_that_is_taken_is_said_in_one_line_that_names_the_variable(
    house: House, tmp_path: Path, few: dict[str, str]
) -> None:
    port = house.address[1]
    code, said, errors = Command(tmp_path, "run", BOT_HTTP_PORT=str(port), **few).end()
    (sentence,) = sentences(errors)
    assert sentence.startswith(f"BOT_HTTP_HOST, BOT_HTTP_PORT: cannot listen on 127.0.0.1:{port} (")
    assert sentence.endswith("; allowed: an address of this machine and a free port")
    assert (code, said) == (2, "")


def test_a_database_that_is_not_there_is_said_in_one_line_that_names_the_variable(tmp_path: Path, few: dict[str, str]) -> None:
    url = "postgresql+asyncpg://bot:correct-horse@127.0.0.1:1/bot"
    code, said, errors = Command(tmp_path, "run", BOT_DATABASE_URL=url, BOT_SECRET_KEY=KEY, BOT_HTTP_PORT="0", **few).end()
    (sentence,) = sentences(errors)
    assert sentence.startswith("BOT_DATABASE_URL: ")
    assert "correct-horse" not in errors
    assert (code, said) == (2, "")


def test_a_data_folder_that_cannot_be_made_is_said_in_one_line_that_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is in the way")
    code, said, errors = Command(tmp_path, "migrate").end()
    (sentence,) = sentences(errors)
    assert sentence.startswith("BOT_DATABASE_URL: ")
    assert (code, said) == (2, "")


def test_settings_problems_are_said_one_a_line_without_a_traceback(tmp_path: Path) -> None:
    code, said, errors = Command(tmp_path, "run", BOT_HTTP_PORT="http", BOT_TELEGRAM_TOKEN="secret-token").end()
    assert sorted(errors.splitlines()) == [
        "BOT_HTTP_PORT: 'http' is not allowed; allowed: a whole number from 0 to 65535",
        "BOT_TELEGRAM_TOKEN: the value is not allowed; allowed: the token as BotFather shows it, <digits>:<letters>",
    ]
    assert (code, said) == (2, "")


# --- content


def break_content(folder: Path) -> set[str]:
    """An author's two mistakes in two files; what is to be said of them."""
    masks, tb = folder / "content/topics/covid/masks.yaml", folder / "content/topics/diseases/tb.yaml"
    lines = masks.read_text().splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("summary:"))
    lines[number] = lines[number].replace("summary", "sumary")
    masks.write_text("\n".join(lines))
    tb.write_text("nonsense: x\n" + tb.read_text())
    return {
        f"content/topics/covid/masks.yaml:{number + 1}:1: unknown key 'sumary'; did you mean 'summary'?",
        "content/topics/diseases/tb.yaml:1:1: unknown key 'nonsense'",
    }


def test_with_broken_content_a_person_gets_the_numbers_that_help_and_the_operator_reads_what_is_wrong(
    content_copy: Path, open_house: Callable[..., House]
) -> None:
    pages = [content_copy / f"content/topics/{name}.yaml" for name in ("covid/masks", "diseases/tb")]
    right = [page.read_text() for page in pages]
    wanted = break_content(content_copy)
    folders = {"BOT_CONTENT_DIR": str(content_copy / "content"), "BOT_LOCALES_DIR": str(content_copy / "locales")}
    check = Command(content_copy, "check", "--json", **folders)
    house = open_house(**folders)

    for method, path, body in (
        ("POST", "/api/chat", {"text": "tôi bị nhốt, cứu với"}),
        ("POST", "/api/chat", {"token": "vi:covid/masks"}),
        ("GET", "/vi/help/now", None),
        ("GET", "/", None),
    ):
        status, said = house.ask(method, path, body)
        assert status == 200 and all(number in said for number in ("113", "115", "111")), path
    status, said = house.ask("GET", "/km/covid/masks")
    assert status == 404 and "ប៉ូលិស" in said
    status, said = house.ask("GET", "/readyz")
    assert (status, json.loads(said)["database"]) == (503, "ok")
    assert re.fullmatch(r"\d+ problems; only numbers for emergencies are shown", json.loads(said)["content"])
    *lines, last = sentences("\n".join(house.errors.all))
    assert wanted <= set(lines)
    assert [line for line in lines if not re.fullmatch(r"(content|locales)/\S+:\d+:\d+: .+", line)] == []
    assert last == "Until this is mended, only numbers for emergencies are shown."

    for page, text in zip(pages, right, strict=True):
        page.write_text(text)
    house.errors.first("content_loaded")
    assert house.ask("GET", "/readyz")[0] == 200
    assert '"address": "covid/masks"' in house.ask("POST", "/api/chat", {"token": "vi:covid/masks"})[1]

    code, said, errors = check.end()
    problems = json.loads(said)
    assert {"{path}:{line}:{column}: {message}".format(**problem) for problem in problems} >= set(lines)
    assert {problem["level"] for problem in problems} <= {"error", "warning"}
    assert {problem["code"] for problem in problems} >= {"unknown-key", "missing-key"}
    assert (code, errors) == (1, "")


def test_check_counts_problems_and_warnings_and_ends_with_0_for_the_shipped_content(tmp_path: Path) -> None:
    code, said, errors = Command(tmp_path, "check").end()
    *lines, last = said.splitlines()
    assert re.fullmatch(rf"0 problems, {len(lines)} warnings, \d+ topics", last)
    assert [line for line in lines if not re.fullmatch(r"\S+:\d+:\d+: warning: .+", line)] == []
    assert (code, errors) == (0, "")


# --- chat


def test_chat_answers_each_line_of_a_pipe_and_ends_with_it(tmp_path: Path, catalog: Catalog) -> None:
    typed = b"1\ncovid-masks\n\n\xff\xfe\x00 is no text\n#\nvi"
    code, said, errors = Command(tmp_path, "chat", "--language", "en").end(typed)
    screens = catalog.editions["en"].screens
    addresses = ["home", "covid", "covid/masks", "covid/masks", "covid/masks", "help/now"]
    titles = [screens[address].title for address in addresses] + [catalog.editions["vi"].screens["help/now"].title]
    assert [line for line in said.splitlines() if line in titles] == titles
    assert said.count(catalog.editions["en"].notices["not-understood"].text.plain) == 2
    assert (code, errors) == (0, "")
    assert not (tmp_path / "data").exists(), "a talk in the terminal leaves nothing behind"


def test_chat_ends_quietly_when_nobody_reads_on(tmp_path: Path, few: dict[str, str]) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*BOT, "chat"], cwd=tmp_path, env=environment(**few), stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"1\n" * 20)
        process.stdin.close()
        assert process.stderr.read().decode() == ""
        assert process.wait(STUCK) == 0
