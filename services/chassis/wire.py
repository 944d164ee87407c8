"""The bases of wire models: strict on the way out, tolerant on the way in, instants in one form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from unicodedata import category

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError


def rfc3339(instant: datetime) -> str:
    """An instant in UTC with ``Z``, in whole milliseconds, so that it also orders as text."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_text(value: object) -> object:
    """Numbers, also as text, would pass for seconds since 1970, which nobody means."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DATED.match(value)):
        return value
    raise PydanticCustomError("instant_text", "Write the instant as text, e.g. 2026-04-01T09:00:00Z")


def _within_reason(instant: datetime) -> datetime:
    """At either end of time an instant can be neither moved to another offset nor counted on from."""
    if instant.year not in _YEARS:
        raise PydanticCustomError("instant_range", "Choose an instant between the years 1900 and 2200")
    return instant.astimezone(UTC)


_DATED = re.compile(r"\d{4}-")
_YEARS = range(1900, 2201)
Instant = Annotated[AwareDatetime, PlainSerializer(rfc3339, return_type=str)]
GivenInstant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_within_reason)]
"""An instant as a caller gives it: RFC 3339 with an offset, between the years 1900 and 2200; in UTC from there on."""


def _printable(text: str) -> str:
    """Control characters and overrides of the writing direction would let a text look like another.

    Line ends become ``\\n``, whatever the form that sent them makes of them.
    """
    text = text.replace("\r\n", "\n")
    if any(category(character) in _UNSEEN and character not in _LAYOUT for character in text):
        raise PydanticCustomError("unseen_characters", "Remove the control characters")
    return text


_UNSEEN, _LAYOUT = {"Cc", "Cf", "Cs"}, {"\n", "\u200c", "\u200d"}  # new lines; joiners that scripts and emoji need
Text = Annotated[str, AfterValidator(_printable)]
Line = Annotated[Text, StringConstraints(pattern=r"^[^\n]*$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Strict(BaseModel):
    """The data of an event on its way out: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Incoming(BaseModel):
    """The data of an event on its way in: what this service needs of it; all else is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)
