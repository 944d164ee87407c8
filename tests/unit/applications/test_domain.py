"""Promises of editions and participations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.applications.domain import edition, participation

NOW = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
OPEN = edition.OpenEdition("e-1", "Reverse 2026", date(2026, 3, 1), date(2027, 2, 28), ("s-1", "s-2"))
CALL = edition.OpenCall(date(2026, 3, 1), 28, ("de", "en"), closes_at=datetime(2026, 2, 15, 12, tzinfo=UTC))


def opened() -> edition.Edition:
    """An edition without a call."""
    [event] = edition.open_edition(None, OPEN, at=NOW)
    return edition.evolve(None, event)


def called() -> edition.Edition:
    """An edition with its call."""
    state = opened()
    [event] = edition.open_call(state, CALL, at=NOW)
    return edition.evolve(state, event)


# Editions


def test_opened_edition_holds_what_was_asked_for() -> None:
    """Name, dates and subsidiaries are kept; there is no call yet."""
    state = opened()

    assert (state.edition_id, state.name, state.subsidiaries) == ("e-1", "Reverse 2026", ("s-1", "s-2"))
    assert (state.starts_on, state.ends_on, state.opened_at) == (OPEN.starts_on, OPEN.ends_on, NOW)
    assert state.call is None


def test_edition_is_opened_once() -> None:
    """An edition that exists is not opened again."""
    with pytest.raises(edition.EditionExists):
        edition.open_edition(opened(), OPEN, at=NOW)


def test_edition_must_not_end_before_it_starts() -> None:
    """One day is the shortest edition; the refusal names the field."""
    one_day = replace(OPEN, ends_on=OPEN.starts_on)

    assert edition.open_edition(None, one_day, at=NOW)
    with pytest.raises(edition.DatesContradict) as refused:
        edition.open_edition(None, replace(OPEN, ends_on=OPEN.starts_on - timedelta(days=1)), at=NOW)
    assert refused.value.field == "/ends_on"


def test_edition_that_is_over_is_not_opened() -> None:
    """On its last day an edition can still be opened, on the day after it can not."""
    last = datetime(2027, 2, 28, 23, 59, tzinfo=UTC)

    assert edition.open_edition(None, OPEN, at=last)
    with pytest.raises(edition.EditionOver):
        edition.open_edition(None, OPEN, at=last + timedelta(minutes=1))


def test_call_is_opened_once_and_holds_its_rules() -> None:
    """An edition has one call."""
    state = called()

    assert state.call == edition.Call(date(2026, 3, 1), 28, ("de", "en"), CALL.closes_at, opened_at=NOW)
    with pytest.raises(edition.CallExists, match="2026-01-12"):
        edition.open_call(state, CALL, at=NOW)


@pytest.mark.parametrize("closes_at", [NOW, NOW - timedelta(days=1), datetime(2027, 3, 1, tzinfo=UTC)])
def test_call_must_close_ahead_and_within_the_edition(closes_at: datetime) -> None:
    """A deadline that has passed or lies after the edition's last day is refused and named."""
    with pytest.raises(edition.DatesContradict) as refused:
        edition.open_call(opened(), replace(CALL, closes_at=closes_at), at=NOW)
    assert refused.value.field == "/closes_at"


def test_call_of_an_edition_that_is_over_is_refused() -> None:
    """After the last day there is nothing to apply for."""
    with pytest.raises(edition.EditionOver):
        edition.open_call(opened(), CALL, at=datetime(2027, 3, 1, tzinfo=UTC))


# Participations


def obliged() -> participation.Participation:
    """An executive in scope."""
    [event] = participation.oblige(
        None, participation_id="x-1", edition_id="e-1", mentee_id="p-1", subsidiary="s-1", at=NOW
    )
    return participation.evolve(None, event)


EXEMPTION = participation.Exemption("absence", "On parental leave until autumn.", "manager", NOW + timedelta(days=3))


def test_executive_in_scope_is_obliged_once() -> None:
    """Who is obliged or exempt already is left as is, whatever subsidiary the directory names by now."""
    state = obliged()
    [event] = participation.exempt(state, EXEMPTION)
    exempt = participation.evolve(state, event)

    assert state.status == "obliged"
    for known in (state, exempt):
        assert (
            participation.oblige(
                known, participation_id="x-1", edition_id="e-1", mentee_id="p-1", subsidiary="s-2", at=NOW
            )
            == []
        )


def test_exemption_keeps_reason_explanation_and_name() -> None:
    """An exempt executive is so for a reason that somebody answers for."""
    state = obliged()
    [event] = participation.exempt(state, EXEMPTION)
    exempt = participation.evolve(state, event)

    assert exempt == replace(state, status="exempt", exemption=EXEMPTION)


def test_nobody_exempts_themselves() -> None:
    """The reason is somebody else's to accept."""
    state = obliged()
    with pytest.raises(participation.OwnExemption):
        participation.exempt(state, replace(EXEMPTION, exempted_by=state.mentee_id))


def test_executive_is_exempted_once() -> None:
    """The first reason stands."""
    state = obliged()
    [event] = participation.exempt(state, EXEMPTION)

    with pytest.raises(participation.AlreadyExempt, match="2026-01-15: absence"):
        participation.exempt(participation.evolve(state, event), replace(EXEMPTION, reason="other"))
