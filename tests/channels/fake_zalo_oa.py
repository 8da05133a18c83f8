"""Zalo in memory, for an Official Account: OAuth with single-use refresh tokens, messages and limits, the webhook with its
signatures and retries, and the people who write to the OA. Rules and numbers are those of the contract (api/zalo-oa.md)."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import House
from bot.channels.zalo_oa import ZaloOa
from bot.conversation import Catalog
from bot.doors import open_zalo_oa
from bot.settings import Settings
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.turns import Turns
from tests.channels import faults
from tests.channels.faults import ROOT, SECONDS, Pauses, Server, WatchedInbox, served

APP_ID, OA_ID = "1234567890123456789", "4444000011112222333"
APP_SECRET, OA_SECRET = "AppSecretForTests0001", "OaSecretKeyForTests01"
FIRST_REFRESH = "first-refresh-token-of-the-operator"
KEY = "k" * 32
START = datetime(2026, 11, 21, 8, tzinfo=UTC)
# Seconds after an event at which it is delivered again.
RETRIES = (30, 300, 900, 1800, 3600)
LIFE = 90_000
_TYPES = {"oa.open.url", "oa.query.show", "oa.query.hide", "oa.open.sms", "oa.open.phone"}

Body = dict[str, Any]


class Clock:
    """The time of Zalo and of the bot; it passes only when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """code: Zalo's. status, html: what somebody in between says."""

    status: int = 200
    html: str = ""

    def answer(self) -> web.Response | None:
        if self.code:
            return web.json_response({"error": self.code, "message": "no"})
        if self.html or self.status != 200:
            return web.Response(text=self.html, status=self.status, content_type="text/html")
        return None


@dataclass(eq=False)
class Person:
    """Somebody with Zalo. messages: what the OA sent; spoke: when they last did something."""

    zalo: "FakeZaloOa"
    number: str
    messages: list[str] = field(default_factory=list)
    buttons: list[Body] = field(default_factory=list)
    spoke: datetime | None = None
    answers: int = 0
    restricted: bool = False

    async def says(self, text: str, **how: Any) -> int:
        return await self.zalo.deliver(self.event("user_send_text", {"text": text}), **how)

    async def sends(self, kind: str, **message: Any) -> int:
        attachment = {"type": kind, "payload": {"url": "https://f1.zdn.vn/x"}}
        return await self.zalo.deliver(self.event(f"user_send_{kind}", {"attachments": [attachment]} | message))

    async def shares(self, latitude: float, longitude: float) -> int:
        place = {"coordinates": {"latitude": str(latitude), "longitude": str(longitude)}}
        message = {"text": "Chợ", "attachments": [{"type": "location", "payload": place}]}
        return await self.zalo.deliver(self.event("user_send_location", message))

    async def taps(self, title: str) -> int:
        """What a phone sends for a button: its payload, as if it had been typed."""
        payload = next(button["payload"] for button in self.buttons if button["title"] == title)
        return await self.says(payload)

    async def does(self, name: str) -> int:
        """follow, unfollow, user_click_chatnow."""
        who: Body = {"user_id": self.number} if name == "user_click_chatnow" else {"follower": {"id": self.number}}
        event = self.zalo.envelope(name) | {"oa_id": OA_ID, "source": "oa_profile"} | who
        if name == "unfollow":
            self.restricted = True
        else:
            self.spoke, self.answers, self.restricted = self.zalo.clock(), 0, False
        return await self.zalo.deliver(event)

    def event(self, name: str, message: Body) -> Body:
        self.spoke, self.answers = self.zalo.clock(), 0
        who = {"sender": {"id": self.number}, "recipient": {"id": OA_ID}}
        return self.zalo.envelope(name) | who | {"message": {"msg_id": self.zalo.number("msg")} | message}


