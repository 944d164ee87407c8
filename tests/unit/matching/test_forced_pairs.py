"""Forced pairs count: a proposal that holds them is the best of all that hold them, in all its three figures."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain import run
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import Overrides
from services.matching.domain.people import Skill, Wish
from services.matching.domain.policy import STANDARD, Policy
from services.matching.domain.scoring import Scored, score
from services.matching.solving import engine, forcing, proposing
from services.matching.solving.tasks import SolveTask, WhyNotTask
from services.matching.verification import verify
from tests.support.matching_brute_force import Optimum, Partner, Small, every_matching, judged
from tests.support.pairing import LENA, WINTER, considered, override, policies, sides, stated


def table(now: Inputs, policy: Policy) -> Small:
    """The points of all allowed pairs, people in the order of their ids."""
    mentees = [one for _, one in sorted(now.mentees.items())]
    mentors = [one for _, one in sorted(now.mentors.items())]
    verdicts = [[score(mentor, mentee, policy) for mentor in mentors] for mentee in mentees]
    return Small(
        scores=[[one.points if isinstance(one, Scored) else None for one in row] for row in verdicts],
        capacities=[mentor.capacity for mentor in mentors],
        classes=[one.priority_class for one in mentees] if policy.priority == "by_level" else None,
    )


def best(small: Small, held: Partner) -> Optimum:
    """The best of all matchings that hold these pairs, None where a row is free."""

    def rank(one: Optimum) -> tuple[tuple[int, ...], int, int]:
        return one.by_prefix, -1 if one.worst is None else one.worst, one.total

    holding = (
        one
        for one in every_matching(small)
        if all(column in (None, own) for column, own in zip(held, one, strict=True))
    )
    return max((judged(small, one) for one in holding), key=rank)


def solved(now: Inputs, policy: Policy, laid_down: Overrides, kind: run.Kind = "full") -> tuple[run.Found, bytes]:
    return proposing.solved(SolveTask(kind, policy, laid_down, seed=0, inputs=now), lambda told: None)


@settings(max_examples=150)
@given(sides(), policies(), st.data())
def test_proposal_is_the_best_of_all_that_hold_what_is_forced(now: Inputs, policy: Policy, data: st.DataObject) -> None:
    """Coverage, worst pair and total, of a full run, its certificate and a re-match without anybody paired."""
    small = table(now, policy)
    held = data.draw(st.sampled_from(list(every_matching(small))))
    rows, columns = sorted(now.mentees), sorted(now.mentors)
    pairs = [(columns[column], rows[row]) for row, column in enumerate(held) if column is not None]
    laid_down = stated(*(override("force", *pair) for pair in pairs))

    found, certificate = solved(now, policy, laid_down)

    expected, proposal, document = best(small, held), found.proposal, engine.read(certificate)
    figures = (expected.coverage, expected.worst, expected.total)
    assert (len(proposal.pairs), proposal.worst, proposal.total) == figures
    assert {(one.mentor_id, one.mentee_id) for one in proposal.pairs if one.forced} == set(pairs)
    assert tuple(document["claim"][name] for name in ("coverage", "worst", "total")) == figures
    assert verify(document).accepted
    again, _ = solved(now, policy, laid_down, "rematch")
    assert [(one.covered, one.worst, one.total) for one in again.alternatives] == [figures] * 3


def trading() -> Inputs:
    """Of two executives either has a good mentor and the other a bad one, or both a middling one: a worse sum.

    The third one learns from ``gifted`` all, from the others nothing.
    """
    known = {"strong": {"tiktok": 4, "linkedin": 2}, "weak": {"tiktok": 2, "linkedin": 1}, "gifted": {"podcasts": 4}}
    wished = {"a": "tiktok", "b": "linkedin", "c": "podcasts"}
    return considered(
        [
            replace(LENA, person_id=id, skills=tuple(Skill(*one) for one in skills.items()))
            for id, skills in {**known, "none": {}}.items()
        ],
        [replace(WINTER, person_id=id, wishes=(Wish(platform, 1),)) for id, platform in wished.items()],
    )


FAIR = {"a": "weak", "b": "strong", "c": "gifted"}
BEST_SUM = {"a": "strong", "b": "weak", "c": "none"}


def test_others_give_no_sum_away_where_the_forced_pair_is_the_worst() -> None:
    """Their own weakest is nobody's weakest any more."""
    free, _ = solved(trading(), STANDARD, stated())
    held, _ = solved(trading(), STANDARD, stated(override("force", "none", "c")))

    assert {one.mentee_id: one.mentor_id for one in free.proposal.pairs} == FAIR
    assert {one.mentee_id: one.mentor_id for one in held.proposal.pairs} == BEST_SUM


def test_price_of_a_pair_that_is_the_worst_is_the_best_sum_of_the_others() -> None:
    """What ``why not`` says is what a run with the pair forced proposes."""
    _, certificate = solved(trading(), STANDARD, stated())
    held, _ = solved(trading(), STANDARD, stated(override("force", "none", "c")))

    answer = forcing.why_not(WhyNotTask("c", "none"), certificate)

    assert answer.forced == run.Figures(3, held.proposal.worst, held.proposal.total)
    assert {one.mentee_id: one.after for one in answer.moved} == BEST_SUM
