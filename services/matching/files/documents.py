"""JSON text from a file: whole, with exact numbers, each field once, or a sentence that says what to mend."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

BYTES = 512 * 2**20  # the largest file: some 20 million pairs
_LONG = 700  # characters of a number with a point or an exponent; far fewer say all that anybody means
_KNOWN = 2**16  # numbers that are read once, however often they stand there


class Unreadable(ValueError):
    """The file cannot be used; ``field`` is where it is wrong, ``reason`` what is wrong and what to do."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field, self.reason = field, reason


def text_of(path: Path) -> str:
    """The text of a file in UTF-8; of one without end no more is read than is allowed. Raises ``Unreadable``."""
    name = printable(str(path))
    try:
        size = path.stat().st_size
        if size > BYTES:
            raise Unreadable("", f"{name} has {size:,} bytes, {BYTES:,} are read; list allowed pairs only, as edges.")
        with path.open("rb") as file:
            return decoded(file.read(BYTES + 1), name)
    except OSError as error:
        raise Unreadable("", f"{name} cannot be read: {os.strerror(error.errno or 0)}.") from error


def decoded(content: bytes, name: str) -> str:
    """Bytes as text, with or without a byte-order mark. Raises ``Unreadable`` where they are not UTF-8 or too many."""
    if len(content) > BYTES:
        raise Unreadable("", f"{name} has more than {BYTES:,} bytes; list allowed pairs only, as edges.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("", f"{name} is not UTF-8 at byte {error.start}; save it as UTF-8.") from error


def document(text: str, *, exact: bool = True) -> dict[str, Any]:
    """The JSON object in a text. Raises ``Unreadable``.

    Numbers with a point or an exponent become Decimal, and NaN is refused; if not ``exact`` both are floats, for
    readers that refuse floats in their own words.
    """
    numbers: dict[str, Any] = {"parse_float": _decimal, "parse_constant": _constant} if exact else {}
    try:
        found = json.loads(text, object_pairs_hook=_object, **numbers)
    except json.JSONDecodeError as error:
        raise Unreadable("", f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise Unreadable("", "This cannot be read: it is nested too deeply.") from error
    except Unreadable:
        raise
    except ValueError as error:  # Python reads no integer of more than 4,300 digits
        raise Unreadable("", "A number is too long; no whole number may have more than 4,300 digits.") from error
    if not isinstance(found, dict):
        raise Unreadable("", f"The file must hold one JSON object, not {said(found)}.")
    return found


def said(value: object) -> str:
    """A value as a message can carry it, in JSON's words."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case str():
            return printable(json.dumps(_short(value), ensure_ascii=False))
        case _:
            text = str(value)
            return text if len(text) < 40 else f"{text[:20]}... of {len(text)} characters"


def printable(text: str) -> str:
    """A text as a terminal may get it: what moves its cursor, or cannot be written in UTF-8, stands there by number."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def _short(text: str) -> str:
    return text if len(text) < 40 else f"{text[:37]}..."


@lru_cache(maxsize=_KNOWN)
def _decimal(text: str) -> Decimal:
    if len(text) > _LONG:
        raise Unreadable("", f"The number {text[:20]}... of {len(text):,} characters is too long; give fewer digits.")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("", f"The number {said(text)} has an exponent beyond all use.") from error


def _constant(text: str) -> Any:
    raise Unreadable("", f"{text} is no number; write null where a pair is not allowed.")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable(printable(_short(_twice(pairs))), "This field stands twice; leave one.")
    return found


def _twice(pairs: Sequence[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    raise ValueError("every name stands once")
