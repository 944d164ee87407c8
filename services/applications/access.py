"""Who may do what in `applications`: a rule for each route, and what a rule leaves to the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.applications.domain.application import Application
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation
from services.chassis.auth.rules import Permit, Rules, roles

_MANAGING = roles("programme_manager", "group_office")
_KNOWING = roles("programme_manager", "group_office", "auditor", "data_protection", also="staff of its subsidiaries")
RULES: Rules = {
    "POST /v1/editions": _MANAGING,
    "GET /v1/editions": _KNOWING,
    "GET /v1/editions/{edition_id}": _KNOWING,
    "POST /v1/editions/{edition_id}/call": _MANAGING,
    "POST /v1/editions/{edition_id}/applications": _KNOWING,
    "GET /v1/editions/{edition_id}/applications": _MANAGING,
    "GET /v1/editions/{edition_id}/participations": roles("programme_manager", "group_office", "auditor"),
    "GET /v1/applications/{application_id}": roles("programme_manager", "group_office", also="the applicant"),
    "POST /v1/applications/{application_id}/waiver": _MANAGING,
    "POST /v1/applications/{application_id}/decision": _MANAGING,
    "GET /v1/participations/{participation_id}": roles(
        "programme_manager", "group_office", "auditor", also="the executive"
    ),
    "POST /v1/participations/{participation_id}/exemption": _MANAGING,
}


def editions(permit: Permit) -> Mapping[str, Any]:
    """The query for the editions that the caller may know of: those of their scope and of their own company."""
    if permit.scope.everything:
        return {}
    return {"state.subsidiaries": {"$in": sorted({*permit.scope.subsidiaries, permit.principal.subsidiary or ""})}}


def show_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever may know of the edition. Raises ``Hidden``."""
    if permit.principal.subsidiary not in edition.subsidiaries:
        permit.show("edition", edition.edition_id, edition.subsidiaries)


def change_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever is responsible for all subsidiaries of an edition. Raises ``Hidden``, ``OutsideScope``."""
    permit.show("edition", edition.edition_id, edition.subsidiaries)
    permit.within("edition", edition.subsidiaries)


def visible(permit: Permit, edition: Edition) -> tuple[str, ...]:
    """Which of the edition's subsidiaries the caller may know to take part."""
    own = permit.principal.subsidiary
    return tuple(one for one in edition.subsidiaries if one == own or permit.scope.covers(one))


def show_application(permit: Permit, application: Application) -> None:
    """Let pass those responsible and, where the rule says so, the applicant. Raises ``Hidden``."""
    permit.show("application", application.application_id, [application.subsidiary], own=[application.mentor_id])


def decide_application(permit: Permit, application: Application) -> None:
    """Let pass those responsible, but nobody on their own application. Raises ``Hidden``, ``OwnCase``."""
    permit.show("application", application.application_id, [application.subsidiary])
    permit.not_own("application", application.application_id, application.mentor_id)


def show_participation(permit: Permit, participation: Participation) -> None:
    """Let pass those responsible and the executive. Raises ``Hidden``."""
    permit.show(
        "participation", participation.participation_id, [participation.subsidiary], own=[participation.mentee_id]
    )


def exempt(permit: Permit, participation: Participation) -> None:
    """Let pass those responsible, but nobody for themselves. Raises ``Hidden``, ``OwnCase``."""
    permit.show("participation", participation.participation_id, [participation.subsidiary])
    permit.not_own("participation", participation.participation_id, participation.mentee_id)
