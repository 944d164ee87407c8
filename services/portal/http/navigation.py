"""The portal's main sections, and who sees each."""

from __future__ import annotations

from services.portal.pages.refusals import N_
from services.portal.pages.rendering import Item

STAFF = frozenset({"programme_manager", "group_office"})
NAVIGATION = (
    Item("/", N_("Overview")),
    Item("/calls", N_("Apply"), executives=False),
    Item("/assessments", N_("Assess"), frozenset({"assessor"})),
    Item("/editions", N_("Editions"), STAFF),
    Item("/matching", N_("Matching"), STAFF, part="matching"),
    Item("/people", N_("People"), STAFF | {"hr_integrator", "data_protection"}),
    Item("/roster", N_("Roster"), STAFF | {"hr_integrator"}),
    Item("/companies", N_("Companies"), STAFF | {"data_protection"}),
    Item("/accounts", N_("Service accounts"), frozenset({"group_office", "operator"})),
    Item("/me", N_("Me")),
)
