"""Until when somebody may apply or accept a place, and by which form an application is measured. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.applications.domain.application.refusals import CallNotOpen
from services.applications.domain.application.state import Application
from services.applications.domain.call import Call, Form
from services.applications.domain.edition import Edition

_TO_ACCEPT = timedelta(days=7)  # for a place that was offered to a reserve, or after the day for all


def form_for(edition: Edition, state: Application) -> Form | None:
    """The form by which an application is measured: the present one, or the one that was answered when handed in."""
    if not state.open_to_others:
        return edition.form
    return edition.form_of(state.form_version) if state.form_version else None


def open_until(edition: Edition, state: Application | None) -> datetime | None:
    """The deadline for this applicant, None where there is no call."""
    if edition.call is None:
        return None
    admitted = state.admission if state else None
    return max(edition.call.closes_at, admitted.until) if admitted else edition.call.closes_at


def must_be_open(edition: Edition, state: Application | None, at: datetime) -> None:
    """Let pass whoever may apply at this instant, by the call or by their own admission. Raises ``CallNotOpen``."""
    call = edition.call
    if call is None or edition.stage == "draft":
        raise CallNotOpen(f"The call of {edition.name} is not open yet.")
    if edition.stage == "closed":
        raise CallNotOpen(f"The edition {edition.name} is closed.")
    admission = state.admission if state else None
    if (admission and at < admission.until) or edition.accepts(at):
        return
    raise CallNotOpen(_when(call, edition, state, at))


def accept_by(state: Application, edition: Edition) -> date | None:
    """The last day on which this applicant can accept a place, in the edition's zone; None: no day was set.

    It is the edition's day; for a place offered to a reserve who moves up, or after that day, at least a week from the
    release, within the edition; and whichever day an extension named, if that is later.
    """
    if edition.accept_by is None:
        return None
    offered = _offered_on(state, edition)
    last = edition.accept_by
    if offered and (state.moved_up or offered > last):
        last = max(last, min(offered + _TO_ACCEPT, edition.ends_on))
    return max(last, state.extension.until) if state.extension else last


def has_lapsed(state: Application, edition: Edition, at: datetime) -> bool:
    """Whether somebody who was selected let the last day for accepting the place pass."""
    last = accept_by(state, edition)
    return state.status == "selected" and last is not None and at >= edition.day_ends_at(last)


def _offered_on(state: Application, edition: Edition) -> date | None:
    """The day on which a place was offered, None where there is none."""
    told = state.decision
    offered = told.released_at if told and told.decision == "selected" else None
    return edition.day_of(offered) if offered else None


def _when(call: Call, edition: Edition, state: Application | None, at: datetime) -> str:
    opens = call.accepts_from
    if opens and at < opens:
        return f"The call opens on {_told(opens, edition.zone)}."
    until = open_until(edition, state)
    return f"The call was open until {_told(until, edition.zone)}." if until else "The call is not open."


def _told(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
