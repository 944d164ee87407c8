"""Whose trace the end of a pair goes on with: the newest that was told of one of the two."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.candidates import Record
from services.matching.worker import Causes


@dataclass(slots=True)
class Told:
    """A record, as far as it matters here."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    topic: str = "t"
    partition: int = 0
    offset: int = 0


def told(key: str, trace: str | None, said: Mapping[str, Any] | None = None) -> Record:
    headers = (("traceparent", trace.encode()),) if trace else ()
    return Told(key.encode(), json.dumps(said).encode() if said is not None else None, headers)


def test_newest_record_of_a_person_counts() -> None:
    """By the key where it is a person's, else by the people whom the data name; without a trace nothing is kept."""
    causes = Causes()

    causes.note([told("anna", "first"), told("a-1", "other", {"mentor_id": "anna", "mentee_id": "ben"})])
    causes.note([told("carla", None), Told(None, b"{", (("traceparent", b"broken"),))])

    assert (causes.of("anna"), causes.of("ben"), causes.of("carla")) == ("other", "other", None)


def test_what_was_looked_at_is_forgotten_and_what_came_since_stays() -> None:
    """An end that comes of something else later does not bear the trace of what came to nothing."""
    causes = Causes()
    causes.note([told("anna", "first"), told("ben", "first")])
    looked_at = causes.known()
    causes.note([told("ben", "second")])

    causes.forget(looked_at)

    assert (causes.of("anna"), causes.of("ben")) == (None, "second")


def test_only_so_many_people_are_remembered() -> None:
    """A copy that is built anew tells of everybody; those told of last are kept."""
    causes = Causes()

    causes.note([told(f"p-{number}", "trace") for number in range(10_001)])

    assert (causes.of("p-0"), causes.of("p-1"), causes.of("p-10000")) == (None, "trace", "trace")
