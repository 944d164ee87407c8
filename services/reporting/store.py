"""The documents of `reporting` and the questions asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from services.chassis import mongo
from services.chassis.errors import NotFound
from services.chassis.projector import ReadModel
from services.chassis.service import Index
from services.reporting.domain import board, sources
from services.reporting.projections.board import APPLICATIONS, PAIRS, SESSIONS

S = TypeVar("S")
_OF_EDITION = Index((("state.edition_id", 1), ("_id", 1)))
INDEXES = {
    APPLICATIONS.collection: (_OF_EDITION, Index((("state.kind", 1), ("_id", 1)))),
    PAIRS.collection: (_OF_EDITION,),
    SESSIONS.collection: (_OF_EDITION,),
}
EDITIONS: Mapping[str, Any] = {"state.kind": "edition"}


class Boards:
    """Reads the programme boards."""

    def __init__(self, database: mongo.Database) -> None:
        self.applications = ReadModel(database, APPLICATIONS)
        self.pairs = ReadModel(database, PAIRS)
        self._sessions = ReadModel(database, SESSIONS)

    async def edition(self, edition_id: str) -> sources.Edition:
        """The edition. Raises ``NotFound``, ``Unavailable``."""
        with mongo.unavailable():
            document = await (await self.applications.collection()).find_one({"_id": edition_id, **EDITIONS})
        if document is None:
            raise NotFound(f"There is no edition {edition_id}.")  # the very words about one that may not be seen
        return edition_in(document)

    async def of_edition(self, edition_id: str) -> board.Board:
        """The board of an edition. Raises ``NotFound``, ``Unavailable``."""
        edition = await self.edition(edition_id)
        query = {"state.edition_id": edition_id}
        applied, pairs, workspaces = await asyncio.gather(
            _found(self.applications, query),
            _found(self.pairs, query),
            _found(self._sessions, query),
        )
        return board.board(
            board.Sources(
                edition,
                applications=_only(sources.Application, applied),
                participations=_only(sources.Participation, applied),
                pairs=pairs,
                workspaces=workspaces,
            )
        )

    async def follow(self, documents: Sequence[mongo.Document]) -> list[board.Follow]:
        """How the pairs of these documents follow through, in their order. Raises ``Unavailable``."""
        pairs = [PAIRS.state.validate_python(document["state"]) for document in documents]
        workspaces: dict[str, sources.Workspace] = {}
        for chunk in mongo.in_chunks([pair.pair_id for pair in pairs]):
            found = await _found(self._sessions, {"_id": {"$in": chunk}, "state": {"$ne": None}})
            workspaces.update((one.pair_id, one) for one in found)
        return [board.follow(pair, workspaces.get(pair.pair_id)) for pair in pairs]


def edition_in(document: mongo.Document) -> sources.Edition:
    """The edition of a document that ``EDITIONS`` finds."""
    edition: sources.Edition = APPLICATIONS.state.validate_python(document["state"])
    return edition


async def _found(model: ReadModel, query: Mapping[str, Any]) -> list[Any]:
    collection = await model.collection()
    with mongo.unavailable():
        documents = await collection.find(query, {"state": 1}).to_list(None)
    return [model.projection.state.validate_python(document["state"]) for document in documents]


def _only(kind: type[S], states: Iterable[object]) -> list[S]:
    return [state for state in states if isinstance(state, kind)]
