"""Promises about decisions while a round of assessment is open: what stands in it waits, what does not goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.applications.domain import application
from services.applications.domain.application import Admission, Application, Decision, Withdrawal
from services.applications.domain.round import Round, State
from tests.support.applicants import (
    APPLICANT,
    DECLINED,
    GRANTED,
    LATER,
    RESERVED,
    SELECTED,
    SELECTING,
    TOO_OLD,
    after,
    applied,
    decided,
    here,
    waived,
)

OPEN = Round(
    "r-1", "e-1", 1, "open", 3, None, assessors=("x",), applications=None, seed="s", opened_by="m", opened_at=LATER
)


def noted(state: Application, decision: Decision, running: Round | None) -> Application:
    """The application with this decision prepared while this round runs."""
    return after(state, application.decide(state, decision, SELECTING, running=running))


def told(state: Application, running: Round | None) -> Application:
    """The application once its prepared decision was released while this round runs."""
    return after(state, application.release(state, SELECTING, by="manager", at=LATER, running=running))


@pytest.mark.parametrize("word", [SELECTED, RESERVED, DECLINED])
@pytest.mark.parametrize("stage", ["assigning", "open", "closing"])
def test_nothing_is_decided_while_the_round_is_blind(word: Decision, stage: State) -> None:
    """From the opening of the round until its scores are seen, for all of the three words; afterwards any is noted."""
    with pytest.raises(application.RoundOpen, match="Round 1 is not closed"):
        noted(applied(), word, replace(OPEN, state=stage))
    closed = replace(OPEN, state="closed", unfinished=False)

    assert noted(applied(), word, closed).pending == word


def test_reserve_who_is_assessed_again_waits_too() -> None:
    """A further sheet may change what becomes of somebody on the reserve list."""
    with pytest.raises(application.RoundOpen):
        noted(decided(applied(), RESERVED), SELECTED, OPEN)


def test_what_was_noted_before_a_round_stays_noted_and_is_released_after_it() -> None:
    """The second round changes nothing of what was noted, but until its close nobody is told, nor is it changed."""
    waiting, second = noted(applied(), SELECTED, None), replace(OPEN, number=2, applications=("a-1",))

    for attempt in (lambda: told(waiting, second), lambda: noted(waiting, DECLINED, second)):
        with pytest.raises(application.RoundOpen, match="Round 2"):
            attempt()
    assert waiting.pending == SELECTED
    assert told(waiting, replace(second, state="closed", unfinished=False)).status == "selected"


def test_round_of_some_holds_up_nobody_else() -> None:
    """A further sheet for one application is no reason to wait for all others."""
    other = replace(OPEN, number=2, applications=("a-2",))

    assert told(noted(applied(), SELECTED, other), other).status == "selected"


@pytest.mark.parametrize(
    "facts", [{"standing": "left"}, {"standing": "executive"}, {"standing": "moved_out"}, {"eligibility": "unmet"}]
)
def test_who_cannot_be_selected_is_declined_during_the_round(facts: dict[str, Any]) -> None:
    """No score could change it; a place cannot be given to them in this way either."""
    state = applied(TOO_OLD) if "eligibility" in facts else replace(applied(), **facts)

    assert told(noted(state, DECLINED, OPEN), OPEN).status == "declined"
    for word in (SELECTED, RESERVED):
        with pytest.raises((application.NotEligible, application.NotInScope)):
            noted(state, word, OPEN)


def test_who_comes_while_a_round_of_all_is_open_waits_for_its_end() -> None:
    """A waiver granted meanwhile, or a late application, is no way around the assessment of the others."""
    for state in (waived(GRANTED), applied()):
        with pytest.raises(application.RoundOpen):
            noted(state, SELECTED, OPEN)


def test_round_hinders_neither_withdrawal_nor_waiver_nor_late_admission() -> None:
    """What was noted goes with the withdrawal; waivers and admissions decide nothing about places."""
    waiting = noted(applied(), SELECTED, None)
    admission = Admission(LATER.replace(day=28), "Was ill in the last week.", "manager", LATER)

    assert after(waiting, application.withdraw(waiting, Withdrawal(None, LATER))).pending is None
    assert application.decide_waiver(applied(TOO_OLD), GRANTED)
    assert application.admit(None, admission, here(APPLICANT, SELECTING, LATER))


def test_place_that_was_not_accepted_is_taken_back_during_a_round_of_the_others() -> None:
    """Who was selected stands in no later round."""
    due = replace(SELECTING, accept_by=LATER.date())
    state, over = decided(applied(), SELECTED), LATER.replace(day=28)
    back = replace(DECLINED, decided_at=over)

    waiting = after(state, application.decide(state, back, due, running=OPEN))
    assert after(waiting, application.release(waiting, due, by="manager", at=over, running=OPEN)).status == "declined"
