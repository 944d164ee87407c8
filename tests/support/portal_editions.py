"""An edition as `applications` tells of it, for pages whose services are a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.support.portal_forms import COMPANY
from tests.support.portal_stage import Stage, sign_in

LEGAL_GROUND = "The works agreement of 2026, clause 4"
KURZ = {
    "id": "p1",
    "name": "Jana Kurz",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "roles": [{"role": "programme_manager", "subsidiaries": []}],
    "version": 3,
}
CALL: dict[str, Any] = {
    "reference_date": "2027-04-01",
    "opens_at": None,
    "closes_at": "2027-03-26T11:00:00Z",
    "languages": ["de", "en"],
    "names_hidden": False,
    "hours_a_month": 2,
    "texts": {"de": {"title": "Zeig es", "invitation": "Bewirb dich."}},
    "rules": [
        {"kind": "age", "maximum": 28, "legal_ground": LEGAL_GROUND, "aim": None},
        {"kind": "language", "languages": ["de"]},
    ],
}
QUESTION = {"question_id": "why", "text": {"de": "Warum?", "en": "Why?"}, "most_words": 150}
LEVELS = [{"de": "kaum", "en": "hardly"}, {"de": "gut", "en": "well"}]
RUBRIC: dict[str, Any] = {
    "criteria": [
        {"criterion_id": "explains", "title": {"de": "Erklärt", "en": "Explains"}, "weight": 100, "levels": LEVELS}
    ],
    "spread": 25,
    "sheets": 3,
}
EDITION: dict[str, Any] = {
    "edition_id": "e1",
    "name": "Reverse 2027",
    "stage": "draft",
    "zone": "Europe/Berlin",
    "starts_on": "2027-03-01",
    "ends_on": "2028-02-28",
    "group_wide": False,
    "subsidiaries": ["c1"],
    "created_at": "2026-11-20T09:00:00Z",
    "created_by": "p1",
    "decision_on": None,
    "accept_by": None,
    "reserve_until": None,
    "escalation": {"to": "p1", "after_days": 10},
    "call": CALL,
    "form": {"version": 1, "questions": [QUESTION, {**QUESTION, "question_id": "how", "text": {"de": "Wie?"}}]},
    "rubric": RUBRIC,
    "next": {"stage": "call_open", "blockers": [{"code": "text-missing", "detail": "en", "number": 1}], "warnings": []},
    "participations": {"obliged": 0, "paired": 0, "escalated": 0, "exempt": 0, "left": 0},
    "version": 4,
}
EXECUTIVE: dict[str, Any] = {
    "participation_id": "x1",
    "edition_id": "e1",
    "mentee_id": "m1",
    "subsidiary": "c1",
    "status": "obliged",
    "obliged_at": "2026-11-21T09:00:00Z",
    "version": 2,
}


@asynccontextmanager
async def manager_at(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager, and services with one company and one edition that is a draft."""
    stage.people.answers.clear()
    for path, body in _TOLD.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one


def holds(there: Stage, /, **changes: Any) -> None:
    """Let the edition be another one."""
    there.people.answer("GET /v1/editions/e1", (200, {**EDITION, **changes}))


_TOLD: dict[str, Any] = {
    "/v1/me": KURZ,
    "/v1/subsidiaries": [COMPANY],
    "/v1/names": [{"id": "p1", "name": "Jana Kurz"}, {"id": "m1", "name": "Petra Winter"}],
    "/v1/people": [{"id": "p2", "name": "Mika Sohn", "subsidiary": "c1"}],
    "/v1/roster-imports": [],
    "/v1/editions": [EDITION],
    "/v1/editions/e1": EDITION,
    "/v1/participations/x1": EXECUTIVE,
}
