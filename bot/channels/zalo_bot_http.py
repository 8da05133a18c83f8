"""One request to the Zalo Bot Platform over aiohttp: the result, or what kind of failure it was.

No error that leaves here holds the address that was asked: it contains the bot's token.
"""

import json
from typing import Any

import aiohttp
from prometheus_client import Counter

# Seconds for one request, and for its connection. Zalo answers within one or two.
TIMEOUT, CONNECT = 10.0, 5.0

CALLS = Counter("bot_zalo_bot_calls_total", "Calls of the Zalo Bot API", ["method", "result"])


class Failed(Exception):
    """Zalo did not do what we asked, as far as we know. code: its own, 0 where it said nothing."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(f"code {code}")
        self.code = code


class Refused(Failed):
    """Asked again, it would be refused again."""


class TokenRefused(Failed):
    """The token is wrong or was reset: only the operator can help."""


class Rationed(Failed):
    """Asked too often today."""


class Busy(Failed):
    """Too many messages: in this moment or in this month, Zalo does not say which."""


class Unreachable(Failed):
    """Not now: no connection, an outage, or somebody between us and Zalo who answers in its place."""


class Unanswered(Unreachable):
    """It was sent and may have been carried out."""


# Zalo's own table calls 403 an internal error.
_KINDS = {401: TokenRefused, 403: Unreachable, 408: Unanswered, 426: Rationed, 429: Busy}


class ZaloBotApi:
    """The requests of one bot. base: of the API, e.g. "https://bot-api.zaloplatforms.com/bot"."""

    def __init__(self, token: str, base: str) -> None:
        self._address = f"{base}{token}"
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, method: str, body: dict[str, Any], seconds: float = TIMEOUT) -> dict[str, Any]:
        """Ask once; the result, empty where there is none. Raises a kind of Failed."""
        try:
            result = await self._call(method, body, seconds)
        except Failed as error:
            CALLS.labels(method, type(error).__name__.lower()).inc()
            raise
        CALLS.labels(method, "ok").inc()
        return result

    async def _call(self, method: str, body: dict[str, Any], seconds: float) -> dict[str, Any]:
        if self._session is None:
            raise Unreachable
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT)
        url = f"{self._address}/{method}"
        try:
            # Nobody but Zalo is sent the token: redirects are not followed.
            async with self._session.post(url, json=body, timeout=timeout, allow_redirects=False) as response:
                status, answer = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            raise Unreachable from None
        except (aiohttp.ClientError, OSError):  # a timeout is an OSError
            raise Unanswered from None
        return read(status, answer)


def read(status: int, answer: bytes) -> dict[str, Any]:
    """The result in an answer. What counts is what Zalo says in it, not the status. Raises a kind of Failed."""
    try:
        envelope = json.loads(answer)
    except (ValueError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("ok"), bool):
        raise Unreachable  # a page of a proxy, or half an answer
    result = envelope.get("result")
    if envelope["ok"]:
        if isinstance(result, list):  # some clients expect a list of updates; the documentation says one
            return {"updates": result}
        return result if isinstance(result, dict) else {}
    code = envelope.get("error_code", envelope.get("errorCode", status))
    code = code if isinstance(code, int) else status
    raise _KINDS.get(code, Unreachable if code >= 500 else Refused)(code)
