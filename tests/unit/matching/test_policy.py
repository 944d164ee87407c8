"""Promises of policies: what cannot be counted by is refused field by field, what was counted by keeps its name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from pydantic import TypeAdapter

from services.matching.domain.policy import BEFORE_POLICIES, BUILT_IN, CRITERIA, STANDARD, MalformedPolicy, Policy
from tests.support.pairing import policies


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": " "}, ["/name"]),
        ({"name": "x" * 81}, ["/name"]),
        ({"version": 0}, ["/version"]),
        ({"weights": replace(STANDARD.weights, place=6)}, ["/weights"]),
        ({"weights": replace(STANDARD.weights, place=-5, learning_wishes=70)}, ["/weights/place"]),
        (
            {"weights": replace(STANDARD.weights, place=-1, hierarchy=-1)},
            ["/weights/hierarchy", "/weights/place", "/weights"],
        ),
        ({"priority_weights": (4, 2, 0)}, ["/priority_weights/2"]),
        ({"priority_weights": (101, 2, 1)}, ["/priority_weights/0"]),
        ({"priority_weights": (1, 2, 4)}, ["/priority_weights"]),
        ({"units_per_point": 0}, ["/units_per_point"]),
        ({"units_per_point": 1001}, ["/units_per_point"]),
        ({"veto_days": -1}, ["/veto_days"]),
        ({"veto_days": 31, "units_per_point": 0}, ["/units_per_point", "/veto_days"]),
    ],
)
def test_policy_that_cannot_be_counted_by_is_refused_field_by_field(
    wrong: dict[str, object], fields: list[str]
) -> None:
    """Each fault names its field and says what to do; all are told at once."""
    with pytest.raises(MalformedPolicy) as caught:
        replace(STANDARD, **wrong)  # type: ignore[arg-type]  # wrong on purpose

    assert [field for field, _ in caught.value.faults] == fields
    assert all(message in caught.value.detail for _, message in caught.value.faults)


def test_standard_policy_is_built_in_under_its_label() -> None:
    """Wishes count most; the label is what events call the policy."""
    assert STANDARD.label == "standard.1"
    assert 2 * STANDARD.weights.learning_wishes > 100
    assert BUILT_IN["standard.1"] is STANDARD


def test_policy_of_stored_runs_is_still_known() -> None:
    """Runs from before policies were kept name 2026.1, and are published by its rules."""
    assert BEFORE_POLICIES.label == "2026.1"
    assert BUILT_IN["2026.1"].weights.learning_wishes == 80


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Strict 2027", "strict-2027.3"),
        ("  Prüfung / B ", "prufung-b.3"),
        ("???", "id-1.3"),
        ("x" * 40, f"{'x' * 33}.3"),
    ],
)
def test_label_is_one_word_of_name_and_version(name: str, label: str) -> None:
    """Spaces and signs become hyphens, accents go; a name without letters falls back to the id."""
    assert replace(STANDARD, policy_id="id-1", name=name, version=3).label == label


@given(policies())
def test_policy_survives_its_document(policy: Policy) -> None:
    """A run keeps the policy it was counted by, to the last field."""
    stored = TypeAdapter(Policy)
    assert stored.validate_json(stored.dump_json(policy)) == policy


def test_a_criterion_is_a_weight() -> None:
    """Every weight has its criterion, in the order in which points are shown."""
    assert CRITERIA == ("learning_wishes", "availability", "languages", "hierarchy", "place", "other_subsidiary")
