"""What the doors of Zalo and their work hand to each other: an event, the inbox that keeps it, a request, a failure."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol


class Call(NamedTuple):
    """One request to Zalo, as data. path: where it goes. body: JSON of a POST; of a GET, its one parameter `data`."""

    method: str
    path: str
    body: dict[str, Any]


class Unsent(Exception):
    """A message did not go out. wait: seconds until its event is tried again, 0 for never; few: and that not for ever.

    gone: the person does not want us. rest: until then nobody is written to.
    """

    def __init__(self, reason: str, *, wait: float = 0.0, few: bool = False, gone: bool = False, rest: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.few = few
        self.gone = gone
        self.rest = rest


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
