"""What `matching` answers about overrides."""

from __future__ import annotations

from services.chassis.wire import Instant, Strict
from services.matching.domain.overrides import Override, OverrideKind, Overrides


class OverrideView(Strict):
    """What somebody laid down for an edition; it holds while ``stands``, and ``counts`` unless newer places replace it.

    A ``conflict`` was declared by one of the two. ``places`` are all that the mentor has in the edition, those that
    are taken included. ``undone_next``: undo would take back what was done to this one last. The ``reason`` is empty
    where the other one of the caller's own pair declared the conflict.
    """

    override_id: str
    kind: OverrideKind
    mentor_id: str
    mentee_id: str | None
    places: int | None
    reason: str
    by: str
    at: Instant
    stands: bool
    counts: bool
    withdrawn_by: str | None
    withdrawn_at: Instant | None
    withdrawn_because: str | None
    undone_next: bool


class OverridesView(Strict):
    """All overrides of an edition as they are now, oldest first."""

    edition_id: str
    overrides: tuple[OverrideView, ...]


def of_override(state: Overrides, one: Override, *, why: bool) -> OverrideView:
    """One override of an edition; ``why`` tells whether the reader may see the reason."""
    return OverrideView(
        override_id=one.override_id,
        kind=one.kind,
        mentor_id=one.mentor_id,
        mentee_id=one.mentee_id,
        places=one.places,
        reason=one.reason if why else "",
        by=one.by,
        at=one.at,
        stands=one.stands,
        counts=one.override_id in state.counting,
        withdrawn_by=one.withdrawn_by,
        withdrawn_at=one.withdrawn_at,
        withdrawn_because=one.withdrawn_because,
        undone_next=state.undoable[-1:] == (one.override_id,),
    )
