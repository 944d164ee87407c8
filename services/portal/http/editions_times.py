"""Days and instants that people write into forms, in an edition's zone; of a doubled hour it is asked which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from services.portal.http.editions_shown import Errors
from services.portal.http.forms import Form
from services.portal.http.page import SignedPage
from services.portal.pages.formats import Formats
from services.portal.pages.local_times import beside_gap, instants
from services.portal.pages.refusals import N_

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(:00)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# inputs of days and instants, as their pages call them
_LABELS: Mapping[str, str] = {
    "starts_on": N_("First day"),
    "ends_on": N_("Last day"),
    "decision_on": N_("Decision on"),
    "accept_by": N_("Places are accepted until"),
    "reserve_until": N_("The reserve list holds until"),
    "opens_at": N_("Opens"),
    "closes_at": N_("Call closes"),
    "reference_date": N_("Reference date"),
    "until": N_("Until when"),
}


def label_of(page: SignedPage, name: str) -> str:
    """What the input of a day or an instant is called where it is told what is wrong with it."""
    return page.text(_LABELS[name])


def day_of(text: str) -> date | None:
    """The day that was written, as date fields send it; None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def read_day(page: SignedPage, form: Form, name: str, errors: Errors, *, needed: bool = False) -> str | None:
    """The day under this name; notes in ``errors`` what is wrong with it."""
    found = day_of(form[name])
    if found is None and (form[name] or needed):
        errors[name] = page.text("%(field)s: write a day, such as 2026-11-25", field=label_of(page, name))
    return found.isoformat() if found else None


def read_instant(page: SignedPage, form: Form, name: str, zone: ZoneInfo, errors: Errors) -> str | None:
    """The instant under this name, with its offset; None where neither day nor time was written, or errors say why."""
    if not form[f"{name}-day"] and not form[f"{name}-time"]:
        return None
    day, clock = day_of(form[f"{name}-day"]), _clock(form[f"{name}-time"])
    if day is None:
        errors[f"{name}-day"] = page.text("%(field)s: write a day, such as 2026-11-25", field=label_of(page, name))
    if clock is None:
        errors[f"{name}-time"] = page.text("%(field)s: write a time, such as 12:00", field=label_of(page, name))
    if day is None or clock is None:
        return None
    found = instants(day, clock, zone)
    if not found:
        errors[f"{name}-time"] = _left_out(page, day, clock, zone)
        return None
    if len(found) > 1 and form[f"{name}-which"] not in {"first", "second"}:
        told = page.text("The clocks show this time twice, since they are put back. Choose which one you mean")
        errors[f"{name}-which"] = told
        return None
    return found[-1 if form[f"{name}-which"] == "second" else 0].isoformat()


def doubled(page: SignedPage, form: Form, name: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    """The choices between the two instants that the clocks show so; none where there is one only."""
    day, clock = day_of(form[f"{name}-day"]), _clock(form[f"{name}-time"])
    found = instants(day, clock, zone) if day and clock else ()
    if len(found) < 2:
        return []
    texts = (page.text("the first time, before the clocks are put back"), page.text("the second time, after that"))
    named = zip(("first", "second"), texts, found, strict=True)
    return [(code, f"{text} (UTC{instant:%z})") for code, text, instant in named]


def filled_instant(name: str, instant: datetime | None, zone: ZoneInfo) -> list[tuple[str, object]]:
    """What the fields of this name show for an instant."""
    if instant is None:
        return []
    local = instant.astimezone(zone)
    which = "second" if local.fold else "first"
    return [(f"{name}-day", local.date()), (f"{name}-time", f"{local:%H:%M}"), (f"{name}-which", which)]


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _left_out(page: SignedPage, day: date, clock: time, zone: ZoneInfo) -> str:
    before, after = beside_gap(day, clock, zone)
    formats = Formats(page.language.locale, zone)
    return page.text(
        "The clocks are put forward over this time. Choose %(before)s or earlier, or %(after)s or later",
        before=formats.clock(before),
        after=formats.clock(after),
    )
