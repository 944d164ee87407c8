"""The checker's promise: it accepts what is proven, and refuses everything else with a sentence that says where."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.verification import digest, verify
from tests.support.matching_brute_force import Small
from tests.support.matching_certificates import Document, reference_certificate

SCARCE = Small(scores=[[5, 3], [2, None], [8, 1]], capacities=[1, 1])
CLASSED = Small(scores=[[5, 3], [2, None], [8, 1], [4, 4]], capacities=[1, 1], classes=[3, 1, 1, 3])
SIDES = ("rows", "columns")
ROOMY = Small(scores=[[7, None, 4], [6, 6, 4], [7, 2, 4]], capacities=[2, 1, 0])
Forge = Callable[[Document], object]

FORGED: dict[str, tuple[Forge, str]] = {
    # what is no certificate
    "another format": (lambda one: one.update(format="csv"), "is of format 'csv'"),
    "another version": (lambda one: one.update(version=2), "version 2"),
    "a version that is true": (lambda one: one.update(version=True), "version True"),
    "no proof": (lambda one: one.pop("proof"), "no field 'proof'"),
    "a promise of its own": (lambda one: one.update(stable=True), "'stable', which nobody can check"),
    "a promise in the claim": (lambda one: one["claim"].update(fair=True), "'fair', which nobody can check"),
    "a list for an object": (lambda one: one.update(claim=[]), "claim is a list of 0, not an object"),
    "half a seed": (lambda one: one.update(seed=0.5), "seed is 0.5"),
    "a name too few": (lambda one: one.update(names={"rows": ["a", "b"], "columns": ["x", "y"]}), "names.rows has 2"),
    "a name for two": (lambda one: one.update(names={"rows": ["a", "b", "a"], "columns": ["x", "y"]}), "2 different"),
    "names that are numbers": (lambda one: one.update(names={"rows": [1, 2, 3], "columns": ["x", "y"]}), "of texts"),
    # what is no instance
    "a float among scores": (lambda one: one["instance"]["scores"].__setitem__(1, 3.0), "scores[1] is 3.0"),
    "not a number among scores": (lambda one: one["instance"]["scores"].__setitem__(1, float("nan")), "is nan"),
    "truth among scores": (lambda one: one["instance"]["scores"].__setitem__(4, True), "scores[4] is True"),
    "a text among capacities": (lambda one: one["instance"].update(capacities=[1, "1"]), "capacities[1] is '1'"),
    "a negative capacity": (lambda one: one["instance"].update(capacities=[1, -1]), "capacities[1] is -1"),
    "a capacity too few": (lambda one: one["instance"].update(capacities=[1]), "capacities has 1 entries, 2"),
    "more digits than can be printed": (lambda one: one["instance"].update(rows=10**5000), "an integer of 16610 bits"),
    "negative rows": (lambda one: one["instance"].update(rows=-3), "instance.rows is -3"),
    "a row more": (lambda one: one["instance"].update(rows=4), "pointers has 4 entries, 5"),
    "a score too few": (lambda one: one["instance"]["scores"].pop(), "scores has 4 entries, 5"),
    "pointers that fall": (lambda one: one["instance"].update(pointers=[0, 3, 2, 5]), "do not rise"),
    "pointers that start late": (lambda one: one["instance"].update(pointers=[1, 2, 3, 5]), "do not rise"),
    "pointers that end early": (lambda one: one["instance"].update(pointers=[0, 2, 3, 4]), "do not rise"),
    "a column that is not there": (lambda one: one["instance"]["neighbours"].__setitem__(4, 2), "neighbours[4] is 2"),
    "a column below 0": (lambda one: one["instance"]["neighbours"].__setitem__(0, -1), "neighbours[0] is -1"),
    "a pair that stands twice": (
        lambda one: one["instance"]["neighbours"].__setitem__(4, 0),
        "row 2 and column 0 stand twice",
    ),
    "a class below 1": (lambda one: one["instance"].update(classes=[1, 0, 1]), "classes[1] is 0"),
    "a class too few": (lambda one: one["instance"].update(classes=[1, 1]), "classes has 2 entries, 3"),
    # what is no legal assignment
    "an assignment too short": (lambda one: one["assignment"].pop(), "assignment has 2 entries, 3"),
    "a partner that is not there": (lambda one: one["assignment"].__setitem__(1, 2), "assignment[1] is 2"),
    "a partner below 0": (lambda one: one["assignment"].__setitem__(1, -1), "assignment[1] is -1"),
    "a partner that is true": (lambda one: one["assignment"].__setitem__(0, True), "assignment[0] is True"),
    "a pair that is not allowed": (lambda one: one.update(assignment=[None, 1, 0]), "assignment[1] is column 1"),
    "a column over its capacity": (lambda one: one.update(assignment=[1, 0, 0]), "column 0 is assigned 2 rows"),
    # what the assignment does not have
    "a coverage too high": (lambda one: one["claim"].update(coverage=3), "claim.coverage is 3, the assignment has 2"),
    "a worst too high": (lambda one: one["claim"].update(worst=4), "claim.worst is 4, the assignment has 3"),
    "no worst": (lambda one: one["claim"].update(worst=None), "claim.worst is None, the assignment has 3"),
    "a total too high": (lambda one: one["claim"].update(total=12), "claim.total is 12, the assignment has 11"),
    "a total in halves": (lambda one: one["claim"].update(total=11.0), "claim.total is 11.0, not an integer"),
    # what the proof does not show
    "a violator that is left": (
        lambda one: one["proof"].update(coverage=[{"rows": [1, 2], "columns": [0]}]),
        "proof.coverage[0] is left by the allowed pair of row 2 and column 1",
    ),
    "a violator too small": (
        lambda one: one["proof"].update(coverage=[{"rows": [], "columns": []}]),
        "proves that 0 rows stay without a column, the assignment leaves 1",
    ),
    "a violator with a row twice": (
        lambda one: one["proof"].update(coverage=[{"rows": [0, 1, 1, 2], "columns": [0, 1]}]),
        "proof.coverage[0].rows names something twice",
    ),
    "a violator of nobody": (
        lambda one: one["proof"].update(coverage=[{"rows": [0, 1, 3], "columns": [0]}]),
        "proof.coverage[0].rows[2] is 3",
    ),
    "a violator too many": (lambda one: one["proof"]["coverage"].append({"rows": [], "columns": []}), "2 violators, 1"),
    "no proof of the worst": (lambda one: one["proof"].update(worst=None), "proof.worst is missing"),
    "a better pair that leaves": (
        lambda one: one["proof"].update(worst={"rows": [0, 1], "columns": []}),
        "proof.worst is left by the better pair of row 0 and column 0",
    ),
    "a violator that excludes no better pair": (
        lambda one: one["proof"].update(worst={"rows": [1], "columns": []}),
        "proof.worst leaves 1 rows without a column",
    ),
    "prices below 0": (lambda one: one["proof"]["total"]["row_prices"].__setitem__(1, -1), "row_prices[1] is -1"),
    "column prices below 0": (
        lambda one: one["proof"]["total"].update(column_prices=[0, -7]),
        "column_prices[1] is -7",
    ),
    "prices too low": (
        lambda one: one["proof"]["total"].update(class_prices=[0], row_prices=[3, 0, 7], column_prices=[1, 0]),
        "proof.total is too low for row 0 and column 0",
    ),
    "prices too high": (
        lambda one: one["proof"]["total"].update(class_prices=[0], row_prices=[3, 0, 8], column_prices=[2, 0]),
        "no total is above 13, claimed is 11",
    ),
    "a price too few": (lambda one: one["proof"]["total"].update(column_prices=[5]), "column_prices has 1 entries, 2"),
}


def test_example_is_accepted_as_it_stands() -> None:
    """What the forgeries below start from is proven, in each of its forms."""
    for small in (SCARCE, CLASSED, ROOMY):
        verdict = verify(reference_certificate(small))
        assert verdict.faults == ()
        assert verdict.accepted
        assert verdict.pairs == sum(score is not None for line in small.scores for score in line)


@pytest.mark.parametrize(("forge", "said"), FORGED.values(), ids=FORGED)
def test_forged_certificate_is_refused_and_the_fault_named(forge: Forge, said: str) -> None:
    """Every single thing that could be wrong is found, and told where it is."""
    document = reference_certificate(SCARCE)
    forge(document)
    verdict = verify(document)
    assert not verdict.accepted
    assert any(said in fault for fault in verdict.faults), verdict.faults


def test_coverage_of_a_later_class_proves_nothing_for_an_earlier_one() -> None:
    """With classes each prefix has its own violator, of its own rows, and none may be missing."""
    document = reference_certificate(CLASSED)
    first, both = document["proof"]["coverage"]
    for wrong, said in (
        ([both], "1 violators, 2 classes occur"),
        ([both, both], "rows of a later class"),
        ([first, first], "the assignment leaves 2"),
    ):
        document["proof"]["coverage"] = wrong
        assert any(said in fault for fault in verify(document).faults)


def test_rows_that_stay_uncovered_anyway_exclude_no_better_pair() -> None:
    """The violator of the worst pair is judged by all classes that it has rows of."""
    document = reference_certificate(Small(scores=[[1, 2], [None, None]], capacities=[1, 1], classes=[1, 2]))
    document |= {"assignment": [0, None], "claim": {"coverage": 1, "worst": 1, "total": 1}}
    document["proof"]["worst"] = {"rows": [1], "columns": []}
    assert any("proof.worst leaves 1 rows" in fault for fault in verify(document).faults)


def test_first_class_must_be_covered_first() -> None:
    """Covering as many rows, but of the wrong class, is refused whatever is claimed."""
    document = reference_certificate(Small(scores=[[9], [1]], capacities=[1], classes=[2, 1]))
    assert document["assignment"] == [None, 0]
    document |= {"assignment": [0, None], "claim": {"coverage": 1, "worst": 9, "total": 9}}
    assert any("proof.coverage[0]" in fault for fault in verify(document).faults)


def test_columns_without_a_place_count_for_nothing() -> None:
    """A pair with a column of capacity 0 leaves no violator and needs no price, but cannot be chosen either."""
    document = reference_certificate(Small(scores=[[9, 5]], capacities=[0, 1]))
    assert document["proof"]["total"]["column_prices"][0] == 0
    assert verify(document).accepted
    document |= {"assignment": [0], "claim": {"coverage": 1, "worst": 9, "total": 9}}
    assert "column 0 is assigned 1 rows, its capacity is 0" in verify(document).faults


def test_capacity_beyond_all_rows_is_read_as_all_rows() -> None:
    """No number of places is too large."""
    document = reference_certificate(Small(scores=[[1], [2]], capacities=[10]))
    document["instance"]["capacities"] = [2**70]
    assert verify(document).accepted


def test_sum_of_prices_that_overflows_is_not_taken_for_a_small_one() -> None:
    """Prices whose sum is the claimed total modulo 2**64 prove nothing."""
    best = reference_certificate(Small(scores=[[0, 1]] * 4, capacities=[3, 3]))
    assert verify(best).accepted
    forged = copy.deepcopy(best)
    forged |= {"assignment": [0, 0, 0, 1], "claim": {"coverage": 4, "worst": 0, "total": 1}}
    forged["proof"]["total"] = {"class_prices": [0], "row_prices": [2**62 + 1] + [2**62] * 3, "column_prices": [0, 0]}
    assert verify(forged).faults == (f"proof.total shows that no total is above {2**64 + 1}, claimed is 1",)


def test_prices_whose_sum_with_a_score_overflows_are_added_exactly() -> None:
    """Though each number has 64 bits, a score less a price may not; then Python's integers take over."""
    far = 2**62
    document = reference_certificate(Small(scores=[[-far, -far], [None, 7]], capacities=[1, 1]))
    assert document["assignment"] == [0, 1]
    document["proof"]["total"] = {"class_prices": [-far], "row_prices": [0, 0], "column_prices": [0, far + 7]}
    assert verify(document).faults == ()


