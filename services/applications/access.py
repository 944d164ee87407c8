"""Who may do what in `applications`: a rule for each route, and what a rule leaves to the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.applications.domain.application import Application
from services.applications.domain.edition import Edition
from services.applications.domain.participation import Participation
from services.applications.domain.round import Round
from services.chassis.auth.principal import Scope
from services.chassis.auth.rules import Permit, Rules, everyone, roles

_MANAGING = roles("programme_manager", "group_office")
_KNOWING = roles("programme_manager", "group_office", "auditor", "data_protection", also="staff of its subsidiaries")
_FOLLOWING = roles(
    "programme_manager", "group_office", "auditor", "data_protection", "assessor", also="staff of its subsidiaries"
)
_APPLICANT = everyone("the applicant")
_SELECTING = roles("programme_manager", "group_office", "assessor")
_ASSESSING = roles("assessor")
RULES: Rules = {
    "POST /v1/editions": _MANAGING,
    "GET /v1/editions": _FOLLOWING,
    "GET /v1/editions/{edition_id}": _FOLLOWING,
    "PATCH /v1/editions/{edition_id}": _MANAGING,
    "PUT /v1/editions/{edition_id}/call": _MANAGING,
    "PUT /v1/editions/{edition_id}/form": _MANAGING,
    "PUT /v1/editions/{edition_id}/rubric": _MANAGING,
    "POST /v1/editions/{edition_id}/stage": _MANAGING,
    "POST /v1/editions/{edition_id}/applications": _KNOWING,
    "GET /v1/editions/{edition_id}/applications": _MANAGING,
    "GET /v1/editions/{edition_id}/participations": roles("programme_manager", "group_office", "auditor"),
    "GET /v1/editions/{edition_id}/coverage": roles("programme_manager", "group_office", "auditor"),
    "GET /v1/editions/{edition_id}/eligibility": _KNOWING,
    "GET /v1/editions/{edition_id}/my-application": _APPLICANT,
    "GET /v1/my-applications": _APPLICANT,
    "GET /v1/editions/{edition_id}/waivers": _MANAGING,
    "POST /v1/editions/{edition_id}/late-admissions": _MANAGING,
    "POST /v1/editions/{edition_id}/release": _MANAGING,
    "GET /v1/applications/{application_id}": roles("programme_manager", "group_office", also="the applicant"),
    "PATCH /v1/applications/{application_id}": _APPLICANT,
    "POST /v1/applications/{application_id}/submission": _APPLICANT,
    "POST /v1/applications/{application_id}/withdrawal": _APPLICANT,
    "POST /v1/applications/{application_id}/waiver-request": _APPLICANT,
    "POST /v1/applications/{application_id}/acceptance": _APPLICANT,
    "POST /v1/applications/{application_id}/waiver": _MANAGING,
    "POST /v1/applications/{application_id}/decision": _MANAGING,
    "POST /v1/applications/{application_id}/acceptance-extension": _MANAGING,
    "POST /v1/editions/{edition_id}/rounds": _MANAGING,
    "GET /v1/editions/{edition_id}/rounds": _SELECTING,
    "GET /v1/rounds/{round_id}": _SELECTING,
    "POST /v1/rounds/{round_id}/closure": _MANAGING,
    "POST /v1/rounds/{round_id}/hand-in": _ASSESSING,
    "GET /v1/editions/{edition_id}/sheets": _ASSESSING,
    "GET /v1/sheets/{sheet_id}": _ASSESSING,
    "PUT /v1/sheets/{sheet_id}": _ASSESSING,
    "POST /v1/sheets/{sheet_id}/lock": _ASSESSING,
    "POST /v1/sheets/{sheet_id}/conflict": _ASSESSING,
    "GET /v1/editions/{edition_id}/board": _MANAGING,
    "POST /v1/editions/{edition_id}/decisions": _MANAGING,
    "GET /v1/applications/{application_id}/sheets": _SELECTING,
    "GET /v1/applications/{application_id}/feedback": everyone("the applicant, after a released decision"),
    "GET /v1/participations/{participation_id}": roles(
        "programme_manager", "group_office", "auditor", also="the executive"
    ),
    "POST /v1/participations/{participation_id}/exemption": _MANAGING,
    "POST /v1/participations/{participation_id}/escalation": _MANAGING,
    "POST /v1/participations/{participation_id}/obligation": _MANAGING,
}


_GROUP = "*"  # no company's id, so that only a role for the whole group covers it


def managing(permit: Permit) -> Scope:
    """Where the caller manages programmes, whatever else the route's rule lets them do."""
    return permit.principal.scope_of(_MANAGING.roles)


def counting(permit: Permit) -> Scope:
    """Where the caller may know how many applications and participations are in which state; no assessor may."""
    return permit.principal.scope_of(_KNOWING.roles)


