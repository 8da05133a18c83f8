"""Zalo OA's webhook: is it from Zalo, is it for us, and does it stand in the database before we say so."""

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Protocol

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from bot.conversation import Incoming, Opened
from bot.turns import Unavailable

SIGNATURE_HEADER = "X-ZEvent-Signature"
# Zalo waits 2 seconds for the 200. Whoever is not in the database by then is delivered again.
PATIENCE = 1.5
# Zalo's last retry comes 1 h 51 min after the event, with the old timestamp; a clock may be somewhat off.
OLDEST, NEWEST = 2 * 3600, 5 * 60
# Somebody who follows and opens the chat at once is welcomed once in so many seconds.
WELCOME = 24 * 3600

EVENTS = Counter("bot_zalo_oa_events_total", "Events at the webhook", ["result"])
SIGNATURES = Counter("bot_zalo_oa_signatures_total", "Which formula a signature was made with", ["formula"])
LAST = Gauge("bot_zalo_oa_last_event_timestamp_seconds", "When the last event came; Zalo switches a webhook off that fails")
log = structlog.get_logger()

Mode = Literal["observe", "enforce"]


class Inbox(Protocol):
    """Where events stand before they are acknowledged."""

    async def put(self, name: str, person: str, payload: bytes, *, at: int, now: int) -> bool:
        """Keep an event; False if it is known. Raises Unavailable."""
        ...


def signature(first: str, body: bytes, timestamp: str, secret: str) -> str:
    """Zalo's signature of a body: not an HMAC, and over the very bytes that were sent."""
    return sha256(first.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def name(event: Mapping[str, Any], incoming: Incoming) -> str:
    """The same text for each delivery of the same event, and for all that asks for one welcome."""
    oa = oa_of(event)
    if isinstance(incoming, Opened):
        return f"{oa}:welcome:{incoming.person}:{int(incoming.at.timestamp()) // WELCOME}"
    return f"{oa}:{event.get('event_name')}:{incoming.person}:{incoming.id}"


def oa_of(event: Mapping[str, Any]) -> str:
    """The OA that an event of a person is for; "" if it does not say."""
    recipient = event.get("recipient")
    return str(event.get("oa_id") or (recipient.get("id", "") if isinstance(recipient, dict) else ""))


class Webhook:
    """Takes events. decode: an event -> what a person did. secret_key: of the webhook page. app_secret: only to say, in
    observe mode, that Zalo signs with that one. took: called when a new event stands in the inbox."""

    def __init__(
        self,
        inbox: Inbox,
        decode: Callable[[dict[str, Any]], Incoming | None],
        *,
        app_id: str,
        secret_key: str,
        app_secret: str,
        mode: Mode,
        clock: Callable[[], datetime],
        took: Callable[[], None],
    ) -> None:
        self._inbox = inbox
        self._decode = decode
        self._app = app_id
        self._secrets = {"oa_secret": secret_key, "app_secret": app_secret}
        self._mode = mode
        self._clock = clock
        self._took = took
        self._putting: set[asyncio.Task[bool]] = set()
        self._formulas: set[str] = set()
        self.oa = ""
        self.refused = 0

    async def handle(self, request: web.Request) -> web.Response:
        """200 to all that is done with, 503 to what must come again because the database is away."""
        body = await request.read()
        result = await self._take(body, request.headers.get(SIGNATURE_HEADER, ""))
        EVENTS.labels(result).inc()
        return web.Response(status=503 if result == "unsaved" else 200)

    async def finish(self) -> None:
        """Wait for what is on its way into the database."""
        await asyncio.gather(*self._putting, return_exceptions=True)

    async def _take(self, body: bytes, given: str) -> str:
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return "garbled"
        if not isinstance(event, dict) or not event.get("event_name"):
            return "probe"  # Zalo sends {} when the address is saved
        if not self._is_signed(event, body, given):
            return "unsigned"
        oa = oa_of(event)
        incoming = self._decode(event)
        if incoming is None:
            kind = str(event["event_name"])
            log.debug("zalo_oa_ignored", kind=kind if re.fullmatch("[a-z_]{1,40}", kind) else "other")
            return "ignored"
        if str(event.get("app_id")) != self._app or (self.oa and oa and oa != self.oa):
            log.warning("zalo_oa_foreign", app=str(event.get("app_id")) == self._app)
            return "foreign"
        now = self._clock()
        age = (now - incoming.at).total_seconds()
        if not -NEWEST <= age <= OLDEST:
            log.warning("zalo_oa_stale", age=round(age))
            return "stale"
        LAST.set(now.timestamp())
        at, came = (round(moment.timestamp() * 1000) for moment in (incoming.at, now))
        putting = asyncio.create_task(self._inbox.put(name(event, incoming), incoming.person, body, at=at, now=came))
        self._putting.add(putting)
        putting.add_done_callback(self._put)
        # Not broken off when it takes too long: what is written a moment later is known when it comes again.
        await asyncio.wait([putting], timeout=PATIENCE)
        if not putting.done() or putting.exception():
            log.error("zalo_oa_unsaved", slow=not putting.done())
            return "unsaved"
        return "taken" if putting.result() else "repeated"

    def _put(self, putting: asyncio.Task[bool]) -> None:
        self._putting.discard(putting)
        with suppress(Unavailable, asyncio.CancelledError):
            if putting.result():
                self._took()

    def _is_signed(self, event: dict[str, Any], body: bytes, given: str) -> bool:
        """By the documented formula; in observe mode everything is, and the log says which formula fits."""
        given = given.strip().lower().removeprefix("mac=")
        timestamp = str(event.get("timestamp", ""))
        fits = "none"
        for first, number in {"app_id": self._app, "oa_id": oa_of(event)}.items():
            for key, secret in self._secrets.items():
                made = signature(number, body, timestamp, secret)
                if hmac.compare_digest(made.encode(), given.encode("utf-8", "replace")):
                    fits = f"{first}+{key}"
                    break
            if fits != "none":
                break
        SIGNATURES.labels(fits).inc()
        good = fits == "app_id+oa_secret"
        if fits not in self._formulas:
            self._formulas.add(fits)
            say = log.info if good else log.warning
            say("zalo_oa_signature", formula=fits, documented="app_id+oa_secret", mode=self._mode)
        if not good and self._mode == "enforce":
            self.refused += 1
            return False
        return True
