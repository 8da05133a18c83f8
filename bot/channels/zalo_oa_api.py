"""Calls of Zalo's OA API: how one travels, and what each answer means for us. Tokens travel in headers, never in addresses."""

import json
from enum import StrEnum
from typing import Any, NamedTuple

import aiohttp
from prometheus_client import Counter

from bot.channels.zalo_events import Call

# Zalo answers within a second or two; contract 2.5: a refresh may take 15 seconds in all.
TIMEOUT = 15.0
CONNECTIONS = 50
OAUTH = "/v4/oa/access_token"

CALLS = Counter("bot_zalo_oa_calls_total", "Calls of the Zalo OA API", ["path", "result"])


class Kind(StrEnum):
    """What an answer means for us."""

    OK = "ok"
    RATE = "rate"  # too many calls this minute: everybody waits
    LATER = "later"  # not now: a few more tries
    UNREACHED = "unreached"  # the call never left: as many tries as it takes
    UNKNOWN = "unknown"  # carried out or not, nobody knows: once more
    TOKEN = "token"  # the access token is not valid any more  # noqa: S105
    STOP = "stop"  # this person does not want us, or is gone
    CLOSED = "closed"  # the time in which we may answer this person is over
    REFUSED = "refused"  # this message is wrong, and always will be
    OPERATOR = "operator"  # nothing works until the operator acts


# Contract section 9. What is not here is REFUSED.
CODES = {0: Kind.OK, -32: Kind.RATE}
CODES |= dict.fromkeys((-200, -234), Kind.LATER)
CODES |= dict.fromkeys((-216, -220, -124), Kind.TOKEN)
CODES |= dict.fromkeys((-213, -217, -222, -227, -244), Kind.STOP)
CODES |= dict.fromkeys((-218, -230, -231, -232, -305, -311), Kind.CLOSED)
# What the operator must do, in the words of the log and of /readyz.
ACTS = {
    -204: "the OA is disabled",
    -205: "the OA does not exist",
    -207: "register the OA for the app",
    -208: "the app has no secret key",
    -209: "activate the app on developers.zalo.me",
    -211: "the quota of this feature is used up",
    -212: "register the API for the app",
    -215: "the app id is not valid",
    -219: "the app was removed or disabled",
    -221: "verify the OA",
    -223: "grant the app access to the OA again",
    -224: "the OA needs a package with OpenAPI",
    -235: "this type of OA is not allowed",
    -242: "switch appsecret_proof off in the app",
    -248: "a text breaks Zalo's content policy",
    -320: "link a Zalo Cloud Account",
    -321: "the Zalo Cloud Account has no money",
    -14002: "the app id is not valid",
    -14003: "the redirect address is not registered",
}
CODES |= dict.fromkeys(ACTS, Kind.OPERATOR)


class Answer(NamedTuple):
    """What came back. code: Zalo's, or 0. data: what Zalo tells; of OAuth, all of the answer."""

    kind: Kind
    code: int = 0
    data: Any = None

    @property
    def said(self) -> str:
        """Kind and code, for logs."""
        return f"{self.kind}{self.code}" if self.code else str(self.kind)


class Api:
    """Carries calls. base, oauth: addresses without a path, e.g. "https://openapi.zalo.me". timeout: seconds a call."""

    def __init__(self, *, base: str, oauth: str, timeout: float = TIMEOUT) -> None:
        self._base = base.rstrip("/")
        self._oauth = oauth.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=self._timeout)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, call: Call, access: str) -> Answer:
        """One call with an access token. Raises nothing."""
        body = {"params": {"data": json.dumps(call.body)}} if call.method == "GET" and call.body else {}
        body |= {"json": call.body} if call.method == "POST" else {}
        answer = await self._ask(call.method, self._base + call.path, {"access_token": access}, body)
        if isinstance(answer.data, dict):
            inner = answer.data.get("data")
            answer = answer._replace(data=inner if isinstance(inner, dict) else {})
        CALLS.labels(call.path, answer.said).inc()
        return answer

    async def refresh(self, app_id: str, secret: str, token: str) -> Answer:
        """Exchange a refresh token for a new pair; it is valid once, so this is never repeated here. Raises nothing."""
        form = {"refresh_token": token, "app_id": app_id, "grant_type": "refresh_token"}
        answer = await self._ask("POST", self._oauth + OAUTH, {"secret_key": secret}, {"data": form})
        CALLS.labels(OAUTH, answer.said).inc()
        return answer

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: dict[str, Any]) -> Answer:
        if self._session is None:
            return Answer(Kind.UNREACHED)
        try:
            # A redirect would carry our token to somebody else.
            async with self._session.request(method, url, headers=headers, allow_redirects=False, **body) as response:
                raw, status = await response.read(), response.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Answer(Kind.UNREACHED)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Answer(Kind.UNKNOWN)
        except ValueError:  # a token that cannot stand in a header
            return Answer(Kind.TOKEN)
        return read(raw, status)


def read(raw: bytes, status: int) -> Answer:
    """What an answer means. Zalo says 200 to nearly everything; what is no JSON object comes from somebody in between."""
    try:
        body = json.loads(raw)
        code = int(body.get("error") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Answer(Kind.RATE if status == 429 else Kind.LATER)
    if code == 0 and status != 200:
        return Answer(Kind.RATE if status == 429 else Kind.LATER)
    return Answer(CODES.get(code, Kind.REFUSED), code, body)