@pytest.mark.parametrize("factor", [2**40, 2**58, 2**62, 2**64, 10**40])
def test_integers_of_any_size_are_exact(factor: int) -> None:
    """A certificate in smaller units is accepted; one unit too much in the largest numbers is not."""
    document = reference_certificate(SCARCE)
    document["instance"]["scores"] = [score * factor for score in document["instance"]["scores"]]
    document["claim"] |= {"worst": 3 * factor, "total": 11 * factor}
    prices = document["proof"]["total"]
    document["proof"]["total"] = {field: [price * factor for price in prices[field]] for field in prices}
    assert verify(document).faults == ()
    document["instance"]["scores"][3] += 1
    document["claim"]["total"] += 1
    assert verify(document).faults == (
        "proof.total is too low for row 2 and column 0: their score is above their prices together",
        f"proof.total shows that no total is above {11 * factor}, claimed is {11 * factor + 1}",
    )


@pytest.mark.parametrize("place", random.Random(7).sample(range(300 * 300), 12))
def test_the_one_wrong_pair_among_many_is_named(place: int) -> None:
    """Wherever in a large instance the pair lies that is worth more than its prices, it is found."""
    size, zeros = 300, [0] * 300
    row, column = divmod(place, size)
    document = flat(size)
    assert verify(document).accepted
    document["instance"]["scores"][place] = 1
    document["proof"]["worst"] = {"rows": [(row + 1) % size], "columns": []}
    assert document["proof"]["total"]["row_prices"] == zeros
    (fault,) = verify(document).faults
    assert f"row {row} and column {column}" in fault


