"""Uses of API keys, heard from the access logs of all services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.chassis import metrics, mongo
from services.chassis.candidates import Reading, Record
from services.people import contracts
from services.people.contracts.uses import KeyUsed
from services.people.store.accounts import KeyUses

_READING = Reading(contracts.READS)


class HeardUses:
    """Keeps the latest use of each key; whatever else an access log says, also what nobody can read, is passed over.

    An entry that cannot be read says nothing of a key, and the audit trail keeps it anyway.
    """

    def __init__(self, database: mongo.Database, name: str) -> None:
        self.name = name
        self._uses = KeyUses(database)

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Note the uses of a batch, each key's latest once; nothing is ever parked. Raises ``Unavailable``."""
        metrics.RECORDS.labels(self.name).inc(len(records))
        latest: dict[str, datetime] = {}
        for record in records:
            told = _READING.candidate(record).data
            if isinstance(told, KeyUsed):
                latest[told.key_id] = max(told.at, latest.get(told.key_id, told.at))
        for key_id, at in latest.items():
            await self._uses.note(key_id, at)
        metrics.APPLIED.labels(self.name).inc(len(latest))
        return []
