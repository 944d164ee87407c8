"""The candidates of each edition: one document per edition, application and participation of `applications`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from services.chassis.envelope import Event
from services.chassis.projector import Projection
from services.matching import contracts
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected

Known = contracts.EditionOpened | contracts.MentorSelected | contracts.MenteeObliged | contracts.MenteeExempted


def fold(state: Candidate | None, event: Event, data: Known) -> Candidate:
    """What is known of an aggregate after an event; each one says all that counts."""
    match data:
        case contracts.EditionOpened():
            return Edition(event.subject, data.ends_on, data.subsidiaries)
        case contracts.MentorSelected():
            return Selected(data.edition_id, data.mentor_id)
        case contracts.MenteeObliged():
            return Obliged(data.edition_id, data.mentee_id, exempt=False)
        case contracts.MenteeExempted():
            return Obliged(data.edition_id, data.mentee_id, exempt=True)


# The state is None while all that was heard of an aggregate are events that matching does not read.
CANDIDATES: Projection[Candidate | None] = Projection(
    name="candidates",
    version=2,  # 2: editions carry their subsidiaries
    topic=contracts.APPLICATIONS,
    readers=contracts.FROM_APPLICATIONS,
    state=TypeAdapter(Annotated[Edition | Selected | Obliged, Field(discriminator="kind")] | None),
    fold=fold,
)