def flat(size: int) -> Document:
    """Everybody with everybody at no points."""
    everybody = list(range(size))
    return {
        "format": "tandem-matching-certificate",
        "version": 1,
        "instance": {
            "rows": size,
            "columns": size,
            "capacities": [1] * size,
            "classes": None,
            "pointers": [size * row for row in range(size + 1)],
            "neighbours": everybody * size,
            "scores": [0] * size**2,
        },
        "claim": {"coverage": size, "worst": 0, "total": 0},
        "assignment": everybody,
        "proof": {
            "coverage": [{"rows": [], "columns": []}],
            "worst": {"rows": [0], "columns": []},
            "total": {"class_prices": [0], "row_prices": [0] * size, "column_prices": [0] * size},
        },
    }


@pytest.mark.parametrize("integer", [np.int32, np.int64, np.object_, ">i4"])
def test_arrays_are_read_like_lists(integer: Any) -> None:
    """What a program holds in NumPy's arrays needs no detour over lists."""
    document = reference_certificate(ROOMY)
    for field in ("capacities", "pointers", "neighbours", "scores"):
        document["instance"][field] = np.array(document["instance"][field], dtype=integer)
    document["proof"]["total"]["row_prices"] = np.array(document["proof"]["total"]["row_prices"], dtype=integer)
    assert verify(document).accepted
    document["instance"]["scores"] = document["instance"]["scores"] + 1
    assert not verify(document).accepted


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(6), "float64"),
        (np.zeros(6, dtype=np.bool_), "bool"),
        (np.zeros(6, dtype=np.uint64), "uint64"),
        (np.zeros((2, 3), dtype=np.int64), "2 dimensions"),
        (np.array([1, 2, 3, 4, 5, 6.0], dtype=np.object_), "scores[5] is 6.0"),
        (np.ma.masked_array([1, 2, 3, 4, 5, 6]), "not a list"),
    ],
)
def test_array_that_holds_no_integers_is_refused(array: Any, said: str) -> None:
    """Floats, truth values and tables are no scores, in whatever they are wrapped."""
    document = reference_certificate(ROOMY)
    document["instance"]["scores"] = array
    (fault,) = verify(document).faults
    assert said in fault


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(json_like)
def test_garbage_is_refused(garbage: Any) -> None:
    """Nothing makes the checker raise, and nothing but a certificate is accepted."""
    assert not verify(garbage).accepted


