"""A run: what was asked, how far it is, what it proposes, and what people said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.matching.domain.policy import BUILT_IN, STANDARD, Policy
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.run.findings import Alternative, Certificate, Relaxation, Shortage

Kind = Literal["full", "rematch"]


class State(StrEnum):
    """How far a run is: it waits, is solved, is a draft, is carried out; or it has ended in one of five ways."""

    REQUESTED = "requested"
    SOLVING = "solving"
    PROPOSED = "proposed"
    PREVIEWED = "previewed"
    APPROVED = "approved"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    CANCELLED = "cancelled"


WAITING = frozenset({State.REQUESTED, State.SOLVING})  # for their proposal
BUSY = WAITING | {State.PUBLISHING}  # an edition has one of these at a time
DRAFTS = frozenset({State.PROPOSED, State.PREVIEWED, State.APPROVED})


@dataclass(frozen=True, slots=True)
class Review:
    """What was decided on a proposal, by whom."""

    decision: Literal["approved", "rejected"]
    note: str | None
    reviewed_by: str
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run came to nothing: one of the reasons in ``failures``, and where more is known, a sentence."""

    reason: str
    at: datetime
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Who showed the pairs to their members and when; they may object before ``until``."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Veto:
    """A member's word against their pair; the reason is kept with the override it became.

    ``override_id`` is of that one; None of objections from before each had one of its own.
    """

    mentee_id: str
    mentor_id: str
    by: str
    at: datetime
    override_id: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to match an edition; an edition has one ``busy`` run at a time, and any number of drafts.

    ``number`` counts the requests of an edition from 1, trials among them; None of runs from before it was kept.
    ``policy`` is the one it goes by, as it was then; None of runs from before there were any. A ``trial`` shows what
    a policy would bring, and comes to nothing. A re-match has ``alternatives``, of which somebody chooses one by its
    number of changes. ``attempt`` names the newest attempt at solving it, the only one whose word counts, ``evidence``
    the one whose certificate is kept, ``traceparent`` the trace of the request to publish it, which goes on with each
    pair.
    """

    run_id: str
    edition_id: str
    requested_by: str
    requested_at: datetime
    state: State = State.REQUESTED
    busy: bool = True
    kind: Kind = "full"
    trial: bool = False
    seed: int = 0
    number: int | None = None
    policy: Policy | None = None
    proposal: Proposal | None = None
    proposed_at: datetime | None = None
    certificate: Certificate | None = None
    shortages: tuple[Shortage, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    evidence: str | None = None
    attempt: str | None = None
    chosen: int | None = None
    failure: Failure | None = None
    preview: Preview | None = None
    vetoes: tuple[Veto, ...] = ()
    review: Review | None = None
    published_by: str | None = None
    published_at: datetime | None = None
    traceparent: str | None = None

    @property
    def pending(self) -> tuple[ProposedPair, ...]:
        """The pairs whose publication is still to be carried out."""
        return self._having("pending")

    @property
    def kept_back(self) -> tuple[ProposedPair, ...]:
        """The pairs that were left out of the publication so far."""
        return self._having("kept_back")

    @property
    def policy_used(self) -> Policy:
        """The policy that pairs are counted by; of a run from before policies were kept the one its label names."""
        label = self.proposal.policy_version if self.proposal else STANDARD.label
        return self.policy or BUILT_IN.get(label, STANDARD)

    @property
    def alternative(self) -> Alternative | None:
        """The alternative that somebody chose."""
        return next((one for one in self.alternatives if one.changes == self.chosen), None)

    @property
    def covered(self) -> int | None:
        """How many executives would have a mentor, of a re-match those included who keep theirs."""
        if self.alternative is not None:
            return self.alternative.covered
        return self.proposal.covered if self.proposal else None

    def pair_of(self, mentee_id: str) -> ProposedPair | None:
        """The pair that is proposed for an executive, if there is one."""
        pairs = self.proposal.pairs if self.proposal else ()
        return next((pair for pair in pairs if pair.mentee_id == mentee_id), None)

    def _having(self, outcome: str) -> tuple[ProposedPair, ...]:
        pairs = self.proposal.pairs if self.proposal else ()
        return tuple(pair for pair in pairs if pair.outcome == outcome)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one proposed pair: published under ``pair_id``, a ``conflict`` with its reason, or kept back."""

    mentee_id: str
    pair_id: str | None = None
    conflict: str | None = None
