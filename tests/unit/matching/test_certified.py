"""What a certificate tells of one executive."""

from __future__ import annotations

from services.matching.domain.certified import Certified, certified

_DOCUMENT = {
    "names": {"rows": ["x1", "x2"], "columns": ["m1", "m2", "m3"]},
    "instance": {"pointers": [0, 1, 3], "neighbours": [1, 0, 2], "scores": [70, 50, 60], "capacities": [1, 2, 0]},
}


def test_all_mentors_of_a_certificate_are_told_with_points_where_they_were_allowed() -> None:
    """In the order of the columns, with the places that there were."""
    found = certified(_DOCUMENT, "x2")

    assert found == (Certified("m1", 1, 50), Certified("m2", 2, None), Certified("m3", 0, 60))


def test_who_is_no_row_of_a_certificate_has_no_choices() -> None:
    """None, which is not the same as an executive with nobody allowed."""
    assert certified(_DOCUMENT, "x3") is None
