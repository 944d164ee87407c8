"""The documents of overrides, one for each edition."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.matching import contracts
from services.matching.domain import overrides
from services.matching.domain.rules import RuleBroken

OVERRIDES: AggregateKind[overrides.Overrides, overrides.Event] = AggregateKind(
    name="override",
    collection="overrides",
    source="/tandem/matching",
    state=TypeAdapter(overrides.Overrides),
    evolve=overrides.evolve,
    outgoing=contracts.of_overrides,
    rules=(RuleBroken,),
)


async def version(overrides: mongo.Collection, edition_id: str) -> int:
    """How often an edition's overrides have changed, 0 where there were never any."""
    with mongo.unavailable():
        document = await overrides.find_one({"_id": edition_id}, {"version": 1})
    return int(document["version"]) if document else 0


async def places(overrides: mongo.Collection, edition_id: str) -> Mapping[str, int]:
    """The places that people gave mentors in an edition, whatever their profiles say."""
    with mongo.unavailable():
        document = await overrides.find_one({"_id": edition_id}, {"state": 1})
    return OVERRIDES.state.validate_python(document["state"]).places if document else {}
