"""The log of a test, in the shape in which an operator gets it."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TypeVar

import structlog

from bot.logs import set_up_logs

Stream = TypeVar("Stream", bound=StringIO)


@contextmanager
def logged(stream: Stream, secrets: Sequence[str] = ()) -> Iterator[Stream]:
    """All that is logged goes there, secrets blanked; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs(secrets, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def timeless(log: str) -> str:
    """The log without its times, in which any few digits stand sooner or later: for a test that looks for a number."""
    return re.sub(r"timestamp=\S+ ", "", log)
