"""The checker's promise where classes come one after the other: a pass for all of them, and an end to what it reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.matching.verification import verify
from services.matching.verification.document import CHAINS, CLASSES, read
from tests.support.matching_brute_force import Small
from tests.support.matching_certificates import Document, reference_certificate

SIDES = ("rows", "columns")


@st.composite
def violators(draw: st.DrawFn) -> tuple[Small, list[Document]]:
    """Rows of several classes, some pairs and places, and any violators: growing, shrinking, or neither."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    score = st.sampled_from([None, 1])
    scores = draw(st.lists(st.lists(score, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    places = draw(st.lists(st.integers(0, 1), min_size=columns, max_size=columns))
    some = [st.lists(st.integers(0, size - 1), unique=True) for size in (rows, columns)]
    drawn = [{side: draw(one) for side, one in zip(SIDES, some, strict=True)} for _ in range(rows)]
    return Small(scores, places, list(range(1, rows + 1))), drawn


@given(violators())
def test_pair_that_leaves_any_violator_is_found(given: tuple[Small, list[Document]]) -> None:
    """One look at each pair is enough for all violators of which each has the columns of the one before."""
    small, drawn = given
    document = reference_certificate(small)
    document["proof"]["coverage"] = drawn
    left = any(
        small.scores[row][column] is not None and small.capacities[column] and column not in one["columns"]
        for one in drawn
        for row in one["rows"]
        for column in range(len(small.capacities))
    )
    assert any("is left by the allowed pair" in fault for fault in verify(document).faults) == left


def stairs(classes: int) -> Document:
    """As many rows, each a class of its own, and one place, which the first of them has."""
    several, nothing = list(range(classes)), [0] * classes
    return {
        "format": "tandem-matching-certificate",
        "version": 1,
        "instance": {
            "rows": classes,
            "columns": 1,
            "capacities": [1],
            "classes": list(range(1, classes + 1)),
            "pointers": list(range(classes + 1)),
            "neighbours": nothing,
            "scores": nothing,
        },
        "claim": {"coverage": 1, "worst": 0, "total": 0},
        "assignment": [0, *[None] * (classes - 1)],
        "proof": {
            "coverage": [{"rows": several[: number + 1], "columns": [0]} for number in several],
            "worst": {"rows": [0], "columns": []},
            "total": {"class_prices": nothing, "row_prices": nothing, "column_prices": [0]},
        },
    }


def test_many_classes_take_one_pass() -> None:
    """What is in the violators of a thousand classes is looked at in the first of them, and named by it."""
    document = stairs(1_000)
    assert len(read(document).chains) == 1
    assert verify(document).faults == ()
    document["proof"]["coverage"][500]["columns"] = []
    assert "proof.coverage[500] is left by the allowed pair of row 0 and column 0" in verify(document).faults


def test_number_of_classes_has_an_end() -> None:
    """A short text could ask for a check that takes hours: each row a class of its own, each with a violator."""
    document = stairs(3)
    classes = CLASSES + 1
    document["instance"] |= {"rows": classes, "classes": list(range(1, classes + 1)), "pointers": [0] * (classes + 1)}
    document["instance"] |= {"neighbours": [], "scores": []}
    assert verify(document).faults == (
        f"instance.classes has {classes} different classes, {classes - 1} are looked at",
    )


def test_violators_that_neither_grow_nor_shrink_have_an_end() -> None:
    """Each that lacks a column of the one before costs a pass, so there are not many of these."""
    document = stairs(2 * CHAINS + 1)
    for one in document["proof"]["coverage"][1::2]:
        one["columns"] = []
    (fault,) = verify(document).faults
    assert fault.startswith(f"proof.coverage[{2 * CHAINS - 1}].columns lacks one of the violator before")


def test_of_many_faults_some_are_told() -> None:
    """A page of sentences helps nobody."""
    document = stairs(100)
    document["proof"]["coverage"] = [{"rows": [], "columns": []}] * 100
    assert len(verify(document).faults) == 20
