"""What is sent about rounds, sheets and many decisions."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.applications.domain.application import Verdict
from services.applications.http.fields import Id, Reason, distinct
from services.chassis.http import Body
from services.chassis.wire import GivenInstant, Text

_ASSESSORS, _APPLICATIONS, _DECISIONS = 500, 1_000, 500  # at most in one request
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


def _whole(value: object) -> object:
    """A level is a number: neither true nor "4"."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("level", "Write the level as a whole number")
    return value


Sheets = Annotated[int, Field(ge=1, le=5, strict=True, description="Sheets for each application")]
Assessors = Annotated[tuple[Id, ...], Field(min_length=1, max_length=_ASSESSORS), AfterValidator(distinct)]
Chosen = Annotated[tuple[Id, ...], Field(min_length=1, max_length=_APPLICATIONS), AfterValidator(distinct)]
Level = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=7)]


class OpenRound(Body):
    """A round of assessment; what is left out is as the rubric says, or all there are."""

    per_application: Sheets | None = None
    due_at: GivenInstant | None = None
    assessors: Assessors | None = None
    applications: Chosen | None = None
    reason: Reason | None = None


class CloseRound(Body):
    """Why a round is closed before everything is in."""

    reason: Reason


class SaveSheet(Body):
    """All that stands on a sheet: levels from 1, by criterion, perhaps not all yet; and a comment."""

    scores: Annotated[dict[Slug, Level], Field(max_length=12)]
    comment: Annotated[Text, Field(max_length=4000)] | None = None


class LockSheet(Body):
    """Nothing but the wish."""


class DeclareConflict(Body):
    """Why the assessor is not free in judging this application."""

    reason: Reason


class HandIn(Body):
    """Nothing but the wish."""


class OneDecision(Body):
    """What is decided on one application; its own reason stands before the common one."""

    application_id: Id
    decision: Verdict
    reason: Reason | None = None


def _one_each(decisions: tuple[OneDecision, ...]) -> tuple[OneDecision, ...]:
    distinct(tuple(one.application_id for one in decisions))
    return decisions


class DecideMany(Body):
    """What is decided on many applications, to be released later, and why."""

    decisions: Annotated[tuple[OneDecision, ...], Field(min_length=1, max_length=_DECISIONS), AfterValidator(_one_each)]
    reason: Reason