def sign(body: bytes, timestamp: str, secret: str = OA_SECRET, first: str = APP_ID) -> str:
    return sha256(first.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


class FakeZaloOa(Server):
    """The server. Use `async with`; the bot finds it at `base`, it finds the bot at `bot`.

    refresh: the one refresh token that is valid; access: the tokens that ever were, newest last. shape: of buttons that are
    understood. a_minute: calls allowed. old_budget: messages for one interaction, as before 2026. grace: an older access token
    goes on working. exchanges: how often a refresh token was exchanged; spent: how often one that was used before was tried.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None, *, life: int = LIFE) -> None:
        super().__init__()
        self.virtual = Clock()
        self.clock = clock or self.virtual
        self.life = life
        self.bot = ""
        self.refresh = FIRST_REFRESH
        self.access: list[str] = []
        self.access_until = START
        self.exchanges = 0
        self.spent = 0
        self.shape = ""
        self.a_minute = 4000
        self.old_budget = 10_000
        self.grace = False
        self.people: dict[str, Person] = {}
        self.calls: list[Body] = []
        self.refused: list[int] = []
        self.statuses: list[int] = []
        self.retries: list[tuple[datetime, int, Body]] = []
        self.disabled = False
        self.sent: list[tuple[str, str]] = []
        self.on_call: Callable[[str], None] = lambda _: None
        self._minute: tuple[datetime, int] = (START, 0)
        self._numbers: dict[str, int] = defaultdict(int)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v4/oa/access_token", self._oauth),
            web.post("/v3.0/oa/message/cs", self._cs),
            web.get("/v2.0/oa/getoa", self._getoa),
        ]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def person(self, number: int = 7) -> Person:
        text = str(5555000011110000000 + number)
        return self.people.setdefault(text, Person(self, text))

    def number(self, what: str) -> str:
        self._numbers[what] += 1
        return f"{what}{self._numbers[what]:06}"

    def envelope(self, name: str) -> Body:
        """Each event a millisecond later than the one before."""
        late = int(self.number("event")[5:])
        milliseconds = round(self.clock().timestamp() * 1000) + late
        return {"app_id": APP_ID, "user_id_by_app": "9", "event_name": name, "timestamp": str(milliseconds)}

    # The webhook

    async def deliver(
        self, event: Body, *, mac: str | None = None, body: bytes | None = None, retry: int = 0, to: str = ""
    ) -> int:
        """Deliver an event, signed; the status. What is not answered 200 within 2 seconds comes again as the plan says.

        to: another address than `bot`.
        """
        raw = body if body is not None else json.dumps(event, ensure_ascii=False).encode()
        given = f"mac={sign(raw, event.get('timestamp', ''))}" if mac is None else mac
        headers = {"Content-Type": "application/json", "X-ZEvent-Signature": given} | (
            {"num_retry": str(retry)} if retry else {}
        )
        url, timeout = f"{to or self.bot}/zalo/oa/webhook", aiohttp.ClientTimeout(total=2)
        try:
            async with self._client.post(url, data=raw, headers=headers, timeout=timeout) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        self.statuses.append(status)
        if status != 200:
            if retry == len(RETRIES):
                self.disabled = True
            else:
                self.retries.append((self.clock() + timedelta(seconds=RETRIES[retry]), retry + 1, event))
        return status

    async def pass_time(self, **time: float) -> None:
        """Let time pass, with the retries that fall into it."""
        end = self.clock() + timedelta(**time)
        while due := sorted((entry for entry in self.retries if entry[0] <= end), key=lambda entry: entry[0]):
            self.retries.remove(due[0])
            self.virtual.now = due[0][0]
            await self.deliver(due[0][2], retry=due[0][1])
        self.virtual.now = end

    # OAuth

    async def _oauth(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        return await self._with_fault("oauth", request, lambda: self._exchange(request.headers, dict(form)))

    def _exchange(self, headers: Any, form: Body) -> Body:
        if headers.get("secret_key") != APP_SECRET or form.get("app_id") != APP_ID:
            return {"error": -14002, "error_name": "Invalid app id", "error_reason": "", "ref_doc": ""}
        if form.get("grant_type") != "refresh_token":
            return {"error": -14001, "error_name": "Invalid grant type", "error_reason": ""}
        if form.get("refresh_token") != self.refresh:
            self.spent += 1
            return {"error": -14014, "error_name": "Invalid refresh token", "error_reason": "used or expired"}
        self.exchanges += 1
        self.refresh = f"refresh-token-{self.exchanges}-{'r' * 40}"
        self.access.append(f"access-token-{self.exchanges}-{'a' * 40}")
        self.access_until = self.clock() + timedelta(seconds=self.life)
        return {"access_token": self.access[-1], "refresh_token": self.refresh, "expires_in": str(self.life)}

    # Messages

    async def _getoa(self, request: web.Request) -> web.StreamResponse:
        def tell() -> Body:
            code = self._check_token(request.headers.get("access_token", ""))
            about = {"oaid": OA_ID, "name": "Đồng Hành", "package_name": "Tăng trưởng"}
            return {"error": code, "message": "x"} if code else {"error": 0, "message": "Success", "data": about}

        return await self._with_fault("getoa", request, tell)

    async def _cs(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.calls.append(body)
        self.on_call("arrived")

        def send() -> Body:
            code = self._check_token(request.headers.get("access_token", "")) or self._send(body)
            if code:
                self.refused.append(code)
                return {"error": code, "message": "refused"}
            person = self.people[body["recipient"]["user_id"]]
            paid = self.clock() - (person.spoke or START) > timedelta(hours=48)
            quota = {"quota_type": "sub_quota" if paid else "reply", "remain": "8", "total": "8"}
            data = {"message_id": self.number("sent"), "user_id": person.number, "sent_time": "1", "quota": quota}
            return {"data": data, "error": 0, "message": "Success"}

        answer = await self._with_fault("cs", request, send)
        self.on_call("answered")
        return answer

    def _check_token(self, token: str) -> int:
        minute = self.clock().replace(second=0, microsecond=0)
        self._minute = (minute, self._minute[1] + 1) if self._minute[0] == minute else (minute, 1)
        if self._minute[1] > self.a_minute:
            return -32
        known = self.access if self.grace else self.access[-1:]
        if token not in known:
            return -216
        return -220 if self.clock() >= self.access_until else 0

    def _send(self, body: Body) -> int:
        message, person = body.get("message", {}), self.people.get(body.get("recipient", {}).get("user_id", ""))
        if body.keys() != {"recipient", "message"} or message.keys() - {"text", "attachment"} or person is None:
            return -201
        text = message.get("text", "")
        if not isinstance(text, str) or not text.strip():
            return -201
        if len(text.encode("utf-16-le")) // 2 > 2000:
            return -210
        if person.restricted:
            return -244
        if person.spoke is None:
            return -232
        if self.clock() - person.spoke > timedelta(days=7):
            return -230
        if person.answers >= self.old_budget:
            return -311
        buttons = []
        if attachment := message.get("attachment"):
            payload = attachment.get("payload", {})
            shape = {None: "A", "button": "B"}.get(payload.get("template_type"))
            buttons = payload.get("buttons", [])
            if attachment.get("type") != "template" or shape != self.shape or not _are_buttons(buttons):
                return -201
        person.answers += 1
        person.messages.append(text)
        person.buttons = buttons
        self.sent.append((person.number, text))
        return 0

    async def _with_fault(self, name: str, request: web.Request, carry_out: Callable[[], Body]) -> web.StreamResponse:
        """name: cs, oauth, getoa."""

        async def answer() -> web.Response:
            body = carry_out()
            self.tell()
            return web.json_response(body)

        fault = self.next_fault(name)
        if fault and fault.code:
            self.refused.append(fault.code)
        return await self.with_fault(fault, name, request, answer)


def _are_buttons(buttons: Sequence[Body]) -> bool:
    return 0 < len(buttons) <= 5 and all(
        0 < len(button["title"]) <= 100 and button["type"] in _TYPES and len(str(button["payload"])) <= 1000
        for button in buttons
    )


def settings(folder: Path, zalo: FakeZaloOa, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "database_url": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "secret_key": KEY,
        "content_dir": ROOT / "content",
        "locales_dir": ROOT / "locales",
        "zalo_oa_app_id": APP_ID,
        "zalo_oa_app_secret": APP_SECRET,
        "zalo_oa_secret_key": OA_SECRET,
        "zalo_oa_refresh_token": FIRST_REFRESH,
        "zalo_oa_api_base": zalo.base,
        "zalo_oa_oauth_base": zalo.base,
    }
    return Settings(**given | more)


@dataclass(eq=False)
class Visit:
    """A house with its Zalo door open."""

    zalo: FakeZaloOa
    house: Any
    door: ZaloOa
    inbox: WatchedInbox
    pauses: Pauses
    address: str

    async def settle(self, seconds: float = SECONDS) -> None:
        """Wait until nothing is left that could be done now."""
        await self.inbox.settle(lambda: self.door._worker.rest_until, seconds)

    async def answer(self, person: Person, text: str) -> str:
        """Say something; all that comes back, as one text."""
        before = len(person.messages)
        assert await person.says(text) == 200
        await self.settle()
        return "\n\n".join(person.messages[before:])


class Hut:
    """As much of a house as a door needs, with a catalog that was loaded before: it stands at once."""

    def __init__(self, given: Settings, catalog: Catalog) -> None:
        self.catalog = catalog
        self.store = SqlStore(given.database_url, KEY.encode())
        self.turns = Turns(lambda: self.catalog, self.store)
        self.channels: list[Any] = []

    def application(self) -> web.Application:
        app = web.Application()
        for door in self.channels:
            app.add_routes(door.routes())
        app.cleanup_ctx.append(self._life)
        return app

    async def _life(self, _: web.Application) -> AsyncIterator[None]:
        await migrate(self.store.engine)
        for door in self.channels:
            await door.start()
        yield
        for door in self.channels:
            await door.stop()
        await self.store.close()


@asynccontextmanager
async def opened(folder: Path, zalo: FakeZaloOa, catalog: Catalog | None = None, **more: Any) -> AsyncIterator[Visit]:
    """Open a house whose Zalo OA door leads to this server; with a catalog, a hut."""
    given = settings(folder, zalo, **more)
    house = Hut(given, catalog) if catalog else House(given)
    key, pauses = KEY.encode(), Pauses(looks=60.0)  # the look of every minute
    inbox = WatchedInbox(house.store, key, "zalo_oa", zalo, zalo.clock)
    door = open_zalo_oa(given, house.turns, house.store, key, inbox=inbox, clock=zalo.clock, pause=pauses, idle=0.02)
    house.channels = [door]
    async with served(house.application(), handler_cancellation=False, shutdown_timeout=SECONDS) as address:
        zalo.bot = address
        yield Visit(zalo, house, door, inbox, pauses, address)
