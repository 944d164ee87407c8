"""A selection as `applications` tells of it, for pages whose services are a stand-in: sheets, rounds, the board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.portal_forms import COMPANY
from tests.support.portal_stage import Stage, sign_in

NOW = datetime.now(UTC)
ME = {
    "id": "p1",
    "name": "Tim Albers",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "roles": [{"role": "assessor", "subsidiaries": []}, {"role": "programme_manager", "subsidiaries": []}],
    "profile": {"skills": [{"platform": "tiktok", "level": 3}], "spoken": ["de"]},
    "version": 3,
}
RUBRIC = {
    "criteria": [
        {
            "criterion_id": "platforms",
            "title": {"de": "Plattformkenntnis", "en": "Knows platforms"},
            "weight": 60,
            "levels": [{"en": "names them"}, {"en": "uses them"}, {"en": "taught them"}],
        },
        {
            "criterion_id": "patience",
            "title": {"de": "Geduld"},
            "weight": 40,
            "levels": [{"de": "kaum"}, {"de": "sehr"}],
        },
    ],
    "spread": 25,
    "sheets": 2,
}
EDITION = {
    "edition_id": "e1",
    "name": "2026/27",
    "stage": "selection",
    "zone": "Europe/Berlin",
    "starts_on": "2026-10-01",
    "ends_on": "2027-09-30",
    "accept_by": "2027-01-31",
    "rubric": RUBRIC,
    "form": {"version": 1, "questions": [{"question_id": "show", "text": {"en": "What would you show?"}}]},
    "version": 9,
}
ROUND = {
    "round_id": "r1",
    "edition_id": "e1",
    "number": 1,
    "state": "open",
    "per_application": 2,
    "due_at": (NOW + timedelta(days=6)).isoformat(),
    "opened_at": NOW.isoformat(),
    "progress": {"sheets": 6, "locked": 4, "open_by": [{"assessor_id": "p9", "open": 2}], "short": []},
    "version": 4,
}
READ = {
    "mentor_id": None,
    "name_hidden": True,
    "waived": True,
    "offer": {"places": 2, "platforms": [{"platform": "tiktok", "level": 4}], "languages": ["de"], "remote": True},
    "questions": [{"question_id": "show", "text": {"en": "What would you show?"}, "answer": "A <b>post</b>."}],
}


def sheet(id: str, **facts: Any) -> dict[str, Any]:
    """One of her own sheets."""
    given = {"sheet_id": id, "round_id": "r1", "edition_id": "e1", "state": "open", "complete": False, "version": 2}
    more = {"application": READ, "rubric": RUBRIC, "scores": {}, "missing": ["platforms", "patience"], "total": None}
    return {**given, **more, **facts}


def entry(number: int, **facts: Any) -> dict[str, Any]:
    """An application on the board."""
    given = {"application_id": f"a{number}", "mentor_id": f"m{number}", "subsidiary": "c1", "places": 1, "sheets": 2}
    totals = [{"sheet_id": f"s{number}", "assessor_id": "p8", "total": 80, "normalised": 78.25}]
    ranked = {"rank": number, "median": 90.25 - number, "spread": 4.0, "cumulated": number, "status": "applied"}
    return {**given, "totals": totals, **ranked, **facts}


def board(*entries: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The board of the edition; ranked where it has entries."""
    state = "ranked" if entries else "round-open"
    rounds = [{**ROUND, "state": "closed" if entries else "open"}]
    places = {"needed": 2, "selected": 0, "proposed": 2, "short": 0}
    given = {"edition_id": "e1", "as_of": NOW.isoformat(), "state": state, "rounds": rounds, "places": places}
    missing = [] if entries else [{"assessor_id": "p9", "open": 2}]
    return {**given, "spread": 25, "missing": missing, "entries": list(entries), "vacancies": [], **facts}


RANKED = (
    entry(1, median=90.5, proposal="selected", flags=["waiver"]),
    entry(2, median=80.25, proposal="selected", tied=True),
    entry(
        3, rank=2, median=80.25, tied=True, spread=31.0, flags=["disagreement"], proposal="reserved", reserve_number=1
    ),
    entry(4, rank=None, median=None, spread=None, cumulated=None, status="withdrawn", flags=["withdrawn"], totals=[]),
)


@asynccontextmanager
async def selector_at(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of an assessor who manages an edition too, in whose round she has three sheets."""
    stage.people.answers.clear()
    names = [{"id": f"m{number}", "name": f"Mentor {number}"} for number in range(1, 6)]
    for path, body in {
        "/v1/me": ME,
        "/v1/subsidiaries": [COMPANY],
        "/v1/subsidiaries/c1": COMPANY,
        "/v1/people": [{"id": "p8", "name": "Bodo Arndt", "subsidiary": "c1"}, {"id": "p9", "name": "Gesa Mohr"}],
        "/v1/names": [*names, {"id": "p8", "name": "Bodo Arndt"}, {"id": "p9", "name": "Gesa Mohr"}],
        "/v1/roster-imports": [],
        "/v1/service-accounts": [],
        "/v1/catalogues/platforms": {"items": [{"code": "tiktok", "name": "TikTok"}]},
        "/v1/editions": [EDITION],
        "/v1/editions/e1": EDITION,
        "/v1/editions/e1/rounds": [ROUND],
        "/v1/rounds/r1": ROUND,
        "/v1/editions/e1/sheets": [sheet("s1", complete=True), sheet("s2"), sheet("s3")],
        "/v1/editions/e1/board": board(),
        "/v1/sheets/s2": sheet("s2"),
    }.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one
