"""Promises about decisions on applications: waivers, admissions, release, acceptance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.applications.domain import application
from services.applications.domain.application import Admission, Application, Decision, Extension
from services.applications.domain.edition import Stage
from services.applications.domain.rules import RuleBroken
from tests.support.applicants import (
    APPLICANT,
    COMPLETE,
    DECLINED,
    GRANTED,
    LATER,
    NOW,
    REFUSED,
    RESERVED,
    SELECTED,
    SELECTING,
    TOO_OLD,
    after,
    applied,
    decided,
    draft,
    here,
    waived,
)
from tests.support.editions import CLOSES, edition

LATE = SELECTING.ends_at() + timedelta(microseconds=1)
ADMISSION = Admission(LATER + timedelta(days=3), "Was ill in the last week.", "manager", LATER)


def pending(decision: Decision, state: Application | None = None) -> Application:
    """An application with this decision prepared."""
    state = state or applied()
    return after(state, application.decide(state, decision, SELECTING))


# Waivers


def test_granted_waiver_lifts_the_missed_rules() -> None:
    """With a waiver the applicant may be selected; reason and name are kept."""
    state = waived()

    assert (state.eligibility, state.waiver) == ("waived", replace(GRANTED, rules=("age",)))
    assert decided(state, SELECTED).status == "selected"


def test_refused_waiver_leaves_the_rules_missed() -> None:
    """Neither place nor reserve for who misses a rule; declining is possible."""
    state = waived(REFUSED)

    for decision in (SELECTED, RESERVED):
        with pytest.raises(application.NotEligible, match="rule on age; its waiver was refused"):
            application.decide(state, decision, SELECTING)
    assert decided(state, DECLINED).status == "declined"


def test_waiver_is_decided_once_and_by_somebody_else() -> None:
    """Granted or refused, it is the last word on the missed rule; who meets every rule needs none."""
    for before, again in ((GRANTED, REFUSED), (REFUSED, GRANTED)):
        with pytest.raises(application.WaiverDecidedBefore, match=before.decision):
            application.decide_waiver(waived(before), again)
    with pytest.raises(application.OwnApplication):
        application.decide_waiver(applied(TOO_OLD), replace(GRANTED, decided_by="p-1"))
    with pytest.raises(application.NoWaiverNeeded):
        application.decide_waiver(applied(), GRANTED)
    with pytest.raises(application.WaiverDecidedBefore):
        application.request_waiver(waived(REFUSED), "Please look again.", here())


# Late admissions


def test_who_is_admitted_applies_after_the_deadline() -> None:
    """A draft is made if there is none; the admission ends at its instant."""
    where = here(called=SELECTING, at=LATER)
    admitted = after(None, application.admit(None, ADMISSION, where))

    assert (admitted.status, admitted.admission, admitted.told) == ("draft", ADMISSION, True)
    assert application.open_until(SELECTING, admitted) == ADMISSION.until
    said = after(admitted, application.change(admitted, COMPLETE, where))
    assert after(said, application.submit(said, where)).status == "applied"
    with pytest.raises(application.CallNotOpen):
        application.submit(said, here(called=SELECTING, at=ADMISSION.until))


@pytest.mark.parametrize(
    ("changes", "where", "state", "refusal"),
    [
        ({"by": "p-1"}, here(called=SELECTING, at=LATER), None, application.OwnApplication),
        ({"until": LATER}, here(called=SELECTING, at=LATER), None, application.UntilPassed),
        ({"until": LATE}, here(called=SELECTING, at=LATER), None, application.UntilTooLate),
        ({}, here(called=edition("closed"), at=LATER), None, application.CallNotOpen),
        ({}, here(None, SELECTING, LATER), None, application.UnknownPerson),
        ({}, here(replace(APPLICANT, executive=True), SELECTING, LATER), None, application.NotInScope),
        ({}, here(called=SELECTING, at=LATER), decided(applied(), DECLINED), application.DecidedBefore),
    ],
)
def test_nobody_is_admitted_who_could_not_be_a_mentor(
    changes: dict[str, str], where: application.At, state: Application | None, refusal: type[RuleBroken]
) -> None:
    """Not oneself, not into the past, not after a decision."""
    with pytest.raises(refusal):
        application.admit(state, replace(ADMISSION, **changes), where)  # type: ignore[arg-type]


# Decisions


@pytest.mark.parametrize("decision", [SELECTED, RESERVED, DECLINED])
def test_decision_waits_for_its_release_and_may_be_changed_until_then(decision: Decision) -> None:
    """Until then the applicant stands where they stood."""
    waiting = pending(decision)

    assert (waiting.status, waiting.pending, waiting.decision) == ("applied", decision, None)
    assert (waiting.shown, waiting.changed_at) == (applied().shown, applied().changed_at)
    assert application.decide(waiting, replace(decision, decided_by="another"), SELECTING) == []
    other = replace(DECLINED, reason="There are too many of one company.")
    assert pending(other, waiting).pending == other
    told = after(waiting, application.release(waiting, SELECTING, by="manager", at=LATER))
    assert (told.status, told.pending, told.decision) == (
        decision.decision,
        None,
        replace(decision, released_at=LATER, released_by="manager"),
    )


@pytest.mark.parametrize("stage", ["draft", "call_open", "closed"])
def test_decisions_belong_to_the_stages_from_selection_on(stage: Stage) -> None:
    """While the call is open, and after the close, nothing is decided or released."""
    with pytest.raises(application.NotInSelection):
        application.decide(applied(), SELECTED, edition(stage))
    with pytest.raises(application.NotInSelection):
        application.release(pending(SELECTED), edition(stage), by="manager", at=LATER)


def test_release_goes_by_what_is_known_then() -> None:
    """Who misses a rule meanwhile, or cannot be a mentor any more, is not selected; a no is told all the same."""
    old = after(pending(SELECTED), application.recount(pending(SELECTED), SELECTING, TOO_OLD, at=LATER))
    left = after(pending(RESERVED), application.recount(pending(RESERVED), SELECTING, None, at=LATER))
    no = after(pending(DECLINED), application.recount(pending(DECLINED), SELECTING, None, at=LATER))

    with pytest.raises(application.NotEligible):
        application.release(old, SELECTING, by="manager", at=LATER)
    with pytest.raises(application.NotInScope, match="has left"):
        application.release(left, SELECTING, by="manager", at=LATER)
    assert after(no, application.release(no, SELECTING, by="manager", at=LATER)).status == "declined"


def test_release_bears_repetition() -> None:
    """Where nothing waits, nothing happens."""
    assert application.release(decided(applied(), SELECTED), SELECTING, by="manager", at=LATER) == []


def test_reserve_moves_up_or_is_declined() -> None:
    """Nothing else follows upon the reserve list."""
    reserved = decided(applied(), RESERVED)

    assert decided(reserved, SELECTED).status == "selected"
    assert decided(reserved, DECLINED).status == "declined"
    with pytest.raises(application.DecidedBefore):
        application.decide(reserved, RESERVED, SELECTING)


@pytest.mark.parametrize("noted", [SELECTED, DECLINED])
def test_what_was_prepared_for_a_reserve_can_be_taken_back(noted: Decision) -> None:
    """Until its release: the reserve list stands as it was released, and nothing waits, also for who left since."""
    reserved = decided(applied(), RESERVED)
    waiting = pending(noted, reserved)
    left = after(waiting, application.recount(waiting, SELECTING, None, at=LATER))

    for state in (waiting, left):
        back = pending(replace(RESERVED, reason="Noted by mistake."), state)
        assert (back.status, back.pending, back.decision) == ("reserved", None, reserved.decision)
        assert application.release(back, SELECTING, by="manager", at=LATER) == []


@pytest.mark.parametrize("first", [SELECTED, DECLINED])
@pytest.mark.parametrize("second", [SELECTED, RESERVED, DECLINED])
def test_selecting_and_declining_are_final(first: Decision, second: Decision) -> None:
    """Neither another decision nor a waiver follows."""
    state = decided(waived(), first)

    with pytest.raises(application.DecidedBefore, match=first.decision):
        application.decide(state, second, SELECTING)
    with pytest.raises(application.DecidedBefore):
        application.decide_waiver(state, GRANTED)


def test_only_what_was_handed_in_is_decided() -> None:
    """Neither drafts nor what was withdrawn, nothing of one's own, nothing without a reason."""
    gone = after(applied(), application.withdraw(applied(), application.Withdrawal(None, NOW)))

    for state, decision, refusal in (
        (draft(), SELECTED, application.NotSubmitted),
        (gone, SELECTED, application.Withdrawn),
        (applied(), replace(SELECTED, decided_by="p-1"), application.OwnApplication),
        (applied(), replace(DECLINED, reason=None), application.ReasonMissing),
        (applied(), replace(SELECTED, reason=None), application.ReasonMissing),
    ):
        with pytest.raises(refusal):
            application.decide(state, decision, SELECTING)
    with pytest.raises(application.OwnApplication):
        application.release(pending(SELECTED), SELECTING, by="p-1", at=LATER)