@given(st.data(), json_like)
def test_garbage_inside_a_certificate_is_refused(data: st.DataObject, garbage: Any) -> None:
    """Whatever stands in place of any part of a certificate, the checker does not raise, and says no."""
    document: Any = reference_certificate(SCARCE)
    original, at = copy.deepcopy(document), document
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        at = inner
    at[key] = garbage
    harmless = {**document, "seed": 0} == original or key == "classes"
    assert harmless or not verify(document).accepted


def test_digest_is_that_of_the_agreed_text() -> None:
    """Anybody can compute it: canonical JSON of its parts; the proof may change, the pairs may not."""
    document = reference_certificate(ROOMY)
    before = digest(document)
    assert before.startswith("sha256:")
    assert len(before) == len("sha256:") + 64
    again = json.loads(json.dumps(document, indent=3))
    again["proof"] = None
    again["instance"]["scores"] = np.array(again["instance"]["scores"], dtype=np.int32)
    assert digest(again) == before
    again["assignment"][0] = None
    assert digest(again) != before


def test_digest_says_who_the_pairs_are() -> None:
    """The same numbers under other names are other pairs; so are those of nobody."""
    document = reference_certificate(ROOMY)
    document["names"] = {side: [f"{side} {number}" for number in range(document["instance"][side])] for side in SIDES}
    named = digest(document)
    document["names"]["rows"].reverse()
    assert digest(document) != named
    del document["names"]
    assert digest(document) != named


def test_digest_of_other_pairs_is_refused() -> None:
    """Who gives a digest gives the right one."""
    document = reference_certificate(ROOMY)
    document["digest"] = digest(document)
    assert verify(document).accepted
    document["digest"] = digest(reference_certificate(SCARCE))
    assert any(fault.startswith("digest is") for fault in verify(document).faults)
