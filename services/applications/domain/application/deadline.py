"""Until when somebody may apply, and by which form an application is measured. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from services.applications.domain.application.refusals import CallNotOpen
from services.applications.domain.application.state import Application
from services.applications.domain.call import Call, Form
from services.applications.domain.edition import Edition


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


def _when(call: Call, edition: Edition, state: Application | None, at: datetime) -> str:
    opens = call.accepts_from
    if opens and at < opens:
        return f"The call opens on {_told(opens, edition.zone)}."
    until = open_until(edition, state)
    return f"The call was open until {_told(until, edition.zone)}." if until else "The call is not open."


def _told(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