# Acceptance

UNTIL = date(2026, 3, 28)  # the night before clocks go forward in Berlin
LAST = datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)
ACCEPTING = replace(SELECTING, accept_by=UNTIL)


def test_place_is_accepted_until_the_end_of_the_day_in_the_editions_zone() -> None:
    """One second later it is over, and the manager is named as whom to ask."""
    state = decided(applied(), SELECTED)

    assert after(state, application.accept(state, ACCEPTING, at=LAST)).status == "accepted"
    with pytest.raises(application.AcceptanceOver, match="2026-03-28; ask your programme manager"):
        application.accept(state, ACCEPTING, at=LAST + timedelta(seconds=1))
    assert after(state, application.accept(state, SELECTING, at=LAST + timedelta(days=99))).accepted_at


def test_more_time_is_given_to_one_applicant() -> None:
    """The later day counts; one that has passed is refused."""
    state = decided(applied(), SELECTED)
    longer = Extension(date(2026, 3, 29), "Was on leave.", "manager", LAST + timedelta(hours=1))

    more = after(state, application.extend_acceptance(state, longer, ACCEPTING))
    assert application.accept_by(more, ACCEPTING) == date(2026, 3, 29)
    assert application.accept(more, ACCEPTING, at=LAST + timedelta(hours=22))
    with pytest.raises(application.UntilPassed):
        application.extend_acceptance(state, replace(longer, until=UNTIL), ACCEPTING)


