"""The park limit: too much put aside of what was read."""

from __future__ import annotations

from services.chassis.parking import ParkedRecord, ParkLimit


def batch(first: int, count: int) -> list[ParkedRecord]:
    return [ParkedRecord("topic", 0, n, None, None, []) for n in range(first, first + count)]


def places(*offsets: int) -> set[tuple[int, int]]:
    return {(0, offset) for offset in offsets}


def test_a_hundred_in_a_row_are_too_many() -> None:
    """Ninety-nine are not, and a good one in between begins the row anew."""
    limit = ParkLimit()
    assert limit.note(batch(0, 99), places(*range(99))) is None
    assert limit.note(batch(99, 1), set()) is None
    assert limit.note(batch(100, 99), places(*range(100, 199))) is not None  # 198 of 199 are above the share
    limit.forget()
    assert limit.note(batch(0, 99), places(*range(99))) is None
    assert "100 records in a row" in (limit.note(batch(99, 1), places(99)) or "")


def test_more_than_a_tenth_of_the_last_thousand_is_too_much() -> None:
    """A hundred scattered ones are borne, one more is not; what is older than a thousand records is forgotten."""
    limit = ParkLimit()
    every_tenth = places(*range(0, 1000, 10))
    assert limit.note(batch(0, 1000), every_tenth) is None
    assert limit.note(batch(1000, 1000), {(0, offset + 1000) for _, offset in every_tenth}) is None
    assert "101 of the last 1000 records" in (limit.note(batch(2000, 2), places(2000, 2001)) or "")


def test_good_batches_wash_the_bad_ones_out() -> None:
    """A large good batch fills the whole window."""
    limit = ParkLimit()
    assert limit.note(batch(0, 500), places(*range(0, 200, 2))) is None
    assert limit.note(batch(500, 5000), set()) is None
    assert limit.note(batch(6000, 500), places(*range(6000, 6200, 2))) is None
