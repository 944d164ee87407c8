"""The commands on roster imports: upload, apply, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.chassis.aggregate import Command, LostUpdate
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.rules import refusing
from services.people.domain import roster_import as domain
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.mapping import Layout
from services.people.domain.roster_import import Asked, Job, Powers, State
from services.people.domain.rules import RuleBroken
from services.people.mappings import layout, shipped
from services.people.store import Imports, Stored

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends, and where they may import people and give roles."""

    body: bytes
    asked: Asked
    powers: Powers
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportHandlers:
    """The commands on roster imports; ``woken`` tells whoever carries them out that there is work."""

    imports: Imports
    clock: Clock
    woken: Callable[[], None]

    def mappings(self) -> tuple[Layout, ...]:
        """The mappings that are shipped."""
        return shipped()

    async def submit(self, id: str, upload: Upload, command: Command) -> Stored:
        """Keep a file and have it read. Raises refusals for a mapping that cannot be used, and ``KeyReused``."""
        with refusing(RosterUnusable):
            layouts_of(upload.asked)
        job = Job(command.actor or "", self.clock.now(), upload.file_name, upload.asked, upload.powers)
        fingerprint = hashlib.sha256(f"{command.fingerprint}{upload.asked}".encode()).hexdigest()
        made = await self.imports.create(id, job, upload.body, fingerprint)
        self.woken()
        return made

    async def apply(self, id: str, stated: int | None, powers: Powers, command: Command) -> Stored:
        """Have a dry run applied, with the number of leavers that somebody states. Raises refusals, ``LostUpdate``."""
        seen = await self._seen(id, command)
        with refusing(RuleBroken):
            domain.may_apply(seen.job, stated)
        job = replace(seen.job, state=State.APPLYING, applier=command.actor, powers=powers, problem=None, done=0)
        moved = await self.imports.move(seen, job)
        log.info("roster_import_confirmed", id=id, leavers=stated)
        self.woken()
        return moved

    async def cancel(self, id: str, command: Command) -> Stored:
        """Give an import up of which nothing was written. Raises refusals, ``LostUpdate``."""
        seen = await self._seen(id, command)
        with refusing(RuleBroken):
            domain.may_cancel(seen.job)
        return await self.imports.move(seen, replace(seen.job, state=State.CANCELLED))

    async def _seen(self, id: str, command: Command) -> Stored:
        seen = await self.imports.get(id)
        if command.expected is not None and command.expected != seen.version:
            raise LostUpdate("Load it again, look at what changed, and repeat the command with the new ETag.")
        return seen


def layouts_of(asked: Asked) -> tuple[Layout, ...]:
    """The mappings among which the header chooses. Raises ``RosterUnusable``."""
    if asked.own_mapping is not None:
        return (layout(asked.own_mapping),)
    known = shipped()
    if asked.mapping is None:
        return known
    if named := tuple(one for one in known if one.name == asked.mapping):
        return named
    raise RosterUnusable(
        "mapping", f"There is no mapping {asked.mapping}; there are {', '.join(one.name for one in known)}."
    )
