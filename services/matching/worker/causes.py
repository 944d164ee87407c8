"""In which trace something became known of people lately, so that the end of a pair goes on with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from services.chassis.candidates import Record

_MOST = 10_000  # people at a time
_MEMBERS = ("mentor_id", "mentee_id")


class Causes:
    """The trace of the newest record of each person; what is not known here costs a pair's end its trace, no more."""

    def __init__(self) -> None:
        self._traces: dict[str, str] = {}

    def note(self, records: Sequence[Record]) -> None:
        """Keep the traces of records that were applied, each for those whom its key or its data name."""
        for record in records:
            if trace := _trace(record):
                for person_id in _persons(record):
                    self._traces.pop(person_id, None)
                    self._traces[person_id] = trace
        while len(self._traces) > _MOST:
            del self._traces[next(iter(self._traces))]

    def of(self, person_id: str) -> str | None:
        """The trace in which something became known of a person."""
        return self._traces.get(person_id)

    def known(self) -> Mapping[str, str]:
        """The traces by person id, as they are known now."""
        return dict(self._traces)

    def forget(self, looked_at: Mapping[str, str]) -> None:
        """Drop what was known when somebody began to look, since its ends are made; what is newer stays."""
        for person_id, trace in looked_at.items():
            if self._traces.get(person_id) == trace:
                del self._traces[person_id]


def _trace(record: Record) -> str | None:
    value = next((value for name, value in record.headers or () if name == "traceparent"), None)
    return value.decode("latin-1") if value else None


def _persons(record: Record) -> Iterator[str]:
    """A key of the directory is a person's id; others' data name the people they are about."""
    if record.key:
        yield record.key.decode("utf-8", "replace")
    with suppress(ValueError):
        said = json.loads(record.value or b"null")
        members = [said.get(name) for name in _MEMBERS] if isinstance(said, dict) else []
        yield from (id for id in members if isinstance(id, str))
