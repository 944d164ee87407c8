"""Who may use which route, written by hand: the product's own rules are not looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.chassis.ids import random_id
from tests.support.access_matrix import EVERYBODY, Line
from tests.support.editions import asking, calling, scoring

_MANAGERS = "PM GO"
_FEEDING = "PM GO HR"
_ALL_ROLES = "PM AS GO HR AU DP OP"
_IMPOSSIBLE = {"name": "A year", "starts_on": "2098-03-01", "ends_on": "2098-02-01", "subsidiaries": ["{company}"]}
_DECLINED = {"decision": "declined", "reason": "There is no place left."}
_REFUSED = {"decision": "refused", "reason": "The rule is there for all."}
_EXEMPT = {"reason": "absence", "explanation": "Away for the whole year."}
_NOBODY = {"decisions": [{"application_id": random_id(), **_DECLINED}], "reason": "There is no place left."}
_LATE = {"person_id": random_id(), "until": "2098-03-31T12:00:00Z", "reason": "The mail was down."}
_PAST = {"planned_for": "2020-01-01T09:00:00Z"}
_ASSESSOR = {"role": "assessor", "subsidiaries": ["{company}"], "reason": "Helps with the interviews."}
_NO_LONGER = {"subsidiaries": ["{company}"], "reason": "Helps with them no longer."}
_ORPHAN = {"name": "A company", "parent_id": random_id()}
_BECAUSE = {"reason": "It was looked into."}
_LONGER = {"until": "2098-04-01", **_BECAUSE}
_TWO = {"mentee_id": "{mentee}", "mentor_id": "{mentor}"}
_VETO = {"mentee_id": random_id(), "reason": "We know each other."}
_ESCALATED = {"to": "{caller}", **_BECAUSE}

_RESERVED = {"name": "Standard", "subsidiaries": ["{company}"]}
_UNEVEN = dict.fromkeys(("learning_wishes", "availability", "languages", "hierarchy", "place", "other_subsidiary"), 9)
_STRANGERS = {"kind": "block", "mentor_id": random_id(), "mentee_id": random_id(), **_BECAUSE}

_OPERATIONS = (
    Line("GET /v1/operations/parked", "OP", whole=True, once=True),
    Line("GET /v1/operations/parked/{ref}", "OP", whole=True, once=True, done=404),
    Line("POST /v1/operations/parked/{ref}/retry", "OP", whole=True, once=True, done=404),
    Line("POST /v1/operations/parked/{ref}/drop", "OP", whole=True, once=True, done=404, body=_BECAUSE),
    Line("GET /v1/operations/consumers", "OP", whole=True, once=True),
    Line("POST /v1/operations/consumers/{consumer}/resume", "OP", whole=True, once=True, done=404, body=_BECAUSE),
    Line("POST /v1/operations/projections/{name}/switch", "OP", whole=True, once=True, done=404, body=_BECAUSE),
)
_APPLICATIONS = (
    Line("POST /v1/editions", _MANAGERS, done=422, elsewhere=403, body=_IMPOSSIBLE),
    Line("GET /v1/editions", "PM GO AU DP AS", "staff", listed=("edition_id", "edition")),
    Line("GET /v1/editions/{edition_id}", "PM GO AU DP AS", "staff", others=404),
    Line("PATCH /v1/editions/{edition_id}", _MANAGERS, done=412, body={"accept_by": "2098-04-01"}),
    Line("PUT /v1/editions/{edition_id}/call", _MANAGERS, done=412, body=calling()),
    Line("PUT /v1/editions/{edition_id}/form", _MANAGERS, done=412, body=asking()),
    Line("PUT /v1/editions/{edition_id}/rubric", _MANAGERS, done=412, body=scoring()),
    Line("POST /v1/editions/{edition_id}/stage", _MANAGERS, done=412, body={"to": "matching"}),
    Line("POST /v1/editions/{edition_id}/late-admissions", _MANAGERS, done=422, body=_LATE),
    Line("GET /v1/editions/{edition_id}/eligibility", "PM GO AU DP", "staff", done=409, program=422, others=404),
    Line("GET /v1/editions/{edition_id}/my-application", "", "mentor", others=404),
    Line("GET /v1/my-applications", "", "mentor", listed=("application_id", "application")),
    Line("GET /v1/editions/{edition_id}/waivers", _MANAGERS),
    Line("POST /v1/editions/{edition_id}/release", _MANAGERS),
    Line("POST /v1/editions/{edition_id}/rounds", _MANAGERS, done=409),
    Line("GET /v1/editions/{edition_id}/rounds", "PM GO AS"),
    Line("GET /v1/editions/{edition_id}/sheets", "AS"),
    Line("GET /v1/editions/{edition_id}/board", _MANAGERS),
    Line("POST /v1/editions/{edition_id}/decisions", _MANAGERS, body=_NOBODY),
    Line("GET /v1/editions/{edition_id}/coverage", "PM GO AU"),
    Line(
        "POST /v1/editions/{edition_id}/applications",
        "PM GO AU DP",
        "staff",
        done=409,
        others=404,
        body={"mentor_id": "{caller}", "answers": {"why": "I say it otherwise."}},
    ),
    Line("GET /v1/editions/{edition_id}/applications", _MANAGERS),
    Line("GET /v1/editions/{edition_id}/participations", "PM GO AU"),
    Line("GET /v1/applications/{application_id}", _MANAGERS, "mentor", others=404),
    Line("PATCH /v1/applications/{application_id}", "", "mentor", done=412, others=404),
    Line("POST /v1/applications/{application_id}/submission", "", "mentor", done=412, others=404),
    Line("POST /v1/applications/{application_id}/withdrawal", "", "mentor", done=412, others=404),
    Line("POST /v1/applications/{application_id}/waiver-request", "", "mentor", done=412, others=404, body=_BECAUSE),
    Line("POST /v1/applications/{application_id}/acceptance", "", "mentor", done=412, others=404),
    Line("POST /v1/applications/{application_id}/acceptance-extension", _MANAGERS, done=412, body=_LONGER),
    Line("GET /v1/applications/{application_id}/feedback", "", "mentor", done=404, others=404),
    Line("GET /v1/applications/{application_id}/sheets", _MANAGERS, own="AS"),
    Line("POST /v1/applications/{application_id}/waiver", _MANAGERS, done=412, body=_REFUSED),
    Line("POST /v1/applications/{application_id}/decision", _MANAGERS, done=412, body=_DECLINED),
    Line("GET /v1/participations/{participation_id}", "PM GO AU", "mentee", others=404),
    Line("POST /v1/participations/{participation_id}/exemption", _MANAGERS, done=412, body=_EXEMPT),
    Line("POST /v1/participations/{participation_id}/escalation", _MANAGERS, done=412, program=422, body=_ESCALATED),
    Line("POST /v1/participations/{participation_id}/obligation", _MANAGERS, done=412, body=_BECAUSE),
    Line("GET /v1/rounds/{round_id}", _MANAGERS, "assessor", own="AS"),
    Line("POST /v1/rounds/{round_id}/closure", _MANAGERS, done=412, body=_BECAUSE),
    Line("POST /v1/rounds/{round_id}/hand-in", "", "assessor", own="AS"),
    Line("GET /v1/sheets/{sheet_id}", "", "assessor", own="AS"),
    Line("PUT /v1/sheets/{sheet_id}", "", "assessor", own="AS", done=412, body={"scores": {}}),
    Line("POST /v1/sheets/{sheet_id}/lock", "", "assessor", own="AS", done=412),
    Line("POST /v1/sheets/{sheet_id}/conflict", "", "assessor", own="AS", done=412, body=_BECAUSE),
)
_MATCHING = (
    Line("POST /v1/runs", _MANAGERS, done=409, body={"edition_id": "{edition_id}"}),
    Line("GET /v1/runs", _MANAGERS, listed=("run_id", "run")),
    Line("GET /v1/runs/{run_id}", _MANAGERS),
    Line("POST /v1/runs/{run_id}/cancellation", _MANAGERS, done=412),
    Line("POST /v1/runs/{run_id}/choice", _MANAGERS, done=412, body={"changes": 1}),
    Line("POST /v1/runs/{run_id}/preview", _MANAGERS, done=412),
    Line("GET /v1/runs/{run_id}/certificate", _MANAGERS, done=409),
    Line("GET /v1/runs/{run_id}/why-not", _MANAGERS, done=409, query=_TWO),
    Line("GET /v1/runs/{run_id}/mentors", _MANAGERS, done=404, query={"mentee_id": "{mentee}"}),
    Line("GET /v1/runs/{run_id}/comparison", _MANAGERS, done=409, query={"with": "{run_id}"}),
    Line("GET /v1/runs/{run_id}/changes", _MANAGERS, done=409),
    Line("GET /v1/runs/{run_id}/obstacles", _MANAGERS, done=409),
    Line("POST /v1/runs/{run_id}/vetoes", "", "mentor mentee", done=404, others=404, body=_VETO),
    Line("GET /v1/proposals", "", EVERYBODY, once=True),
    Line("POST /v1/runs/{run_id}/review", _MANAGERS, done=412, body={"decision": "approved"}),
    Line("POST /v1/runs/{run_id}/publication", _MANAGERS, done=412),
    Line("GET /v1/candidates", _MANAGERS, query={"edition_id": "{edition_id}"}),
    Line("GET /v1/policies", _MANAGERS, listed=("policy_id", "policy")),
    Line("POST /v1/policies", _MANAGERS, done=409, elsewhere=403, body=_RESERVED),
    Line("GET /v1/policies/{policy_id}", _MANAGERS),
    Line("PUT /v1/policies/{policy_id}", _MANAGERS, done=412, body={"veto_days": 1}),
    Line("POST /v1/policies/{policy_id}/versions", _MANAGERS, done=422, body={"weights": _UNEVEN}),
    Line("GET /v1/editions/{edition_id}/overrides", _MANAGERS),
    Line("POST /v1/editions/{edition_id}/overrides", _MANAGERS, done=409, body=_STRANGERS),
    Line("POST /v1/editions/{edition_id}/overrides/undo", _MANAGERS, done=412),
    Line("POST /v1/editions/{edition_id}/overrides/{override_id}/withdrawal", _MANAGERS, done=412),
    Line("GET /v1/pairs", "PM GO AU", "mentor mentee", listed=("pair_id", "pair")),
    Line("GET /v1/pairs/{pair_id}", "PM GO AU", "mentor mentee", others=404),
    Line("POST /v1/pairs/{pair_id}/end", _MANAGERS, done=412, body={"reason": "by_agreement"}),
)
_SESSIONS = (
    Line("GET /v1/workspaces", _MANAGERS, "mentor mentee", listed=("pair_id", "pair")),
    Line("GET /v1/workspaces/{pair_id}", _MANAGERS, "mentor mentee", others=404),
    Line("POST /v1/workspaces/{pair_id}/sessions", "", "mentor mentee", done=409, others=404, body=_PAST),
    Line("POST /v1/workspaces/{pair_id}/sessions/{session_id}/cancellation", "", "mentor mentee", done=412, others=404),
    Line(
        "POST /v1/workspaces/{pair_id}/sessions/{session_id}/holding",
        "",
        "mentor mentee",
        done=412,
        others=404,
        body={"held_at": "2026-04-01T09:00:00Z"},
    ),
)
_NOTIFICATIONS = (
    Line("GET /v1/deliveries", "GO OP", "mentor", whole=True, listed=("delivery_id", "delivery")),
    Line("GET /v1/deliveries/{delivery_id}", "GO OP", "mentor", whole=True, others=404),
)
_REPORTING = (
    Line("GET /v1/boards", "PM GO AU", listed=("edition_id", "edition")),
    Line("GET /v1/boards/{edition_id}", "PM GO AU"),
    Line("GET /v1/boards/{edition_id}/pairs", "PM GO AU"),
    Line("GET /v1/audit", "AU DP GO", listed=("id", "entry")),
)
_PEOPLE = (
    Line("GET /v1/roster-mappings", _FEEDING, once=True),
    Line("POST /v1/roster-imports", _FEEDING, done=415, once=True),
    Line("GET /v1/roster-imports", _FEEDING, "uploader", mine=True, listed=("id", "upload")),
    Line("GET /v1/roster-imports/{import_id}", _FEEDING, "uploader", mine=True),
    Line("GET /v1/roster-imports/{import_id}/changes", _FEEDING, "uploader", mine=True, query={"kind": "joiners"}),
    Line("GET /v1/roster-imports/{import_id}/faults.csv", _FEEDING, "uploader", mine=True),
    Line("POST /v1/roster-imports/{import_id}/application", _FEEDING, "uploader", done=412, mine=True),
    Line("POST /v1/roster-imports/{import_id}/cancellation", _FEEDING, "uploader", done=412, mine=True),
    Line("GET /v1/people", "PM GO HR DP AU", listed=("id", "mentee")),
    Line("GET /v1/people/{person_id}", "PM GO HR DP AU", "mentee", others=404),
    Line("GET /v1/names", "PM GO HR DP AU", "mentee", query={"ids": "{all}"}, listed=("id", "mentee")),
    Line("POST /v1/people/{person_id}/roles", _MANAGERS, done=412, body=_ASSESSOR),
    Line("POST /v1/people/{person_id}/roles/{role}/revocation", _MANAGERS, done=412, body=_NO_LONGER),
    Line("GET /v1/me", "", "person", others=404, once=True),
    Line("PATCH /v1/me/profile", "", "person", done=412, others=404, once=True),
    Line("PATCH /v1/me/preferences", "", "person", done=412, others=404, once=True),
    Line("GET /v1/subsidiaries", _ALL_ROLES, "staff", listed=("id", "company")),
    Line("POST /v1/subsidiaries", "GO", done=422, whole=True, once=True, body=_ORPHAN),
    Line("GET /v1/subsidiaries/{subsidiary_id}", _ALL_ROLES, "staff", others=404),
    Line("PATCH /v1/subsidiaries/{subsidiary_id}", "PM GO DP", done=412, body={"names_shown": False}),
    Line("GET /v1/service-accounts", "GO OP", whole=True, once=True),
    Line("POST /v1/service-accounts", "GO", done=422, whole=True, once=True),
    Line("GET /v1/service-accounts/{account_id}", "GO OP", done=404, whole=True, once=True),
    Line("POST /v1/service-accounts/{account_id}/keys", "GO", done=409, whole=True, once=True),
    Line("POST /v1/service-accounts/{account_id}/keys/{key_id}/revocation", "GO OP", done=404, whole=True, once=True),
    Line("POST /v1/service-accounts/{account_id}/deactivation", "GO OP", done=404, whole=True, once=True),
    Line("GET /v1/catalogues", "", EVERYBODY, once=True),
    Line("GET /v1/catalogues/{catalogue}", "", EVERYBODY, once=True),
)
TABLES: Mapping[str, Sequence[Line]] = {
    "applications": (*_APPLICATIONS, *_OPERATIONS),
    "matching": (*_MATCHING, *_OPERATIONS),
    "sessions": (*_SESSIONS, *_OPERATIONS),
    "notifications": (*_NOTIFICATIONS, *_OPERATIONS),
    "reporting": (*_REPORTING, *_OPERATIONS),
    "people": (*_PEOPLE, *_OPERATIONS),
}
