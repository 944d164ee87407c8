"""The documents of subsidiaries, and queries over all of them."""

from __future__ import annotations

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.people import contracts
from services.people.domain import subsidiary as domain
from services.people.domain.rules import RuleBroken

SUBSIDIARIES: AggregateKind[domain.Subsidiary, domain.Event] = AggregateKind(
    name="subsidiary",
    collection="companies",
    source="/tandem/people",
    state=TypeAdapter(domain.Subsidiary),
    evolve=domain.evolve,
    outgoing=contracts.of_subsidiary,
    rules=(RuleBroken,),
)
_EARLIER = "subsidiaries"  # names only, as the first release kept them


class Companies:
    """Queries over all subsidiaries. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.subsidiaries: mongo.Collection = database[SUBSIDIARIES.collection]
        self._earlier: mongo.Collection = database[_EARLIER]

    async def names(self) -> dict[str, str]:
        """The names of all subsidiaries by id."""
        with mongo.unavailable():
            found = self.subsidiaries.find({}, {"state.name": 1})
            return {document["_id"]: document["state"]["name"] async for document in found}

    async def parents(self) -> dict[str, str | None]:
        """Of all subsidiaries the one above, by id."""
        with mongo.unavailable():
            found = self.subsidiaries.find({}, {"state.parent_id": 1})
            return {document["_id"]: document["state"]["parent_id"] async for document in found}

    async def defaults(self) -> dict[str, tuple[str, str]]:
        """Of all subsidiaries the language and the zone of whoever's roster names none, by id."""
        with mongo.unavailable():
            found = self.subsidiaries.find({}, {"state.language": 1, "state.zone": 1})
            return {
                document["_id"]: (document["state"]["language"], document["state"]["zone"]) async for document in found
            }

    async def that_show_names(self) -> set[str]:
        """The subsidiaries that show the names of their people to the group."""
        with mongo.unavailable():
            found = self.subsidiaries.find({"state.names_shown": True}, {"_id": 1})
            return {document["_id"] async for document in found}

    async def of_an_earlier_release(self) -> dict[str, str]:
        """The names that the first release kept, by id."""
        with mongo.unavailable():
            return {document["_id"]: document["name"] async for document in self._earlier.find({})}

    async def forget_earlier(self, id: str) -> None:
        """Forget what the first release kept of this subsidiary."""
        with mongo.unavailable():
            await self._earlier.delete_one({"_id": id})
