"""One function per command of `matching`: those of people, and those of the worker that carries runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.chassis.aggregate import AlreadyTaken, Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Invalid, Refused
from services.matching import store
from services.matching.domain import pair, run
from services.matching.domain.proposal import Proposal

Runs = Repository[run.Run, run.Event]
Pairs = Repository[pair.Pair, pair.Event]


class UnknownEdition(Invalid):
    """Nobody has told `matching` of this edition."""

    kind = "unknown-edition"


class EditionOver(Refused):
    """The last day of the edition has passed, or people closed it."""

    kind = "edition-over"


class RunOpen(Refused):
    """An edition has one open run at a time."""

    kind = "run-open"


@dataclass(frozen=True, slots=True)
class Handlers:
    """The commands of `matching`; ``work`` is called when there is something to do for the worker."""

    runs: Runs
    pairs: Pairs
    candidates: store.Candidates
    clock: Clock
    work: Callable[[], None]

    async def request(self, run_id: str, edition_id: str, command: Command) -> Loaded[run.Run]:
        """Ask for a run over an edition. Raises ``UnknownEdition``, ``EditionOver``, ``RunOpen``."""
        now = self.clock.now()
        edition = await self.candidates.edition(edition_id)
        if edition is None:
            detail = f"There is no edition {edition_id}, or its opening has not arrived here yet."
            raise UnknownEdition(detail, fields=[FieldError("/edition_id", detail)])
        wanted = run.Run(run_id, edition_id, requested_by=command.actor or "", requested_at=now)

        def decide(state: run.Run | None) -> Sequence[run.Event]:
            events = run.request(state, wanted)
            if edition.is_over(now):
                ended = "was closed" if edition.closed else f"ended on {edition.ends_on}"
                raise EditionOver(f"The edition {ended}; nobody is matched in it any more.")
            return events

        try:
            loaded = await self.runs.handle(run_id, decide, command)
        except AlreadyTaken as error:
            raise RunOpen(await self._which_is_open(edition_id)) from error
        self.work()
        return loaded

    async def _which_is_open(self, edition_id: str) -> str:
        other = await store.open_run(self.runs.collection, edition_id)
        if other is None:
            return "Another run of this edition was open at that moment; try again."
        return f"Run {other} of this edition is open; publish or reject it before you start another one."

    async def review(
        self, run_id: str, command: Command, *, decision: Literal["approved", "rejected"], note: str | None
    ) -> Loaded[run.Run]:
        """Approve or reject the proposal of a run."""
        said = run.Review(decision, note, reviewed_by=command.actor or "", reviewed_at=self.clock.now())
        return await self.runs.change(run_id, lambda state: run.review(state, said), command)

    async def publish(self, run_id: str, command: Command) -> Loaded[run.Run]:
        """Have the approved proposal of a run carried out."""
        now, by = self.clock.now(), command.actor or ""
        loaded = await self.runs.change(run_id, lambda state: run.publish(state, by, now), command)
        self.work()
        return loaded

    async def propose(self, run_id: str, proposal: Proposal) -> Loaded[run.Run]:
        """Give a run its proposal; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.propose(state, proposal, now))

    async def match(self, wanted: pair.Pair, command: Command) -> Loaded[pair.Pair]:
        """Make a pair; doing it again changes nothing. Raises ``AlreadyTaken``."""
        return await self.pairs.handle(wanted.pair_id, lambda state: pair.match(state, wanted), command)

    async def settle(self, run_id: str, settled: Sequence[run.Settled], command: Command) -> Loaded[run.Run]:
        """Record what became of pairs of a run; doing it again changes nothing."""
        now = self.clock.now()
        return await self.runs.change(run_id, lambda state: run.settle(state, settled, now), command)
