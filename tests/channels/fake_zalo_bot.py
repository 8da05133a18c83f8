"""A Zalo Bot Platform in memory, as strict as its documentation, and the people who write to the bot from Zalo.

What is documented or was measured by others is enforced; where sources differ there is a switch for either behaviour.
Time passes only when the bot pauses, so that the rate of polls can be judged without waiting.
"""

import json
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from bot.app import House
from bot.channels.zalo_bot import ZaloBot
from bot.store.quota import SqlQuota
from tests.channels import faults
from tests.channels.faults import PUBLIC, SECONDS, Pauses, Server, WatchedInbox, served

TOKEN = "1459232241454765289:zOhT-KfQ_secret-part"
SECRET = "secret-of-the-zalo-webhook_1"
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
_LONGEST = 2000
# One house may serve many of these servers after each other: nobody is met twice.
PEOPLE = count(1)

Json = dict[str, Any]


class Refused(Exception):
    """The server does not carry out a call. code: as in Zalo's table of errors."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code

    def answer(self) -> web.Response:
        return web.json_response({"ok": False, "error_code": self.code, "description": str(self)}, status=self.code)


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """html: as a page of a proxy. ok: the HTTP status says 200 all the same."""

    html: bool = False
    ok: bool = False

    def answer(self) -> web.Response | None:
        if not self.code and not self.html:
            return None
        if self.html:
            return web.Response(text=HTML, status=self.code or 200, content_type="text/html")
        body = {"ok": False, "error_code": self.code, "description": "for the test"}
        return web.json_response(body, status=200 if self.ok else self.code)


@dataclass(frozen=True)
class Call:
    """A call as it arrived. second: when, in seconds of pauses."""

    method: str
    body: Json
    second: float


@dataclass(frozen=True)
class Line:
    """What stands in a chat."""

    ours: bool
    text: str
    picture: bytes = b""


class Person:
    """Somebody with Zalo on their phone. lines: what stands in their chat with the bot, oldest first."""

    def __init__(self, server: "FakeZaloBot", number: int) -> None:
        self._server = server
        self.id = f"{number:020x}"
        self.lines: list[Line] = []
        self.wrote = False
        self.blocked = False

    @property
    def answers(self) -> list[str]:
        """All messages of the bot."""
        return [line.text for line in self.lines if line.ours]

    @property
    def title(self) -> str:
        """The first line of the bot's newest message, "" before its first."""
        return self.answers[-1].splitlines()[0] if self.answers else ""

    def says(self, text: str) -> Json:
        """Type something; the event as it travels."""
        return self.sends("text", text=text)

    def sends(self, kind: str, *, chat_type: str = "PRIVATE", **content: Any) -> Json:
        """Send a message of any kind, here or in a group."""
        self.wrote = True
        self.lines.append(Line(False, content.get("text", "")))
        event = self._server.event(self.id, kind, chat_type=chat_type, **content)
        self._server.give(event)
        return event


