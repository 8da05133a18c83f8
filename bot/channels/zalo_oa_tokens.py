"""Zalo OA's token pair: who refreshes it, when, and what is done when that goes wrong (contract, section 2.5)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

import structlog

from bot.channels.zalo_oa_api import Answer, Kind
from bot.turns import Unavailable

# Refreshed at this part of its life (20 of 25 hours), so that a night of trouble does no harm.
PART = 0.8
# An access token with less left than this (milliseconds) is not used any more.
SPARE = 5 * 60 * 1000
# Seconds until the old refresh token is tried once more when nobody knows whether Zalo carried the first try out.
SECOND_TRY = 30.0
# Seconds after which a claim is void: two tries of 15 and what lies between, with room to spare.
CLAIM = 90.0
# How we wait for another process that refreshes: so often, for so many seconds each.
LOOKS, LOOK = 60, 0.5
# Seconds until the next refresh after one that could not be made.
REST = 60.0
LONGEST_SAVE_PAUSE = 30.0

Pause = Callable[[float], Awaitable[None]]
log = structlog.get_logger()


class Access(NamedTuple):
    """A token for calls, and the generation of its pair."""

    token: str
    generation: int


class NoToken(Exception):
    """There is no access token to call with. for_operator: and there will be none until the operator acts."""

    def __init__(self, reason: str, *, for_operator: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_operator = for_operator


class Pair(Protocol):
    """The pair as it stands in the database."""

    @property
    def generation(self) -> int: ...
    @property
    def access(self) -> str: ...
    @property
    def refresh(self) -> str: ...
    @property
    def issued(self) -> int: ...
    @property
    def until(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def seed(self) -> str: ...
    @property
    def error(self) -> str: ...


class TokenStore(Protocol):
    """Where the pair stands. Every method raises Unavailable, but `rescue`: that raises OSError."""

    async def read(self, app: str) -> Pair | None: ...
    async def begin(self, app: str, refresh: str, seed: str, *, now: int) -> None: ...
    async def claim(self, app: str, generation: int, *, now: int, before: int) -> bool: ...
    async def commit(self, app: str, generation: int, access: str, refresh: str, *, issued: int, until: int) -> bool: ...
    async def release(self, app: str, generation: int, *, state: str, error: str) -> None: ...
    def rescue(self, app: str, generation: int, access: str, refresh: str, *, issued: int, until: int) -> None: ...


class Tokens:
    """Gives access tokens. refresh: exchanges a refresh token. seed: the operator's. pause: waits so many seconds."""

    def __init__(
        self,
        store: TokenStore,
        refresh: Callable[[str], Awaitable[Answer]],
        *,
        app_id: str,
        seed: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._store = store
        self._exchange = refresh
        self._app = app_id
        self._seed = seed
        self._mark = sha256(seed.encode()).hexdigest()[:8]
        self._clock = clock
        self._pause = pause
        self._lock = asyncio.Lock()
        self._pair: Pair | None = None
        self._missing = ""
        self._rest_until = 0
        self._work: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """What only the operator can mend, "" if nothing."""
        if self._pair is None:
            return self._missing
        return f"needs consent ({self._pair.error})" if self._pair.state == "needs_consent" else ""

    async def access(self, refused: int = -1) -> Access:
        """A token that works now, refreshed if it is due. refused: the generation that Zalo does not take any more.

        Raises NoToken, Unavailable.
        """
        if self._pair and not self._due(self._pair, refused):
            return Access(self._pair.access, self._pair.generation)
        async with self._lock:
            for _ in range(LOOKS):
                pair = self._pair = await self._read()
                if not self._due(pair, refused):
                    return Access(pair.access, pair.generation)
                if self.trouble:
                    if self._usable(pair, refused):  # until it ends
                        return Access(pair.access, pair.generation)
                    raise NoToken(self.trouble, for_operator=True)
                await self._refresh(pair)
                pair = self._pair = await self._read()
                if self._usable(pair, refused):
                    return Access(pair.access, pair.generation)
                if self._now() < self._rest_until:
                    raise NoToken("Zalo cannot be reached", for_operator=False)
                await self._pause(LOOK)  # another process is at it
            raise NoToken("another process is refreshing", for_operator=False)

    async def close(self) -> None:
        """Wait for a refresh that is under way: to break it off could lose the pair."""
        if self._work:
            await asyncio.gather(self._work, return_exceptions=True)

    def _now(self) -> int:
        return round(self._clock().timestamp() * 1000)

    def _usable(self, pair: Pair, refused: int) -> bool:
        return bool(pair.access) and pair.generation != refused and self._now() < pair.until - SPARE

    def _due(self, pair: Pair, refused: int) -> bool:
        return not self._usable(pair, refused) or self._now() >= pair.issued + PART * (pair.until - pair.issued)

    async def _read(self) -> Pair:
        """The pair; where there is none, or none that works, one that begins with the operator's token."""
        pair = await self._store.read(self._app)
        if pair is None or (pair.state == "needs_consent" and self._seed and pair.seed != self._mark):
            if not self._seed:
                self._pair = pair
                self._missing = "set BOT_ZALO_OA_REFRESH_TOKEN"
                raise NoToken(self.trouble, for_operator=True)
            await self._store.begin(self._app, self._seed, self._mark, now=self._now())
            pair = await self._store.read(self._app)
        if pair is None:
            raise Unavailable
        return pair

    async def _refresh(self, pair: Pair) -> None:
        """Refresh if nobody else does and no pause is due. Whoever waits for it may be cancelled, the refresh is not."""
        now = self._now()
        if now < self._rest_until:
            return
        if await self._store.claim(self._app, pair.generation, now=now, before=now - round(CLAIM * 1000)):
            self._work = asyncio.create_task(self._exchanged(pair), name="zalo_oa_refresh")
            await asyncio.shield(self._work)

    async def _exchanged(self, pair: Pair) -> None:
        answer = await self._exchange(pair.refresh)
        if answer.kind in (Kind.UNKNOWN, Kind.LATER):
            log.warning("zalo_oa_refresh_unknown", generation=pair.generation, wait=SECOND_TRY)
            await self._pause(SECOND_TRY)
            answer = await self._exchange(pair.refresh)
        data = answer.data if isinstance(answer.data, dict) else {}
        access, refresh = data.get("access_token"), data.get("refresh_token")
        if answer.kind is Kind.OK and _is_token(access) and _is_token(refresh):
            await self._commit(pair.generation, str(access), str(refresh), _seconds(data.get("expires_in")))
            return
        if answer.kind in (Kind.RATE, Kind.UNREACHED, Kind.UNKNOWN, Kind.LATER):
            self._rest_until = self._now() + round(REST * 1000)
            log.warning("zalo_oa_refresh_later", answer=answer.said, generation=pair.generation, wait=REST)
            await self._store.release(self._app, pair.generation, state="active", error=answer.said)
            return
        log.error("zalo_oa_needs_consent", answer=answer.said, generation=pair.generation, variable="BOT_ZALO_OA_REFRESH_TOKEN")
        await self._store.release(self._app, pair.generation, state="needs_consent", error=answer.said)

    async def _commit(self, generation: int, access: str, refresh: str, life: int) -> None:
        """Keep the new pair, however long it takes: nobody else has it, and the old one is dead."""
        issued = self._now()
        until = issued + life * 1000
        wait = 1.0
        while True:
            try:
                await self._store.commit(self._app, generation, access, refresh, issued=issued, until=until)
                break
            except Unavailable:
                log.error("zalo_oa_pair_unsaved", generation=generation + 1, wait=wait)
            try:
                self._store.rescue(self._app, generation, access, refresh, issued=issued, until=until)
            except OSError as error:
                log.error("zalo_oa_pair_unrescued", error=type(error).__name__)
            await self._pause(wait)
            wait = min(wait * 2, LONGEST_SAVE_PAUSE)
        mark = sha256(refresh.encode()).hexdigest()[:8]
        log.info("zalo_oa_refreshed", generation=generation + 1, fingerprint=mark)


def _is_token(text: object) -> bool:
    """It must fit a header."""
    return isinstance(text, str) and bool(text) and text.isascii() and text.isprintable()


def _seconds(text: object) -> int:
    """expires_in is a text; a day if it cannot be read, which is less than Zalo gives (25 hours)."""
    try:
        return max(int(str(text)), 1)
    except ValueError:
        return 24 * 3600
