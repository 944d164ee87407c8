"""The words of assessing and selecting: states, decisions and flags by their codes; texts in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.portal.pages.refusals import N_

SELECTED, RESERVED, DECLINED = "selected", "reserved", "declined"
DECISIONS: Mapping[str, str] = {
    SELECTED: N_("Selected"),
    RESERVED: N_("Reserve list"),
    DECLINED: N_("Not this time"),
}
# code -> how it is marked, and its words
STATUSES: Mapping[str, tuple[str, str]] = {
    "draft": ("open", N_("draft")),
    "applied": ("open", N_("undecided")),
    SELECTED: ("done", N_("selected")),
    RESERVED: ("wait", N_("on the reserve list")),
    DECLINED: ("off", N_("not this time")),
    "accepted": ("done", N_("has accepted")),
    "withdrawn": ("off", N_("withdrawn")),
}
SENT: Mapping[str, tuple[str, str]] = {
    **{status: told for status, told in STATUSES.items() if status != "draft"},
    "applied": ("open", N_("sent")),  # before the selection nobody expects a decision
}
PROPOSED: Mapping[str, str] = {SELECTED: N_("proposed: select"), RESERVED: N_("proposed: reserve list")}
PENDING: Mapping[str, str] = {
    SELECTED: N_("selected, not released"),
    RESERVED: N_("reserve list, not released"),
    DECLINED: N_("not this time, not released"),
}
FLAGS: Mapping[str, tuple[str, str]] = {
    "waiver": ("due", N_("waiver")),
    "unmet": ("stop", N_("not eligible")),
    "conflict": ("part", N_("conflict declared")),
    "disagreement": ("due", N_("assessors disagree")),
    "few-sheets": ("due", N_("fewer than two sheets")),
    "tie-at-cut": ("due", N_("tie at the cut line")),
    "left": ("stop", N_("has left the group")),
    "moved_out": ("stop", N_("moved to another company")),
    "executive": ("stop", N_("is an executive now")),
    "withdrawn": ("off", N_("withdrawn")),
    "not-accepted": ("stop", N_("not accepted in time")),
    "late": ("part", N_("applied late")),
}
SHEETS: Mapping[str, tuple[str, str]] = {
    "open": ("open", N_("open")),
    "locked": ("done", N_("handed in")),
    "conflicted": ("off", N_("conflict declared")),
    "missed": ("off", N_("not counted: it was not complete when the round closed")),
    "void": ("off", N_("not needed any more")),
}
ROUNDS: Mapping[str, tuple[str, str]] = {
    "assigning": ("part", N_("sheets are being assigned")),
    "open": ("open", N_("open")),
    "closing": ("part", N_("being closed")),
    "closed": ("done", N_("closed")),
}
CAUSES: Mapping[str, str] = {
    "withdrawn": N_("%(name)s has withdrawn"),
    "not-accepted": N_("%(name)s has not accepted in time"),
    "left": N_("%(name)s has left"),
}
COLUMNS = (
    *(N_("Rank"), N_("Tied"), N_("Name"), N_("Company"), N_("Median"), N_("Spread"), N_("Sheets"), N_("Places")),
    *(N_("Sum of places"), N_("Normalised"), N_("Totals"), N_("State"), N_("Notes"), N_("Reason"), N_("Decided by")),
)


@dataclass(frozen=True, slots=True)
class Worded:
    """A text as it stands somewhere, and its language where that is not the page's."""

    text: str
    lang: str | None = None


def worded(texts: Mapping[str, str], language: str) -> Worded:
    """The text in the reader's language, else in English, else in whichever there is; empty where there is none."""
    wanted = language.partition("-")[0]
    for code in (wanted, "en", *texts):
        for tag, text in texts.items():
            if tag.partition("-")[0] == code.partition("-")[0]:
                return Worded(text, None if tag.partition("-")[0] == wanted else tag)
    return Worded("")
