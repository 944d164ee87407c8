"""What people ask of a proposal, before they decide on it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.chassis.errors import NotFound, Refused
from services.matching import store
from services.matching.domain.certified import Certified, certified
from services.matching.domain.hard_rules import Barred, broken
from services.matching.domain.inputs import Facts, Inputs, inputs, why_no_mentee
from services.matching.domain.obstacles import Moment, Obstacle, obstacles
from services.matching.domain.proposal import ProposedPair
from services.matching.domain.run import Run, State, WhyNot, fingerprints
from services.matching.domain.scoring import Scored, score
from services.matching.handlers.overrides import OverrideHandlers

Ask = Callable[[str, str, bytes], Awaitable[WhyNot]]
"""Solves anew with a pair (executive, mentor) held, from a certificate."""
_DECIDED = frozenset({State.PUBLISHING, State.PUBLISHED, State.REJECTED, State.SUPERSEDED})
"""The states in which a run answers from its certificate alone: nothing is chosen by it any more."""


class RunNotProposed(Refused):
    """The run has no proposal that could be asked about."""

    kind = "run-not-proposed"


class UnknownExecutive(NotFound):
    """Somebody who is none of the executives to be matched."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A mentor as a choice for one executive: points in the policy's units, or the codes of the rules that forbid it.

    ``places`` are free ones; ``mentee_ids`` are the executives whom the proposal pairs the mentor with. A certificate
    tells that a pair was not allowed, and no rule.
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
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def certificate(self, run: Run) -> AsyncIterator[bytes]:
        """The certificate of a proposal, as a stream of JSON. Raises ``RunNotProposed``, ``NothingKept``."""
        parts = self.chunks.read(_proven(run), store.CERTIFICATE)
        return _begun(await anext(parts), parts)

    async def why_not(self, run: Run, mentee_id: str, mentor_id: str) -> WhyNot:
        """What stands against a pair, or what it would cost.

        Of a run that was decided on, rules are told only where its certificate does not allow the pair, and as they
        are now. Raises ``RunNotProposed``, ``Transient``.
        """
        kept = [part async for part in self.chunks.compressed(_proven(run), store.CERTIFICATE)]
        found = await self.ask(mentee_id, mentor_id, b"".join(kept))
        if run.state in _DECIDED and found.forced:
            return found
        return replace(found, rules=await self._against(run, mentee_id, mentor_id))

    async def _against(self, run: Run, mentee_id: str, mentor_id: str) -> tuple[str, ...]:
        """The codes of what forbids a pair now: rules, people's words, and why one of the two cannot be matched.

        The pairs that a run led to are nothing against others of it.
        """
        stated = await self.overrides.of_edition(run.edition_id)
        facts = await self.candidates.facts(run.edition_id)
        now = inputs(facts.as_if_nobody_were_paired() if run.state in _DECIDED else facts)
        elsewhere = any(mentee == mentee_id and mentor != mentor_id for mentor, mentee in stated.forced)
        found = _broken(run, now, mentee_id, mentor_id, stated.barred)
        return (*found, *(["forced_twice"] if elsewhere else []))

    async def mentors(self, run: Run, mentee_id: str) -> tuple[Choice, ...]:
        """All mentors for an executive: those with most points first, then those who are barred.

        A draft is asked about people as they are known now, a run that was decided on about its certificate. Raises
        ``UnknownExecutive``, ``RunNotProposed``.
        """
        found = await (self._mentors_then if run.state in _DECIDED else self._mentors_now)(run, mentee_id)
        return tuple(sorted(found, key=lambda one: (one.points is None, -(one.points or 0), one.mentor_id)))

    async def _mentors_now(self, run: Run, mentee_id: str) -> list[Choice]:
        stated = await self.overrides.of_edition(run.edition_id)
        now = inputs(await self.candidates.facts(run.edition_id))
        if (mentee := now.mentees.get(mentee_id)) is None:
            raise UnknownExecutive(f"Executive {mentee_id} cannot be matched: {why_no_mentee(now, mentee_id)}.")
        proposed, choices = _mentees(run), []
        for mentor in now.mentors.values():
            verdict = score(mentor, mentee, run.policy_used, stated.barred)
            points, rules = (verdict.points, ()) if isinstance(verdict, Scored) else (None, verdict.rules)
            pairs = proposed.get(mentor.person_id, ())
            choices.append(Choice(mentor.person_id, mentor.subsidiary, mentor.capacity, points, rules, pairs))
        return choices

    async def _mentors_then(self, run: Run, mentee_id: str) -> list[Choice]:
        """As the certificate has them; of an executive whose pair was laid down, or who was absent, no other mentor."""
        pair = run.pair_of(mentee_id)
        found = None if pair and pair.forced else await self._certified(_proven(run), mentee_id)
        if found is None:
            return [_own(run, pair)] if pair else _absent(run, mentee_id)
        facts = await self.candidates.facts(run.edition_id)
        return _choices(run, facts, found)

    async def _certified(self, evidence: str, mentee_id: str) -> tuple[Certified, ...] | None:
        """What a certificate tells of an executive; one is opened at a time, since it is large."""
        async with self._one:
            kept = b"".join([part async for part in self.chunks.compressed(evidence, store.CERTIFICATE)])
            return await asyncio.to_thread(_certified, kept, mentee_id)

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

    async def obstacles(self, run: Run) -> Mapping[str, Obstacle]:
        """Why pairs that are to be published still could not be now, by executive. Raises ``RunNotProposed``."""
        if run.proposal is None:
            raise RunNotProposed(f"The run is {run.state}; ask about one that has its proposal.")
        return obstacles(run, await self.moment(run.edition_id))

    async def moment(self, edition_id: str) -> Moment:
        """What the pairs of an edition go by now: for who asks, and for who publishes."""
        edition = await self.candidates.edition(edition_id)
        facts = await self.candidates.facts(edition_id)
        stated = await self.overrides.of_edition(edition_id)
        over = edition is not None and edition.is_over(self.overrides.clock.now())
        return Moment(facts, stated, over)


