"""Promises of what becomes of an application: outcome, acceptance, means, withdrawal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_applying import MINE, applicant_at, draft, later_day, mine, over
from tests.support.portal_forms import hidden, problem, sent, words_of
from tests.support.portal_stage import Stage

_PAIRS = (("x1", "p1"), ("x2", "p2"))


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    async with applicant_at(stage) as one:
        yield one


async def test_withdrawal_asks_once_and_needs_no_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """One page asks; without a reason none is sent."""
    stage.people.answer("POST /v1/applications/a1/withdrawal", (200, draft()))
    page = await browser.get(f"{MINE}/withdraw")
    assert "Withdraw the application?" in page.text
    gone = await browser.post(f"{MINE}/withdraw", data={**hidden(page.text), "reason": ""}, headers=CHANGING)
    assert gone.headers["location"] == MINE
    assert sent(stage, "POST", "/v1/applications/a1/withdrawal")[1] == {}


async def test_withdrawing_says_which_tandems_end(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A mentor reads with whom; without matching nobody has to stay."""
    mine(stage, status="accepted", accepted_at="2026-11-20T09:00:00Z")
    told = words_of((await browser.get(f"{MINE}/withdraw")).text)
    assert "If you are in a tandem, it ends with it." in told
    stage.people.answer("GET /v1/pairs", (200, []))
    assert "ends with it" not in words_of((await browser.get(f"{MINE}/withdraw")).text)
    pairs = [{"pair_id": f"t{id}", "edition_id": "e1", "mentor_id": mentor, "mentee_id": id} for id, mentor in _PAIRS]
    stage.people.answer("GET /v1/pairs", (200, pairs))
    stage.people.answer("GET /v1/names", (200, [{"id": "x1", "name": "Fenja Oltmann"}]))
    page = (await browser.get(f"{MINE}/withdraw")).text
    assert "1 tandem of yours ends with it Fenja Oltmann Coming sessions are cancelled" in words_of(page)
    stage.people.answer("POST /v1/applications/a1/withdrawal", problem(409, "over"))
    refused = await browser.post(f"{MINE}/withdraw", data={**hidden(page), "reason": "x"}, headers=CHANGING)
    assert "Withdraw the application?" in words_of(refused.text)


async def test_withdrawn_application_begins_again(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Until the deadline who withdrew can begin again, with what was written."""
    mine(stage, status="withdrawn", withdrawn={"at": over(), "reason": "No time at all"})
    page = await browser.get(MINE)
    assert "No time at all" in page.text
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    begun = await browser.post("/calls/e1", data=hidden(page.text), headers=CHANGING)
    assert begun.headers["location"] == MINE
    headers, body = sent(stage, "PATCH", "/v1/applications/a1")
    assert (body, headers["if-match"]) == ({}, '"5"')


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": "selected", "accept_by": "2099-01-31"}, "Please accept by"),
        ({"status": "accepted", "accepted_at": "2026-11-20T09:00:00Z"}, "You are a mentor of this edition"),
        ({"status": "reserved"}, "You are on the reserve list"),
        ({"status": "declined", "decision": {"decision": "declined", "reason": "Others had led teams."}}, "led teams."),
    ],
)
async def test_outcome_is_a_page_of_its_own(
    stage: Stage, browser: httpx2.AsyncClient, facts: dict[str, Any], told: str
) -> None:
    """What became of an application, and what can be done now."""
    mine(stage, **facts)
    assert told in words_of((await browser.get(MINE)).text)


async def test_place_is_accepted_by_a_day(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Accepting is one button; once the day is over the page says whom to ask."""
    mine(stage, status="selected", accept_by=later_day())
    page = await browser.get(f"{MINE}/accept")
    over = (409, {"type": "urn:tandem:problem:acceptance-over", "detail": "Too late."})
    stage.people.answer("POST /v1/applications/a1/acceptance", (200, draft()), over)
    taken = await browser.post(f"{MINE}/accept", data=hidden(page.text), headers=CHANGING)
    assert taken.headers["location"] == MINE
    late = await browser.post(f"{MINE}/accept", data=hidden(page.text), headers={**CHANGING, "Accept-Language": "de"})
    assert late.status_code == 422
    assert "Der Tag für die Zusage ist vorbei" in words_of(late.text)


async def test_feedback_is_means_by_criterion(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Means and levels, never a single sheet; where there is nothing to show the page says why."""
    mine(stage, status="declined", decision={"decision": "declined", "reason": "Others had led teams."})
    means = [{"criterion_id": "a", "title": {"en": "Ideas"}, "mean": 1.6667, "levels": 2}]
    stage.people.answer("GET /v1/applications/a1/feedback", (200, {"criteria": means, "sheets": 3}))
    assert "1.67" in words_of((await browser.get(f"{MINE}/feedback")).text)
    too_few = (409, {"type": "urn:tandem:problem:too-few-sheets", "detail": "Too few."})
    stage.people.answer("GET /v1/applications/a1/feedback", too_few)
    assert "There are no means to show" in words_of((await browser.get(f"{MINE}/feedback")).text)


async def test_way_to_the_means_is_there_where_there_are_some(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who was declined without having been assessed is not led to a page that shows nothing."""
    mine(stage, status="declined", eligibility="unmet", decision={"decision": "declined", "reason": "Too old."})
    few = problem(409, "too-few-sheets")
    stage.people.answer("GET /v1/applications/a1/feedback", few, (200, {"criteria": [], "sheets": 2}))
    assert "See how it was assessed" not in (await browser.get(MINE)).text
    assert "See how it was assessed" in (await browser.get(MINE)).text


async def test_mover_reads_why_she_cannot_take_part(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What the roster changed since stands on the application, whatever its state."""
    for status in ("draft", "applied", "selected"):
        mine(stage, status=status, standing="moved_out", applied_at=over())
        assert "The company where you work now does not take part." in words_of((await browser.get(MINE)).text)
