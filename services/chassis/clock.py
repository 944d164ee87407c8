"""Time comes in through an injected clock; nothing else in Tandem asks the operating system for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from services.chassis.errors import Transient


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class ClockUnreadable(Transient):
    """The clock file holds no instant; the message says what it must hold."""

    kind = "clock-unreadable"


class FileClock:
    """A clock that stands at the instant written in a file, so that a year can be played through.

    The file holds one RFC 3339 instant with offset. It is read at each call, because whoever plays
    the year moves it on between two requests. Raises ``ClockUnreadable``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """The instant in the file. Raises ``ClockUnreadable``."""
        try:
            instant = datetime.fromisoformat(self._path.read_text().strip())
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
        except (OSError, ValueError, OverflowError) as error:
            raise ClockUnreadable(f"{self._path} must hold one RFC 3339 instant: {error}") from error
        raise ClockUnreadable(f"{self._path} holds an instant without an offset; write e.g. 2026-04-01T09:00:00Z")


def clock_from(path: Path | None) -> Clock:
    """The file's clock where a file is named, the machine's own otherwise."""
    return FileClock(path) if path else SystemClock()
