"""Messages between the service and a solving process: a line with kind and length, then so many bytes."""

from __future__ import annotations

from typing import NamedTuple

READY, SOLVE, WHY_NOT, CERTIFICATE = "ready", "solve", "why_not", "certificate"
PROGRESS, FOUND, REFUSED, FAILED = "progress", "found", "refused", "failed"
LONGEST_HEADER = 100  # bytes


class Garbled(Exception):
    """What arrived is no message; the other side is no solving process, or broke off."""


class Frame(NamedTuple):
    """One message."""

    kind: str
    body: bytes


def packed(frame: Frame) -> bytes:
    """A message as it is sent."""
    return f"{frame.kind} {len(frame.body)}\n".encode() + frame.body


def opened(line: bytes) -> tuple[str, int]:
    """Kind and length from the line before a message. Raises ``Garbled``."""
    kind, space, length = line.decode("ascii", "replace").rstrip("\n").partition(" ")
    if not space or not length.isdecimal():
        raise Garbled("a message begins with its kind and its length")
    return kind, int(length)
