"""Promises of what `applications` takes over HTTP: days, instants and texts that everything behind can go on with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.applications.http.application_bodies import DecideApplication, DecideWaiver
from services.applications.http.edition_bodies import AmendEdition, ChangeForm, ChangeRubric, DraftCall, OpenEdition
from services.applications.http.participation_bodies import Exempt
from tests.support import editions as domain
from tests.support.editions import asking, calling, drafting, scoring

COMPANY = "395841e8-5262-5ef9-a792-97d8d204f0d6"
CALL, EDITION = calling(), drafting(COMPANY)


def refused(body: type[Any], fields: dict[str, Any]) -> list[str]:
    """The first part of the place of each fault."""
    with pytest.raises(ValidationError) as error:
        body.model_validate(fields)
    return [str(fault["loc"][0]) for fault in error.value.errors()]


def test_instant_is_taken_with_its_offset_and_counts_in_utc() -> None:
    """Noon in Berlin is eleven o'clock, wherever the service runs."""
    assert DraftCall.model_validate(CALL).closes_at == datetime(2026, 2, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "closes_at",
    ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", "1893456000", 1893456000, "2026-02-15T13:00:00"],
)
def test_instant_at_either_end_of_time_or_counted_in_seconds_is_refused(closes_at: object) -> None:
    """What cannot be told in UTC, is a number, also as text, or lacks its offset names the field."""
    assert refused(DraftCall, CALL | {"closes_at": closes_at}) == ["closes_at"]


@pytest.mark.parametrize("day", ["1893456000", "0", 1893456000, "1899-12-31", "2201-01-01", "2026-03-01T00:00:00", ""])
def test_day_that_is_no_calendar_day_of_our_times_is_refused(day: object) -> None:
    """A day is text, YYYY-MM-DD, between the years 1900 and 2200, in every field that has one."""
    assert refused(DraftCall, CALL | {"reference_date": day}) == ["reference_date"]
    assert refused(OpenEdition, EDITION | {"starts_on": day, "ends_on": day}) == ["starts_on", "ends_on"]


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2200, 12, 31)])
def test_first_and_last_day_of_our_times_are_taken(day: date) -> None:
    """Both bounds are days one may name."""
    assert DraftCall.model_validate(CALL | {"reference_date": day.isoformat()}).reference_date == day


@pytest.mark.parametrize("name", ["20\n26", "20\x0026", "20\x1b26", "20\u202e26"])
def test_name_that_would_look_like_another_is_refused(name: str) -> None:
    """A name is one line without control characters or overrides of the writing direction."""
    assert refused(OpenEdition, EDITION | {"name": name}) == ["name"]


@pytest.mark.parametrize(
    "scope", [{"subsidiaries": None}, {"subsidiaries": []}, {"group_wide": True}, {"subsidiaries": [COMPANY, COMPANY]}]
)
def test_edition_is_for_some_companies_or_for_the_group(scope: dict[str, Any]) -> None:
    """Neither and both are refused; either is taken."""
    with pytest.raises(ValidationError):
        OpenEdition.model_validate(EDITION | scope)
    whole = {name: value for name, value in EDITION.items() if name != "subsidiaries"} | {"group_wide": True}
    assert OpenEdition.model_validate(whole).terms("p-1").group_wide


def test_change_of_an_edition_says_what_is_named_and_no_more() -> None:
    """What is left out stays; a deadline of null is no longer said; companies and group exclude each other."""
    changed = AmendEdition.model_validate({"name": " New ", "accept_by": None, "subsidiaries": [COMPANY]}).said()

    assert changed == {"name": "New", "accept_by": None, "subsidiaries": (COMPANY,), "group_wide": False}
    assert AmendEdition.model_validate({"group_wide": True}).said() == {"group_wide": True, "subsidiaries": ()}
    assert AmendEdition.model_validate({}).said() == {}
    for null in ("name", "starts_on", "ends_on", "zone", "subsidiaries", "group_wide", "escalation"):
        assert refused(AmendEdition, {null: None}) == [null]
    with pytest.raises(ValidationError):
        AmendEdition.model_validate({"group_wide": True, "subsidiaries": [COMPANY]})


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "age", "maximum": 28},
        {"kind": "age", "maximum": 28, "legal_ground": "too short"},
        {"kind": "age", "maximum": 15, "legal_ground": "A law that allows it."},
        {"kind": "age", "maximum": "28", "legal_ground": "A law that allows it."},
        {"kind": "tenure", "minimum_months": 0},
        {"kind": "entry", "maximum_years": -1},
        {"kind": "contract", "contracts": ["serf"]},
        {"kind": "contract", "contracts": []},
        {"kind": "language", "languages": ["German"]},
        {"kind": "subsidiary", "subsidiaries": ["North"]},
        {"kind": "height", "maximum": 190},
        {"maximum": 28},
    ],
)
def test_rule_that_nobody_could_count_is_refused(rule: dict[str, Any]) -> None:
    """An age rule names its legal ground, every rule its own figures within reason."""
    assert set(refused(DraftCall, CALL | {"rules": [rule]})) == {"rules"}


def test_call_form_and_rubric_are_taken_as_they_are_meant() -> None:
    """What a body says is what the domain hears."""
    call = DraftCall.model_validate(CALL).call()

    assert call == domain.CALL
    opening = DraftCall.model_validate(calling(opens_at="2026-01-20T09:00:00+01:00")).call()
    assert opening.opens_at == datetime(2026, 1, 20, 8, tzinfo=UTC)
    assert ChangeForm.model_validate(asking()).form() == domain.FORM.questions
    assert ChangeRubric.model_validate(scoring()).rubric() == domain.RUBRIC


@pytest.mark.parametrize(
    ("body", "fields", "place"),
    [
        (DraftCall, CALL | {"languages": []}, "languages"),
        (DraftCall, CALL | {"texts": {"de": {"title": "T" * 121, "invitation": "I"}}}, "texts"),
        (DraftCall, CALL | {"texts": {"de": {"title": "T", "invitation": "I" * 4001}}}, "texts"),
        (DraftCall, CALL | {"hours_a_month": 0}, "hours_a_month"),
        (ChangeForm, {"questions": asking()["questions"] * 11}, "questions"),
        (ChangeForm, {"questions": [asking()["questions"][0] | {"question_id": "Why?"}]}, "questions"),
        (ChangeForm, {"questions": [asking()["questions"][0] | {"most_words": 19}]}, "questions"),
        (ChangeRubric, scoring(spread=4), "spread"),
        (ChangeRubric, scoring(sheets=1), "sheets"),
        (ChangeRubric, {"criteria": []}, "criteria"),
        (ChangeRubric, {"criteria": [scoring()["criteria"][0] | {"levels": [{"de": "gut"}]}]}, "criteria"),
        (ChangeRubric, {"criteria": [scoring()["criteria"][0] | {"weight": 101}]}, "criteria"),
    ],
)
def test_bounds_are_kept(body: type[Any], fields: dict[str, Any], place: str) -> None:
    """What is too long, too many or too little names its field."""
    assert set(refused(body, fields)) == {place}


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