def is_responsible(permit: Permit, edition: Edition) -> bool:
    """Whether the caller manages programmes for one of the edition's companies; of a group-wide one for all."""
    scope = managing(permit)
    if edition.group_wide and edition.stage == "draft":
        return scope.everything
    return bool(scope) and scope.meets(edition.subsidiaries)


def is_responsible_for_all(permit: Permit, edition: Edition) -> bool:
    """Whether the caller manages programmes for all companies of the edition; of a group-wide one for the group."""
    scope = managing(permit)
    return scope.everything or (bool(scope) and not edition.group_wide and scope.covers_all(edition.subsidiaries))


def editions(permit: Permit) -> Mapping[str, Any]:
    """The query for the editions that the caller may know of: those of their scope and of their own company.

    Drafts are known to those responsible alone.
    """
    ready: dict[str, Any] = {"state.stage": {"$ne": "draft"}}
    if not permit.scope.everything:
        known = sorted({*permit.scope.subsidiaries, permit.principal.subsidiary or ""})
        ready["state.subsidiaries"] = {"$in": known}
    scope = managing(permit)
    if not scope:
        return ready
    return {"$or": [ready, {"state.stage": "draft", **scope.query("state.subsidiaries")}]}


def show_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever may know of the edition; of a draft only those responsible. Raises ``Hidden``."""
    if edition.stage == "draft":
        if not is_responsible(permit, edition):
            raise permit.hidden("edition", edition.edition_id)
    elif permit.principal.subsidiary not in edition.subsidiaries:
        permit.show("edition", edition.edition_id, edition.subsidiaries)


def make_edition(permit: Permit, subsidiaries: Sequence[str], *, group_wide: bool) -> None:
    """Let pass whoever manages programmes for all these companies, or for the group. Raises ``OutsideScope``."""
    permit.within("edition", [_GROUP] if group_wide else subsidiaries)


def manage_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever is responsible for one of the edition's companies. Raises ``Hidden``."""
    if not is_responsible(permit, edition):
        raise permit.hidden("edition", edition.edition_id)


def change_edition(permit: Permit, edition: Edition) -> None:
    """Let pass whoever is responsible for all companies of an edition. Raises ``Hidden``, ``OutsideScope``."""
    manage_edition(permit, edition)
    make_edition(permit, edition.subsidiaries, group_wide=edition.group_wide)


def known(permit: Permit, companies: Iterable[str]) -> tuple[str, ...]:
    """Those of an edition's companies that the caller may know to take part."""
    own = permit.principal.subsidiary
    return tuple(one for one in companies if one == own or permit.scope.covers(one))


def show_application(permit: Permit, application: Application) -> None:
    """Let pass the applicant, and those responsible where they are told of it: of a draft they are not.

    Raises ``Hidden``.
    """
    if not application.told:
        own_application(permit, application)
    permit.show("application", application.application_id, [application.subsidiary], own=[application.mentor_id])


def own_application(permit: Permit, application: Application) -> None:
    """Let pass the applicant alone. Raises ``Hidden``."""
    if not permit.is_one_of(application.mentor_id):
        raise permit.hidden("application", application.application_id)


def decide_application(permit: Permit, application: Application) -> None:
    """Let pass those responsible, but nobody on their own application. Raises ``Hidden``, ``OwnCase``."""
    show_application(permit, application)
    permit.show("application", application.application_id, [application.subsidiary])
    permit.not_own("application", application.application_id, application.mentor_id)


def show_participation(permit: Permit, participation: Participation) -> None:
    """Let pass those responsible and the executive. Raises ``Hidden``."""
    permit.show(
        "participation", participation.participation_id, [participation.subsidiary], own=[participation.mentee_id]
    )


def decide_participation(permit: Permit, participation: Participation) -> None:
    """Let pass those responsible, but nobody for themselves. Raises ``Hidden``, ``OwnCase``."""
    permit.show("participation", participation.participation_id, [participation.subsidiary])
    permit.not_own("participation", participation.participation_id, participation.mentee_id)


def rounds(permit: Permit, edition: Edition) -> Mapping[str, Any]:
    """The query for the rounds of an edition that the caller may know: all for those responsible, else the own ones."""
    return {} if is_responsible_for_all(permit, edition) else {"state.assessors": permit.id}


def show_round(permit: Permit, edition: Edition, round: Round) -> None:
    """Let pass those responsible for all companies of the edition, and assessors of the round. Raises ``Hidden``."""
    if not (is_responsible_for_all(permit, edition) or permit.is_one_of(*round.assessors)):
        raise permit.hidden("round", round.round_id)


def change_round(permit: Permit, edition: Edition, round: Round) -> None:
    """Let pass whoever is responsible for all companies of the edition. Raises ``Hidden``, ``OutsideScope``."""
    show_round(permit, edition, round)
    change_edition(permit, edition)


def assess(permit: Permit, round: Round) -> None:
    """Let pass the assessors of a round. Raises ``Hidden``."""
    if not permit.is_one_of(*round.assessors):
        raise permit.hidden("round", round.round_id)
