"""Name and companies, dates and zone, and who hears of executives without a mentor: what an edition itself says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from services.portal.clients.edition_records import Edition
from services.portal.http.editions_matters import DRAFT, UNTIL_CLOSED, Matter, Said, saved
from services.portal.http.editions_shown import (
    Content,
    Errors,
    Told,
    filled,
    in_order,
    responsible,
    whole_number,
    zone_of,
)
from services.portal.http.editions_times import day_of, label_of, read_day
from services.portal.http.forms import Form
from services.portal.http.page import SignedPage
from services.portal.pages.edition_words import ZONES
from services.portal.pages.formats import Formats

_SOME, _GROUP = "some", "group"
_LONGEST_NAME = 120
_LONGEST_WAIT = 365  # days
_SET = ("starts_on", "ends_on")
_LATER = ("decision_on", "accept_by", "reserve_until")


def scope_wrong(page: SignedPage, form: Form) -> Errors:
    """What is wrong with name and companies."""
    errors: Errors = {}
    if not 1 <= len(form["name"]) <= _LONGEST_NAME:
        errors["name"] = page.text("Name the edition, such as Reverse mentoring 2026/27")
    if form["where"] != _GROUP and not form.all("subsidiaries"):
        errors["subsidiaries"] = page.text("Choose at least one company, or the whole group")
    return errors


def scope_said(form: Form) -> dict[str, Any]:
    """Name and companies as `applications` takes them."""
    if form["where"] == _GROUP:
        return {"name": form["name"], "group_wide": True}
    return {"name": form["name"], "subsidiaries": form.all("subsidiaries")}


def zones(page: SignedPage, *beside: str) -> list[tuple[str, str]]:
    """The zones that are offered, with what people call them."""
    return [(zone, _called(page, zone)) for zone in dict.fromkeys((*beside, *ZONES))]


def _called(page: SignedPage, zone: str) -> str:
    name = Formats(page.language.locale, zone_of(zone)).zone_name()
    return zone if name == zone else f"{zone} ({name})"


def _scope_given(page: SignedPage, content: Content) -> Form:
    one: Edition = content["one"]
    where = _GROUP if one.group_wide else _SOME
    return filled([("name", one.name), ("where", where), *(("subsidiaries", id) for id in one.subsidiaries)])


def _scope_stored(one: Edition) -> Said:
    scope = {"group_wide": True} if one.group_wide else {"subsidiaries": list(one.subsidiaries)}
    return {"name": one.name, **scope}


def _scope_told(page: SignedPage, said: Said, content: Content) -> Told:
    company = content["company"]
    names = ", ".join(sorted(company.get(id, id) for id in said.get("subsidiaries", ())))
    return [
        (page.text("Name"), said["name"]),
        (page.text("Companies"), page.text("whole group") if said.get("group_wide") else names),
    ]


def _dates_given(page: SignedPage, content: Content) -> Form:
    one: Edition = content["one"]
    return filled([*((name, getattr(one, name)) for name in (*_SET, *_LATER)), ("zone", one.zone)])


def _read_dates(page: SignedPage, form: Form, content: Content) -> tuple[Said, Errors]:
    one: Edition = content["one"]
    errors: Errors = {}
    said: dict[str, Any] = {}
    if one.stage == "draft":
        said |= {name: read_day(page, form, name, errors, needed=True) for name in _SET}
        said["zone"] = form["zone"]
    said |= {name: read_day(page, form, name, errors) for name in _LATER}
    starts, ends = said.get("starts_on") or str(one.starts_on), said.get("ends_on") or str(one.ends_on)
    if ends < starts and "ends_on" not in errors:
        errors["ends_on"] = page.text("Let the edition end after it starts")
    days = [(name, str(said[name])) for name in _LATER if said[name]]
    for (_, earlier), (name, later) in pairwise(days):
        if later < earlier:
            errors[name] = page.text("%(field)s: let this day not lie before the one above", field=label_of(page, name))
    for name, day in days:
        if day > ends:
            told = page.text("%(field)s: let this day not lie after the end of the edition", field=label_of(page, name))
            errors[name] = told
    return said, in_order(errors, (*_SET, *_LATER))


def _dates_stored(one: Edition) -> Said:
    days = {name: getattr(one, name) for name in (*_SET, *_LATER)}
    return {**{name: day.isoformat() if day else None for name, day in days.items()}, "zone": one.zone}


def _dates_told(page: SignedPage, said: Said, content: Content) -> Told:
    days = [(label_of(page, name), _day_told(page, str(said[name] or ""))) for name in _SET if name in said]
    days += [(page.text("Time zone"), str(said["zone"]))] if "zone" in said else []
    return days + [(label_of(page, name), _day_told(page, str(said[name] or ""))) for name in _LATER if name in said]


def _day_told(page: SignedPage, text: str) -> str:
    return page.formats.day(text) if day_of(text) else text


async def _dates_more(page: SignedPage, form: Form, content: Content) -> Content:
    one: Edition = content["one"]
    left = {name: (day - page.now().astimezone(content["zone"]).date()).days for name, day in _days(one)}
    return {"zones": zones(page, one.zone), "left": left}


def _days(one: Edition) -> Iterable[tuple[str, date]]:
    return [(name, day) for name in (*_SET, *_LATER) if (day := getattr(one, name))]


def _dates_done(page: SignedPage, one: Edition) -> tuple[str, str]:
    """Where the zone changed under a deadline, its local time did: say what it is now."""
    path, text = saved(page, one)
    if one.stage == "draft" and one.call and one.call.closes_at:
        closes = Formats(page.language.locale, zone_of(one.zone)).moment(one.call.closes_at)
        text = page.text("Saved. The call closes at %(moment)s, %(zone)s.", moment=closes, zone=one.zone)
    return path, text


def _escalation_given(page: SignedPage, content: Content) -> Form:
    found = content["one"].escalation
    return filled([("to", found.to if found else ""), ("after_days", (found.after_days if found else None) or "")])


def _read_escalation(page: SignedPage, form: Form, content: Content) -> tuple[Said, Errors]:
    errors: Errors = {}
    if not form["to"]:
        errors["to"] = page.text("Choose who hears of it")
    days = whole_number(form["after_days"], 1, _LONGEST_WAIT)
    if days is None:
        errors["after_days"] = page.text("Write a number of days from 1 to 365, such as 10")
    return {"escalation": {"to": form["to"], "after_days": days}}, errors


def _escalation_stored(one: Edition) -> Said:
    found = one.escalation
    return {"escalation": {"to": found.to if found else None, "after_days": found.after_days if found else None}}


def _escalation_told(page: SignedPage, said: Said, content: Content) -> Told:
    found = said["escalation"]
    names = {**content["names"], **dict(content.get("responsible", ()))}
    return [
        (page.text("Who hears of it"), names.get(found["to"], "") if found["to"] else ""),
        (page.text("After how many days"), str(found["after_days"] or "")),
    ]


async def _escalation_more(page: SignedPage, form: Form, content: Content) -> Content:
    found = content["one"].escalation
    return {"responsible": await responsible(page, content["names"], found.to if found else None)}


_scope = Matter(
    path="scope",
    template="editions/scope.html",
    open_in=DRAFT,
    given=_scope_given,
    read=lambda page, form, content: (scope_said(form), scope_wrong(page, form)),
    stored=_scope_stored,
    told=_scope_told,
    done=saved,
)
_dates = Matter(
    path="dates",
    template="editions/dates.html",
    open_in=UNTIL_CLOSED,
    given=_dates_given,
    read=_read_dates,
    stored=_dates_stored,
    told=_dates_told,
    more=_dates_more,
    done=_dates_done,
)
_escalation = Matter(
    path="escalation",
    template="editions/escalation.html",
    open_in=UNTIL_CLOSED,
    given=_escalation_given,
    read=_read_escalation,
    stored=_escalation_stored,
    told=_escalation_told,
    more=_escalation_more,
    done=saved,
)
MATTERS = (_scope, _dates, _escalation)
