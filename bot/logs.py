"""Logs: events with values, one line each, in the same shape from us and from libraries; no secret gets out."""

import logging
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog

# Libraries that log each request or event loop detail at INFO or DEBUG, some with addresses that hold a token.
_QUIET = ("httpx", "httpcore", "telegram", "aiohttp", "asyncio", "alembic", "sqlalchemy", "aiosqlite")


class Redacted(logging.Formatter):
    """Formats as another does, then blanks every secret, in tracebacks too."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


def set_up_logs(secrets: Iterable[str], *, stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send all logs of this process to a stream."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    line = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True, bool_as_flag=False)
    inner = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacted(inner, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # python-telegram-bot logs answers that it cannot read, with what people wrote in them.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    # Malformed requests of strangers, with their words and address in the line.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
