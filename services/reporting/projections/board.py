"""The programme board's read models: one document per edition, application, participation, pair and workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter

from services.chassis import envelope
from services.chassis.projector import Projection
from services.chassis.projector.projection import Fold
from services.chassis.rules import refusing
from services.reporting import contracts
from services.reporting.domain import sources

S = TypeVar("S")

OfApplications = Annotated[sources.Edition | sources.Application | sources.Participation, Field(discriminator="kind")]


def _fold(evolve: Callable[[Any, Any], S]) -> Fold[S]:
    """The fold of a projection: an event that does not fit is refused, so it is parked."""

    def fold(state: S | None, event: envelope.Event, data: contracts.Told) -> S:
        with refusing(sources.RuleBroken):
            return evolve(state, contracts.happened(event, data))

    return fold


# A state is None while all that was heard of an aggregate are events of types that nobody here knows.
APPLICATIONS: Projection[Any] = Projection(
    name="board_applications",
    version=2,  # 2: who withdrew, accepted, was escalated or left; editions that take companies in
    topic=contracts.APPLICATIONS,
    readers=contracts.FROM_APPLICATIONS,
    state=TypeAdapter(OfApplications | None),
    fold=_fold(sources.evolve_applications),
)
PAIRS: Projection[Any] = Projection(
    name="board_pairs",
    version=2,  # 2: pairs end
    topic=contracts.PAIRS,
    readers=contracts.FROM_PAIRS,
    state=TypeAdapter(sources.Pair | None),
    fold=_fold(sources.evolve_pair),
)
SESSIONS: Projection[Any] = Projection(
    name="board_sessions",
    version=1,
    topic=contracts.SESSIONS,
    readers=contracts.FROM_SESSIONS,
    state=TypeAdapter(sources.Workspace | None),
    fold=_fold(sources.evolve_workspace),
)
ALL = (APPLICATIONS, PAIRS, SESSIONS)
