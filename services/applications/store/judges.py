"""Who decided or released anything on the applications of an edition, whatever became of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.chassis import mongo
from services.chassis.together import Together

Asked = tuple[str, str]  # an edition's id and a person's
_DECIDED_BY = tuple(f"state.{said}.decided_by" for said in ("waiver", "decision"))


class Judges:
    """Looks judges up by what each application keeps of them; all methods raise ``Unavailable``.

    Everybody who applies is looked for, so those who ask at the same moment share a query (``together``), and it asks
    for nothing that an application without judges has: an empty list and a field that is missing stand at the same
    place of the index.
    """

    def __init__(self, applications: mongo.Collection) -> None:
        self._applications = applications
        self._looking: Together[Asked, bool] = Together(self._look_up)

    async def has_decided(self, edition_id: str, person_id: str) -> bool:
        """Whether this person ever decided or released anything on an application of an edition."""
        return await self._looking.ask((edition_id, person_id))

    async def _look_up(self, asked: Sequence[Asked]) -> list[bool]:
        people: dict[str, set[str]] = defaultdict(set)
        for edition_id, person_id in asked:
            people[edition_id].add(person_id)
        found = await asyncio.gather(*(self._judges_among(some, edition_id) for edition_id, some in people.items()))
        judges = dict(zip(people, found, strict=True))
        return [person_id in judges[edition_id] for edition_id, person_id in asked]

    async def _judges_among(self, people: Iterable[str], edition_id: str) -> set[str]:
        query = {"state.edition_id": edition_id, "state.judges": {"$in": list(people)}}
        with mongo.unavailable():
            found = await self._applications.find(query, {"state.judges": 1}).to_list(None)
        return {judge for one in found for judge in one["state"]["judges"]}

    async def adopt(self) -> None:
        """Name the judges of applications that an earlier release kept: it knew only who decided last.

        May be repeated, and disturbs no command: what it writes follows from the rest of the document.
        """
        unnamed = {"state.judges": {"$exists": False}}
        with mongo.unavailable():
            earlier = await self._applications.find(unnamed, dict.fromkeys(_DECIDED_BY, 1)).to_list(None)
            for some in mongo.in_chunks(earlier):
                writes = [
                    mongo.UpdateOne({"_id": one["_id"], **unnamed}, {"$set": {"state.judges": _decided(one["state"])}})
                    for one in some
                ]
                await self._applications.bulk_write(writes, ordered=False)


def _decided(state: Mapping[str, Any]) -> list[str]:
    """Who decided what the document of an earlier release tells of."""
    said = [state.get(name) or {} for name in ("waiver", "decision")]
    return list(dict.fromkeys(one["decided_by"] for one in said if one))
