"""What another service answers, as far as pages tell the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.chassis.errors import Transient


class Away(Transient):
    """The service does not answer, or says itself that it cannot at the moment."""

    kind = "service-unavailable"


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, the state of the record it shows (``version``), and the cursor of a list's next page."""

    body: Any
    version: int | None = None
    next: str | None = None


LOST = 412  # the status of a refusal because somebody was faster


class Refusal(Exception):
    """The service said no: its status, its stable kind, its English detail, and the fields it complains of.

    ``members`` are all members of the problem, as the service sent them.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        fields: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {kind}")
        self.status = status
        self.kind = kind
        self.detail = detail
        self.fields = dict(fields or {})
        self.members = dict(members or {})


@dataclass(frozen=True, slots=True)
class Change:
    """The circumstances of a command: its own id, so that twice is once, and which state its sender saw."""

    command_id: str
    seen: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_headers(self) -> dict[str, str]:
        """The headers that say so."""
        seen = {} if self.seen is None else {"If-Match": f'"{self.seen}"'}
        return {"Idempotency-Key": self.command_id, **seen, **self.headers}
