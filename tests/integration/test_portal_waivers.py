"""Promises of the pages about waivers: who asks for one, who decides on it, and where each reads the answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_applying import (
    LENA,
    LONG_ENOUGH,
    MINE,
    TOO_OLD,
    applicant_at,
    draft,
    mine,
    none_begun,
    over,
    waiver,
)
from tests.support.portal_forms import hidden, sent, words_of
from tests.support.portal_stage import Stage


def case(**facts: Any) -> dict[str, Any]:
    """A request for a waiver as those who decide see it, with these facts."""
    told = {"application_id": "a1", "mentor_id": "p1", "subsidiary": "c1", "requested_at": over()}
    return {**told, "reason": "I lead the digital team.", "rules": [TOO_OLD], "waiver": None, **facts}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    async with applicant_at(stage) as one:
        yield one


async def test_who_misses_a_rule_sees_the_calculation_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Beginning makes a draft; who misses a rule comes to a page with the calculation and may ask for a waiver."""
    none_begun(stage)
    missed = draft(eligibility="unmet", rules=[TOO_OLD])
    stage.people.answer("POST /v1/editions/e1/applications", (201, missed))
    fields = hidden((await browser.get("/calls/e1")).text)
    begun = await browser.post("/calls/e1", data=fields, headers=CHANGING)
    assert (begun.status_code, begun.headers["location"]) == (303, f"{MINE}/waiver")
    headers, body = sent(stage, "POST", "/v1/editions/e1/applications")
    assert body == {"mentor_id": "p1"}
    assert headers["idempotency-key"] == fields["command_id"]
    mine(stage, eligibility="unmet", rules=[TOO_OLD])
    page = await browser.get(f"{MINE}/waiver")
    assert "14 Feb 1995" in words_of(page.text)
    assert "31 years old on 1 Jul 2026" in words_of(page.text)
    short = await browser.post(f"{MINE}/waiver", data={**hidden(page.text), "reason": "Please"}, headers=CHANGING)
    assert short.status_code == 422
    stage.people.answer("POST /v1/applications/a1/waiver-request", (200, missed))
    reason = "I lead the digital team and teach this already."
    asked = await browser.post(f"{MINE}/waiver", data={**hidden(page.text), "reason": reason}, headers=CHANGING)
    assert (asked.status_code, asked.headers["location"]) == (303, MINE)
    headers, body = sent(stage, "POST", "/v1/applications/a1/waiver-request")
    assert body == {"reason": reason}
    assert headers["if-match"] == '"5"'


@pytest.fixture
async def manager(stage: Stage, browser: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """The browser of a programme manager; one request waits, one was granted before."""
    me = {**LENA, "id": "p9", "name": "Ms Kurz", "roles": [{"role": "programme_manager", "subsidiaries": []}]}
    before = {**case(), "application_id": "a2", "mentor_id": "p2", "waiver": waiver()}
    stage.people.answer("GET /v1/me", (200, me))
    stage.people.answer("GET /v1/names", (200, [{"id": "p1", "name": "Lena Hoff"}, {"id": "p2", "name": "Max Roth"}]))
    stage.people.answer("GET /v1/editions/e1/waivers", (200, [case(), before]))
    stage.people.answer("GET /v1/applications/a1", (200, draft(version=8)))
    return browser


async def test_waiver_is_decided_with_a_reason_and_its_precedents(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """The request, the calculation, what was decided before; only with a reason it is sent."""
    assert "Lena Hoff" in words_of((await manager.get("/editions/e1/waivers")).text)
    page = await manager.get("/editions/e1/waivers/a1")
    for told in (
        "Waiver for Lena Hoff",
        "I lead the digital team.",
        "31 years old on",
        "Max Roth",
        "teaches it already",
    ):
        assert told in words_of(page.text)
    assert "14 Feb" not in words_of(page.text)
    where, fields = "/editions/e1/waivers/a1", hidden(page.text)
    again = await manager.post(where, data={**fields, "reason": "short"}, headers=CHANGING)
    assert re.findall(r'<li><a href="#([^"]+)">', again.text) == ["decision", "reason"]
    stage.people.answer("POST /v1/applications/a1/waiver", (200, draft()))
    said = {"decision": "refused", "reason": "The rule is there for just this case."}
    decided = await manager.post(where, data={**fields, **said}, headers=CHANGING)
    assert decided.headers["location"] == "/editions/e1/waivers"
    headers, body = sent(stage, "POST", "/v1/applications/a1/waiver")
    assert (body, headers["if-match"]) == (said, '"8"')


async def test_own_waiver_is_somebody_elses_to_decide(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """The form says so, and keeps the reason."""
    own = (403, {"type": "urn:tandem:problem:own-case", "detail": "No."})
    stage.people.answer("POST /v1/applications/a1/waiver", own)
    said = {"decision": "granted", "reason": "I know that she is good."}
    fields = hidden((await manager.get("/editions/e1/waivers/a1")).text)
    again = await manager.post("/editions/e1/waivers/a1", data={**fields, **said}, headers=CHANGING)
    assert again.status_code == 422
    assert "Nobody decides on their own case." in again.text
    assert said["reason"] in again.text


async def test_request_of_somebody_who_withdrew_waits_no_more(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """There is nothing to waive for who withdrew; the request can still be read."""
    stage.people.answer("GET /v1/editions/e1/waivers", (200, [{**case(), "status": "withdrawn"}]))
    assert "No request waits" in words_of((await manager.get("/editions/e1/waivers")).text)
    assert "I lead the digital team." in words_of((await manager.get("/editions/e1/waivers/a1")).text)


@pytest.mark.parametrize("status", ["draft", "applied"])
async def test_refused_waiver_is_told_with_its_reason(stage: Stage, browser: httpx2.AsyncClient, status: str) -> None:
    """The overview and the application say that it was refused, why, and what can be done; before all else."""
    refused = waiver(decision="refused", reason="The rule is there for just this case.")
    mine(stage, status=status, eligibility="unmet", rules=[TOO_OLD], waiver=refused, applied_at=over())
    home, page = words_of((await browser.get("/")).text), words_of((await browser.get(MINE)).text)
    assert home.index("The waiver was refused: Mentors wanted") < home.index("our application")
    for told in ("The rule is there for just this case.", "You can keep the application or withdraw it"):
        assert told in home
        assert told in page
    mine(stage, status=status, eligibility="met", rules=[LONG_ENOUGH], waiver=refused, applied_at=over())
    for corrected in ("/", MINE):
        assert "waiver was refused" not in words_of((await browser.get(corrected)).text)


async def test_granted_waiver_is_told_on_the_overview(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever asked finds the answer there, with its reason, until the application is decided."""
    mine(stage, eligibility="waived", rules=[TOO_OLD], waiver=waiver())
    home = words_of((await browser.get("/")).text)
    assert "You may take part with a waiver: Mentors wanted" in home
    assert "She teaches it already." in home
    mine(stage, status="reserved", eligibility="waived", rules=[TOO_OLD], waiver=waiver())
    assert "with a waiver" not in words_of((await browser.get("/")).text)


async def test_waiver_that_nobody_asked_for_is_not_there(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """An application that asks for none, or is of another edition, is no page here."""
    stage.people.answer("GET /v1/applications/a7", (200, draft(application_id="a7")))
    assert (await manager.get("/editions/e1/waivers/a7")).status_code == 404
