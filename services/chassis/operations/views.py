"""A parked record as people see it, over HTTP and at the terminal."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from services.chassis.wire import Instant, Strict


class FlagView(Strict):
    """What an operator wants of a parked record; the consumer of its partition carries it out."""

    action: str
    by: str
    reason: str
    at: Instant


class ParkedView(Strict):
    """A parked record without its bytes; ``times`` counts how often it was parked."""

    ref: str
    consumer: str
    topic: str
    partition: int
    offset: int
    subject: str | None
    sequence: int | None
    event_id: str | None
    reason: str
    detail: str
    times: int
    parked_at: Instant
    tried_at: Instant | None
    flag: FlagView | None


class RecordView(ParkedView):
    """A parked record as it came: headers, key and value as text, or as ``base64:…`` where they are none."""

    key: str | None
    value: str | None
    headers: list[tuple[str, str | None]]


def facts(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row that anybody may see who looks after parking."""
    plain = {name: row.get(name) for name in ParkedView.model_fields}
    flag: dict[str, datetime | str] | None = row.get("flag")
    return {**plain, "flag": {name: flag[name] for name in FlagView.model_fields} if flag else None}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its record as text."""
    headers = [(name, _text(value)) for name, value in row["headers"]]
    return {**facts(row), "key": _text(row["key"]), "value": _text(row["value"]), "headers": headers}


def _text(raw: bytes | None) -> str | None:
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(raw).decode()}"
