"""The token pair of a Zalo OA: one row, sealed; changed only by the process that has claimed it."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.seal import Seal, Unsealable
from bot.store.store import insert_new, transaction
from bot.store.tables import zalo_oa_token

ACTIVE, REFRESHING, NEEDS_CONSENT = "active", "refreshing", "needs_consent"


class Pair(NamedTuple):
    """The pair as it is now. Times are in milliseconds.

    generation: grows with each new pair. access: "" before the first refresh. until: when access ends. state: active,
    refreshing or needs_consent. seed: fingerprint of the operator's refresh token that this line of pairs began with.
    """

    generation: int
    access: str
    refresh: str
    issued: int
    until: int
    state: str
    seed: str
    error: str


class TokenStore:
    """Keeps pairs by app. key: BOT_SECRET_KEY. folder: where a pair is rescued to when the database is away.

    Methods raise Unavailable.
    """

    def __init__(self, engine: AsyncEngine, key: bytes, folder: Path) -> None:
        self._engine = engine
        self._seal = Seal(key, "zalo oa token")
        self._rescue = folder / "zalo_oa_token.rescue"

    async def read(self, app: str) -> Pair | None:
        """The pair, None before the first. A pair that was rescued to the file is brought home first."""
        await self._bring_home(app)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(zalo_oa_token).where(zalo_oa_token.c.app_id == app))).one_or_none()
        if row is None:
            return None
        try:
            access, refresh = (self._seal.open(text).decode() for text in (row.access, row.refresh))
            state, error = row.state, row.error
        except Unsealable:
            access, refresh, state, error = "", "", NEEDS_CONSENT, "sealed with another BOT_SECRET_KEY"
        return Pair(row.generation, access, refresh, row.issued, row.until, state, row.seed, error)

    async def begin(self, app: str, refresh: str, seed: str, *, now: int) -> None:
        """Begin a line of pairs with the operator's refresh token: where there is none, or where consent is needed."""
        fresh = self._row("", refresh, now, 0) | {"seed": seed}
        new = insert_new(self._engine, zalo_oa_token, fresh | {"app_id": app, "generation": 0})
        # Not compared with the state in the row: a pair sealed with a lost key is as good as none.
        other = (zalo_oa_token.c.app_id == app) & (zalo_oa_token.c.seed != seed)
        change = update(zalo_oa_token).where(other).values(fresh | {"generation": zalo_oa_token.c.generation + 1})
        async with transaction(self._engine) as connection:
            if not (await connection.execute(new)).rowcount:
                await connection.execute(change)

    async def claim(self, app: str, generation: int, *, now: int, before: int) -> bool:
        """Become the one who refreshes this generation; a claim made before that time is void (its process died)."""
        free = (zalo_oa_token.c.state != REFRESHING) | (zalo_oa_token.c.started < before)
        mine = self._this(app, generation) & free
        return await self._change(mine, {"state": REFRESHING, "started": now})

    async def commit(self, app: str, generation: int, access: str, refresh: str, *, issued: int, until: int) -> bool:
        """Keep the pair that follows this generation; False if another one did already."""
        row = self._row(access, refresh, issued, until) | {"generation": generation + 1}
        done = await self._change(self._this(app, generation), row)
        self._rescue.unlink(missing_ok=True)
        return done

    async def release(self, app: str, generation: int, *, state: str, error: str) -> None:
        """Give the claim back without a new pair. state: active to try again, needs_consent."""
        await self._change(self._this(app, generation), {"state": state, "started": 0, "error": error[:64]})

    def rescue(self, app: str, generation: int, access: str, refresh: str, *, issued: int, until: int) -> None:
        """The database is away and the pair exists nowhere else: keep it, sealed, in a file that only we can read."""
        content = json.dumps([app, generation, access, refresh, issued, until]).encode()
        handle = os.open(self._rescue, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(self._seal.close(content))
            stream.flush()
            os.fsync(stream.fileno())

    async def _bring_home(self, app: str) -> None:
        try:
            saved: list[Any] = json.loads(self._seal.open(self._rescue.read_text()))
        except (OSError, ValueError, Unsealable):
            return
        if saved[0] == app:
            await self.commit(app, saved[1], saved[2], saved[3], issued=saved[4], until=saved[5])

    def _row(self, access: str, refresh: str, issued: int, until: int) -> dict[str, Any]:
        closed = {"access": self._seal.close(access.encode()), "refresh": self._seal.close(refresh.encode())}
        return closed | {"issued": issued, "until": until, "state": ACTIVE, "started": 0, "error": ""}

    def _this(self, app: str, generation: int) -> Any:
        return (zalo_oa_token.c.app_id == app) & (zalo_oa_token.c.generation == generation)

    async def _change(self, which: Any, values: dict[str, Any]) -> bool:
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(update(zalo_oa_token).where(which).values(values))).rowcount)


def fingerprint(token: str) -> str:
    """What may be said of a token: the first 8 hex digits of its SHA-256."""
    return sha256(token.encode()).hexdigest()[:8]
