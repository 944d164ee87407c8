"""What a pair that did not come about would cost, against every matching of a small instance that holds it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.assignment import certificate, solve
from services.matching.domain.run import Figures, WhyNot
from services.matching.solving import engine, forcing
from services.matching.solving.tasks import WhyNotTask
from tests.support.matching_brute_force import Optimum, Partner, Small, every_matching, judged
from tests.support.matching_instances import instance, small_instances


def proposed(small: Small) -> Partner:
    """What the solver proposes."""
    return tuple(None if column < 0 else column for column in solve(instance(small)).partner.tolist())


def asked(small: Small, row: int, column: int) -> WhyNot:
    """What is said of a pair, whose certificate went through the form in which it is kept."""
    problem = instance(small)
    names = {"rows": _names("e", small.rows), "columns": _names("m", len(small.capacities))}
    document = certificate(problem, solve(problem), names=names, seed=0)
    return forcing.why_not(WhyNotTask(f"e{row}", f"m{column}"), engine.written(document))


def rank(one: Optimum) -> tuple[tuple[int, ...], int, int]:
    return one.by_prefix, 0 if one.worst is None else one.worst, one.total


def figures(one: Optimum) -> Figures:
    return Figures(one.coverage, one.worst, one.total)


@settings(max_examples=200)
@given(st.booleans().flatmap(lambda classes: small_instances(classes=classes)), st.data())
def test_held_pair_has_the_figures_of_the_best_matching_that_holds_it(small: Small, data: st.DataObject) -> None:
    """And of those one that moves fewest others; None just where no matching holds it."""
    if not small.rows or not small.capacities:
        return
    row = data.draw(st.integers(0, small.rows - 1))
    column = data.draw(st.integers(0, len(small.capacities) - 1))
    before = proposed(small)
    answer = asked(small, row, column)

    holding = [judged(small, one) for one in every_matching(small) if one[row] == column]
    assert answer.now == figures(judged(small, before))
    assert (answer.forced is None) == (not holding)
    if answer.forced is None:
        return
    best = max(holding, key=rank)
    assert answer.forced == figures(best)
    assert len(answer.moved) == min(moves(before, one.partner) for one in holding if rank(one) == rank(best))


def test_who_has_nobody_is_not_moved_without_need() -> None:
    """Where somebody gives way and as much comes of it, they have another place rather than a third person."""
    small = Small([[None, None], [0, 0], [1, 0], [None, 0]], [1, 1], None)
    assert proposed(small) == (None, 1, 0, None)
    assert [one.mentee_id for one in asked(small, 1, 0).moved] == ["e1", "e2"]


def moves(before: Partner, after: Partner) -> int:
    return sum(one != other for one, other in zip(before, after, strict=True))


def _names(letter: str, number: int) -> list[str]:
    return [f"{letter}{one}" for one in np.arange(number).tolist()]
