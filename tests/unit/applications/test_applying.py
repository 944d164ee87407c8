"""Promises to applicants: drafts, parts, deadlines, handing in, withdrawing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.applications.domain import application
from services.applications.domain.application import Applicant, Application, Said
from services.applications.domain.call import Form, Question
from services.applications.domain.rules import RuleBroken
from tests.support.applicants import (
    APPLICANT,
    CALLED,
    COMPLETE,
    GRANTED,
    LATER,
    NOW,
    OFFER,
    SELECTED,
    SELECTING,
    TOO_OLD,
    YOUNG,
    after,
    applied,
    decided,
    draft,
    here,
)
from tests.support.editions import CLOSES, edition

PLATFORM = application.Platform
HURRIED = Form(2, (Question("why", {"de": "Warum?"}, 2), Question("how", {"de": "Wie?"}, 5)))


def said(**parts: object) -> Said:
    """What a request says."""
    return Said(**parts)  # type: ignore[arg-type]


def test_draft_is_private_and_holds_what_was_said_so_far() -> None:
    """Nothing needs to be said at the beginning, and nobody is told."""
    state = draft(offer={"places": 1})

    assert (state.status, state.eligibility, state.told, state.sent) == ("draft", "met", False, False)
    assert state.offer == application.Offer(places=1)
    assert application.parts(state.content, CALLED.form) == application.Parts("open", "open", "part", "open")


def test_parts_are_done_one_by_one_and_merge() -> None:
    """Fields of the offer are kept where they are not named; answers are replaced as a whole."""
    state = draft(offer={"places": 2, "languages": ("de",)}, answers={"why": "First."})

    [event] = application.change(state, said(offer={"platforms": (PLATFORM("tiktok", 0),)}), here())
    assert isinstance(event, application.ContentChanged)
    assert not event.told
    state = after(state, [event])
    assert application.parts(state.content, CALLED.form) == application.Parts("part", "done", "part", "open")
    more = {"platforms": (PLATFORM("tiktok", 1),), "availability": ("fri_pm",)}
    state = after(state, application.change(state, said(offer=more, answers={}, manager_informed=True), here()))
    assert application.parts(state.content, CALLED.form) == application.Parts("done", "open", "done", "done")
    assert state.offer == application.Offer(2, (PLATFORM("tiktok", 1),), ("de",), ("fri_pm",))


def test_incomplete_application_is_not_handed_in_and_each_missing_part_is_named() -> None:
    """Nothing is missing twice; too long an answer counts as missing, with the number of its words."""
    with pytest.raises(application.Incomplete) as nothing:
        application.apply(None, Said(), here(), submit=True)
    called = replace(CALLED, forms=(HURRIED,))
    wordy = replace(COMPLETE, answers={"why": "Because I  really\ncan", "how": "  "})
    with pytest.raises(application.Incomplete) as half:
        application.apply(None, wordy, here(called=called), submit=True)

    fields = ["/offer/platforms", "/offer/places", "/offer/languages", "/offer/availability", "/answers/why"]
    assert [field for field, _ in nothing.value.faults] == [*fields, "/manager_informed"]
    assert [field for field, _ in half.value.faults] == ["/answers/why", "/answers/how"]
    assert "from 4 to at most 2 words" in half.value.faults[0][1]


def test_answer_to_no_question_is_refused() -> None:
    """The refusal names the answer."""
    with pytest.raises(application.UnknownQuestion) as refused:
        draft(answers={"when": "Soon."})
    assert refused.value.field == "/answers/when"


def test_what_was_handed_in_stays_complete() -> None:
    """A change that would leave a gap is refused as a whole; one that does not is kept, and others are told."""
    state = applied()

    with pytest.raises(application.Incomplete):
        application.change(state, said(answers={}), here())
    [event] = application.change(state, said(answers={"why": "Because I want to."}), here())
    assert isinstance(event, application.ContentChanged)
    assert event.told
    assert after(state, [event]).status == "applied"


def test_form_that_changes_is_answered_anew_but_not_by_who_handed_in_before() -> None:
    """A draft is measured by the newest form; what was handed in keeps the wording that it answers."""
    changed = replace(CALLED, forms=(*CALLED.forms, HURRIED))
    state, unsent = applied(), applied(submit=False)

    with pytest.raises(application.Incomplete):
        application.submit(unsent, here(called=changed))
    moved = after(state, application.change(state, said(offer={"places": 1}), here(called=changed)))
    assert (moved.form_version, application.form_for(changed, moved)) == (1, CALLED.form)
    both = said(answers={"why": "Because.", "how": "Gladly."})
    assert after(state, application.change(state, both, here(called=changed))).form_version == 2
    assert CALLED.form
    reworded = replace(CALLED, forms=(*CALLED.forms, replace(CALLED.form, version=2)))
    assert after(unsent, application.submit(unsent, here(called=reworded))).form_version == 2


def test_saying_again_what_was_said_changes_nothing() -> None:
    """Whoever sends a form twice has one application; what says something else is refused."""
    unsent, state = draft(offer=OFFER), applied()

    assert application.apply(unsent, said(offer={"places": 2}), here(), submit=False) == []
    assert application.apply(state, COMPLETE, here(at=LATER), submit=True) == []
    assert application.submit(state, here(at=LATER)) == []
    with pytest.raises(application.AlreadyStarted):
        application.apply(unsent, said(offer={"places": 1}), here(), submit=False)
    with pytest.raises(application.AlreadyApplied, match="2026-01-20"):
        application.apply(state, said(answers={"why": "Other."}), here(), submit=True)
    with pytest.raises(application.AlreadyApplied):
        application.apply(state, said(waiver_reason="I came late."), here(), submit=True)


def test_draft_is_completed_and_handed_in_by_applying_again() -> None:
    """What the draft lacks is taken from the request."""
    unsent = draft(offer={"places": 2})
    state = after(unsent, application.apply(unsent, COMPLETE, here(), submit=True))

    assert (state.status, state.answers) == ("applied", {"why": "Because I can."})


def test_call_is_open_until_its_deadline() -> None:
    """A moment before is in time, the deadline itself is not; the refusal says when it was, in the edition's zone."""
    unsent, state = applied(submit=False), applied()

    assert application.submit(unsent, here(at=CLOSES - timedelta(microseconds=1)))
    for late in (
        lambda: application.submit(unsent, here(at=CLOSES)),
        lambda: application.change(unsent, said(manager_informed=False), here(at=CLOSES)),
        lambda: application.change(state, said(offer={"places": 1}), here(at=CLOSES)),
        lambda: application.apply(None, COMPLETE, here(at=CLOSES), submit=True),
    ):
        with pytest.raises(application.CallNotOpen, match=r"until 2026-02-15 13:00 \(Europe/Berlin\)"):
            late()


