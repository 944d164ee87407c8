"""What people ask of a proposal, before they decide on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from services.chassis.errors import NotFound, Refused
from services.matching import store
from services.matching.domain.hard_rules import Barred, broken
from services.matching.domain.inputs import Inputs, inputs, why_no_mentee
from services.matching.domain.run import Run, WhyNot, fingerprints
from services.matching.domain.scoring import Scored, score
from services.matching.handlers.overrides import OverrideHandlers

Ask = Callable[[str, str, Sequence[int], bytes], Awaitable[WhyNot]]
"""Solves anew with a pair (executive, mentor) held, from the points of pairs laid down and a certificate."""


class RunNotProposed(Refused):
    """The run has no proposal that could be asked about."""

    kind = "run-not-proposed"


class UnknownExecutive(NotFound):
    """Somebody who is none of the executives to be matched."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A mentor as a choice for one executive: points in the policy's units, or the codes of the rules that forbid it.

    ``places`` are free ones; ``mentee_ids`` are the executives whom the proposal pairs the mentor with.
    """

    mentor_id: str
    subsidiary: str
    places: int
    points: int | None
    rules: tuple[str, ...]
    mentee_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concerned:
    """What is known otherwise of somebody since the run was solved, and whose pairs of the proposal that concerns."""

    change: fingerprints.Change
    mentee_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions; ``ask`` solves in a process of its own."""

    candidates: store.Candidates
    overrides: OverrideHandlers
    chunks: store.RunChunks
    ask: Ask

    def certificate(self, run: Run) -> AsyncIterator[bytes]:
        """The certificate of a proposal, as a stream of JSON. Raises ``RunNotProposed``."""
        return self.chunks.read(_proven(run), store.CERTIFICATE)

    async def why_not(self, run: Run, mentee_id: str, mentor_id: str) -> WhyNot:
        """What stands against a pair, or what it would cost. Raises ``RunNotProposed``, ``Transient``."""
        kept = [part async for part in self.chunks.compressed(_proven(run), store.CERTIFICATE)]
        assert run.proposal is not None
        also = [pair.points for pair in run.proposal.pairs if pair.forced]
        found = await self.ask(mentee_id, mentor_id, also, b"".join(kept))
        return replace(found, rules=await self._against(run, mentee_id, mentor_id))

    async def _against(self, run: Run, mentee_id: str, mentor_id: str) -> tuple[str, ...]:
        """The codes of what forbids a pair now: rules, people's words, and why one of the two cannot be matched."""
        stated = await self.overrides.of_edition(run.edition_id)
        now = inputs(await self.candidates.facts(run.edition_id))
        elsewhere = any(mentee == mentee_id and mentor != mentor_id for mentor, mentee in stated.forced)
        found = _broken(run, now, mentee_id, mentor_id, stated.barred)
        return (*found, *(["forced_twice"] if elsewhere else []))

    async def mentors(self, run: Run, mentee_id: str) -> tuple[Choice, ...]:
        """All mentors for an executive, as they are known now: those with most points first, then those who are barred.

        Raises ``UnknownExecutive``.
        """
        stated = await self.overrides.of_edition(run.edition_id)
        now = inputs(await self.candidates.facts(run.edition_id))
        if (mentee := now.mentees.get(mentee_id)) is None:
            raise UnknownExecutive(f"Executive {mentee_id} cannot be matched: {why_no_mentee(now, mentee_id)}.")
        proposed: dict[str, list[str]] = {}
        for pair in run.proposal.pairs if run.proposal else ():
            proposed.setdefault(pair.mentor_id, []).append(pair.mentee_id)
        choices = []
        for mentor in now.mentors.values():
            verdict = score(mentor, mentee, run.policy_used, stated.barred)
            points, rules = (verdict.points, ()) if isinstance(verdict, Scored) else (None, verdict.rules)
            pairs = tuple(proposed.get(mentor.person_id, ()))
            choices.append(Choice(mentor.person_id, mentor.subsidiary, mentor.capacity, points, rules, pairs))
        return tuple(sorted(choices, key=lambda one: (one.points is None, -(one.points or 0), one.mentor_id)))

    async def changes(self, run: Run) -> tuple[Concerned, ...]:
        """Who is known otherwise than when the run was solved. Raises ``RunNotProposed``."""
        evidence = _evidence(run)
        kept = b"".join([part async for part in self.chunks.read(evidence, store.PEOPLE)])
        facts = await self.candidates.facts(run.edition_id)
        now = fingerprints.of_people(facts, salt=evidence)
        changed = fingerprints.changes(fingerprints.read(kept), now)
        pairs = run.proposal.pairs if run.proposal else ()
        of = {one.person_id: one for one in changed}
        concerned: dict[str, list[str]] = {id: [] for id in of}
        for pair in pairs:
            for id in {pair.mentor_id, pair.mentee_id} & of.keys():
                concerned[id].append(pair.mentee_id)
        return tuple(Concerned(one, tuple(sorted(concerned[one.person_id]))) for one in changed)


def _evidence(run: Run) -> str:
    if run.evidence is None:
        raise RunNotProposed(f"The run is {run.state}; ask about one that has its proposal.")
    return run.evidence


def _proven(run: Run) -> str:
    """The evidence of a run that has a proof; a re-match has none, and neither have runs from before there were any."""
    if run.certificate is None:
        raise RunNotProposed("This run has no proof; ask about a full one that has its proposal.")
    return _evidence(run)


def _broken(run: Run, now: Inputs, mentee_id: str, mentor_id: str, barred: Barred) -> tuple[str, ...]:
    mentor, mentee = now.mentors.get(mentor_id), now.mentees.get(mentee_id)
    if mentor is not None and mentee is not None:
        return broken(mentor, mentee, run.policy_used.rules, barred)
    absent = [] if mentor else [f"mentor_{now.mentors_out.get(mentor_id, 'not_selected')}"]
    return (*absent, *([] if mentee else [f"mentee_{why_no_mentee(now, mentee_id)}"]))
