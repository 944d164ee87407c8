"""What `matching` answers to questions about a proposal: other mentors, why not, what differs, what changed since."""

from __future__ import annotations

from services.portal.clients.matching_records import Figures, ProposedPair, Why
from services.portal.clients.records import Read


class Possible(Read):
    """A mentor for one executive: the points of the two, or the rules against them; and whose mentor is proposed."""

    mentor_id: str
    subsidiary: str = ""
    places: int = 0
    allowed: bool = True
    points: float | None = None
    rules: tuple[str, ...] = ()
    mentee_ids: tuple[str, ...] = ()


class Moved(Read):
    """An executive whose mentor would be another one; None is nobody."""

    mentee_id: str
    before: str | None = None
    after: str | None = None


class WhyNot(Read):
    """The rules against a pair, or what the proposal would be with it; ``forced`` is None where none can hold it."""

    allowed: bool = True
    rules: tuple[str, ...] = ()
    now: Figures = Figures()
    forced: Figures | None = None
    moved: tuple[Moved, ...] = ()


class Difference(Read):
    """An executive whose mentor differs between two proposals: the pairs that these hold, and whom each leaves them.

    A mentor without a pair is one of a pair that stands already; None is nobody.
    """

    mentee_id: str
    first: ProposedPair | None = None
    second: ProposedPair | None = None
    first_mentor_id: str | None = None
    second_mentor_id: str | None = None


class Comparison(Read):
    """Two drafts side by side."""

    first: Figures = Figures()
    second: Figures = Figures()
    differences: tuple[Difference, ...] = ()


class Obstacle(Why):
    """A pair that is to be published still, and why it could not be at this moment.

    Its executive ``goes_without`` a mentor for it who takes part still and has none.
    """

    mentor_id: str = ""
    mentee_id: str
    goes_without: bool = True


class Changed(Read):
    """Somebody of whom something else is known than when the run was solved, and whose pairs that concerns."""

    person_id: str
    what: tuple[str, ...] = ()
    mentee_ids: tuple[str, ...] = ()
