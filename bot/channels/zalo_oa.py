"""Zalo Official Account: their JSON -> Incoming, Outgoing -> their calls, and the door itself."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Literal

import structlog
from aiohttp import web

from bot.channels.render import Button, Capabilities, Outgoing, shorten
from bot.channels.zalo_events import Call, Inbox
from bot.channels.zalo_oa_answers import BUTTONS, Answers
from bot.channels.zalo_oa_api import Api, Kind
from bot.channels.zalo_oa_tokens import NoToken, Pause, Tokens, TokenStore
from bot.channels.zalo_oa_webhook import Mode, Webhook
from bot.channels.zalo_work import Worker
from bot.conversation import Incoming, Left, Opened, Said, Shared, Tapped
from bot.turns import Turns, Unavailable

# A message holds 2,000 characters, and a longer one is refused. How Zalo counts is not known: UTF-16 units, and room to spare.
CAN = Capabilities(buttons=0, label=100, text=1900, inline=False)
# Phones cut longer titles of buttons than this.
TITLE = 30
# A tapped button comes back as if its payload had been typed: nobody types this by themselves.
TAP = "~m:"
SEND = "/v3.0/oa/message/cs"
OA = Call("GET", "/v2.0/oa/getoa", {})
# Seconds between two looks after the tokens, and after the OA itself (its package, its verification).
LOOK, LOOK_AT_OA = 60.0, 24 * 3600
# Zalo charges for answers from 48 hours on (half an hour is for clocks and queues); its retries end after two.
WINDOW, KEPT = timedelta(hours=47, minutes=30), timedelta(hours=48)
# What a person can send, with or without words.
_SENT = ("text", "image", "link", "sticker", "gif", "audio", "video", "file", "business_card")
_SAID = {f"user_send_{kind}" for kind in _SENT}

Buttons = Literal["off", "A", "B"]
log = structlog.get_logger()


def decode(event: dict[str, Any]) -> Incoming | None:
    """What a person did, None for anything that is not ours to answer (echoes, receipts, groups). Raises nothing."""
    try:
        kind = event["event_name"]
        who: dict[str, Any] = {"channel": "zalo_oa", "at": datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)}
        if kind in ("follow", "unfollow"):
            who |= {"person": _person(event["follower"]["id"]), "id": f"{kind}:{event['timestamp']}"}
            return Opened(**who) if kind == "follow" else Left(**who)
        if kind == "user_click_chatnow":
            return Opened(**who, person=_person(event["user_id"]), id=f"chatnow:{event['timestamp']}")
        if kind != "user_send_location" and kind not in _SAID:
            return None
        message = event["message"]
        who |= {"person": _person(event["sender"]["id"]), "id": str(message.get("msg_id") or f"{kind}:{event['timestamp']}")}
        if kind == "user_send_location":
            place = message["attachments"][0]["payload"]["coordinates"]
            return Shared(**who, latitude=float(place["latitude"]), longitude=float(place["longitude"]))
        text = unicodedata.normalize("NFC", str(message.get("text") or ""))
        return Tapped(**who, token=text[len(TAP) :]) if text.startswith(TAP) else Said(**who, text=text)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None


def _person(number: object) -> str:
    """Ids are digits, more than a float can hold."""
    text = str(number)
    if not (text.isascii() and text.isdecimal() and len(text) <= 32):
        raise ValueError
    return text


def encode(outgoing: Outgoing, shape: Buttons = "off") -> list[Call]:
    """The calls that show this, in order. shape: how buttons are attached to the last (contract, section 6.2)."""
    who = {"user_id": outgoing.to}
    calls = [Call("POST", SEND, {"recipient": who, "message": {"text": _text(part)}}) for part in outgoing.parts]
    buttons = [_button(button) for button in chain(*outgoing.buttons)][:BUTTONS]
    if buttons and shape != "off":
        payload = {"template_type": "button"} if shape == "B" else {}
        calls[-1].body["message"]["attachment"] = {"type": "template", "payload": payload | {"buttons": buttons}}
    return calls


def _text(part: str) -> str:
    return unicodedata.normalize("NFC", part)


def _button(button: Button) -> dict[str, Any]:
    title = _text(shorten(button.label, TITLE))
    if button.url:
        return {"title": title, "type": "oa.open.url", "payload": {"url": button.url}}
    return {"title": title, "type": "oa.query.hide", "payload": TAP + button.token}


class ZaloOa:
    """The door. base, oauth: addresses of Zalo's API and of its OAuth. secret_key: of the webhook page; app_secret: of the app.

    refresh_token: the operator's, for the first pair. public: our own https address, "" without. signature: what is done
    with an event that Zalo did not sign as documented. clock: the time; pause: waits so many seconds. lease, idle: of
    the worker.
    """

    name = "Zalo OA"

    def __init__(
        self,
        turns: Turns,
        inbox: Inbox,
        tokens: TokenStore,
        *,
        app_id: str,
        app_secret: str,
        secret_key: str,
        refresh_token: str,
        base: str,
        oauth: str,
        public: str,
        signature: Mode = "enforce",
        buttons: Buttons = "off",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Pause = asyncio.sleep,
        **work: float,
    ) -> None:
        self._api = Api(base=base, oauth=oauth)
        self._pause = pause

        def refresh(token: str) -> Awaitable[Any]:
            return self._api.refresh(app_id, app_secret, token)

        self._tokens = Tokens(tokens, refresh, app_id=app_id, seed=refresh_token, clock=clock, pause=pause)
        can = replace(CAN, web=public)
        self._answers = Answers(turns, self._tokens, self._api, encode, can=can, buttons=buttons)
        self._worker = Worker(
            "zalo_oa",
            inbox,
            turns,
            decode,
            self._answers.calls,
            self._answers.send,
            clock=clock,
            late=WINDOW,
            kept=KEPT,
            **work,
        )
        self._webhook = Webhook(
            self._worker.keep,
            decode,
            app_id=app_id,
            secret_key=secret_key,
            app_secret=app_secret,
            mode=signature,
            clock=clock,
        )
        self._keeper: asyncio.Task[None] | None = None
        self._open = False

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/zalo/oa/webhook", self._webhook.handle)]

    def link(self, language: str, address: str) -> str:
        """The chat with the OA: Zalo has no link to a screen, but what stands behind "#" may be typed. "" before we know it."""
        return f"https://zalo.me/{self._webhook.oa}" if self._webhook.oa else ""

    async def start(self) -> None:
        """Open the door: events are taken at once, answered as soon as there is a token."""
        await self._api.start()
        self._worker.start()
        self._keeper = asyncio.create_task(self._keep(), name="zalo_oa")

    async def stop(self) -> None:
        """Close the door: what is being answered is finished, a refresh under way too."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._worker.stop()
        await self._tokens.close()
        await self._api.stop()
        self._open = False

    @property
    def state(self) -> str:
        """For /readyz: what the operator must do comes first."""
        trouble = self._tokens.trouble or self._answers.trouble
        if trouble:
            return f"operator must act: {trouble}"
        refused = f", {self._webhook.refused} events with another signature refused" if self._webhook.refused else ""
        return ("open" if self._open else "opening") + refused

    async def _keep(self) -> None:
        """Refresh ahead of the end, with or without traffic; look after the OA once a day."""
        looked = 0.0
        while True:
            with suppress(Unavailable):
                try:
                    access = await self._tokens.access()
                    self._open = True
                    if looked <= 0:
                        await self._look(access.token, access.generation)
                        looked = LOOK_AT_OA
                except NoToken as error:
                    self._open = False
                    log.error("zalo_oa_no_token", reason=error.reason)
            await self._pause(LOOK)
            looked -= LOOK

    async def _look(self, token: str, generation: int) -> None:
        """Learn our OA's id, and whether it may do what we need. An answer that says nothing changes nothing."""
        answer = await self._api.call(OA, token)
        if answer.kind is Kind.TOKEN:
            answer = await self._api.call(OA, (await self._tokens.access(generation)).token)
        if answer.kind is Kind.OPERATOR:
            self._answers.judge(answer)
        if answer.kind is Kind.OK and (number := str((answer.data or {}).get("oaid", ""))).isdecimal():
            self._webhook.oa = number
            log.info("zalo_oa_open", oa=number, package=str(answer.data.get("package_name", "")))
