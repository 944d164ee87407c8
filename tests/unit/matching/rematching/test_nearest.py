"""The promise of the nearest best assignment: as good as any, and none as good changes fewer."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.rematching import nearest
from tests.support.matching_brute_force import Optimum, Small, every_matching, judged, optimum
from tests.support.matching_instances import instance, small_instances


@settings(max_examples=150)
@given(small_instances(classes=True), st.data())
def test_nearest_changes_fewest_among_the_best(small: Small, data: st.DataObject) -> None:
    """It is as good as any, and none as good has more in common with what was before: who has nobody counts too."""
    column = st.integers(-1, len(small.capacities) - 1)
    before = data.draw(st.lists(column, min_size=small.rows, max_size=small.rows))
    partner = nearest(instance(small), np.array(before, np.int32))
    found = judged(small, tuple(None if one < 0 else one for one in partner.tolist()))

    def kept(one: Optimum) -> int:
        return sum((-1 if column is None else column) == was for column, was in zip(one.partner, before, strict=True))

    def values(one: Optimum) -> tuple[tuple[int, ...], int | None, int]:
        return one.by_prefix, one.worst, one.total

    everything = [judged(small, one) for one in every_matching(small)]
    assert found in everything
    best = [one for one in everything if values(one) == values(optimum(small))]
    assert values(found) == values(optimum(small))
    assert kept(found) == max(map(kept, best))