def test_reserve_who_moves_up_has_a_week_of_the_own() -> None:
    """Counted from the release in the edition's zone, at most until its last day, and never less than all others."""
    evening = datetime(2026, 4, 1, 22, 30, tzinfo=UTC)  # 2 April in Berlin
    reserved = pending(SELECTED, decided(applied(), RESERVED))

    def told(at: datetime) -> Application:
        return after(reserved, application.release(reserved, ACCEPTING, by="manager", at=at))

    assert application.accept_by(told(LAST - timedelta(days=8)), ACCEPTING) == UNTIL
    assert application.accept_by(told(LAST), ACCEPTING) == UNTIL + timedelta(days=7)
    assert application.accept_by(decided(applied(), SELECTED, LAST), ACCEPTING) == UNTIL
    assert application.accept_by(decided(applied(), SELECTED, evening), ACCEPTING) == date(2026, 4, 9)
    assert application.accept_by(told(evening), ACCEPTING) == date(2026, 4, 9)
    assert application.accept_by(told(evening), replace(ACCEPTING, ends_on=date(2026, 4, 5))) == date(2026, 4, 5)
    assert application.accept_by(told(evening), SELECTING) is None
    assert application.accept(told(evening), ACCEPTING, at=datetime(2026, 4, 9, 21, 59, tzinfo=UTC))
    with pytest.raises(application.AcceptanceOver, match="2026-04-09"):
        application.accept(told(evening), ACCEPTING, at=datetime(2026, 4, 9, 22, tzinfo=UTC))


