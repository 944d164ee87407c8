"""The documents of pairs; their unique indexes hold what is promised of pairs."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.matching import contracts
from services.matching.domain import pair
from services.matching.domain.inputs import Taken
from services.matching.domain.people import PairKey
from services.matching.domain.rules import RuleBroken

PAIRS: AggregateKind[pair.Pair, pair.Event] = AggregateKind(
    name="pair",
    collection="pairs",
    source="/tandem/matching",
    state=TypeAdapter(pair.Pair),
    evolve=pair.evolve,
    outgoing=contracts.of_pair,
    rules=(RuleBroken,),
)
_ACTIVE = {"state.active": True}
INDEXES = (
    Index((("state.edition_id", 1), ("_id", 1))),
    Index((("state.edition_id", 1), ("state.mentee_id", 1)), unique=True, partial=_ACTIVE),
    Index((("state.edition_id", 1), ("state.mentor_id", 1), ("state.slot", 1)), unique=True, partial=_ACTIVE),
    Index((("state.mentee_id", 1),)),
    Index((("state.mentor_id", 1),)),
)


async def is_paired(pairs: mongo.Collection, edition_id: str, mentee_id: str) -> bool:
    """Whether the executive has an active pair in the edition."""
    query = {"state.edition_id": edition_id, "state.mentee_id": mentee_id, **_ACTIVE}
    with mongo.unavailable():
        return await pairs.find_one(query, {"_id": 1}) is not None


async def taken(pairs: mongo.Collection, edition_id: str) -> tuple[Taken, ...]:
    """The edition's active pairs."""
    fields = {f"state.{name}": 1 for name in ("mentor_id", "mentee_id", "slot", "pair_id")}
    with mongo.unavailable():
        found = await pairs.find({"state.edition_id": edition_id, **_ACTIVE}, fields).to_list(None)
    return tuple(Taken(**document["state"]) for document in found)


async def earlier(pairs: mongo.Collection, edition_id: str, mentees: Iterable[str]) -> frozenset[PairKey]:
    """The pairs that these executives were or are in other editions, and those of this one that people parted.

    Whoever parted because somebody left or took a place back, or for another pair, may become a pair again.
    """
    found: set[PairKey] = set()
    for chunk in mongo.in_chunks(sorted(mentees)):
        parted = {"state.end.reason": {"$in": list(pair.FOR_GOOD)}, "state.end.by": {"$ne": pair.SERVICE}}
        query = {"state.mentee_id": {"$in": chunk}, "$or": [{"state.edition_id": {"$ne": edition_id}}, parted]}
        with mongo.unavailable():
            documents = await pairs.find(query, {"state.mentor_id": 1, "state.mentee_id": 1}).to_list(None)
        found |= {(one["state"]["mentor_id"], one["state"]["mentee_id"]) for one in documents}
    return frozenset(found)
