"""The words of the field: levels, priorities, half days, roles and their kin, by their codes. Translated when shown."""

from __future__ import annotations

from collections.abc import Mapping

from services.portal.pages.refusals import N_

HELP = N_("your programme office")  # where an operator names nobody; the setting's own default
LEVELS = (
    ("0", N_("0: I do not know it")),
    ("1", N_("1: I have seen it")),
    ("2", N_("2: I use it now and then")),
    ("3", N_("3: I use it with confidence")),
    ("4", N_("4: I teach it")),
)
PRIORITIES = (
    ("1", N_("1: first")),
    ("2", N_("2: soon")),
    ("3", N_("3: some day")),
)
CEFR = (
    ("A1", N_("A1: first words")),
    ("A2", N_("A2: simple everyday talk")),
    ("B1", N_("B1: get along on a journey")),
    ("B2", N_("B2: hold a conversation")),
    ("C1", N_("C1: fluent at work")),
    ("C2", N_("C2: like a native speaker")),
)
HALF_DAYS = (
    ("mon_am", N_("Monday morning")),
    ("mon_pm", N_("Monday afternoon")),
    ("tue_am", N_("Tuesday morning")),
    ("tue_pm", N_("Tuesday afternoon")),
    ("wed_am", N_("Wednesday morning")),
    ("wed_pm", N_("Wednesday afternoon")),
    ("thu_am", N_("Thursday morning")),
    ("thu_pm", N_("Thursday afternoon")),
    ("fri_am", N_("Friday morning")),
    ("fri_pm", N_("Friday afternoon")),
)
CAPACITIES = (("0", N_("None")), ("1", N_("One")), ("2", N_("Two")), ("3", N_("Three")))
ROLES: Mapping[str, str] = {
    "programme_manager": N_("Programme manager"),
    "assessor": N_("Assessor"),
    "group_office": N_("Group programme office"),
    "hr_integrator": N_("HR integration"),
    "auditor": N_("Auditor"),
    "data_protection": N_("Data protection"),
    "operator": N_("Operator"),
}
RETENTION: Mapping[str, str] = {
    "applications": N_("Applications"),
    "sessions": N_("Sessions"),
    "notes": N_("Sealed notes"),
    "outcomes": N_("Outcomes"),
    "messages": N_("Messages"),
    "audit": N_("Audit trail"),
}
CONTACTS: Mapping[str, str] = {
    "works_council": N_("Works council"),
    "executives_committee": N_("Executives' committee"),
    "data_protection_officer": N_("Data-protection officer"),
}
SPOKEN = ("de", "en", "fr", "es", "it", "nl", "pl", "cs", "pt", "tr", "zh", "ja")  # offered first; others may be added
NAMES_SHOWN = N_("Names are shown to the group")
OUTCOMES_COUNTED = N_("Outcomes are counted")
