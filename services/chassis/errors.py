"""The three bases of every expected failure; anything else is a bug."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that a request got wrong: a JSON pointer (or header name) and what to do about it."""

    field: str
    message: str


class Refused(Exception):
    """A rule says no: a 4xx problem over HTTP, parked from a topic.

    ``kind`` is the stable, kebab-case end of the problem's ``type``; ``detail`` says what to do.
    ``members`` are further members of the problem, for programs: plain JSON by name.
    """

    status = 409
    kind = "refused"
    title = "A rule of the programme says no"
    members: Mapping[str, object] = MappingProxyType({})

    def __init__(self, detail: str, *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)


class Invalid(Refused):
    """What was sent cannot be used as it is: 422, with the fields that are wrong."""

    status = 422
    kind = "invalid"
    title = "The request cannot be used as it is"


class Denied(Refused):
    """The caller may not do this, by the named ``rule``: 403, and on record in the access log.

    ``resource_kind`` and ``rule`` are lower-case words, ``resource_id`` an id; ``*`` stands for all of the kind.
    """

    status = 403
    kind = "denied"
    title = "You may not do this"

    def __init__(self, detail: str, *, resource_kind: str, resource_id: str = "*", rule: str) -> None:
        super().__init__(detail)
        self.resource_kind = resource_kind
        self.resource_id = resource_id
        self.rule = rule


class NotFound(Refused):
    """There is no such thing, or the caller may not see it: 404."""

    status = 404
    kind = "not-found"
    title = "There is no such resource"


class Transient(Exception):
    """Broker or database away: 503 with ``Retry-After`` over HTTP; consumers back off in place."""

    kind = "unavailable"
    retry_after = 2  # seconds

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Poison(Exception):
    """A record that can never be applied: it is parked under ``reason``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
