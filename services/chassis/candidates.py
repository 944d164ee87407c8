"""A record on its way into a projection: an event that could be read, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from services.chassis import envelope
from services.chassis.envelope import Event


class Record(Protocol):
    """What aiokafka's ConsumerRecord and a parked record have in common."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(slots=True)
class Candidate:
    """One record that claims a sequence of a subject.

    ``reason`` is empty for a good one. ``data`` is None for a type this version does not know.
    ``row`` is the id of the parked record it was read from, if it was.
    """

    record: Record
    subject: str | None
    sequence: int | None
    event: Event | None = None
    data: BaseModel | None = None
    reason: str = ""
    detail: str = ""
    row: str | None = None
    parked_as: str = ""


class Reading:
    """Reads records with the models of one projection."""

    def __init__(self, readers: Mapping[str, type[BaseModel]]) -> None:
        self._validate = {type_: model.__pydantic_validator__.validate_json for type_, model in readers.items()}

    def candidate(self, record: Record) -> Candidate:
        """Read a record; one that cannot be used comes back with its reason. Never raises."""
        try:
            event = envelope.read_event(record)
            validate = self._validate.get(event.type)
            data = validate(event.data) if validate else None
        except envelope.Rejected as error:
            return _bad(record, error.reason, error.detail)
        except ValidationError as error:
            return _bad(record, *_why(error))
        return Candidate(record, event.subject, event.sequence, event, data)


def _bad(record: Record, reason: str, detail: str) -> Candidate:
    subject, sequence = envelope.subject_hint(record), envelope.sequence_hint(record)
    return Candidate(record, subject, sequence, reason=reason, detail=detail)


def _why(error: ValidationError) -> tuple[str, str]:
    """Reason and detail of invalid data: the field and the rule, never the value."""
    first: Any = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "bad_json", "the value is not JSON"
    return "invalid_data", f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def event_id(candidate: Candidate) -> str | None:
    """The id of the event a candidate carries or seems to carry."""
    return candidate.event.id if candidate.event else envelope.id_hint(candidate.record)
