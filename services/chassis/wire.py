"""The bases of wire models: strict on the way out, tolerant on the way in, instants in one form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer


def rfc3339(instant: datetime) -> str:
    """An instant in UTC with ``Z``, in whole milliseconds, so that it also orders as text."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[AwareDatetime, PlainSerializer(rfc3339, return_type=str)]


class Strict(BaseModel):
    """The data of an event on its way out: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Incoming(BaseModel):
    """The data of an event on its way in: what this service needs of it; all else is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)
