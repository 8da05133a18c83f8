"""python-telegram-bot's requests over aiohttp: its default client is nine tenths of the cost of a tap.

No error that leaves here holds the address that was asked: it contains the bot's token.
"""

from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

# Telegram answers within a second or two; a phone's owner waits no longer than this anyway.
TIMEOUT = 15.0
CONNECTIONS = 100


class AiohttpRequest(BaseRequest):
    """Carries the calls of a Bot. timeout: seconds for one call, where the caller does not say."""

    def __init__(self, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._timeout

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. Raises TimedOut (it may have been carried out) or NetworkError, named by kind only."""
        if self._session is None:
            raise NetworkError("not started")
        seconds = read_timeout if isinstance(read_timeout, (int, float)) else self._timeout
        timeout = aiohttp.ClientTimeout(total=seconds, connect=min(seconds, TIMEOUT))
        data = request_data.json_parameters if request_data else None
        try:
            async with self._session.request(method, url, data=data, timeout=timeout) as response:
                return response.status, await response.read()
        except aiohttp.ConnectionTimeoutError as error:
            raise NetworkError(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None