async def _begun(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream of which the first part was looked at, so that what is missing is known before anything is sent."""
    yield first
    async for part in parts:
        yield part


def _evidence(run: Run) -> str:
    if run.evidence is None:
        raise RunNotProposed(f"The run is {run.state}; ask about one that has its proposal.")
    return run.evidence


def _proven(run: Run) -> str:
    """The evidence of a run that has a proof; a re-match has none, and neither have runs from before there were any."""
    if run.certificate is None:
        raise RunNotProposed("This run has no proof; ask about a full one that has its proposal.")
    return _evidence(run)


def _certified(kept: bytes, mentee_id: str) -> tuple[Certified, ...] | None:
    return certified(zlib.decompress(kept), mentee_id)


def _mentees(run: Run) -> dict[str, tuple[str, ...]]:
    """By mentor the executives that the proposal gives them."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in run.proposal.pairs if run.proposal else ():
        found[pair.mentor_id] = (*found.get(pair.mentor_id, ()), pair.mentee_id)
    return found


def _choices(run: Run, facts: Facts, found: Sequence[Certified]) -> list[Choice]:
    """The mentors of a certificate who are, or were, known as mentors of the edition; others are none of its people."""
    proposed, pairs = _mentees(run), run.proposal.pairs if run.proposal else ()
    companies = {id: facts.persons[id].subsidiary for id in facts.mentors & facts.persons.keys()}
    companies |= {pair.mentor_id: pair.mentor_subsidiary for pair in pairs}
    return [
        Choice(one.mentor_id, companies[one.mentor_id], one.places, one.points, (), proposed.get(one.mentor_id, ()))
        for one in found
        if one.mentor_id in companies
    ]


def _own(run: Run, pair: ProposedPair) -> Choice:
    return Choice(pair.mentor_id, pair.mentor_subsidiary, 0, pair.points, (), _mentees(run)[pair.mentor_id])


def _absent(run: Run, mentee_id: str) -> list[Choice]:
    if run.proposal and any(one.mentee_id == mentee_id for one in run.proposal.uncovered):
        return []
    raise UnknownExecutive(f"Executive {mentee_id} is none of those whom this run was about.")


def _broken(run: Run, now: Inputs, mentee_id: str, mentor_id: str, barred: Barred) -> tuple[str, ...]:
    mentor, mentee = now.mentors.get(mentor_id), now.mentees.get(mentee_id)
    if mentor is not None and mentee is not None:
        return broken(mentor, mentee, run.policy_used.rules, barred)
    absent = [] if mentor else [f"mentor_{now.mentors_out.get(mentor_id, 'not_selected')}"]
    return (*absent, *([] if mentee else [f"mentee_{why_no_mentee(now, mentee_id)}"]))
