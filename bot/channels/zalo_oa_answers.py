"""Zalo OA's answers: what one event of the inbox makes us send, and what becomes of it when that goes wrong."""

import json
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol

import structlog
from prometheus_client import Counter

from bot.channels.render import Button, Capabilities, Outgoing, render, split
from bot.channels.zalo_oa_api import ACTS, Answer, Api, Call, Kind
from bot.channels.zalo_oa_tokens import NoToken, Tokens
from bot.conversation import HELP, Incoming, Left, Screen, Turn, token
from bot.turns import Turns, Unavailable

# Zalo charges for answers from 48 hours on; half an hour is for clocks and queues.
WINDOW = timedelta(hours=47, minutes=30)
# The most messages for one thing that a person did: so many were free before 2026. The last one is kept for help.
BUDGET = 8
# A message holds so many buttons.
BUTTONS = 5
# Seconds until an event is tried again: first and longest, tripling; after too many calls; while the operator must act.
FIRST, LONGEST, RATE, OPERATOR = 5.0, 600.0, 60.0, 300.0
# How often we try what Zalo does not do and gives no lasting reason for.
FEW = 6

UNANSWERED = Counter("bot_zalo_oa_unanswered_total", "Events or messages that got no answer", ["reason"])
PAID = Counter("bot_zalo_oa_paid_total", "Messages that Zalo counted against a quota")
log = structlog.get_logger()


