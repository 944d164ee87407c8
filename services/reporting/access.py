"""Who may do what in `reporting`: a rule for each route, and what a rule leaves to the record."""

from __future__ import annotations

from typing import Any

from services.chassis.auth.rules import Permit, Rules, roles
from services.reporting.domain.sources import Edition

_FOLLOWING = roles("programme_manager", "group_office", "auditor")
_AUDITING = roles("auditor", "data_protection", "group_office")
RULES: Rules = {
    "GET /v1/boards": _FOLLOWING,
    "GET /v1/boards/{edition_id}": _FOLLOWING,
    "GET /v1/boards/{edition_id}/pairs": _FOLLOWING,
    "GET /v1/audit": _AUDITING,
}


def editions(permit: Permit) -> dict[str, Any]:
    """The query for the editions whose board the caller may see, at least in part."""
    return permit.scope.query("state.subsidiaries")


def show_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever is responsible for one of the edition's subsidiaries. Raises ``Hidden``."""
    permit.show("edition", edition.edition_id, edition.subsidiaries)


def pairs(permit: Permit) -> dict[str, Any]:
    """The query for the pairs with a member for whom the caller is responsible."""
    return permit.scope.query("state.mentor_subsidiary", "state.mentee_subsidiary")


def entries(permit: Permit) -> dict[str, Any]:
    """The query for the entries of the trail that the caller may read: those of the subsidiaries in scope."""
    return permit.scope.query("subsidiary")
