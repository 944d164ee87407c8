"""What is sent to `applications` over HTTP."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.applications.domain import participation
from services.chassis.http import Body
from services.chassis.wire import GivenInstant, Line, Text

T = TypeVar("T")


def _written(value: object) -> object:
    """Numbers, also as text, would pass for seconds since 1970, which nobody means."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise PydanticCustomError("day_text", "Write the day as YYYY-MM-DD, e.g. 2026-03-01")


def _within_reason(day: date) -> date:
    if day.year not in _YEARS:
        raise PydanticCustomError("day_range", "Choose a day between the years 1900 and 2200")
    return day


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("not_distinct", "Name each one once")
    return values


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1900, 2201)
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Id = Annotated[str, Field(pattern=_UUID, description="A UUID in lower case")]
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_within_reason)]
Language = Annotated[str, Field(max_length=30, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Reason = Annotated[Text, Field(min_length=10, max_length=1000)]


class OpenEdition(Body):
    """A year's programme."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    starts_on: Day
    ends_on: Annotated[Day, Field(description="Last day, that day included")]
    subsidiaries: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200), AfterValidator(_distinct)]


class OpenCall(Body):
    """The call for mentors."""

    reference_date: Annotated[Day, Field(description="The day on which age is counted")]
    maximum_age: Annotated[int, Field(ge=16, le=99, strict=True, description="Completed years of life")] = 28
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=40), AfterValidator(_distinct)]
    closes_at: GivenInstant


class Apply(Body):
    """Somebody who wants to be a mentor."""

    mentor_id: Id


class DecideWaiver(Body):
    """What is decided on a missed rule, and why."""

    decision: Literal["granted", "refused"]
    reason: Reason


class DecideApplication(Body):
    """The last word on an application; declining needs a reason."""

    decision: Literal["selected", "declined"]
    reason: Reason | None = None


class Exempt(Body):
    """Why an executive does not take part."""

    reason: participation.Reason
    explanation: Reason
