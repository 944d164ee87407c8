"""From an event to its entry in the audit trail: who did what to what, when, why, and where it stands on which topic.

An entry never holds the data themselves; ``digest`` binds it to them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.chassis.candidates import Record
from services.chassis.envelope import Event
from services.reporting.contracts import OF_A_PAIR

COLLECTION = "audit"
_PREFIX = "org.tandem."
_REASONS = ("reason", "decision", "cancelled_by", "rule", "cause", "change", "stage")
_OF_TWO = frozenset({"PairMatched", "PairEnded", "VetoRaised"})  # process facts, named to those responsible
_LONGEST = 300  # characters of a reason or a target
_NULL = b"\xff" * 8  # where there is no value, which is not the same as an empty one
_YEARS = range(1900, 2201)


def entry_of(event: Event, record: Record) -> dict[str, Any]:
    """The entry of an event as a document; its ``_id`` is the event's ``source|id``, which names it for ever.

    What its data do not say, or cannot be read for, is None.
    """
    said = _said(event.data)
    recorded_at = _recorded(record)
    kind = kind_of(event.type)
    named = _named(kind, said)
    target = _text(said, "resource_id") or _text(said, "target") or named.target
    pair = _text(said, "pair_id") or (event.subject if record.topic in OF_A_PAIR else None)
    return {
        "_id": f"{event.source}|{event.id}",
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "type": event.type,
        "kind": kind,
        "subject": event.subject,
        "sequence": event.sequence,
        "actor": event.actor,
        "time": _instant(event.time) or recorded_at or datetime.fromtimestamp(0, UTC),
        "recorded_at": recorded_at,
        "edition": event.edition or _text(said, "edition_id"),
        "subsidiary": event.subsidiary or _text(said, "mentee_subsidiary") or _text(said, "subsidiary"),
        "pair": pair,
        "target": target,
        "target_kind": _text(said, "resource_kind"),
        "action": _text(said, "action") or named.action,
        "about": [id for id in dict.fromkeys((event.subject, *(named.about or (target,)), pair)) if id],
        "reason": next((text for name in _REASONS if (text := _text(said, name))), None),
        "trace_id": event.traceparent[3:35] if event.traceparent else None,
        "digest": digest(record),
    }


def kind_of(type_: str) -> str:
    """The short name of an event type: ``org.tandem.pair.matched.v1`` is a ``PairMatched``; others stay as they are."""
    if not type_.startswith(_PREFIX):
        return type_
    words = type_.removeprefix(_PREFIX).rpartition(".v")[0] or type_.removeprefix(_PREFIX)
    return "".join(part.capitalize() for part in words.replace("-", ".").split("."))


def digest(record: Record) -> str:
    """SHA-256, in hexadecimal, of a record as it lies on its topic.

    Hashed are, in this order: the topic's name in UTF-8, the key, the value, and of each header, in the
    order in which they stand there, the name in UTF-8 and the value. Before each of them stands its length in
    bytes as a big-endian number of eight bytes; a null is eight bytes of 0xFF and nothing behind them.
    """
    parts: list[bytes | None] = [record.topic.encode(), record.key, record.value]
    for name, value in record.headers or ():
        parts += [name.encode("utf-8", "surrogatepass"), value]
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(_NULL if part is None else len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


def _said(data: bytes) -> Mapping[str, Any]:
    """The members of the data; none where they are no JSON object, which is an event all the same."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


@dataclass(frozen=True, slots=True)
class _Named:
    """What an event of the matching says: whom or what it concerns, by which ids it is found, and a few words."""

    target: str | None = None
    about: tuple[str, ...] = ()
    action: str | None = None


def _named(kind: str, said: Mapping[str, Any]) -> _Named:
    """What the data of this kind name; of all others nothing, so that a person's sessions are found by no person.

    A pair that people force has no other trace before it is one; who was a pair with whom is for those to find who
    ask for the person.
    """
    if "override_id" in said or kind in _OF_TWO:
        members = tuple(id for name in ("mentor_id", "mentee_id") if (id := _text(said, name)))
        return _Named(" + ".join(members) or None, members, _text(said, "kind") if "override_id" in said else None)
    if kind == "RunRequested":
        words = (_text(said, "kind"), "trial" if said.get("trial") is True else None)
        policy = tuple(id for id in (_text(said, "policy_id"),) if id)
        return _Named(_text(said, "policy_version"), policy, ", ".join(word for word in words if word) or None)
    if kind == "AlternativeChosen" and isinstance(changes := said.get("changes"), int):
        return _Named(action=f"{changes} other pairs may change")
    if kind == "RunSuperseded" and (by := _text(said, "by_run_id")):
        return _Named(by, (by,), by)
    return _Named()


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        return None
    return value[:_LONGEST] or None


def _instant(text: str | None) -> datetime | None:
    """An instant that the database can hold and order, in whole milliseconds; None for any other."""
    try:
        instant = datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant.year in _YEARS else None


def _recorded(record: Record) -> datetime | None:
    """When the broker or its producer says the record was written."""
    milliseconds = getattr(record, "timestamp", None)
    if milliseconds is None or milliseconds < 0:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
