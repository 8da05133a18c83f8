"""Zalo OA's webhook: is it from Zalo, is it for us, and does it stand in the database before we say so."""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from bot.conversation import Incoming, Opened

SIGNATURE_HEADER = "X-ZEvent-Signature"
# Zalo's last retry comes 1 h 51 min after the event, with the old timestamp; a clock may be somewhat off.
OLDEST, NEWEST = 2 * 3600, 5 * 60
# Somebody who follows and opens the chat at once is welcomed once in so many seconds.
WELCOME = 24 * 3600

EVENTS = Counter("bot_zalo_oa_events_total", "Events at the webhook", ["result"])
SIGNATURES = Counter("bot_zalo_oa_signatures_total", "Which formula a signature was made with", ["formula"])
LAST = Gauge("bot_zalo_oa_last_event_timestamp_seconds", "When the last event came; Zalo switches a webhook off that fails")
log = structlog.get_logger()

Mode = Literal["observe", "enforce"]


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
    """Takes events. keep: puts one into the inbox; decode: an event -> what a person did. secret_key: of the webhook page.
    app_secret: only to say, in observe mode, that Zalo signs with that one."""

    def __init__(
        self,
        keep: Callable[[str, Incoming, bytes], Awaitable[str]],
        decode: Callable[[dict[str, Any]], Incoming | None],
        *,
        app_id: str,
        secret_key: str,
        app_secret: str,
        mode: Mode,
        clock: Callable[[], datetime],
    ) -> None:
        self._keep = keep
        self._decode = decode
        self._app = app_id
        self._secrets = {"oa_secret": secret_key, "app_secret": app_secret}
        self._mode = mode
        self._clock = clock
        self._formulas: set[str] = set()
        self.oa = ""
        self.refused = 0

    async def handle(self, request: web.Request) -> web.Response:
        """200 to all that is done with, 503 to what must come again because the database is away."""
        body = await request.read()
        result = await self._take(body, request.headers.get(SIGNATURE_HEADER, ""))
        EVENTS.labels(result).inc()
        return web.Response(status=503 if result == "unsaved" else 200)

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
        return await self._keep(name(event, incoming), incoming, body)

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
