"""What `matching` answers about what solving found beside the pairs, and to questions about a proposal."""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.wire import Strict
from services.matching.domain import explanations, run
from services.matching.domain.obstacles import Obstacle
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.handlers import Choice, Concerned
from services.matching.http.proposed_views import ProposedPairView, ReasonView, of_pair

__all__ = ["ReasonView"]


class CoverageView(Strict):
    """How many of the obliged executives without a mentor would get one."""

    covered: int
    executives: int


class CertificateView(Strict):
    """What a proof is about: the digest of the instance and its solution, and how many pairs were allowed."""

    digest: str
    pairs: int


class ShortageView(Strict):
    """Executives who compete for the places of these mentors, since no other pair is allowed for them.

    ``barred`` counts their pairs with other mentors by the first rule that forbids them.
    """

    executives: tuple[str, ...]
    mentors: tuple[str, ...]
    places: int
    missing: int
    barred: Mapping[str, int]


class FiguresView(Strict):
    """What a proposal is judged by; ``worst`` and ``total`` are points, ``worst`` is null without a pair."""

    coverage: int
    worst: float | None
    total: float


class RelaxationView(FiguresView):
    """Something that people may change, and what the best proposal would be then.

    ``kind`` is ``extra_place`` (of ``mentor_id``), or a rule of the policy that gives way, to ``value``.
    """

    kind: str
    mentor_id: str | None
    value: str | None


class AlternativeView(FiguresView):
    """One way to re-match: at most ``changes`` other pairs change; ``changed`` are those that are new."""

    changes: int
    changed: tuple[ProposedPairView, ...]


class MovedView(Strict):
    """An executive whose mentor would be another one; null is nobody."""

    mentee_id: str
    before: str | None
    after: str | None


class WhyNotView(Strict):
    """What stands against a pair (``rules``), or what it would cost: the figures now, and with it held.

    ``forced`` is null where no proposal can hold the pair; ``moved`` names whom it would move, the pair included.
    """

    allowed: bool
    rules: tuple[str, ...]
    now: FiguresView
    forced: FiguresView | None
    moved: tuple[MovedView, ...]


class DifferenceView(Strict):
    """An executive whose mentor differs between two proposals.

    ``first`` and ``second`` are the pairs that they propose, null where one proposes none; the mentors are those whom
    the executive would then have, by a pair that stands too, null where nobody.
    """

    mentee_id: str
    first: ProposedPairView | None
    second: ProposedPairView | None
    first_mentor_id: str | None
    second_mentor_id: str | None


class ComparisonView(Strict):
    """Two drafts side by side: their figures, and the executives for whom they differ."""

    first: FiguresView
    second: FiguresView
    differences: tuple[DifferenceView, ...]


class ChoiceView(Strict):
    """A mentor as a choice for one executive: ``points``, or the ``rules`` that forbid it.

    ``places`` are free ones; ``mentee_ids`` are the executives whom the proposal pairs the mentor with. Of a run that
    was decided on, ``rules`` is empty: what forbids a pair then is asked of `why-not`.
    """

    mentor_id: str
    subsidiary: str
    places: int
    allowed: bool
    points: float | None
    rules: tuple[str, ...]
    mentee_ids: tuple[str, ...]


class ChangeView(Strict):
    """Somebody of whom something else is known than when the run was solved, in which groups of facts.

    ``mentee_ids`` are the executives whose proposed pairs that concerns.
    """

    person_id: str
    what: tuple[str, ...]
    mentee_ids: tuple[str, ...]


class ObstacleView(ReasonView):
    """A pair of a proposal that is to be published still, and why it could not be at this moment.

    Its executive ``goes_without`` a mentor for it who takes part still and has none.
    """

    mentor_id: str
    mentee_id: str
    goes_without: bool


def points_of(units: int | None, found: Proposal) -> float | None:
    """Points from the units of a proposal."""
    return None if units is None else units / found.units_per_point


def of_shortage(one: run.Shortage) -> ShortageView:
    """One group."""
    return ShortageView(
        executives=one.executives,
        mentors=one.mentors,
        places=one.places,
        missing=one.missing,
        barred=dict(one.barred),
    )


def of_relaxation(one: run.Relaxation, units: int) -> RelaxationView:
    """One change."""
    figures = _figures(run.Figures(one.covered, one.worst, one.total), units)
    return RelaxationView(kind=one.kind, mentor_id=one.mentor_id, value=one.value, **dict(figures))


def of_alternative(one: run.Alternative, units: int) -> AlternativeView:
    """One way to re-match."""
    figures = _figures(run.Figures(one.covered, one.worst, one.total), units)
    changed = tuple(of_pair(pair, units) for pair in one.pairs)
    return AlternativeView(changes=one.changes, changed=changed, **dict(figures))


def of_why_not(one: run.WhyNot, units: int) -> WhyNotView:
    """The answer about a pair."""
    return WhyNotView(
        allowed=not one.rules,
        rules=one.rules,
        now=_figures(one.now, units),
        forced=_figures(one.forced, units) if one.forced and not one.rules else None,
        moved=() if one.rules else tuple(MovedView.model_validate(each, from_attributes=True) for each in one.moved),
    )


def of_comparison(one: run.Run, other: run.Run, first: Proposal, second: Proposal) -> ComparisonView:
    """Two runs with their proposals side by side."""
    return ComparisonView(
        first=_of_run(one, first),
        second=_of_run(other, second),
        differences=tuple(
            DifferenceView(
                mentee_id=each.mentee_id,
                first=of_pair(each.first, first.units_per_point) if each.first else None,
                second=of_pair(each.second, second.units_per_point) if each.second else None,
                first_mentor_id=each.first_mentor_id,
                second_mentor_id=each.second_mentor_id,
            )
            for each in run.differences(first, second)
        ),
    )


def of_choice(one: Choice, units: int) -> ChoiceView:
    """One mentor."""
    return ChoiceView(
        mentor_id=one.mentor_id,
        subsidiary=one.subsidiary,
        places=one.places,
        allowed=one.points is not None,
        points=None if one.points is None else one.points / units,
        rules=one.rules,
        mentee_ids=one.mentee_ids,
    )


def of_change(one: Concerned) -> ChangeView:
    """Somebody who is known otherwise."""
    return ChangeView(person_id=one.change.person_id, what=one.change.what, mentee_ids=one.mentee_ids)


def of_obstacle(pair: ProposedPair, one: Obstacle) -> ObstacleView:
    """What stands against a pair now."""
    return ObstacleView(
        mentor_id=pair.mentor_id,
        mentee_id=pair.mentee_id,
        reason=one.reason,
        explanation=explanations.of_conflict(one.reason),
        goes_without=one.goes_without,
    )


def _of_run(state: run.Run, found: Proposal) -> FiguresView:
    return _figures(run.Figures(state.covered or 0, found.worst, found.total), found.units_per_point)


def _figures(one: run.Figures, units: int) -> FiguresView:
    worst = None if one.worst is None else one.worst / units
    return FiguresView(coverage=one.covered, worst=worst, total=one.total / units)
