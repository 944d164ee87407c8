"""A call and an application as `applications` tells of them, for pages whose services are a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.portal_forms import COMPANY
from tests.support.portal_stage import Stage, sign_in

LENA: dict[str, Any] = {
    "id": "p1",
    "name": "Lena Hoff",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "entry_date": "2021-02-01",
    "roles": [],
    "version": 3,
    "profile": {
        "birth_date": "1995-02-14",
        "skills": [{"platform": "tiktok", "level": 3}],
        "languages": {"de": "C2", "fr": "A2"},
        "spoken": ["de"],
        "place": "Bremen",
        "remote": True,
        "availability": ["mon_am"],
        "capacity": 2,
        "declared": ["skills", "capacity"],
    },
}
AGE = {
    "kind": "age",
    "maximum": 28,
    "legal_ground": "AGG § 10: own experience with these platforms",
    "aim": "Pass on what one grew up with",
}
CALL: dict[str, Any] = {
    "reference_date": "2026-07-01",
    "opens_at": None,
    "languages": ["de", "en"],
    "names_hidden": True,
    "hours_a_month": 2,
    "texts": {
        "de": {"title": "Mentor:innen gesucht", "invitation": "Erster Absatz.\n\nZweiter Absatz."},
        "en": {"title": "Mentors wanted", "invitation": "First paragraph.\n\nSecond paragraph."},
    },
    "rules": [AGE, {"kind": "tenure", "minimum_months": 6}],
}
QUESTION = {
    "question_id": "first-hour",
    "text": {"de": "Was zeigen Sie?", "en": "What would you show?"},
    "most_words": 5,
}
LEVELS = [{"en": "vague"}, {"en": "clear"}]
RUBRIC = {"criteria": [{"criterion_id": "a", "title": {"en": "Ideas"}, "weight": 100, "levels": LEVELS}], "sheets": 3}
_EDITION: dict[str, Any] = {
    "edition_id": "e1",
    "name": "2026/27",
    "stage": "call_open",
    "zone": "Europe/Berlin",
    "subsidiaries": ["c1"],
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "form": {"version": 2, "questions": [QUESTION]},
    "rubric": RUBRIC,
    "version": 4,
}
TOO_OLD = {
    "rule": "age",
    "met": False,
    "unknown": False,
    "calculation": "31 years",
    "values": {"age": 31, "maximum": 28, "reference_date": "2026-07-01", "born_on_leap_day": 0},
}
LONG_ENOUGH = {
    "rule": "tenure",
    "met": True,
    "unknown": False,
    "calculation": "65 months",
    "values": {"months": 65, "minimum_months": 6, "reference_date": "2026-07-01"},
}
PARTS = {"hr": "done", "platforms": "open", "answers": "open", "availability": "open", "manager": "open"}
_DRAFT: dict[str, Any] = {
    "application_id": "a1",
    "edition_id": "e1",
    "mentor_id": "p1",
    "subsidiary": "c1",
    "status": "draft",
    "offer": None,
    "answers": {},
    "manager_informed": False,
    "parts": PARTS,
    "complete": False,
    "eligibility": "met",
    "rules": [LONG_ENOUGH],
    "standing": "in",
    "version": 5,
}
MINE = "/calls/e1/application"


def soon() -> str:
    """The deadline: in nine days."""
    return (datetime.now(UTC) + timedelta(days=9)).isoformat()


def over() -> str:
    """A moment that has passed."""
    return (datetime.now(UTC) - timedelta(days=1)).isoformat()


def later_day() -> str:
    """The day of the decision, and until which places are accepted."""
    return (datetime.now(UTC) + timedelta(days=20)).date().isoformat()


def call(**facts: Any) -> dict[str, Any]:
    """A call that is open, with these facts."""
    return {**CALL, "closes_at": soon(), **facts}


def edition(**facts: Any) -> dict[str, Any]:
    """The edition whose call is open, with these facts."""
    days = {"decision_on": later_day(), "accept_by": later_day()}
    return {**_EDITION, **days, "call": call(), **facts}


def draft(**facts: Any) -> dict[str, Any]:
    """Lena's application, with these facts."""
    return {**_DRAFT, "started_at": over(), "changed_at": over(), "open_until": soon(), **facts}


def waiver(**facts: Any) -> dict[str, Any]:
    """A waiver that was granted, with these facts."""
    granted = {"decision": "granted", "reason": "She teaches it already.", "decided_by": "p9"}
    return {**granted, "decided_at": over(), **facts}


def mine(stage: Stage, **facts: Any) -> None:
    """Let the draft be like this from now on."""
    stage.people.answer("GET /v1/editions/e1/my-application", (200, draft(**facts)))
    stage.people.answer("GET /v1/my-applications", (200, [draft(**facts)]))


def none_begun(stage: Stage) -> None:
    """Let nobody have begun an application."""
    stage.people.answers.pop("GET /v1/editions/e1/my-application")
    stage.people.answers.pop("GET /v1/my-applications")


@asynccontextmanager
async def applicant_at(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    stage.people.answers.clear()
    for path, body in {
        "/v1/me": LENA,
        "/v1/subsidiaries": [COMPANY],
        "/v1/subsidiaries/c1": COMPANY,
        "/v1/names": [],
        "/v1/catalogues/platforms": {"items": [{"code": "tiktok", "name": "TikTok"}]},
        "/v1/editions": [edition()],
        "/v1/editions/e1": edition(),
        "/v1/editions/e1/my-application": draft(),
        "/v1/my-applications": [draft()],
        "/v1/editions/e1/eligibility": {"rules": [TOO_OLD, LONG_ENOUGH], "eligible": False, "standing": "in"},
    }.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one