def test_call_that_is_not_open_yet_says_so() -> None:
    """A draft of an edition takes nothing; a call that opens later says when."""
    assert CALLED.call
    later = replace(CALLED, call=replace(CALLED.call, opens_at=NOW + timedelta(days=1)))

    with pytest.raises(application.CallNotOpen, match="not open yet"):
        application.apply(None, COMPLETE, here(called=edition("draft")), submit=False)
    with pytest.raises(application.CallNotOpen, match="opens on 2026-01-21 11:00"):
        application.apply(None, COMPLETE, here(called=later), submit=False)


@pytest.mark.parametrize(
    ("applicant", "refusal", "told"),
    [
        (None, application.UnknownPerson, "directory"),
        (replace(APPLICANT, active=False), application.NotInScope, "has left"),
        (replace(APPLICANT, subsidiary="s-9"), application.NotInScope, "s-9 does not take part"),
        (replace(APPLICANT, executive=True), application.NotInScope, "as mentees"),
        (replace(APPLICANT, facts=None), application.ProfileMissing, "not arrived"),
    ],
)
def test_who_cannot_be_a_mentor_cannot_begin(applicant: Applicant | None, refusal: type[RuleBroken], told: str) -> None:
    """Unknown people, leavers, outsiders and executives are told why."""
    with pytest.raises(refusal, match=told):
        application.apply(None, Said(), here(applicant), submit=False)


def test_what_is_learnt_before_handing_in_counts() -> None:
    """Rules are counted anew when a draft is handed in; who cannot be a mentor any more is refused."""
    unsent = applied(submit=False)
    state = after(unsent, application.submit(unsent, here(TOO_OLD)))

    assert (state.status, state.eligibility, state.missed) == ("applied", "unmet", ("age",))
    with pytest.raises(application.NotInScope):
        application.submit(unsent, here(replace(APPLICANT, executive=True)))


def test_missed_rule_is_recorded_and_does_not_refuse() -> None:
    """Whoever misses a rule has applied all the same, and may ask for a waiver in the same breath."""
    asked = replace(COMPLETE, waiver_reason="I came late from university.")
    state = applied(TOO_OLD, asked)

    assert (state.status, state.eligibility) == ("applied", "unmet")
    assert state.waiver_request == application.WaiverRequest("I came late from university.", NOW)
    with pytest.raises(application.NoWaiverNeeded):
        applied(APPLICANT, asked)


