"""The kinds of fields that bodies of `applications` are made of."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.chassis.wire import Text

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


def distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    """The values, each of which is named once."""
    if len(set(values)) < len(values):
        raise PydanticCustomError("not_distinct", "Name each one once")
    return values


def left_out_stays(schema: dict[str, Any]) -> None:
    """For the schema of a change: what is left out has no default, it stays as it is."""
    for field in schema["properties"].values():
        field.pop("default", None)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1900, 2201)
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Id = Annotated[str, Field(pattern=_UUID, description="A UUID in lower case")]
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_within_reason)]
Language = Annotated[str, Field(max_length=30, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Reason = Annotated[Text, Field(min_length=10, max_length=1000)]
