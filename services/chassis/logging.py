"""Structured logs: one line per fact, its name a constant in snake_case, never personal data."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

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
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _adopt_standard_logging(shared, renderer)
    structlog.contextvars.bind_contextvars(service=service)


def _adopt_standard_logging(shared: list[Any], renderer: Any) -> None:
    """Libraries log through ``logging``; their warnings become lines of the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