@pytest.mark.parametrize("word", [RESERVED, DECLINED])
def test_place_that_was_not_accepted_is_taken_back(word: Decision) -> None:
    """Prepared and released as any word, from the end of the day on; before it the place stands."""
    state, over = decided(applied(), SELECTED), LAST + timedelta(seconds=1)

    with pytest.raises(application.DecidedBefore, match="final"):
        application.decide(state, replace(word, decided_at=LAST), ACCEPTING)
    with pytest.raises(application.DecidedBefore, match="give more time"):
        application.decide(state, replace(SELECTED, decided_at=over), ACCEPTING)
    waiting = after(state, application.decide(state, replace(word, decided_at=over), ACCEPTING))
    gone = after(waiting, application.release(waiting, ACCEPTING, by="manager", at=over))
    assert (waiting.status, gone.status, gone.pending) == ("selected", word.decision, None)


def test_more_time_takes_back_what_was_prepared() -> None:
    """Nobody loses a place while the day lies ahead, nor after accepting it."""
    over = LAST + timedelta(seconds=1)
    state = decided(applied(), SELECTED)
    waiting = after(state, application.decide(state, replace(DECLINED, decided_at=over), ACCEPTING))
    longer = Extension(date(2026, 4, 3), "Was on leave.", "manager", over)
    later = replace(ACCEPTING, accept_by=date(2026, 4, 3))

    assert after(waiting, application.extend_acceptance(waiting, longer, ACCEPTING)).pending is None
    assert after(waiting, application.accept(waiting, later, at=over)).pending is None
    with pytest.raises(application.DecidedBefore):
        application.release(waiting, later, by="manager", at=over)


def test_rule_that_a_reserve_comes_to_miss_can_be_waived() -> None:
    """Else nobody could let a reserve move up whose date of birth was corrected."""
    reserved = decided(applied(), RESERVED)
    older = after(reserved, application.recount(reserved, SELECTING, TOO_OLD, at=LATER))

    with pytest.raises(application.NotEligible):
        application.decide(older, SELECTED, SELECTING)
    assert decided(after(older, application.decide_waiver(older, GRANTED)), SELECTED).status == "selected"


def test_only_who_was_selected_accepts_once() -> None:
    """Again changes nothing; who waits or is on the reserve has no place, nor is there one after the close."""
    state = decided(applied(), SELECTED)
    accepted = after(state, application.accept(state, ACCEPTING, at=CLOSES))

    assert application.accept(accepted, ACCEPTING, at=LAST + timedelta(days=9)) == []
    for other in (applied(), pending(SELECTED), decided(applied(), RESERVED), decided(applied(), DECLINED)):
        with pytest.raises(application.NotSelected):
            application.accept(other, ACCEPTING, at=CLOSES)
    with pytest.raises(application.EditionClosed):
        application.accept(state, edition("closed"), at=CLOSES)


@pytest.mark.parametrize("standing", ["left", "moved_out", "executive"])
def test_who_cannot_be_a_mentor_any_more_accepts_nothing(standing: application.Standing) -> None:
    """A place is accepted by who still stands in the edition."""
    state = replace(decided(applied(), SELECTED), standing=standing)

    with pytest.raises(application.NotInScope):
        application.accept(state, ACCEPTING, at=CLOSES)


def test_whoever_decided_anything_stays_on_record() -> None:
    """Waiver, admission, decision, release and more time: their names only grow, whatever comes after."""
    where = here(TOO_OLD, called=SELECTING, at=LATER)
    state = after(applied(TOO_OLD), application.decide_waiver(applied(TOO_OLD), replace(GRANTED, decided_by="first")))
    state = after(state, application.admit(state, replace(ADMISSION, by="second"), where))
    for by in ("third", "fourth"):
        said = replace(SELECTED, decided_by=by, reason=f"This is what {by} says of it.")
        state = after(state, application.decide(state, said, SELECTING))
    state = after(state, application.release(state, SELECTING, by="fifth", at=LATER))
    longer = Extension(date(2026, 3, 29), "Was on leave.", "sixth", LATER)
    state = after(state, application.extend_acceptance(state, longer, SELECTING))
    state = after(state, application.withdraw(state, application.Withdrawal(None, LATER)))
    again = after(state, application.change(state, COMPLETE, here(TOO_OLD, called=SELECTING, at=LATER)))

    assert (again.status, again.decision) == ("draft", None)
    assert again.judges == ("first", "second", "third", "fourth", "fifth", "sixth")
