"""What is known of those who are pairs, and of whether they can go on as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.chassis import mongo
from services.chassis.directory import Directory
from services.chassis.projector import ReadModel
from services.matching.domain.candidates import Edition, Obliged, Selected
from services.matching.domain.ending import Standing, Together, Whereabouts
from services.matching.projections import CANDIDATES
from services.matching.store.pairs import PAIRS

_WHEREABOUTS = {"_id": 1, "gone": 1, "entry.subsidiary": 1, "entry.active": 1, "entry.executive": 1}
_FORGOTTEN = Whereabouts("", active=False)


class Standings:
    """Reads the active pairs of editions, and what became of their members."""

    def __init__(self, database: mongo.Database, persons: Directory) -> None:
        self._candidates = ReadModel(database, CANDIDATES)
        self._pairs: mongo.Collection = database[PAIRS.collection]
        self._persons: mongo.Collection = persons.table.collection

    async def together(self, edition_id: str) -> list[Together]:
        """The edition's active pairs, by their ids. Raises ``Unavailable``."""
        fields = {"state.mentor_id": 1, "state.mentee_id": 1}
        with mongo.unavailable():
            found = await self._pairs.find({"state.edition_id": edition_id, "state.active": True}, fields).to_list(None)
        pairs = [Together(one["_id"], one["state"]["mentor_id"], one["state"]["mentee_id"]) for one in found]
        return sorted(pairs, key=lambda pair: pair.pair_id)

    async def standing(self, edition: Edition, pairs: Iterable[Together]) -> Standing:
        """What is known of the edition's candidates and of these pairs' members. Raises ``Unavailable``."""
        out = [{"state.kind": "selected"}, {"state.left": True}, {"state.exempt": True, "state.for_good": True}]
        candidates = await self._candidates.collection()
        with mongo.unavailable():
            query = {"state.edition_id": edition.edition_id, "$or": out}
            found = await candidates.find(query, {"state": 1}).to_list(None)
        states = [CANDIDATES.state.validate_python(document["state"]) for document in found]
        selected = [one for one in states if isinstance(one, Selected)]
        executives = [one for one in states if isinstance(one, Obliged)]
        standing = {one.mentor_id for one in selected if one.stands}
        return Standing(
            persons=await self._whereabouts(id for pair in pairs for id in (pair.mentor_id, pair.mentee_id)),
            withdrawn=frozenset(one.mentor_id for one in selected) - standing,
            exempted=frozenset(one.mentee_id for one in executives if one.for_good),
            out_of_scope=frozenset(one.mentee_id for one in executives if one.left),
            companies=edition.companies,
        )

    async def _whereabouts(self, ids: Iterable[str]) -> Mapping[str, Whereabouts]:
        """Where these persons stand; of whom the directory has not told yet, nothing is said."""
        known: dict[str, Whereabouts] = {}
        for chunk in mongo.in_chunks(sorted(set(ids))):
            with mongo.unavailable():
                found = await self._persons.find({"_id": {"$in": chunk}}, _WHEREABOUTS).to_list(None)
            known |= {document["_id"]: _whereabouts(document) for document in found}
        return known


def _whereabouts(document: mongo.Document) -> Whereabouts:
    entry = document.get("entry")
    if document["gone"] or not entry:
        return _FORGOTTEN
    return Whereabouts(entry["subsidiary"], active=entry["active"], executive=entry.get("executive", False))