def test_draft_with_a_waiver_request_is_known_to_those_who_decide() -> None:
    """Only then; what it says stays private."""
    state = draft(waiver_reason=None)
    assert not state.told
    asking = after(None, application.apply(None, said(waiver_reason="I came late."), here(TOO_OLD), submit=False))

    assert (asking.told, asking.open_to_others) == (True, False)


def test_withdrawing_is_possible_at_any_time_but_after_a_no() -> None:
    """Who withdraws a draft tells nobody; who was selected gives the place back, and no decision waits any more."""
    [quiet] = application.withdraw(draft(), application.Withdrawal(None, NOW))
    selected = decided(applied(), SELECTED)
    pending = after(applied(), application.decide(applied(), SELECTED, SELECTING))
    gone = after(pending, application.withdraw(pending, application.Withdrawal("No time.", LATER)))

    assert isinstance(quiet, application.ApplicationWithdrawn)
    assert not quiet.told
    assert after(selected, application.withdraw(selected, application.Withdrawal(None, LATER))).status == "withdrawn"
    assert (gone.pending, gone.withdrawn) == (None, application.Withdrawal("No time.", LATER))
    assert application.withdraw(gone, application.Withdrawal(None, LATER)) == []


def test_who_withdrew_begins_again_with_what_was_said() -> None:
    """By changing a part, until the deadline; handing in again is another application on the topic."""
    state = applied()
    gone = after(state, application.withdraw(state, application.Withdrawal(None, NOW)))

    with pytest.raises(application.Withdrawn):
        application.submit(gone, here())
    again = after(gone, application.change(gone, said(offer={"places": 1}), here()))
    assert (again.status, again.answers, again.applied_at) == ("draft", state.answers, None)
    assert any(isinstance(event, application.MentorApplied) for event in application.submit(again, here()))
    with pytest.raises(application.CallNotOpen):
        application.change(gone, Said(), here(at=CLOSES))


def test_answers_that_were_decided_on_stay() -> None:
    """After the decision nothing that was said is changed."""
    with pytest.raises(application.DecidedBefore, match="selected"):
        application.change(decided(applied(), SELECTED), said(offer={"places": 1}), here())


# What is learnt later


def recounted(state: Application, applicant: Applicant | None) -> Application:
    """The application after something was learnt of its applicant."""
    return after(state, application.recount(state, CALLED, applicant, at=LATER))


def test_corrected_date_of_birth_counts_at_once_and_decides_nothing() -> None:
    """Rules follow the facts both ways; a selected applicant stays selected."""
    old = recounted(applied(), TOO_OLD)

    assert (old.eligibility, old.status) == ("unmet", "applied")
    assert recounted(old, APPLICANT).eligibility == "met"
    assert recounted(decided(applied(), SELECTED), TOO_OLD).status == "selected"
    assert application.recount(applied(), CALLED, APPLICANT, at=LATER) == []
    assert application.recount(applied(), edition("closed"), TOO_OLD, at=LATER) == []


@pytest.mark.parametrize(
    ("applicant", "standing", "subsidiary"),
    [
        (None, "left", "s-1"),
        (replace(APPLICANT, active=False), "left", "s-1"),
        (replace(APPLICANT, subsidiary="s-9"), "moved_out", "s-1"),
        (replace(APPLICANT, subsidiary="s-2"), "in", "s-2"),
        (replace(APPLICANT, executive=True), "executive", "s-1"),
    ],
)
def test_leavers_and_movers_are_marked(applicant: Applicant | None, standing: str, subsidiary: str) -> None:
    """Who leaves the edition's companies stays with the company whose managers know them."""
    state = recounted(applied(), applicant)

    assert (state.standing, state.subsidiary, state.status) == (standing, subsidiary, "applied")


def test_waiver_lifts_the_rules_it_was_given_for_and_no_others() -> None:
    """A rule missed later needs a word of its own."""
    state = applied(TOO_OLD)
    waived = after(state, application.decide_waiver(state, GRANTED))
    assert TOO_OLD.facts
    italian = replace(TOO_OLD, facts=replace(TOO_OLD.facts, languages=("it",)))

    assert (waived.eligibility, recounted(waived, italian).eligibility) == ("waived", "unmet")
    again = recounted(waived, italian)
    assert after(again, application.decide_waiver(again, GRANTED)).eligibility == "waived"


def test_profile_that_vanished_makes_rules_unknown() -> None:
    """What is known no more is not met."""
    state = recounted(applied(), replace(APPLICANT, facts=None))

    assert state.eligibility == "unmet"
    assert YOUNG.birth_date
    assert all(checked.unknown for checked in state.rules)
