"""Turns being asked to end into an exception of the main thread, once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The program was asked to end; not an ``Exception``, so that no handler of failures swallows it."""


class Interrupt:
    """Whether the next signal raises ``Stopped`` or, because the end has begun, is ignored."""

    def __init__(self) -> None:
        self.armed = True

    def __call__(self, number: int, frame: object) -> None:
        """The signal handler."""
        if self.armed:
            self.armed = False
            raise Stopped


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Within the block the first Ctrl-C, SIGTERM or SIGHUP raises ``Stopped``."""
    interrupt = Interrupt()
    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
