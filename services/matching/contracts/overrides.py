"""What goes out of an edition's overrides, for the audit trail: whom they concern; reasons stay in the service."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis.outbox import Outgoing
from services.chassis.wire import Strict
from services.matching.contracts.topics import ACCESS
from services.matching.domain import overrides


class OverrideSet(Strict):
    """Somebody blocked or forced a pair, declared a conflict or said how many places a mentor has."""

    override_id: str
    edition_id: str
    kind: overrides.OverrideKind
    mentor_id: str
    mentee_id: str | None = None
    places: int | None = None


class OverrideWithdrawn(Strict):
    """What somebody laid down for a pair or for a mentor does not hold any more."""

    override_id: str
    edition_id: str
    kind: overrides.OverrideKind
    mentor_id: str
    mentee_id: str | None = None


OVERRIDE_SET = "org.tandem.override.set.v1"
OVERRIDE_WITHDRAWN = "org.tandem.override.withdrawn.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {OVERRIDE_SET: OverrideSet, OVERRIDE_WITHDRAWN: OverrideWithdrawn}


def of_overrides(event: overrides.Event) -> Outgoing:
    """What people lay down for an edition's pairs, and that it does not hold any more."""
    one = event.override
    match event:
        case overrides.OverrideSet():
            laid_down = OverrideSet(
                override_id=one.override_id,
                edition_id=event.edition_id,
                kind=one.kind,
                mentor_id=one.mentor_id,
                mentee_id=one.mentee_id,
                places=one.places,
            )
            return Outgoing(ACCESS, OVERRIDE_SET, laid_down, edition=event.edition_id)
        case overrides.OverrideWithdrawn():
            withdrawn = OverrideWithdrawn(
                override_id=one.override_id,
                edition_id=event.edition_id,
                kind=one.kind,
                mentor_id=one.mentor_id,
                mentee_id=one.mentee_id,
            )
            return Outgoing(ACCESS, OVERRIDE_WITHDRAWN, withdrawn, edition=event.edition_id)
