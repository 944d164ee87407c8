"""The candidates of each edition: one document per edition, application and participation of `applications`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field, TypeAdapter

from services.chassis.envelope import Event
from services.chassis.projector import Projection
from services.matching import contracts
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected

OfEdition = contracts.EditionOpened | contracts.EditionChanged | contracts.EditionClosed
Released = contracts.MentorReserved | contracts.MentorDeclined | contracts.ApplicationWithdrawn
Known = (
    OfEdition
    | contracts.MentorSelected
    | Released
    | contracts.MenteeObliged
    | contracts.MenteeExempted
    | contracts.MenteeLeft
)


def fold(state: Candidate | None, event: Event, data: Known) -> Candidate | None:
    """What is known of an aggregate after an event; each one of a person says all that counts."""
    match data:
        case contracts.EditionOpened() | contracts.EditionChanged() | contracts.EditionClosed():
            return _edition(state, event, data)
        case contracts.MentorSelected():
            return Selected(data.edition_id, data.mentor_id)
        case contracts.MentorReserved():
            return Selected(data.edition_id, data.mentor_id, stands=False, reserve=True)
        case contracts.MentorDeclined() | contracts.ApplicationWithdrawn():
            return Selected(data.edition_id, data.mentor_id, stands=False)
        case contracts.MenteeObliged():
            return Obliged(data.edition_id, data.mentee_id, exempt=False)
        case contracts.MenteeExempted():
            return Obliged(data.edition_id, data.mentee_id, exempt=True, for_good=data.until is None)
        case contracts.MenteeLeft():
            return Obliged(data.edition_id, data.mentee_id, exempt=False, left=True)


def _edition(state: Candidate | None, event: Event, data: OfEdition) -> Candidate | None:
    """The edition; one that was changed before it was opened is not known yet."""
    if isinstance(data, contracts.EditionOpened):
        return Edition(event.subject, data.ends_on, data.subsidiaries, group_wide=bool(data.group_wide))
    if not isinstance(state, Edition):
        return state
    if isinstance(data, contracts.EditionClosed):
        return replace(state, closed=True)
    if data.subsidiaries is None:
        return state
    # Only an edition of the whole group takes companies in; one opened by an earlier release did not say that it is.
    return replace(state, subsidiaries=data.subsidiaries, group_wide=True)


# The state is None while all that was heard of an aggregate are events that matching does not read.
CANDIDATES: Projection[Candidate | None] = Projection(
    name="candidates",
    version=5,  # 3: who withdrew, was declined or left; 4: exemptions that end, reserves; 5: group-wide editions
    topic=contracts.APPLICATIONS,
    readers=contracts.FROM_APPLICATIONS,
    state=TypeAdapter(Annotated[Edition | Selected | Obliged, Field(discriminator="kind")] | None),
    fold=fold,
)
