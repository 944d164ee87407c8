"""Promises of what is sent to matching: what only looks like a number or a yes is refused, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.http import Body
from services.matching.http.override_bodies import LayDown
from services.matching.http.policy_bodies import MakePolicy
from services.matching.http.run_bodies import Choose, RequestRun

PLACE = {"kind": "place", "mentor_id": "m", "reason": "agreed"}


@pytest.mark.parametrize(
    ("body", "said", "field"),
    [
        *((RequestRun, {"edition_id": "e", "trial": wrong}, "trial") for wrong in ("yes", "true", 1, 0.0)),
        *((RequestRun, {"edition_id": "e", "seed": wrong}, "seed") for wrong in (-0.0, 1.0, "7", True, 2**31)),
        *((Choose, {"changes": wrong}, "changes") for wrong in (True, "1", 1.0, -1)),
        *((LayDown, {**PLACE, "places": wrong}, "places") for wrong in (True, "1", 1.0, 4)),
        *((MakePolicy, {"name": "P", "veto_days": wrong}, "veto_days") for wrong in (True, "3", 3.0)),
        *((MakePolicy, {"name": "P", "group_wide": wrong}, "group_wide") for wrong in ("yes", 1)),
    ],
)
def test_number_or_yes_that_is_none_is_refused(body: type[Body], said: dict[str, Any], field: str) -> None:
    """A slip of a program is told at once, instead of meaning something else."""
    with pytest.raises(ValidationError) as caught:
        body.model_validate(said)
    assert [error["loc"][0] for error in caught.value.errors()] == [field]


def test_numbers_and_yes_are_taken() -> None:
    """As JSON has them."""
    asked = RequestRun.model_validate({"edition_id": "e", "trial": True, "seed": 7})
    assert (asked.trial, asked.seed) == (True, 7)
    assert Choose.model_validate({"changes": 1}).changes == 1
