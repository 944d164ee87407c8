"""A matching as `matching` tells of it, for pages whose services are a stand-in: runs, proposals, what is laid down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.portal_forms import COMPANY
from tests.support.portal_stage import Stage, sign_in

THEN = datetime(2026, 7, 14, 8, 40, tzinfo=UTC)
WEIGHTS = {
    "learning_wishes": 40,
    "availability": 20,
    "languages": 10,
    "hierarchy": 10,
    "place": 10,
    "other_subsidiary": 10,
}
POLICY = {
    "policy_id": "standard",
    "name": "Standard",
    "version": 1,
    "label": "standard.1",
    "rules": {"subsidiary": "any", "language_level": "B2", "meeting": "any"},
    "weights": WEIGHTS,
    "priority_weights": [4, 2, 1],
    "veto_days": 3,
    "priority": "none",
    "built_in": True,
    "used": True,
}
OWN_POLICY = {**POLICY, "policy_id": "q7", "name": "Across companies", "version": 2, "built_in": False, "used": False}
EDITION = {
    "edition_id": "e1",
    "name": "2026/27",
    "stage": "matching",
    "zone": "Europe/Berlin",
    "starts_on": "2026-10-01",
    "ends_on": "2027-09-30",
    "next": {"stage": "running"},
    "version": 9,
}
ME = {
    "id": "p1",
    "name": "Jana Kurz",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "roles": [{"role": "programme_manager", "subsidiaries": []}],
    "profile": {"skills": [{"platform": "tiktok", "level": 3}], "spoken": ["de"]},
    "version": 3,
}
CANDIDATES = {"mentors": 3, "places": 4, "executives": 3, "without_profile": 0, "unknown": 0}


def pair(number: int, points: float, **facts: Any) -> dict[str, Any]:
    """A proposed pair of mentor m<number> and executive x<number>."""
    shares = zip(WEIGHTS, (points - 30, 10.0, 10.0, 5.0, 5.0, 0.0), strict=True)
    return {
        "mentor_id": f"m{number}",
        "mentee_id": f"x{number}",
        "mentor_subsidiary": "c1",
        "mentee_subsidiary": "c1",
        "points": points,
        "criteria": [{"name": name, "points": given} for name, given in shares],
        "outcome": "pending",
        **facts,
    }


def obstacle(number: int, reason: str, *, goes_without: bool = True) -> dict[str, Any]:
    """What stands against the pair of mentor m<number> and executive x<number> now."""
    why = {"reason": reason, "explanation": "So it is.", "goes_without": goes_without}
    return {"mentor_id": f"m{number}", "mentee_id": f"x{number}", **why}


def run(id: str, state: str = "proposed", **facts: Any) -> dict[str, Any]:
    """A run of the edition, without people."""
    minutes = sum(map(ord, id)) % 50
    given = {"run_id": id, "edition_id": "e1", "state": state, "kind": "full", "trial": False, "seed": 7, "version": 4}
    asked = {"requested_by": "p1", "requested_at": (THEN + timedelta(minutes=minutes)).isoformat(), "attempts": 1}
    proposed = {
        "proposed_at": (THEN + timedelta(minutes=minutes)).isoformat(),
        "policy": POLICY,
        "coverage": {"covered": 3, "executives": 3},
        "worst": 54.25,
        "total": 210.0,
        "certificate": {"digest": "sha256:ab12", "pairs": 9},
    }
    return {
        **given,
        **asked,
        **(proposed if state in {"proposed", "previewed", "approved", "published"} else {}),
        **facts,
    }


def report(id: str, state: str = "proposed", **facts: Any) -> dict[str, Any]:
    """A run with its proposal."""
    pairs = [pair(1, 54.25), pair(2, 70.0, forced=True), pair(3, 85.75)]
    return {**run(id, state), "pairs": pairs, "mentors_left_out": [{"mentor_id": "m4", "reason": "full"}], **facts}


def short_report(id: str) -> dict[str, Any]:
    """A proposal in which two of three executives compete for one place, and what would help."""
    relaxed = {"coverage": 3, "worst": 51.0, "total": 200.0}
    return report(
        id,
        coverage={"covered": 2, "executives": 3},
        pairs=[pair(1, 54.25), pair(2, 70.0)],
        total=124.25,
        uncovered=[{"mentee_id": "x3", "reason": "no_mentor_free", "explanation": "Others need them."}],
        shortages=[
            {"executives": ["x2", "x3"], "mentors": ["m2"], "places": 1, "missing": 1, "barred": {"reporting_line": 3}}
        ],
        relaxations=[
            {"kind": "extra_place", "mentor_id": "m2", "value": "2", **relaxed},
            {"kind": "language_level", "value": "B1", **relaxed, "worst": 40.0},
        ],
    )


def possible(number: int, points: float | None) -> dict[str, Any]:
    """Mentor m<number> for an executive; without points one whom the reporting line forbids."""
    rules = [] if points else ["reporting_line"]
    return {"mentor_id": f"m{number}", "subsidiary": "c1", "allowed": bool(points), "points": points, "rules": rules}


@asynccontextmanager
async def matcher_at(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager whose edition has two drafts, r1 and r2."""
    stage.people.answers.clear()
    names = [{"id": f"m{number}", "name": f"Mentor {number}"} for number in range(1, 6)]
    names += [{"id": f"x{number}", "name": f"Executive {number}"} for number in range(1, 6)]
    laid = {"override_id": "o1", "kind": "force", "mentor_id": "m2", "mentee_id": "x2", "reason": "The board asked."}
    for path, body in {
        "/v1/me": ME,
        "/v1/subsidiaries": [COMPANY],
        "/v1/subsidiaries/c1": COMPANY,
        "/v1/names": [*names, {"id": "p1", "name": "Jana Kurz"}],
        "/v1/roster-imports": [],
        "/v1/service-accounts": [],
        "/v1/editions": [EDITION],
        "/v1/editions/e1": EDITION,
        "/v1/editions/e1/overrides": [
            {**laid, "by": "p1", "at": THEN.isoformat(), "stands": True, "undone_next": True}
        ],
        "/v1/candidates": CANDIDATES,
        "/v1/policies": [POLICY, OWN_POLICY],
        "/v1/runs": [run("r1"), run("r2")],
        "/v1/runs/r1": report("r1"),
        "/v1/runs/r2": report("r2"),
        "/v1/runs/r1/mentors": [possible(1, 54.25), possible(5, 48.5), possible(3, 40.0), possible(2, None)],
        "/v1/runs/r1/changes": [],
        "/v1/runs/r2/changes": [],
        "/v1/runs/r1/obstacles": [],
        "/v1/runs/r2/obstacles": [],
    }.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one
