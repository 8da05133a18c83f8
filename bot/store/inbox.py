"""The inbox: events of apps that we have acknowledged and not finished yet. What people wrote stands here only until then."""

import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.seal import Seal, Unsealable
from bot.store.store import insert_new, transaction
from bot.store.tables import inbox


class Event(NamedTuple):
    """An event that is ours to finish.

    payload: as the app sent it; empty when it cannot be read any more. answer: what is still to be sent, None before
    the turn was taken. tries: how often it was claimed, this time included.
    """

    key: str
    payload: bytes
    answer: Sequence[Any] | None
    tries: int


class Inbox:
    """One channel's inbox. key: BOT_SECRET_KEY. Several processes may share it. Times are in milliseconds.

    All methods raise Unavailable.
    """

    def __init__(self, engine: AsyncEngine, key: bytes, channel: str) -> None:
        self._engine = engine
        self._key = key
        self._channel = channel
        self._seal = Seal(key, "inbox")
        self._owner = secrets.token_hex(8)

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, f"inbox:{self._channel}:{text}".encode(), sha256).hexdigest()

    async def put(self, name: str, person: str, payload: bytes, *, at: int, now: int) -> bool:
        """Keep an event; False if it is known. name: the same for each delivery of it. at: when it happened."""
        row = {
            "key": self._hash(name),
            "channel": self._channel,
            "person": self._hash(person),
            "payload": self._seal.close(payload),
            "at": at,
            "arrived": now,
            "lease": 0,
            "owner": "",
            "tries": 0,
        }
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(insert_new(self._engine, inbox, row))).rowcount)

    async def claim(self, limit: int, *, now: int, until: int) -> list[Event]:
        """Take up to so many events for ourselves until a time: of each person the first, unless somebody is at theirs."""
        other = inbox.alias()
        earlier = or_(other.c.at < inbox.c.at, and_(other.c.at == inbox.c.at, other.c.key < inbox.c.key))
        same = (other.c.channel == inbox.c.channel) & (other.c.person == inbox.c.person) & other.c.payload.is_not(None)
        blocked = exists().where(same & (other.c.key != inbox.c.key) & (earlier | (other.c.lease > now)))
        free = (inbox.c.channel == self._channel) & inbox.c.payload.is_not(None) & (inbox.c.lease <= now)
        first = select(inbox.c.key).where(free & ~blocked).order_by(inbox.c.at, inbox.c.key).limit(limit)
        # Two processes that look at once pass over each other's rows; SQLite has one writer at a time anyway.
        chosen = first.with_for_update(skip_locked=True, of=inbox).cte("chosen")
        mine = {"lease": until, "owner": self._owner, "tries": inbox.c.tries + 1}
        take = update(inbox).where(inbox.c.key.in_(select(chosen.c.key))).values(mine)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(take.returning(inbox))).all()
        return [self._event(row) for row in sorted(rows, key=lambda row: (row.at, row.key))]

    def _event(self, row: Any) -> Event:
        try:
            payload = self._seal.open(row.payload)
            answer = None if row.answer is None else json.loads(self._seal.open(row.answer))
        except Unsealable:
            payload, answer = b"", None
        return Event(row.key, payload, answer, row.tries)

    async def hold(self, keys: Iterable[str], *, until: int) -> None:
        """We are still at these."""
        await self._change(inbox.c.key.in_(list(keys)), {"lease": until})

    async def answer(self, key: str, bodies: Sequence[Any]) -> None:
        """The turn was taken; this is still to be sent."""
        sealed = self._seal.close(json.dumps(bodies, ensure_ascii=False).encode())
        await self._change(inbox.c.key == key, {"answer": sealed})

    async def put_back(self, key: str, *, until: int) -> None:
        """Not now: nobody takes it before that time, and the person's later events wait behind it."""
        await self._change(inbox.c.key == key, {"lease": until, "owner": ""})

    async def finish(self, key: str) -> None:
        """Done: only the key stays, so that another delivery is known."""
        nothing = {"payload": None, "answer": None, "person": "", "at": 0, "lease": 0, "owner": ""}
        await self._change(inbox.c.key == key, nothing)

    async def _change(self, which: Any, values: dict[str, Any]) -> None:
        # owner: whoever was away so long that somebody else took the event over has no say any more
        async with transaction(self._engine) as connection:
            await connection.execute(update(inbox).where(which & (inbox.c.owner == self._owner)).values(values))

    async def waiting(self) -> int:
        """How many events are not finished."""
        count = select(func.count()).where((inbox.c.channel == self._channel) & inbox.c.payload.is_not(None))
        async with transaction(self._engine) as connection:
            return int((await connection.execute(count)).scalar_one())

    async def purge(self, *, before: int) -> int:
        """Delete the keys of events that arrived before a time; how many they were."""
        old = (inbox.c.channel == self._channel) & inbox.c.payload.is_(None) & (inbox.c.arrived < before)
        async with transaction(self._engine) as connection:
            return int((await connection.execute(delete(inbox).where(old))).rowcount)