class Event(Protocol):
    """An event that is ours to finish: see bot/store/inbox.py."""

    @property
    def key(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def answer(self) -> Sequence[Any] | None: ...
    @property
    def tries(self) -> int: ...


class Inbox(Protocol):
    """Where events stand until they are finished. Times in milliseconds; every method raises Unavailable."""

    async def put(self, name: str, person: str, payload: bytes, *, at: int, now: int) -> bool: ...
    async def claim(self, limit: int, *, now: int, until: int) -> Sequence[Event]: ...
    async def hold(self, keys: Iterable[str], *, until: int) -> None: ...
    async def answer(self, key: str, bodies: Sequence[Any]) -> None: ...
    async def put_back(self, key: str, *, until: int) -> None: ...
    async def finish(self, key: str) -> None: ...
    async def purge(self, *, before: int) -> int: ...


class Answers:
    """Answers events. can: what is rendered for; buttons: the shape in which they are attached; clock: the time."""

    def __init__(
        self,
        turns: Turns,
        inbox: Inbox,
        tokens: Tokens,
        api: Api,
        decode: Callable[[dict[str, Any]], Incoming | None],
        encode: Callable[[Outgoing, Any], list[Call]],
        *,
        can: Capabilities,
        buttons: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._turns = turns
        self._inbox = inbox
        self._tokens = tokens
        self._api = api
        self._decode = decode
        self._encode = encode
        self._can = can
        self._buttons = buttons
        self._clock = clock
        self._laters: Tally[str] = Tally()
        self.unfinished: set[str] = set()
        self.rest_until = 0
        self.trouble = ""

    async def answer(self, event: Event) -> None:
        """Answer one event and finish it, or put it back for later. Raises Unavailable."""
        try:
            await self._answer(event)
        except NoToken as error:
            log.warning("zalo_oa_put_back", reason=error.reason)
            await self._later(event, RATE)
        except Unavailable:
            raise
        except Exception:  # a bug would only fail again, and the person's next message would wait behind it
            log.exception("zalo_oa_failed")
            await self._drop(event, "failed")

    def judge(self, answer: Answer) -> None:
        """Remember what the operator must do; forget it when a message gets through."""
        trouble = f"{answer.code} {ACTS.get(answer.code, '')}" if answer.kind is Kind.OPERATOR else ""
        if trouble and trouble != self.trouble:
            log.error("zalo_oa_operator", code=answer.code, act=ACTS.get(answer.code, ""))
        if trouble or answer.kind is Kind.OK:
            self.trouble = trouble

    async def _answer(self, event: Event) -> None:
        """Take the turn, unless that was done before, and send what is still to be sent."""
        incoming = self._decode(json.loads(event.payload)) if event.payload else None
        if incoming is None:
            await self._drop(event, "unreadable")
            return
        if self._clock() - incoming.at > WINDOW and not isinstance(incoming, Left):
            await self._drop(event, "late")
            return
        if event.answer is not None:
            stopped = await self._send(event, [Call(*call) for call in event.answer])
        else:
            async with self._turns.turn(incoming) as turn:
                calls = self._calls(turn, incoming.person)
                if calls:
                    with suppress(Unavailable):  # then a crash means that the turn is asked once more
                        await self._inbox.answer(event.key, calls)
                stopped = await self._send(event, calls)
        if stopped:
            async with self._turns.turn(Left(channel=incoming.channel, person=incoming.person, at=incoming.at)):
                pass
            await self._drop(event, Kind.STOP)

    def _calls(self, turn: Turn, person: str) -> list[Call]:
        """All replies in as few messages as possible."""
        if not turn.replies:
            return []
        parts = self._pack(turn.replies)
        if len(parts) > BUDGET:
            edition = self._turns.catalog().editions[turn.replies[-1].language]
            parts = (*parts[: BUDGET - 1], self._pack([edition.screens[HELP]])[0])
        buttons = tuple((button,) for button in _buttons(turn.replies[-1])) if self._buttons != "off" else ()
        return self._encode(Outgoing(to=person, parts=parts, buttons=buttons), self._buttons)

    def _pack(self, screens: Sequence[Screen]) -> tuple[str, ...]:
        parts = chain.from_iterable(render(screen, self._can).parts for screen in screens)
        return split("\n\n".join(parts).split("\n\n"), self._can.text)

    async def _send(self, event: Event, calls: list[Call]) -> bool:
        """Send what is left, one after the other; True if this person is not to be written to any more."""
        for number, call in enumerate(calls, 1):
            answer = await self._call(call)
            self.judge(answer)
            if answer.kind is Kind.OK:
                if number < len(calls):
                    with suppress(Unavailable):
                        await self._inbox.answer(event.key, calls[number:])
            elif answer.kind is Kind.REFUSED:  # the other messages may be right
                UNANSWERED.labels("refused").inc()
                log.error("zalo_oa_refused", code=answer.code)
            else:
                return await self._fail(event, answer)
        await self._finish(event)
        return False

    async def _fail(self, event: Event, answer: Answer) -> bool:
        log.warning("zalo_oa_unsent", answer=answer.said, tries=event.tries)
        if answer.kind is Kind.STOP:
            return True
        grown = min(FIRST * 3 ** min(event.tries - 1, FEW), LONGEST)
        if answer.kind in (Kind.CLOSED, Kind.UNKNOWN):
            await self._drop(event, answer.kind)
        elif answer.kind is Kind.RATE:
            self.rest_until = ms(self._clock()) + round(RATE * 1000)
            await self._later(event, RATE)
        elif answer.kind is Kind.OPERATOR:
            await self._later(event, OPERATOR)
        elif answer.kind is Kind.UNREACHED:
            await self._later(event, grown)
        else:
            self._laters[event.key] += 1
            if self._laters[event.key] >= FEW:
                await self._drop(event, "gave_up")
            else:
                await self._later(event, grown)
        return False

    async def _call(self, call: Call) -> Answer:
        """One call; once more with a new token, without buttons, or if nobody knows whether it was carried out."""
        access = await self._tokens.access()
        answer = await self._api.call(call, access.token)
        if answer.kind is Kind.TOKEN:
            access = await self._tokens.access(access.generation)
            answer = await self._api.call(call, access.token)
        if answer.kind is Kind.REFUSED and "attachment" in call.body["message"]:
            log.error("zalo_oa_buttons_off", code=answer.code, shape=self._buttons, variable="BOT_ZALO_OA_BUTTONS")
            self._buttons = "off"
            bare = {name: value for name, value in call.body["message"].items() if name != "attachment"}
            call = call._replace(body=call.body | {"message": bare})
            answer = await self._api.call(call, access.token)
        if answer.kind is Kind.UNKNOWN:
            log.warning("zalo_oa_maybe_duplicate")
            answer = await self._api.call(call, access.token)
        if answer.kind is Kind.OK and ((answer.data or {}).get("quota") or {}).get("quota_type", "reply") != "reply":
            PAID.inc()
        return answer

    async def _later(self, event: Event, seconds: float) -> None:
        with suppress(Unavailable):  # then the lease ends by itself
            await self._inbox.put_back(event.key, until=ms(self._clock() + timedelta(seconds=seconds)))

    async def _drop(self, event: Event, reason: str) -> None:
        UNANSWERED.labels(str(reason)).inc()
        log.warning("zalo_oa_unanswered", reason=str(reason))
        await self._finish(event)

    async def _finish(self, event: Event) -> None:
        self._laters.pop(event.key, None)
        try:
            await self._inbox.finish(event.key)
        except Unavailable:
            self.unfinished.add(event.key)


def _buttons(screen: Screen) -> list[Button]:
    """As many choices as there is room for beside the way to help."""
    ways = [choice for choice in screen.ways if choice.address == HELP][:1]
    choices = [*screen.choices[: BUTTONS - len(ways)], *ways]
    return [Button(choice.label, token(choice.language, choice.address)) for choice in choices]


def ms(moment: datetime) -> int:
    """Milliseconds, as Zalo and the inbox count."""
    return round(moment.timestamp() * 1000)
