"""The documents of policies; their unique indexes hold that no label means two of them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.matching import contracts
from services.matching.domain import policies
from services.matching.domain.rules import RuleBroken

POLICIES: AggregateKind[policies.KeptPolicy, policies.Event] = AggregateKind(
    name="policy",
    collection="policies",
    source="/tandem/matching",
    state=TypeAdapter(policies.KeptPolicy),
    evolve=policies.evolve,
    outgoing=contracts.of_policy,
    rules=(RuleBroken,),
)
INDEXES = (
    Index((("state.label", 1),), unique=True),
    Index((("state.family", 1), ("state.policy.version", 1)), unique=True),
    Index((("state.owner.subsidiaries", 1),)),
)


async def newest_version(kept: mongo.Collection, family: str) -> int:
    """The number of the newest version of a policy, 0 where there is none. Raises ``Unavailable``."""
    query: dict[str, Any] = {"state.family": family}
    with mongo.unavailable():
        found = await kept.find(query, {"state.policy.version": 1}).to_list(None)
    return max((document["state"]["policy"]["version"] for document in found), default=0)
