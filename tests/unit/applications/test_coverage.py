"""Promises of coverage: everybody in scope is counted once, in the company they are of."""

from __future__ import annotations

from services.applications.domain.coverage import Counts, coverage


def test_coverage_names_every_company_of_the_edition_and_others_that_occur() -> None:
    """Companies without an executive stand there with zeros; those who left count in no scope."""
    counted = coverage(
        ("south", "north"),
        {("north", "obliged"): 2, ("north", "paired"): 3, ("north", "left"): 4, ("east", "escalated"): 1,
         ("north", "exempt"): 5},
    )  # fmt: skip

    assert list(counted.rows) == ["south", "north", "east"]
    assert counted.rows["south"] == Counts()
    assert counted.rows["north"] == Counts(obliged=2, paired=3, exempt=5, left=4)
    assert counted.rows["north"].in_scope == 10
    assert counted.totals == Counts(obliged=2, paired=3, escalated=1, exempt=5, left=4)
    assert counted.totals.in_scope == 11
