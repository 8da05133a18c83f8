"""Zalo OA's answers: what a turn makes us send, and what it means when Zalo does not take it."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import structlog
from prometheus_client import Counter

from bot.channels.render import Button, Capabilities, Outgoing, render, split
from bot.channels.zalo_events import Call, Event, Unsent
from bot.channels.zalo_oa_api import ACTS, Answer, Api, Kind
from bot.channels.zalo_oa_tokens import NoToken, Tokens
from bot.channels.zalo_work import grown
from bot.conversation import HELP, Screen, Turn, token
from bot.turns import Turns

# The most messages for one thing that a person did: so many were free before 2026. The last one is kept for help.
BUDGET = 8
# A message holds so many buttons.
BUTTONS = 5
# Seconds until an event is tried again: after too many calls; while the operator must act.
RATE, OPERATOR = 60.0, 300.0

REFUSED = Counter("bot_zalo_oa_refused_total", "Messages that Zalo did not take, and never will")
PAID = Counter("bot_zalo_oa_paid_total", "Messages that Zalo counted against a quota")
log = structlog.get_logger()


class Answers:
    """Makes and sends answers. can: what is rendered for; buttons: the shape in which they are attached."""

    def __init__(
        self,
        turns: Turns,
        tokens: Tokens,
        api: Api,
        encode: Callable[[Outgoing, Any], list[Call]],
        *,
        can: Capabilities,
        buttons: str,
    ) -> None:
        self._turns = turns
        self._tokens = tokens
        self._api = api
        self._encode = encode
        self._can = can
        self._buttons = buttons
        self.trouble = ""

    def judge(self, answer: Answer) -> None:
        """Remember what the operator must do; forget it when a message gets through."""
        trouble = f"{answer.code} {ACTS.get(answer.code, '')}" if answer.kind is Kind.OPERATOR else ""
        if trouble and trouble != self.trouble:
            log.error("zalo_oa_operator", code=answer.code, act=ACTS.get(answer.code, ""))
        if trouble or answer.kind is Kind.OK:
            self.trouble = trouble

    def calls(self, turn: Turn, person: str) -> list[Call]:
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

    async def send(self, call: Call, event: Event) -> None:
        """Send a message of an event's answer. Raises Unsent, Unavailable."""
        try:
            answer = await self._call(call)
        except NoToken as error:
            raise Unsent(error.reason, wait=RATE) from None
        self.judge(answer)
        match answer.kind:
            case Kind.OK:
                return
            case Kind.REFUSED:  # the other messages may be right
                REFUSED.inc()
                log.error("zalo_oa_refused", code=answer.code)
            case Kind.STOP:
                raise Unsent(answer.said, gone=True)
            case Kind.RATE:
                raise Unsent(answer.said, wait=RATE, rest=True)
            case Kind.OPERATOR:
                raise Unsent(answer.said, wait=OPERATOR)
            case Kind.UNREACHED:
                raise Unsent(answer.said, wait=grown(event.tries))
            case Kind.CLOSED | Kind.UNKNOWN:
                raise Unsent(answer.said)
            case _:
                raise Unsent(answer.said, wait=grown(event.tries), few=True)

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


def _buttons(screen: Screen) -> list[Button]:
    """As many choices as there is room for beside the way to help."""
    ways = [choice for choice in screen.ways if choice.address == HELP][:1]
    choices = [*screen.choices[: BUTTONS - len(ways)], *ways]
    return [Button(choice.label, token(choice.language, choice.address)) for choice in choices]