class FakeZaloBot(Server):
    """The server. Use `async with`; the bot finds it at `base`.

    calls: all that arrived. refusals: what was not carried out, as "method: code". webhook: as it is set. allowed: messages
    in this month; ration: how often setWebhook may be called. Switches: wrapped: events as the documentation shows them;
    replay: the last update is given to each poll again; twice: each event is delivered two times; listed: polls answer a list.
    redeliveries: how often a webhook's event is brought back. hosts: origin -> where that really is. clock: seconds that
    have passed. polled_at: when it was asked for updates.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock: Callable[[], float] = lambda: 0.0
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.people: dict[str, Person] = {}
        self.calls: list[Call] = []
        self.refusals: list[str] = []
        self.webhook: Json | None = None
        self.token = TOKEN
        self.allowed = 3000
        self.ration = 5
        self.sent = 0
        self.actions: list[str] = []
        self.wrapped = self.replay = self.twice = self.listed = False
        self.redeliveries = 3
        self.on_call: Callable[[str], None] = lambda _: None
        self.hosts: dict[str, str] = {}
        self.script: Callable[[Call], Fault | None] = lambda _: None
        self.inbox: PatientInbox
        self.statuses: list[int] = []
        self._pending: deque[Json] = deque()
        self._last: Json | None = None
        self._idle = False
        self.polled_at = float("-inf")
        self._numbers = 0
        self._lanes: dict[str, deque[Json]] = defaultdict(deque)
        self._methods: dict[str, Callable[[Json], Awaitable[Json | None]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendChatAction": self._send_chat_action,
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/bot{token}/{method}", self._serve)]

    @property
    def base(self) -> str:
        """What BOT_ZALO_BOT_API_BASE is set to."""
        return f"http://127.0.0.1:{self.port}/bot"

    def person(self) -> Person:
        """Somebody new."""
        person = Person(self, next(PEOPLE))
        return self.people.setdefault(person.id, person)

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def answered(self, person: Person, number: int) -> str:
        """The bot's message with this number (the first is 1) to a person; waits for it."""
        await self.until(lambda: len(person.answers) >= number)
        return person.answers[number - 1]

    async def polled(self, times: int = 2) -> None:
        """Wait until the bot has asked so many times more: with 2, what it was given before the first is in its hands."""
        wanted = len(self.made("getUpdates")) + times
        await self.until(lambda: len(self.made("getUpdates")) >= wanted)

    def end_polls(self) -> None:
        """The poll that waits ends without an update."""
        self._idle = True
        self.tell()

    # What people do

    def event(self, person: str, kind: str = "text", *, chat_type: str = "PRIVATE", **content: Any) -> Json:
        """An event as Zalo writes it."""
        self._numbers += 1
        chat = {"id": person if chat_type == "PRIVATE" else f"zgr-{person}", "chat_type": chat_type}
        message = {
            "message_id": f"{self._numbers:020x}",
            "date": round(self.now().timestamp() * 1000) + self._numbers,
            "from": {"id": person, "display_name": "Mai", "is_bot": False},
            "chat": chat,
        }
        return {"event_name": f"message.{kind}.received", "message": message | content}

    def give(self, event: Json) -> None:
        """Deliver an event to the bot, as often as the switches say."""
        for _ in range(2 if self.twice else 1):
            if self.webhook:
                self._push(event)
            else:
                self._pending.append(event)
        self.tell()

    # How events are pushed: in order for each person

    def _push(self, event: Json) -> None:
        lane = self._lanes[event["message"]["chat"]["id"]]
        lane.append(event)
        if len(lane) == 1:
            self.begin(self._work(lane))

    async def _work(self, lane: deque[Json]) -> None:
        while lane:
            for _ in range(1 + self.redeliveries):
                status = await self.post(lane[0])
                self.statuses.append(status)
                self.tell()
                if 200 <= status < 300:
                    break
            lane.popleft()

    async def post(self, event: Json) -> int:
        """Call the webhook; its status. 0: the bot is not there."""
        body = {"ok": True, "result": event} if self.wrapped else event
        webhook = self.webhook or {}
        return await self.call_webhook(json.dumps(body).encode(), webhook.get("secret_token", ""))

    async def call_webhook(self, body: bytes, secret: str | None) -> int:
        url = urlsplit((self.webhook or {}).get("url", f"{PUBLIC}/zalo/bot/webhook"))
        origin = f"{url.scheme}://{url.netloc}"
        await self.until(lambda: origin in self.hosts)
        headers = {"User-Agent": "Java/17.0.10"} | ({"X-Bot-Api-Secret-Token": secret} if secret is not None else {})
        headers |= {"Content-Type": "application/json"} if body else {}
        try:
            target = f"{self.hosts[origin]}{url.path}?{url.query}"
            async with self._client.post(target, data=body, headers=headers, allow_redirects=False) as response:
                await response.read()
                return response.status
        except aiohttp.ClientError:
            return 0

    # How calls are answered

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            self.calls.append(Call(request.match_info["method"], {}, self.clock()))
            self.tell()
            return Refused(401, "Unauthorized").answer()
        body = await request.json() if request.can_read_body else dict(request.query)
        call = Call(request.match_info["method"], body, self.clock())
        self.calls.append(call)
        self.tell()
        fault = self.next_fault(call.method) or (self.script(call) if call.method == "sendMessage" else None)
        return await self.with_fault(fault, call, request, lambda: self._carry_out(call))

    async def _carry_out(self, call: Call) -> web.Response:
        try:
            method = self._methods.get(call.method)
            if method is None:
                raise Refused(400, "Bad Request")
            result = await method(call.body)
        except Refused as refused:
            if refused.code not in (404, 408):
                self.refusals.append(f"{call.method}: {refused.code}")
            return refused.answer()
        finally:
            self.tell()
        return web.json_response({"ok": True} if result is None else {"ok": True, "result": result})

    async def _get_me(self, _: Json) -> Json:
        return {"id": TOKEN[:19], "account_name": "bot.VDKyGxQvc", "account_type": "BASIC", "can_join_groups": False}

    async def _get_updates(self, body: Json) -> Any:
        if self.webhook:
            raise Refused(400, "Bad Request: webhook is set")
        if set(body) - {"timeout"} or int(body.get("timeout", 30)) > 60:
            raise Refused(400, "Bad Request: parameters")
        if self.clock() - self.polled_at < 1:
            raise Refused(429, "Too many polls")
        self.polled_at = self.clock()
        await self.until(lambda: self._pending or self._idle or (self.replay and self._last), 600)
        if self._pending:
            self._last = self._pending.popleft()
        elif not self.replay or not self._last:
            self._idle = False
            raise Refused(408, "Request timeout")
        return [self._last] if self.listed else self._last

    async def _set_webhook(self, body: Json) -> Json:
        self.ration -= 1
        if self.ration < 0:
            raise Refused(426, "Daily limit reached")
        url, secret = urlsplit(body.get("url", "")), body.get("secret_token", "")
        if url.scheme != "https" or _private(url.hostname or ""):
            raise Refused(400, "Bad Request: url")
        if not re.fullmatch("[A-Za-z0-9_-]{8,256}", secret):
            raise Refused(400, "Bad Request: secret_token")
        self.webhook = {"url": url.geturl(), "secret_token": secret}
        probe = json.dumps({"ok": True, "result": {"event_name": "webhook.test"}}).encode()
        status = await self.call_webhook(probe, secret) if f"{url.scheme}://{url.netloc}" in self.hosts else 0
        ok = 200 <= status < 300
        outcome = "webhook.ok" if ok else f"webhook.http.{status}" if status else "webhook.err.unreachable"
        while self._pending:
            self._push(self._pending.popleft())
        verification = {"ok": ok, "url": url.geturl(), "outcome": outcome, "hint": "See your server."}
        return {"url": url.geturl(), "updated_at": 1749538250568, "verification": verification}

    async def _delete_webhook(self, _: Json) -> Json:
        self.webhook = None
        return {"url": "", "updated_at": 1749538250568}

    async def _get_webhook_info(self, _: Json) -> Json:
        if self.webhook is None:
            raise Refused(404, "Not Found")
        return {"url": self.webhook["url"], "updated_at": 1749633372026}

    async def _send_message(self, body: Json) -> Json:
        return self._deliver(self._chat(body, {"chat_id", "text"}), body.get("text"))

    async def _send_photo(self, body: Json) -> Json:
        """Zalo fetches the picture itself."""
        person = self._chat(body, {"chat_id", "photo", "caption"})
        url = urlsplit(body.get("photo", ""))
        origin = self.hosts.get(f"{url.scheme}://{url.netloc}", "")
        if url.scheme != "https" or not origin:
            raise Refused(400, "Bad Request: photo")
        async with self._client.get(origin + url.path, allow_redirects=False) as response:
            picture = await response.read()
            if response.status != 200 or not response.content_type.startswith("image/") or len(picture) > 1_000_000:
                raise Refused(400, "Bad Request: photo")
        return self._deliver(person, body.get("caption"), picture)

    def _deliver(self, person: Person, text: object, picture: bytes = b"") -> Json:
        self.on_call("arrived")
        if not isinstance(text, str) or not 1 <= len(text.encode("utf-16-le")) // 2 <= _LONGEST or not text.strip():
            raise Refused(400, "Bad Request: text")
        if self.sent >= self.allowed:
            raise Refused(429, "Quota exceeded")
        self.sent += 1
        person.lines.append(Line(True, text, picture))
        self.on_call("answered")
        return {"message_id": f"{self.sent:020x}", "date": 1749632637199}

    async def _send_chat_action(self, body: Json) -> None:
        person = self._chat(body, {"chat_id", "action"})
        if body.get("action") != "typing":
            raise Refused(400, "Bad Request: action")
        self.actions.append(person.id)

    def _chat(self, body: Json, known: set[str]) -> Person:
        """Whom a message is for. Strict: a parameter that is not documented is refused."""
        person = self.people.get(body["chat_id"]) if isinstance(body.get("chat_id"), str) else None
        if person is None or not person.wrote or person.blocked or set(body) - known:
            raise Refused(400, "Bad Request: chat_id")
        return person


