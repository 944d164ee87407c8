"""How long an executive may go without a mentor, until when an exemption holds, and who sees to a case."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.applications.domain.call import start_of
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation


def due(state: Participation, edition: Edition) -> datetime | None:
    """When something happens to a participation by itself; None where nothing does.

    An exemption with a last day ends as that day does. An obliged executive without a mentor is escalated so many
    days after the edition's first day, the obligation or the end of the last pair, whichever is last, at the same
    time of day, in whole milliseconds. Days are those of the edition's zone. While the edition names nobody to
    escalate to, nobody is escalated; the case is taken up once somebody is named.
    """
    if not edition.is_running_scope():
        return None
    if state.status == "exempt" and state.exemption and state.exemption.until:
        return edition.day_ends_at(state.exemption.until)
    if state.status == "obliged" and edition.escalation.to:
        first = start_of(edition.starts_on, edition.zone)
        without = max(filter(None, (first, state.obliged_at, state.unpaired_at)))
        there = without.astimezone(ZoneInfo(edition.zone)) + timedelta(days=edition.escalation.after_days)
        return there.astimezone(UTC).replace(microsecond=there.microsecond // 1000 * 1000)
    return None


def addressee(edition: Edition, to: str, *, mentee_id: str, active: Set[str]) -> tuple[str, bool]:
    """To whom a case meant for ``to`` goes, and whether that person can see to it.

    The edition's creator stands in for somebody who has left the group or is the executive themselves;
    where nobody is left to take it, the name stays.
    """
    for one in (to, edition.created_by):
        if one in active and one != mentee_id:
            return one, True
    return to, False
