"""Structured logs: one line per fact, its name a constant in snake_case, never personal data."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import structlog

from services.chassis import traces
from services.chassis.settings import Settings

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_NOISY = ("aiokafka", "faststream", "pymongo", "uvicorn.access")


def get_logger(name: str) -> Any:
    """A logger bound to the module's name."""
    return structlog.get_logger(module=name)


def configure(service: str, settings: Settings) -> None:
    """Send all logs of the process to standard error, as JSON lines or for a console."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        traces.with_ids,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        logger_factory=lambda *about: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # a logger that was used before this call follows it
    )
    _adopt_standard_logging(shared, renderer)
    structlog.contextvars.bind_contextvars(service=service)


class Seldom(logging.Filter):
    """Lets each message of a library pass once in a while: a client that cannot reach its server repeats itself."""

    def __init__(self, seconds: float = 30.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the message was not said lately; what it was about does not count."""
        now, message = time.monotonic(), (record.name, str(record.msg))
        if now - self._said.get(message, float("-inf")) < self._seconds:
            return False
        self._said[message] = now
        return True


def _adopt_standard_logging(shared: list[Any], renderer: Any) -> None:
    """Libraries log through ``logging``; their warnings become lines of the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
