"""Promises of what `applications` takes over HTTP: days, instants and texts that everything behind can go on with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.applications.http.bodies import DecideApplication, DecideWaiver, Exempt, OpenCall, OpenEdition

CALL = {"reference_date": "2026-03-01", "languages": ["de"], "closes_at": "2026-02-15T13:00:00+01:00"}
EDITION = {
    "name": "2026",
    "starts_on": "2026-03-01",
    "ends_on": "2027-02-28",
    "subsidiaries": ["395841e8-5262-5ef9-a792-97d8d204f0d6"],
}


def refused(body: type[Any], fields: dict[str, Any]) -> list[str]:
    """The first part of the place of each fault."""
    with pytest.raises(ValidationError) as error:
        body.model_validate(fields)
    return [str(fault["loc"][0]) for fault in error.value.errors()]


def test_instant_is_taken_with_its_offset_and_counts_in_utc() -> None:
    """Noon in Berlin is eleven o'clock, wherever the service runs."""
    assert OpenCall.model_validate(CALL).closes_at == datetime(2026, 2, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "closes_at",
    ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", "1893456000", 1893456000, "2026-02-15T13:00:00"],
)
def test_instant_at_either_end_of_time_or_counted_in_seconds_is_refused(closes_at: object) -> None:
    """What cannot be told in UTC, is a number, also as text, or lacks its offset names the field."""
    assert refused(OpenCall, CALL | {"closes_at": closes_at}) == ["closes_at"]


@pytest.mark.parametrize("day", ["1893456000", "0", 1893456000, "1899-12-31", "2201-01-01", "2026-03-01T00:00:00", ""])
def test_day_that_is_no_calendar_day_of_our_times_is_refused(day: object) -> None:
    """A day is text, YYYY-MM-DD, between the years 1900 and 2200, in every field that has one."""
    assert refused(OpenCall, CALL | {"reference_date": day}) == ["reference_date"]
    assert refused(OpenEdition, EDITION | {"starts_on": day, "ends_on": day}) == ["starts_on", "ends_on"]


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2200, 12, 31)])
def test_first_and_last_day_of_our_times_are_taken(day: date) -> None:
    """Both bounds are days one may name."""
    assert OpenCall.model_validate(CALL | {"reference_date": day.isoformat()}).reference_date == day


@pytest.mark.parametrize("name", ["20\n26", "20\x0026", "20\x1b26", "20\u202e26"])
def test_name_that_would_look_like_another_is_refused(name: str) -> None:
    """A name is one line without control characters or overrides of the writing direction."""
    assert refused(OpenEdition, EDITION | {"name": name}) == ["name"]


REASONED = [
    (DecideWaiver, {"decision": "granted"}, "reason"),
    (DecideApplication, {"decision": "declined"}, "reason"),
    (Exempt, {"reason": "other"}, "explanation"),
]


@pytest.mark.parametrize(("body", "fields", "text"), REASONED)
def test_reason_may_have_several_lines_but_no_control_characters(
    body: type[Any], fields: dict[str, Any], text: str
) -> None:
    """Paragraphs are kept as they were written; what nobody sees is refused."""
    written = "Came late from university.\nKnows the platforms well."

    assert getattr(body.model_validate(fields | {text: written}), text) == written
    for unseen in ("\x00", "\x1b", "\u202e"):
        assert refused(body, fields | {text: written + unseen + "Really."}) == [text]