def _private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


class Passing:
    """A clock, and how much later it is than that."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.more = timedelta()

    def __call__(self) -> datetime:
        return self._clock() + self.more


class PatientInbox(WatchedInbox):
    """An inbox whose events, put back, are due at once: the time passes. waits: unless this is set."""

    waits = False
    _clock: Passing

    async def put_back(self, key: str, *, until: int) -> None:
        await super().put_back(key, until=until)
        if not self.waits:
            self.pass_(milliseconds=max(until - round(self._clock().timestamp() * 1000), 0))

    def pass_(self, **time: float) -> None:
        self._clock.more += timedelta(**time)


@asynccontextmanager
async def opened(
    house: House,
    server: FakeZaloBot,
    *,
    public: str = "",
    secret: str = SECRET,
    token: str = TOKEN,
    base: str = "",
    now: Callable[[], datetime] = lambda: NOW,
    reached: bool = True,
) -> AsyncIterator[tuple[str, Pauses, ZaloBot]]:
    """Open a house with one door, which leads to this server; its address, the pauses that the door made, and the door.

    public: PUBLIC for a webhook, "" to poll. now: the time; it passes when an event is put back, until that comes to its turn.
    reached: Zalo finds the house at once.
    """
    pauses, passed = Pauses(), Passing(now)
    server.clock, server.now = pauses.total, passed
    server.polled_at = float("-inf")
    server.inbox = PatientInbox(house.store, house.settings.key(), "zalo_bot", server, passed)
    counts, base = SqlQuota(house.store.engine), base or server.base
    more: Json = {"public": public, "secret": secret, "pause": pauses, "now": passed, "idle": 0.02}
    door = ZaloBot(house.turns, token, server.inbox, counts, base=base, **more)
    before, house.channels = house.channels, [door]
    try:
        async with served(house.application(), handler_cancellation=False, shutdown_timeout=SECONDS) as address:
            if reached:
                server.hosts[PUBLIC] = address
                server.tell()
            yield address, pauses, door
    finally:
        server.hosts.pop(PUBLIC, None)
        house.channels = before
