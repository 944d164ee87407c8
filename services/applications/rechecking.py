"""Rechecking: what is learnt of a person counts in their applications, which decides nothing."""

from __future__ import annotations

import time

from services.applications import store
from services.applications.handlers import Handlers
from services.applications.store.rechecks import Note, Rechecks
from services.chassis import metrics, mongo
from services.chassis.logging import get_logger

log = get_logger(__name__)
LOOP = "rechecking"
SECONDS = 5.0  # between two looks that nothing asked for
SETTLED = 5.0  # seconds after which a person is looked at once more, and the note removed


class Rechecking:
    """Counts applications anew where something was learnt of the applicant.

    A note is looked at when it comes and once more a moment later: whoever applies in between, by what was known
    before, is found at the second look. Several processes doing so at once do no harm.
    """

    def __init__(self, handlers: Handlers, rechecks: Rechecks) -> None:
        self._handlers = handlers
        self._rechecks = rechecks
        self._seen: dict[Note, float] = {}

    async def recheck(self) -> int:
        """Look at each note that is new or has settled; how many applications changed. Raises what is ``Transient``."""
        changed, after, seen = await self._group_wide(), "", dict[Note, float]()
        while notes := await self._rechecks.page(after):
            after, now = notes[-1].person_id, time.monotonic()
            since = {note: self._seen.get(note, now) for note in notes}
            settled = [note for note in notes if now - since[note] >= SETTLED]
            new = [note for note in notes if note not in self._seen]
            changed += await self._recount([note.person_id for note in {*new, *settled}])
            await self._rechecks.forget(settled)
            seen |= {note: since[note] for note in notes if note not in set(settled)}
        self._seen = seen
        metrics.RECHECKS.set(len(seen))
        if changed:
            log.info("applications_recounted", number=changed)
        return changed

    async def _recount(self, person_ids: list[str]) -> int:
        collection, changed = self._handlers.applications.applications.collection, 0
        for chunk in mongo.in_chunks(sorted(person_ids)):
            changed += await self._handlers.applications.recount(await store.watched_of(collection, chunk))
        return changed

    async def _group_wide(self) -> int:
        """Whose company takes part only since an edition of the whole group was extended to it."""
        applications, changed = self._handlers.applications.applications.collection, 0
        for id in await store.group_wide(self._handlers.editions.editions.collection):
            changed += await self._handlers.applications.recount(await store.moved_out_of(applications, id))
        return changed
