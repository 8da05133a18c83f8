"""A Bot API server in memory, as strict as the real one, and the people who write to the bot with what stands in their chats.

Limits, words of the errors, queues and what a webhook may answer are those of the real server (tdlib/telegram-bot-api 10.0).
"""

import asyncio
import json
import re
import shutil
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import yaml
from aiohttp import web

from bot.app import House
from bot.channels.telegram import Telegram
from tests.channels import faults
from tests.channels.faults import PUBLIC, ROOT, SECONDS, Pauses, Server, served

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "secret-of-the-webhook_1"

_TAGS = re.compile("a|b|strong|i|em|s|strike|del|u|ins|tg-spoiler|tg-emoji|span|pre|code|blockquote")
_ATTRIBUTE = r"""\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9.-]+)"""
_TAG = re.compile(rf"<(?:(?P<close>/?)(?P<name>[^\s<>/]*)(?P<rest>(?:{_ATTRIBUTE})*)\s*(?P<end>>))?")
_ENTITY = re.compile("&(?:(lt|gt|amp|quot)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_STRUCTURED = ("reply_markup", "commands", "allowed_updates", "link_preview_options", "message_ids", "results", "button")
_BY_DEFAULT = ["message", "edited_message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"

Rows = list[list[dict[str, str]]]
Parameters = dict[str, Any]


class Refused(Exception):
    """The server does not carry out a call."""

    def __init__(self, code: int, description: str, *, retry_after: int = 0) -> None:
        kind = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(code, "")
        super().__init__(kind + description)
        self.code = code
        self.retry_after = retry_after

    def answer(self) -> web.Response:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": str(self)}
        if self.retry_after:
            body["parameters"] = {"retry_after": self.retry_after}
        return web.json_response(body, status=self.code)


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """body: that is all the answer says."""

    description: str = ""
    retry_after: int = 0
    body: str = ""

    def answer(self) -> web.Response | None:
        if not self.code:
            return None
        if self.code == 429:
            return Refused(429, f"Too Many Requests: retry after {self.retry_after}", retry_after=self.retry_after).answer()
        if self.description:
            return Refused(self.code, self.description).answer()
        return web.Response(text=self.body, status=self.code, content_type="text/html")


@dataclass(eq=False)
class Call:
    """A call as it arrived. refused: why it was not carried out."""

    method: str
    parameters: Parameters
    refused: str = ""
    in_webhook: bool = False


@dataclass(eq=False)
class Message:
    """What stands in a chat. text: as a person sees it. changed: when it was sent or edited, as a number that grows.

    age: in hours; what is older than two days cannot be deleted by a bot.
    """

    number: int
    ours: bool
    text: str
    html: str = ""
    rows: Rows = field(default_factory=list)
    changed: int = 0
    age: float = 0

    @property
    def labels(self) -> list[str]:
        return [button["text"] for button in chain(*self.rows)]


def visible(html: str) -> str:
    """The text that a person sees. Raises Refused where the markup is not Telegram's HTML."""
    opened: list[str] = []
    seen, at = [], 0
    for tag in _TAG.finditer(html):
        seen.append(html[at : tag.start()])
        at = tag.end()
        if problem := _nest(opened, tag):
            offset = len(html[: tag.start()].encode())
            raise Refused(400, f"can't parse entities: {problem[0]} at byte offset {offset}{problem[1]}")
    if opened:
        raise Refused(400, f"can't parse entities: Can't find end tag corresponding to start tag {opened[-1]}")
    return _ENTITY.sub(_character, "".join([*seen, html[at:]])).strip()


def _nest(opened: list[str], tag: re.Match[str]) -> tuple[str, str] | None:
    """Open or close a tag; what is wrong with it, before and after the place where that is said."""
    if not tag["end"]:
        return "Unclosed start tag", ""
    name = tag["name"].lower()
    if not tag["close"]:
        if not _TAGS.fullmatch(name):
            return f'Unsupported start tag "{name}"', ""
        opened.append(name)
        return None
    if not opened:
        return "Unexpected end tag", ""
    expected = opened.pop()
    return ("Unmatched end tag", f', expected "</{expected}>", found "</{name}>"') if name not in ("", expected) else None


def _character(entity: re.Match[str]) -> str:
    if entity[1]:
        return _NAMED[entity[1]]
    return chr(int(entity[2]) if entity[2] else int(entity[3], 16))


def keyboard(markup: Any) -> Rows:
    """The rows of an inline keyboard. Raises Refused where the real server would."""
    if isinstance(markup, dict) and ("keyboard" in markup or "remove_keyboard" in markup):
        return []  # a keyboard of the person's own, not of this message
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(400, 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for button in chain(*rows):
        _check_button(button)
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise Refused(400, "reply markup is too long")
    return [row for row in rows if row]


def own_keyboard(markup: Any, before: list[list[Any]]) -> list[list[Any]]:
    """The keyboard that stands in place of the phone's after a message. Raises Refused where the real server would."""
    if not isinstance(markup, dict) or not ("keyboard" in markup or "remove_keyboard" in markup):
        return before
    if "remove_keyboard" in markup:
        if markup["remove_keyboard"] is not True:
            raise Refused(400, 'field "remove_keyboard" must be True')
        return []
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(400, 'field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays')
    for button in chain(*rows):
        if not isinstance(button, dict) or not str(button.get("text", "")).strip():
            raise Refused(400, "keyboard button text must be non-empty")
    return rows


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refused(400, 'can\'t parse inline keyboard button: field "text" must be of type String')
    if not button["text"].strip():
        raise Refused(400, "inline keyboard button text must be non-empty")
    if not button.get("url") and not button.get("callback_data"):
        raise Refused(400, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if url := button.get("url"):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "tg") or "." not in parts.netloc:
            raise Refused(400, f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    elif len(button["callback_data"].encode()) > 64:
        raise Refused(400, "BUTTON_DATA_INVALID")


class Person:
    """Somebody with Telegram on their phone. messages: what stands in their chat with the bot, oldest first.

    keyboard: what stands in place of the phone's own; once: it goes when it was used.
    """

    def __init__(self, server: "FakeTelegram", number: int, language: str) -> None:
        self._server = server
        self.number = number
        self.language = language
        self.messages: list[Message] = []
        self.keyboard: list[list[Any]] = []
        self.once = False
        self.wrote = False
        self.blocked = False

    @property
    def shown(self) -> Message:
        """The message that the bot sent or edited last."""
        return max((message for message in self.messages if message.ours), key=lambda message: message.changed)

    @property
    def title(self) -> str:
        """The first line of what is shown, "" before the bot's first message."""
        return self.shown.text.splitlines()[0] if any(message.ours for message in self.messages) else ""

    def says(self, text: str) -> int:
        """Type something. Like everything that a person does, returns the number of the update."""
        return self.sends(text=text)

    def sends(self, **content: Any) -> int:
        """Send a message of any kind."""
        self.wrote = True
        number = self._server.next_message()
        self.messages.append(Message(number, ours=False, text=content.get("text", "")))
        return self._server.give("message", self._envelope(number) | content)

    def shares(self, latitude: float, longitude: float) -> int:
        """Send a position, with the button that asks for it if there is one."""
        if self.once:
            self.keyboard = []
        return self.sends(location={"latitude": latitude, "longitude": longitude})

    def taps(self, label: str) -> int:
        """Tap the first button with this label under the message that is shown."""
        button = next(button for button in chain(*self.shown.rows) if button["text"] == label)
        return self.calls_back(button["callback_data"], self.shown)

    def calls_back(self, data: str, message: Message | None = None) -> int:
        """What a tap sends; with any data, as a changed app may do. Without a message: one too old to be shown."""
        self.wrote = True
        shown = self._envelope(message.number) if message else self._envelope(1) | {"date": 0}
        if message:
            bot = {"id": self._server.me["id"], "is_bot": True, "first_name": self._server.me["first_name"]}
            shown |= {"from": bot, "text": message.text, "reply_markup": {"inline_keyboard": message.rows}}
        query = {"id": self._server.ask(), "from": self._sender(), "chat_instance": "1", "message": shown, "data": data}
        return self._server.give("callback_query", query)

    def looks_up(self, text: str) -> int:
        """Type "@bot ..." in a chat with somebody else."""
        return self._server.give(
            "inline_query", {"id": self._server.ask(), "from": self._sender(), "query": text, "offset": ""}
        )

    def blocks(self) -> int:
        """Block the bot."""
        self.blocked = True
        bot = {"id": self._server.me["id"], "is_bot": True, "first_name": "b"}
        change = {"old_chat_member": {"user": bot, "status": "member"}, "new_chat_member": {"user": bot, "status": "kicked"}}
        envelope = self._envelope(0)
        del envelope["message_id"]
        return self._server.give("my_chat_member", envelope | change)

    def _sender(self) -> dict[str, Any]:
        return {"id": self.number, "is_bot": False, "first_name": "Mai", "language_code": self.language}

    def _envelope(self, number: int) -> dict[str, Any]:
        chat = {"id": self.number, "first_name": "Mai", "type": "private"}
        return {"message_id": number, "from": self._sender(), "chat": chat, "date": int(time())}


class FakeTelegram(Server):
    """The server. Use `async with`; the bot finds it at `base`.

    token: the one that is taken. calls: all that arrived. queries: how often each callback query was answered.
    commands: the menu by language. webhook: as it is set. pending: updates that were not confirmed. twice: each update is
    delivered two times. hosts: origin -> where that really is. script: the fault of a call, asked for each; by default what
    `fail` was told.
    """

    def __init__(self) -> None:
        super().__init__()
        self.me = {"id": 110201543, "is_bot": True, "first_name": "Đồng Hành", "username": "dong_hanh_bot"}
        self.token = TOKEN
        self.people: dict[int, Person] = {}
        self.calls: list[Call] = []
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.allowed: list[str] = []
        self.pending: dict[int, dict[str, Any]] = {}
        self.twice = False
        self.hosts: dict[str, str] = {}
        self.statuses: list[int] = []
        self.script: Callable[[Call], Fault | None] = lambda call: self.next_fault(call.method)
        self.queries: dict[str, int] = {}
        self._repeated: set[int] = set()
        self._numbers = {"update": 1000, "message": 10, "query": 4_382_300_000, "change": 0}
        self._queues: dict[tuple[str, int], deque[int]] = defaultdict(deque)
        self._poller = 0
        self._asked = (-1, 0.0)
        self._methods: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "setmycommands": self._set_my_commands,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "answercallbackquery": self._answer_callback_query,
            "answerinlinequery": self._answer_inline_query,
            "deletemessages": self._delete_messages,
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/bot{token}/{method}", self._serve)]

    @property
    def base(self) -> str:
        """What BOT_TELEGRAM_API_BASE is set to."""
        return f"http://127.0.0.1:{self.port}/bot"

    def person(self, number: int, language: str = "vi") -> Person:
        return self.people.setdefault(number, Person(self, number, language))

    def made(self, method: str, person: Person | None = None) -> list[Call]:
        """The calls of a method, in order; of those to one person."""
        calls = (call for call in self.calls if call.method == method)
        return [call for call in calls if person is None or str(call.parameters.get("chat_id")) == str(person.number)]

    @property
    def refusals(self) -> list[str]:
        return [f"{call.method}: {call.refused}" for call in self.calls if call.refused]

    @property
    def unanswered(self) -> list[str]:
        """Callback queries that still spin on somebody's phone."""
        return [query for query, answers in self.queries.items() if not answers]

    async def settled(self) -> None:
        """Wait until the bot has confirmed every update."""
        await self.until(lambda: not self.pending)

    # What people do

    def give(self, kind: str, content: dict[str, Any]) -> int:
        """Queue an update for the bot, if it wants updates of this kind."""
        if kind not in (self.allowed or _BY_DEFAULT):
            return 0
        number = self._next("update")
        self.pending[number] = {"update_id": number, kind: content}
        if self.webhook["url"]:
            self._queue(number)
        self.tell()
        return number

    def expire(self, number: int) -> None:
        """Telegram keeps an update for a while only: a tap for 150 seconds."""
        del self.pending[number]
        self.tell()

    def ask(self) -> str:
        """The id of a new callback query."""
        query = str(self._next("query"))
        self.queries[query] = 0
        return query

    def next_message(self) -> int:
        return self._next("message")

    def _next(self, what: str) -> int:
        self._numbers[what] += 1
        return self._numbers[what]

    def _finish(self, number: int) -> None:
        """An update was confirmed; with `twice`, that is forgotten the first time."""
        if self.twice and number not in self._repeated:
            self._repeated.add(number)
        else:
            self.pending.pop(number, None)
            self.tell()

    # How updates are pushed: each person's messages in order, each person's taps in order

    def _queue(self, number: int) -> None:
        update = self.pending[number]
        kind = next(key for key in update if key != "update_id")
        queue = self._queues[kind, update[kind]["from"]["id"]]
        queue.append(number)
        if len(queue) == 1:
            self.begin(self._push(queue))

    async def _push(self, queue: deque[int]) -> None:
        while queue:
            while queue[0] in self.pending and self.webhook["url"]:
                status = await self._post(self.pending[queue[0]])
                self.statuses.append(status)
                if 200 <= status < 300:
                    self._finish(queue[0])
            queue.popleft()

    async def _post(self, update: dict[str, Any]) -> int:
        """Deliver an update, and carry out the call that stands in the answer. 0: the bot is not there."""
        url = urlsplit(self.webhook["url"])
        origin = f"{url.scheme}://{url.netloc}"
        while origin not in self.hosts:
            await self._news.wait()
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]} if self.webhook["secret_token"] else {}
        try:
            target = f"{self.hosts[origin]}{url.path}?{url.query}"
            async with self._client.post(target, json=update, headers=headers) as response:
                body = await response.read()
        except aiohttp.ClientError:
            await asyncio.sleep(0)
            return 0
        if 200 <= response.status < 300 and response.content_type == "application/json":
            await self._reply(json.loads(body))
        return response.status

    async def _reply(self, call: Parameters) -> None:
        method = call.pop("method", "")
        if method and not method.lower().startswith(("get", "setwebhook", "deletewebhook", "close", "logout")):
            self.calls.append(Call(method, call, in_webhook=True))
            await self._carry_out(self.calls[-1])

    # How calls are answered

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return Refused(401, "Unauthorized").answer()
        given = {name: str(value) for name, value in (await request.post()).items()}
        parameters = {name: json.loads(value) if name in _STRUCTURED else value for name, value in given.items()}
        call = Call(request.match_info["method"], parameters)
        self.calls.append(call)
        fault = self.script(call)
        self.tell()
        return await self.with_fault(fault, call, request, lambda: self._carry_out(call))

    async def _carry_out(self, call: Call) -> web.Response:
        try:
            method = self._methods.get(call.method.lower())
            if method is None:
                raise Refused(404, "Not Found")
            result = await method(call.parameters)
        except Refused as refused:
            call.refused = str(refused)
            return refused.answer()
        finally:
            self.tell()
        return web.json_response({"ok": True, "result": result})

    async def _get_me(self, _: Parameters) -> dict[str, Any]:
        return self.me | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _get_updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        if self.webhook["url"]:
            raise Refused(409, _WEBHOOK_SET)
        self.allowed = parameters.get("allowed_updates", self.allowed)
        self._poller += 1
        mine = self._poller
        self.tell()
        offset, now = int(parameters.get("offset", 0)), asyncio.get_running_loop().time()
        for number in [number for number in self.pending if number < offset]:
            self._finish(number)
        # Who asks for the same again at once gets one update only.
        limit = 1 if self._asked[0] == offset and now < self._asked[1] + 0.5 else min(int(parameters.get("limit", 100)), 100)
        self._asked = (offset, now)
        wait = min(int(parameters.get("timeout", 0)), 50)
        try:
            await self.until(lambda: self.pending or self._poller != mine, wait)
        except TimeoutError:
            return []
        if self._poller != mine:
            raise Refused(409, _OTHER_POLLER)
        return [self.pending[number] for number in sorted(self.pending)][:limit]

    async def _set_webhook(self, parameters: Parameters) -> bool:
        url = urlsplit(parameters.get("url", ""))
        if url.geturl() and url.scheme != "https":
            raise Refused(400, "bad webhook: An HTTPS URL must be provided for webhook")
        if url.geturl() and (url.port or 443) not in (80, 88, 443, 8443):
            raise Refused(400, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        secret = parameters.get("secret_token", "")
        if len(secret) > 256 or not re.fullmatch("[A-Za-z0-9_-]*", secret):
            raise Refused(400, "secret token contains unallowed characters")
        self.allowed = parameters.get("allowed_updates", self.allowed)
        self.webhook = {"url": url.geturl(), "secret_token": secret}
        self._poller += 1
        for number in self.pending if url.geturl() else ():
            self._queue(number)
        return True

    async def _delete_webhook(self, parameters: Parameters) -> bool:
        self.webhook = {"url": ""}
        return True

    async def _get_webhook_info(self, _: Parameters) -> dict[str, Any]:
        info = {"url": self.webhook["url"], "has_custom_certificate": False, "pending_update_count": len(self.pending)}
        return info | ({"allowed_updates": self.allowed} if self.allowed else {})

    async def _set_my_commands(self, parameters: Parameters) -> bool:
        language = parameters.get("language_code", "")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise Refused(400, "invalid language code specified")
        for command in parameters["commands"]:
            named = re.fullmatch("[a-z0-9_]{1,32}", command["command"])
            if not named or not 1 <= len(command["description"]) <= 256:
                raise Refused(400, "BOT_COMMAND_INVALID")
        if len(parameters["commands"]) > 100:
            raise Refused(400, "BOT_COMMANDS_TOO_MUCH")
        self.commands[language] = parameters["commands"]
        return True

    async def _send_message(self, parameters: Parameters) -> dict[str, Any]:
        person = self._chat(parameters)
        content = self._content(parameters, "message is too long")
        markup = parameters.get("reply_markup", {})
        person.keyboard = own_keyboard(markup, person.keyboard)
        person.once = bool(markup.get("one_time_keyboard", person.once)) if isinstance(markup, dict) else person.once
        person.messages.append(replace(content, number=self.next_message(), changed=self._next("change")))
        return self._shown(person, person.messages[-1])

    async def _edit_message_text(self, parameters: Parameters) -> dict[str, Any]:
        person = self._chat(parameters)
        number = int(parameters.get("message_id", 0))
        message = next((message for message in person.messages if message.number == number), None)
        if message is None:
            raise Refused(400, "message to edit not found")
        if not message.ours:
            raise Refused(400, "message can't be edited")
        content = self._content(parameters, "MESSAGE_TOO_LONG")
        if (message.html, message.rows) == (content.html, content.rows):
            raise Refused(400, _NOT_MODIFIED)
        message.text, message.html, message.rows = content.text, content.html, content.rows
        message.changed = self._next("change")
        return self._shown(person, message)

    async def _delete_messages(self, parameters: Parameters) -> bool:
        """Up to 100 of this chat's messages of the last 48 hours; whatever else is named is passed over."""
        numbers = parameters.get("message_ids")
        if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
            raise Refused(400, "can't parse message identifiers JSON object")
        if not numbers:
            raise Refused(400, "message identifiers are not specified")
        if len(numbers) > 100:
            raise Refused(400, "too many message identifiers specified")
        if any(number <= 0 for number in numbers):
            raise Refused(400, "invalid message identifier specified")
        person = self._chat(parameters)
        person.messages[:] = [m for m in person.messages if m.number not in numbers or m.age > 48]
        return True

    async def _answer_callback_query(self, parameters: Parameters) -> bool:
        query = parameters.get("callback_query_id", "")
        if len(parameters.get("text", "")) > 200:
            raise Refused(400, "MESSAGE_TOO_LONG")
        if self.queries.get(query) != 0:
            raise Refused(400, _TOO_OLD)
        self.queries[query] = 1
        return True

    async def _answer_inline_query(self, parameters: Parameters) -> bool:
        """At most 50 results with ids of 1 to 64 bytes, each once; a button leads into the bot by a payload."""
        results, button = parameters["results"], parameters.get("button")
        if len(results) > 50:
            raise Refused(400, "RESULTS_TOO_MUCH")
        if not all(1 <= len(result["id"].encode()) <= 64 for result in results):
            raise Refused(400, "RESULT_ID_INVALID")
        if len({result["id"] for result in results}) < len(results):
            raise Refused(400, "RESULT_ID_DUPLICATE")
        for result in results:
            if result["type"] != "article" or not result["title"]:
                raise Refused(400, "can't parse inline query result")
            content = result["input_message_content"]
            self._content(content | {"text": content["message_text"]}, "MESSAGE_TOO_LONG")
        if button and not re.fullmatch("[A-Za-z0-9_-]{1,64}", button["start_parameter"]):
            raise Refused(400, "START_PARAM_INVALID")
        return await self._answer_callback_query({"callback_query_id": parameters.get("inline_query_id", "")})

    def _chat(self, parameters: Parameters) -> Person:
        number = str(parameters.get("chat_id", ""))
        person = self.people.get(int(number)) if number.lstrip("-").isdecimal() else None
        if person is None or not person.wrote:
            raise Refused(400, "chat not found")
        if person.blocked:
            raise Refused(403, "bot was blocked by the user")
        return person

    def _content(self, parameters: Parameters, too_long: str) -> Message:
        html = parameters.get("text", "")
        if parameters.get("parse_mode", "") not in ("", "HTML"):
            raise Refused(400, "unsupported parse_mode")
        text = visible(html) if parameters.get("parse_mode") else html.strip()
        if not text:
            raise Refused(400, "message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refused(400, too_long)
        return Message(0, ours=True, text=text, html=html, rows=keyboard(parameters.get("reply_markup", {})))

    def _shown(self, person: Person, message: Message) -> dict[str, Any]:
        chat = {"id": person.number, "first_name": "Mai", "type": "private"}
        markup = {"reply_markup": {"inline_keyboard": message.rows}} if message.rows else {}
        shown = {"message_id": message.number, "from": self.me, "chat": chat, "date": int(time()), "text": message.text}
        return shown | markup


def small_content(folder: Path) -> Path:
    """A copy of the shipped content with few topics, in one section: a house that is built in a moment."""
    content = folder / "content"
    shutil.copytree(ROOT / "content", content)
    bot = yaml.safe_load((content / "bot.yaml").read_text("utf-8"))
    items = bot["sections"]["covid"]["items"][:3]
    kept = _linked(content / "topics", {*items, "help/now"})
    bot["home"] = ["covid", "services", "help/now", "settings"]
    for name in ("forms", "places", "services"):
        shutil.rmtree(content / name)
    for name in ("categories.yaml", "cues.yaml"):
        (content / name).unlink()
    (content / "crisis.yaml").write_text("kinds: {}\nharmless: {}\n", "utf-8")
    fixed = content / "screens.yaml"
    fixed.write_text(re.sub(r"    items: \[(frontline|help)/.*\n", "", fixed.read_text("utf-8")), "utf-8")
    bot["sections"] = {"covid": bot["sections"]["covid"] | {"items": sorted(kept - {"help/now"})}}
    (content / "bot.yaml").write_text(yaml.safe_dump(bot, allow_unicode=True), "utf-8")

    def those(named: re.Match[str]) -> str:
        return ", ".join(name for name in named[0].split(", ") if name in kept)

    for file in (content / "topics").rglob("*.yaml"):
        if file.relative_to(content / "topics").with_suffix("").as_posix() not in kept:
            file.unlink()
        else:
            file.write_text(re.sub(r"(?<=^see_also: \[).*(?=\])", those, file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    return content


def _linked(topics: Path, names: set[str]) -> set[str]:
    """These topics and all that their texts lead to."""
    texts = [(topics / f"{name}.yaml").read_text("utf-8") for name in names]
    found = {name for text in texts for name in re.findall(r"\]\(([a-z0-9/-]+)\)", text)}
    more = names | {name for name in found if (topics / f"{name}.yaml").exists()}
    return names if more == names else _linked(topics, more)


@asynccontextmanager
async def opened(
    house: House, server: FakeTelegram, *, public: str = "", token: str = TOKEN, base: str = "", secret: str = SECRET
) -> AsyncIterator[tuple[str, Pauses]]:
    """Open a house whose Telegram door leads to this server; its address, and the pauses that the door made.

    public: PUBLIC for a webhook, "" to poll.
    """
    pauses = Pauses()
    base = base or server.base
    house.channels[:] = [Telegram(house.turns, token, base=base, public=public, secret=secret, pause=pauses)]
    async with served(house.application(), handler_cancellation=False, shutdown_timeout=SECONDS) as address:
        server.hosts[PUBLIC] = address
        server.tell()
        try:
            yield address, pauses
        finally:
            del server.hosts[PUBLIC]
