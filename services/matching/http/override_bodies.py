"""What is sent about overrides."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.chassis.http import Body
from services.chassis.wire import Id, Text
from services.matching.domain.overrides import LONGEST_REASON, MOST_PLACES, Override

Reason = Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON)]


class LayDown(Body):
    """A pair that must not be (``block``) or must be (``force``), or a mentor's places in this edition (``place``)."""

    kind: Literal["block", "force", "place"]
    mentor_id: Id
    mentee_id: Annotated[Id | None, Field(description="The executive of the pair; of a place nobody")] = None
    places: Annotated[
        Annotated[int, Field(ge=0, le=MOST_PLACES, strict=True)] | None, Field(description="Of a place alone")
    ] = None
    reason: Reason

    def override(self, override_id: str, *, by: str, at: datetime) -> Override:
        """The override that this says. Raises ``MalformedOverride``."""
        return Override(
            override_id=override_id,
            kind=self.kind,
            mentor_id=self.mentor_id,
            mentee_id=self.mentee_id,
            places=self.places,
            reason=self.reason,
            by=by,
            at=at,
        )


class Withdraw(Body):
    """Why an override does not hold any more; of a declared conflict it must be said."""

    reason: Reason | None = None


class Undo(Body):
    """Nothing is asked of whoever takes the last change back."""
