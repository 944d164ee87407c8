"""The words of applications: their parts, how far each is, what became of them. Translated when shown."""

from __future__ import annotations

from collections.abc import Mapping

from services.portal.pages.refusals import N_

PARTS: Mapping[str, tuple[str, str]] = {
    "hr": ("data", N_("My data")),
    "platforms": ("platforms", N_("Platforms and how well I know them")),
    "answers": ("answers", N_("My answers")),
    "availability": ("availability", N_("Places, time, place and languages")),
    "manager": ("manager", N_("My line manager knows")),
}
MISSING: Mapping[str, str] = {
    "hr": N_("HR's roster lacks something that this call counts"),
    "platforms": N_("State at least one platform that you know"),
    "answers": N_("Answer every question"),
    "availability": N_("Say how many executives you can take, when, and in which languages"),
    "manager": N_("Say that your line manager knows of it"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "done": ("done", N_("done")),
    "part": ("part", N_("begun")),
    "open": ("open", N_("not begun yet")),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "draft": ("part", N_("draft")),
    "applied": ("done", N_("sent")),
    "selected": ("due", N_("selected")),
    "reserved": ("wait", N_("on the reserve list")),
    "declined": ("off", N_("not selected")),
    "accepted": ("done", N_("place accepted")),
    "withdrawn": ("off", N_("withdrawn")),
}
WAIVERS: Mapping[str, tuple[str, str]] = {
    "granted": ("done", N_("granted")),
    "refused": ("stop", N_("refused")),
}
PLACES = (("1", N_("One")), ("2", N_("Two")), ("3", N_("Three")))
