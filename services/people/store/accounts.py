"""The documents of service accounts, and when their keys were last used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.people import contracts
from services.people.domain import service_account as domain
from services.people.domain.rules import RuleBroken

ACCOUNTS: AggregateKind[domain.Account, domain.Event] = AggregateKind(
    name="service account",
    collection="accounts",
    source="/tandem/people",
    state=TypeAdapter(domain.Account),
    evolve=domain.evolve,
    outgoing=contracts.of_account,
    rules=(RuleBroken,),
)
_LOGIN, _KEY = "state.login", "state.keys.key_id"
INDEXES = (
    Index(((_LOGIN, 1),), unique=True, partial={_LOGIN: {"$type": "string"}}),
    Index(((_KEY, 1),), unique=True, partial={_KEY: {"$type": "string"}}),
)
_USES = "key_uses"
_APART = timedelta(minutes=1)  # between two notes of one key's use


class KeyUses:
    """When each API key was last used, to the minute. All methods raise ``Unavailable``.

    Beside the accounts, since a use changes nothing of an account that anybody decides on.
    """

    def __init__(self, database: mongo.Database) -> None:
        self._uses: mongo.Collection = database[_USES]

    async def note(self, key_id: str, at: datetime) -> None:
        """Remember that the key was used at this instant, unless that is known of the minute before it."""
        earlier = {"_id": key_id, "at": {"$lte": at - _APART}}
        with mongo.unavailable(), suppress(mongo.DuplicateKeyError):  # it stands there, and not a minute ago
            await self._uses.update_one(earlier, {"$set": {"at": at}}, upsert=True)

    async def last(self, key_ids: Sequence[str]) -> dict[str, datetime]:
        """When those of these keys that were used were used last."""
        with mongo.unavailable():
            found = self._uses.find({"_id": {"$in": list(key_ids)}})
            return {document["_id"]: document["at"] async for document in found}


class Accounts:
    """Queries over all service accounts. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.accounts: mongo.Collection = database[ACCOUNTS.collection]

    async def id_of_login(self, login: str) -> str | None:
        """The account with this login."""
        with mongo.unavailable():
            document = await self.accounts.find_one({"state.login": login}, {"_id": 1})
        return str(document["_id"]) if document else None
