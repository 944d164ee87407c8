"""What `matching` tells of runs, policies, overrides and pairs; points of a pair are 0 to 100; tolerant readers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from services.portal.clients.records import Read

WAITING = frozenset({"requested", "solving"})  # for their proposal
BUSY = WAITING | {"publishing"}
DRAFTS = frozenset({"proposed", "previewed", "approved"})
BUILT_IN = "standard"


class Why(Read):
    """A stable reason and an English sentence."""

    reason: str = ""
    explanation: str = ""


class Candidates(Read):
    """Who could be matched now, in numbers; ``unknown`` are those the directory has not told of yet."""

    mentors: int = 0
    places: int = 0
    executives: int = 0
    without_profile: int = 0
    unknown: int = 0


class Rules(Read):
    """What a pair must not be under a policy; true forbids."""

    subsidiary: str = "any"
    language_level: str = "B2"
    meeting: str = "any"
    same_manager: bool = True
    earlier_pairs: bool = True


class PolicyText(Read):
    """A policy as it was when a run used it; weights are points by criterion, 100 together."""

    policy_id: str = BUILT_IN
    name: str = ""
    version: int = 1
    label: str = ""
    rules: Rules = Rules()
    weights: Mapping[str, int] = Field(default_factory=dict)
    priority_weights: tuple[int, ...] = (4, 2, 1)
    veto_days: int = 3
    priority: str = "none"


class Policy(PolicyText):
    """One version of a policy; one that is ``used`` or ``built_in`` stays as it is."""

    family: str = ""
    built_in: bool = False
    used: bool = False
    units_per_point: int = 100
    group_wide: bool = False
    subsidiaries: tuple[str, ...] = ()
    based_on: str | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    used_at: datetime | None = None


class Progress(Read):
    """How far a run is: ``done`` of ``of`` parts of a step."""

    step: str = "reading"
    done: int = 0
    of: int = 0


class Covered(Read):
    """How many of the executives without a mentor would get one."""

    covered: int = 0
    executives: int = 0

    @property
    def lacking(self) -> int:
        """How many would get none."""
        return self.executives - self.covered


class Certificate(Read):
    """The proof of a proposal: the digest of what it is about, and how many pairs were allowed."""

    digest: str = ""
    pairs: int = 0


class Reviewed(Read):
    """What was decided on a proposal."""

    decision: str = ""
    note: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


class Preview(Read):
    """Who showed the pairs to their members, and until when these may object."""

    by: str | None = None
    at: datetime | None = None
    until: datetime | None = None


class Run(Read):
    """One attempt to match an edition, without the people in it.

    ``number`` counts the requests of an edition from 1, trials among them; None of runs of releases that kept none.
    """

    run_id: str
    edition_id: str = ""
    state: str = ""
    kind: str = "full"
    trial: bool = False
    seed: int = 0
    number: int | None = None
    requested_by: str | None = None
    requested_at: datetime | None = None
    progress: Progress | None = None
    attempts: int = 0
    failure: Why | None = None
    proposed_at: datetime | None = None
    policy: PolicyText | None = None
    policy_version: str | None = None
    coverage: Covered | None = None
    worst: float | None = None
    total: float | None = None
    certificate: Certificate | None = None
    chosen: int | None = None
    preview: Preview | None = None
    review: Reviewed | None = None
    published_by: str | None = None
    published_at: datetime | None = None

    @property
    def waiting(self) -> bool:
        """Whether its proposal is still being worked out."""
        return self.state in WAITING

    @property
    def busy(self) -> bool:
        """Whether it keeps other runs of its edition from being solved or published."""
        return self.state in BUSY

    @property
    def draft(self) -> bool:
        """Whether people decide on it now; on a trial nobody does."""
        return self.state in DRAFTS and not self.trial

    @property
    def shown_until(self) -> datetime | None:
        """Until when members may object to the pairs that they see; None where these are not shown to them."""
        return self.preview.until if self.preview and self.state == "previewed" else None

    @property
    def unchosen(self) -> bool:
        """Whether it is a new order that says several ways, none of which is chosen yet."""
        return self.kind == "rematch" and self.state == "proposed" and self.chosen is None

    @property
    def mean(self) -> float | None:
        """The points of a pair on average; None without a pair."""
        covered = self.coverage.covered if self.coverage else 0
        return None if self.total is None or not covered else self.total / covered


class Criterion(Read):
    """One criterion's share of a pair's points."""

    name: str
    points: float = 0


class ProposedPair(Read):
    """One pair of a proposal, and what became of it."""

    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str = ""
    mentee_subsidiary: str = ""
    points: float = 0
    criteria: tuple[Criterion, ...] = ()
    forced: bool = False
    ends: str | None = None
    outcome: str = "pending"
    pair_id: str | None = None
    conflict: Why | None = None


class Uncovered(Why):
    """An executive without a mentor."""

    mentee_id: str


class LeftOut(Why):
    """A selected mentor who was not considered."""

    mentor_id: str


class Shortage(Read):
    """Executives who compete for the places of these mentors; ``barred`` counts pairs by the rule that forbids them."""

    executives: tuple[str, ...] = ()
    mentors: tuple[str, ...] = ()
    places: int = 0
    missing: int = 0
    barred: Mapping[str, int] = Field(default_factory=dict)


class Figures(Read):
    """What a proposal is judged by; ``worst`` is None without a pair."""

    coverage: int = 0
    worst: float | None = None
    total: float = 0

    @property
    def mean(self) -> float | None:
        """The points of a pair on average; None without a pair."""
        return self.total / self.coverage if self.coverage else None


class Relaxation(Figures):
    """Something that may be changed, and what the best proposal would be then."""

    kind: str
    mentor_id: str | None = None
    value: str | None = None


class Alternative(Figures):
    """One way to re-match, with at most ``changes`` other pairs changed."""

    changes: int = 0
    changed: tuple[ProposedPair, ...] = ()


class Veto(Read):
    """Who of a pair objected to it; one that does not stand was withdrawn by somebody, and keeps nothing back."""

    mentee_id: str
    mentor_id: str = ""
    by: str | None = None
    at: datetime | None = None
    stands: bool = True


class Report(Run):
    """A run with its proposal: pairs from the worst to the best, and why not everybody has one."""

    pairs: tuple[ProposedPair, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    mentors_left_out: tuple[LeftOut, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    vetoes: tuple[Veto, ...] = ()

    @property
    def objections(self) -> tuple[Veto, ...]:
        """The objections that stand: their pairs are not published."""
        return tuple(veto for veto in self.vetoes if veto.stands)

    @property
    def open_pairs(self) -> tuple[ProposedPair, ...]:
        """The pairs that can be published still: of a draft, or kept back when others were published."""
        if self.draft:
            return tuple(pair for pair in self.pairs if pair.outcome == "pending")
        return tuple(pair for pair in self.pairs if self.state == "published" and pair.outcome == "kept_back")

    def pair_of(self, mentee_id: str) -> ProposedPair | None:
        """The pair that is proposed for an executive."""
        return next((pair for pair in self.pairs if pair.mentee_id == mentee_id), None)


class Override(Read):
    """What somebody laid down for an edition; one that stands ``counts`` unless places laid down later replace it.

    ``undone_next``: undo takes back what was done to this one last.
    """

    override_id: str
    kind: str = ""
    mentor_id: str = ""
    mentee_id: str | None = None
    places: int | None = None
    reason: str = ""
    by: str | None = None
    at: datetime | None = None
    stands: bool = True
    counts: bool = True
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None
    undone_next: bool = False

    @property
    def changed_by(self) -> str | None:
        """Who laid it down or, where it does not stand any more, withdrew it."""
        return self.by if self.stands else self.withdrawn_by


class Shown(Read):
    """One's own pair as it is proposed, and until when one may object."""

    run_id: str
    edition_id: str = ""
    mentor_id: str = ""
    mentee_id: str = ""
    mentor_subsidiary: str = ""
    mentee_subsidiary: str = ""
    mentor_company: str | None = None
    mentee_company: str | None = None
    until: datetime | None = None
    vetoed: bool = False


class Ended(Read):
    """When a pair ended; why and by whom (a person or `matching`) is told to those responsible only."""

    ended_at: datetime | None = None
    reason: str | None = None
    note: str | None = None
    by: str | None = None


class Pair(Read):
    """A published pair; of one that is not active any more also how it ended."""

    pair_id: str
    edition_id: str = ""
    run_id: str = ""
    mentor_id: str = ""
    mentee_id: str = ""
    mentor_subsidiary: str = ""
    mentee_subsidiary: str = ""
    policy_version: str = ""
    matched_at: datetime | None = None
    slot: int = 1
    active: bool = True
    ended: Ended | None = None
