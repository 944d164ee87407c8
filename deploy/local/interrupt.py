"""Turns being asked to end into an exception of the main thread, once."""

from __future__ import annotations

import signal
import threading
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
def deferred() -> Iterator[None]:
    """A signal that comes within the block is handled at its end.

    A fork runs hooks of the interpreter; an exception that a signal raises in one of them would be dropped, and
    could leave a lock held for ever. Only the main thread handles signals, so elsewhere nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for one in came:
        signal.raise_signal(one)


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
