"""Identifiers: random where nothing may be derived from them, derived where a repetition must find them again."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.ids import derived_id, random_id

parts = st.lists(st.text(), min_size=1, max_size=4)


def test_random_ids_are_version_4_and_never_come_twice() -> None:
    """Nothing can be read from them."""
    ids = {random_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert {uuid.UUID(id).version for id in ids} == {4}


@given(parts, parts)
def test_derived_ids_are_equal_exactly_where_their_parts_are(one: list[str], other: list[str]) -> None:
    """However the parts are cut: ("ab", "c") is not ("a", "bc")."""
    assert (derived_id(*one) == derived_id(*other)) == (one == other)
    assert uuid.UUID(derived_id(*one)).version == 5


@given(st.text(), st.integers(0, 20), st.text(max_size=3))
def test_parts_are_not_mixed_up_by_what_separates_them(text: str, cut: int, separator: str) -> None:
    """Neither a separator inside a part nor another cut of the same text gives the same id."""
    whole, halves = (text + separator,), (text[:cut], text[cut:] + separator)
    assert derived_id(*whole) != derived_id(*halves)


def test_a_derived_id_is_the_same_in_every_release() -> None:
    """A request that is repeated after an update still finds what it created."""
    assert derived_id("sessions", "a-caller", "a-key") == DERIVED


DERIVED = "076fb819-e5d3-5bf0-8fdf-8b22eaa07dd1"
