"""The commands on roster imports: upload, apply, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.logging import get_logger
from services.chassis.rules import refusing
from services.people.domain import roster_import as domain
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.mapping import Layout
from services.people.domain.roster_import import Asked, Confirmed, ImportMoved, Job, Powers
from services.people.mappings import layout, shipped
from services.people.store import Imports

log = get_logger(__name__)
RosterImports = Repository[Job, ImportMoved]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends, and where they may import people and give roles."""

    body: bytes
    asked: Asked
    powers: Powers
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportHandlers:
    """The commands on roster imports; ``woken`` tells whoever carries them out that there is work.

    All raise what a repository raises.
    """

    jobs: RosterImports
    imports: Imports
    clock: Clock
    woken: Callable[[], None]

    def mappings(self) -> tuple[Layout, ...]:
        """The mappings that are shipped."""
        return shipped()

    async def submit(self, id: str, upload: Upload, command: Command) -> Loaded[Job]:
        """Keep a file and have it read; the same again is the same import. Raises refusals for an unusable mapping."""
        with refusing(RosterUnusable):
            layouts_of(upload.asked)
        job = Job(id, command.actor or "", self.clock.now(), upload.file_name, upload.asked, upload.powers)
        said = f"{command.fingerprint}{upload.asked}"
        keyed = replace(command, fingerprint=hashlib.sha256(said.encode()).hexdigest())
        await self.imports.keep(id, upload.body)
        made = await self.jobs.handle(id, lambda state: domain.upload(state, job), keyed)
        await self.imports.enter(id, made.state.at)
        self.woken()
        return made

    async def confirm(self, id: str, stated: int | None, powers: Powers, command: Command) -> Loaded[Job]:
        """Have a dry run applied, with the number of leavers that somebody states."""
        who = Confirmed(command.actor or "", self.clock.now())
        moved = await self.jobs.change(id, lambda job: domain.confirm(job, stated, powers, who), command)
        log.info("roster_import_confirmed", id=id, leavers=stated)
        self.woken()
        return moved

    async def cancel(self, id: str, command: Command) -> Loaded[Job]:
        """Give an import up of which nothing was written."""
        now = self.clock.now()
        ended = await self.jobs.change(id, lambda job: domain.cancel(job, now), command)
        await self.imports.discard(id)
        return ended


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
