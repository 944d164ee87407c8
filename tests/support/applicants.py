"""Applicants and their applications for tests of the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.applications.domain import application
from services.applications.domain.application import Applicant, Application, At, Decision, Event, Said, Waiver
from services.applications.domain.edition import Edition
from services.applications.domain.eligibility import PersonFacts
from tests.support.editions import CLOSES, edition

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
LATER = CLOSES + timedelta(days=5)
YOUNG = PersonFacts("s-1", date(2000, 6, 1), date(2022, 1, 1), "permanent", ("de",))
OLD = replace(YOUNG, birth_date=date(1990, 6, 1))
APPLICANT = Applicant("p-1", "s-1", active=True, executive=False, facts=YOUNG)
TOO_OLD = replace(APPLICANT, facts=OLD)
OFFER = {
    "places": 2,
    "platforms": (application.Platform("tiktok", 4),),
    "languages": ("de",),
    "availability": ("mon_am",),
}
COMPLETE = Said(offer=OFFER, answers={"why": "Because I can."}, manager_informed=True)
CALLED, SELECTING = edition(), edition("selection")
GRANTED = Waiver("granted", "Came late from university.", "manager", NOW)
REFUSED = replace(GRANTED, decision="refused")
SELECTED = Decision("selected", "Explains well and knows much.", "manager", LATER)
RESERVED = replace(SELECTED, decision="reserved")
DECLINED = replace(SELECTED, decision="declined", reason="Too many from the same house.")


def here(applicant: Applicant | None = APPLICANT, called: Edition = CALLED, at: datetime = NOW) -> At:
    """Where and when somebody acts: while the call is open unless said otherwise."""
    return At("a-1", called, applicant, at)


def after(state: Application | None, events: Sequence[Event]) -> Application:
    """The application after these events."""
    for event in events:
        state = application.evolve(state, event)
    assert state is not None
    return state


def applied(applicant: Applicant = APPLICANT, said: Said = COMPLETE, *, submit: bool = True) -> Application:
    """An application that was handed in, or a draft."""
    return after(None, application.apply(None, said, here(applicant), submit=submit))


def draft(**parts: Any) -> Application:
    """A draft with these parts."""
    return applied(said=Said(**parts), submit=False)


def decided(state: Application, decision: Decision, at: datetime = LATER) -> Application:
    """The application after this decision was prepared and released."""
    prepared = after(state, application.decide(state, decision, SELECTING))
    return after(prepared, application.release(prepared, SELECTING, by="manager", at=at))


def waived(waiver: Waiver = GRANTED) -> Application:
    """An application of somebody too old, with a waiver decided."""
    state = applied(TOO_OLD)
    return after(state, application.decide_waiver(state, waiver))
