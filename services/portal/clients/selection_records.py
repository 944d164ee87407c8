"""What `applications` tells of rounds, sheets and ranks; tolerant, so that new fields and flags break nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256

from services.portal.clients.application_records import Offer, WaiverRequest, Withdrawn
from services.portal.clients.edition_records import Rubric
from services.portal.clients.records import Read

OPEN, LOCKED = "open", "locked"
_GONE = frozenset({"not-accepted", "left", "moved_out", "executive"})  # flags


class Places(Read):
    """Mentor places: needed, filled by decisions, noted for release, filled if the proposal were followed.

    ``short`` are missing then; ``tied`` of these are there once people decide the tie on the cut line.
    """

    needed: int = 0
    selected: int = 0
    pending: int = 0
    proposed: int = 0
    short: int = 0
    tied: int = 0


class Answered(Read):
    """A question in the wording of the form that was answered, and the answer."""

    question_id: str = ""
    text: Mapping[str, str] = {}
    answer: str = ""


class Assessed(Read):
    """An application as assessors read it; without ``mentor_id`` where the call hides names."""

    mentor_id: str | None = None
    name_hidden: bool = False
    waived: bool = False
    offer: Offer | None = None
    questions: tuple[Answered, ...] = ()


class Sheet(Read):
    """What one assessor says of one application; levels count from 1, ``total`` is of what is scored so far."""

    sheet_id: str
    round_id: str = ""
    edition_id: str = ""
    application_id: str | None = None
    assessor_id: str = ""
    state: str = OPEN
    complete: bool = False
    scores: Mapping[str, int] = {}
    comment: str | None = None
    total: float | None = None
    missing: tuple[str, ...] = ()
    saved_at: datetime | None = None
    locked_at: datetime | None = None
    application: Assessed | None = None
    rubric: Rubric | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of the assessor's applications still: no conflict was declared, nothing made it void."""
        return self.state not in {"conflicted", "void"}


class Waiting(Read):
    """Who has how many sheets open."""

    assessor_id: str
    open: int = 0


class Progress(Read):
    """How far a round is, for those who manage it."""

    sheets: int = 0
    locked: int = 0
    open_by: tuple[Waiting, ...] = ()
    short: tuple[str, ...] = ()


class Mine(Read):
    """How far an assessor is in a round."""

    sheets: int = 0
    locked: int = 0
    open: int = 0


class Round(Read):
    """A round of assessing; ``applications`` is None for all that were eligible."""

    round_id: str
    edition_id: str = ""
    number: int = 1
    state: str = ""
    per_application: int = 0
    due_at: datetime | None = None
    assessors: tuple[str, ...] = ()
    applications: tuple[str, ...] | None = None
    opened_by: str | None = None
    opened_at: datetime | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing_reason: str | None = None
    progress: Progress | None = None
    mine: Mine | None = None

    @property
    def closed(self) -> bool:
        """Whether its scores may be seen."""
        return self.state == "closed"


class Total(Read):
    """The total of one sheet, 0 to 100 points, and the same set against how this assessor scores."""

    sheet_id: str = ""
    assessor_id: str = ""
    total: float = 0
    normalised: float | None = None


class Decided(Read):
    """A decision, with its person, its reason and its time; ``released_at`` is None while it is pending."""

    decision: str
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    released_at: datetime | None = None

    @property
    def mark(self) -> str:
        """What tells it from any other decision on the same application, and from itself before its release."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Decidable(Read):
    """Something that is decided on: what is noted and waits for its release, and what was released."""

    pending: Decided | None = None
    decision: Decided | None = None

    @property
    def word(self) -> Decided | None:
        """The decision that stands: the one that is noted, else the released one."""
        return self.pending or self.decision


class Conflict(Read):
    """Which assessor gave a sheet back for a conflict, and why."""

    assessor_id: str = ""
    reason: str | None = None


class Entry(Decidable):
    """An application on the board; ``rank`` is None where it is not ranked."""

    application_id: str
    mentor_id: str
    subsidiary: str = ""
    places: int = 1
    rank: int | None = None
    tied: bool = False
    median: float | None = None
    spread: float | None = None
    sheets: int = 0
    totals: tuple[Total, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    cumulated: int | None = None
    flags: tuple[str, ...] = ()
    status: str = ""
    proposal: str | None = None
    reserve_number: int | None = None

    @property
    def gone(self) -> bool:
        """Whether it takes no place any more: withdrawn, not accepted in time, or no mentor of this edition now."""
        return self.status == "withdrawn" or bool(_GONE & frozenset(self.flags))

    @property
    def assessable(self) -> bool:
        """Whether another sheet of it can be asked for: undecided, or on the reserve list."""
        return self.status in {"applied", "reserved"} and not self.gone and "unmet" not in self.flags


class Vacancy(Read):
    """A place that became free: whose, why, and who is next on the reserve list."""

    left: str
    cause: str = ""
    next: str | None = None


class Board(Read):
    """The selection of an edition; no entries before all sheets of its rounds are in and locked."""

    edition_id: str
    as_of: datetime | None = None
    state: str = "no-round"
    rounds: tuple[Round, ...] = ()
    missing: tuple[Waiting, ...] = ()
    places: Places = Places()
    spread: int = 25
    entries: tuple[Entry, ...] = ()
    vacancies: tuple[Vacancy, ...] = ()


class Waived(Read):
    """How a waiver was decided."""

    decision: str = ""


class Rule(Read):
    """A rule of the call and whether it is met."""

    rule: str
    met: bool = False
    unknown: bool = False


class Application(Decidable):
    """An application as those who manage the edition see it; of one that was withdrawn neither offer nor answers."""

    application_id: str
    edition_id: str
    mentor_id: str
    subsidiary: str = ""
    status: str = ""
    applied_at: datetime | None = None
    withdrawn: Withdrawn | None = None
    offer: Offer | None = None
    answers: Mapping[str, str] = {}
    eligibility: str = ""
    standing: str = "in"
    rules: tuple[Rule, ...] = ()
    waiver_request: WaiverRequest | None = None
    waiver: Waived | None = None
    accepted_at: datetime | None = None
    accept_by: date | None = None

    def waits_for(self, round: Round) -> bool:
        """Whether nothing can be decided on it before this round is closed."""
        meant = round.applications is None or self.application_id in round.applications
        selectable = self.status in {"applied", "reserved"} and self.eligibility != "unmet" and self.standing == "in"
        return not round.closed and meant and selectable


class Scored(Read):
    """A sheet of a closed round, with its total."""

    sheet_id: str = ""
    round: int = 1
    assessor_id: str = ""
    scores: Mapping[str, int] = {}
    comment: str | None = None
    total: float = 0
    normalised: float | None = None


class Refused(Read):
    """An application of which nothing was decided or released, and why."""

    application_id: str
    kind: str = ""
    detail: str = ""


class DecidedMany(Read):
    """What became of many decisions at once."""

    decided: int = 0
    refused: tuple[Refused, ...] = ()


class Released(Read):
    """What became of a release; ``remaining`` decisions are still pending."""

    released: int = 0
    remaining: int = 0
    refused: tuple[Refused, ...] = ()


class HandedIn(Read):
    """How many sheets were locked, and which were not complete."""

    locked: int = 0
    incomplete: tuple[str, ...] = ()
