"""Promises of the list of applications and of the page of one, as those who manage an edition see them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal_editions import EDITION, holds, manager_at
from tests.support.portal_forms import problem, words_of
from tests.support.portal_stage import Stage

LIST = "/editions/e1/applications"
SENT: dict[str, Any] = {
    "application_id": "a1",
    "edition_id": "e1",
    "mentor_id": "m1",
    "subsidiary": "c1",
    "status": "applied",
    "applied_at": "2026-11-21T09:00:00Z",
    "offer": {"places": 2, "platforms": [{"platform": "tiktok", "level": 4}], "languages": ["de"]},
    "answers": {"why": "I show it with a <b>phone</b>.", "gone": "An older answer."},
    "eligibility": "met",
    "rules": [{"rule": "age", "met": True}],
    "standing": "in",
    "version": 3,
}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A programme manager's, at a portal with one edition whose call is open."""
    async with manager_at(stage) as one:
        holds(stage, stage="call_open", applications={"draft": 2, "applied": 1})
        stage.people.answer("GET /v1/catalogues/platforms", (200, {"items": [{"code": "tiktok", "name": "TikTok"}]}))
        stage.people.answer("GET /v1/applications/a1", (200, SENT))
        yield one


def _listed(stage: Stage, *found: dict[str, Any]) -> None:
    stage.people.answer("GET /v1/editions/e1/applications", (200, list(found)))


async def test_list_names_who_sent_what_and_when(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """By name, with state, rules and time; a decision that is not released, and whoever left, are marked."""
    names = [{"id": "m1", "name": "Petra Winter"}, {"id": "m2", "name": "Ali Can"}, {"id": "m3", "name": "bo Alm"}]
    stage.people.answer("GET /v1/names", (200, names))
    decided = {**SENT, "application_id": "a2", "mentor_id": "m2", "pending": {"decision": "reserved"}}
    gone = {**SENT, "application_id": "a3", "mentor_id": "m3", "eligibility": "unmet", "standing": "left"}
    _listed(stage, SENT, decided, gone)
    page = await browser.get(LIST)
    told = words_of(page.text)
    assert re.findall(rf'href="{LIST}/(a\d)"', page.text) == ["a2", "a3", "a1"]
    assert "Ali Can Messen reserve list, not released met 21 Nov 2026, 10:00" in told
    assert "bo Alm Messen sent not met has left the group 21 Nov 2026, 10:00" in told
    assert "Petra Winter Messen sent met 21 Nov 2026, 10:00" in told
    assert "2 drafts have not been sent yet." in told
    assert "3 applications" in told


async def test_edition_leads_to_its_applications(browser: httpx2.AsyncClient) -> None:
    """The number of applications is a way to them, from the first one that was sent."""
    page = (await browser.get("/editions/e1")).text
    assert page.count(f'href="{LIST}"') == 2


async def test_list_is_narrowed_and_paged(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A hundred on a page; the next one keeps the state that was chosen."""
    _listed(stage, *({**SENT, "application_id": f"a{n}", "mentor_id": f"n{n:03}"} for n in range(101)))
    page = (await browser.get(f"{LIST}?state=withdrawn&start=-7")).text
    assert len(re.findall(r'<th role="rowheader"', page)) == 100
    assert f"{LIST}?state=withdrawn&amp;start=100" in page
    rest = (await browser.get(f"{LIST}?start=100")).text
    assert len(re.findall(r'<th role="rowheader"', rest)) == 1
    assert "Next page" not in rest


async def test_empty_list_says_what_comes(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Nothing was sent yet, or nothing is in the state that was chosen."""
    _listed(stage)
    assert "Nobody has sent an application yet" in (await browser.get(LIST)).text
    assert "No application is in this state" in (await browser.get(f"{LIST}?state=declined")).text


async def test_application_is_read_with_its_questions(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Offer, rules and answers with what was asked; the way to sheets and decision opens with the selection."""
    page = await browser.get(f"{LIST}/a1")
    told = words_of(page.text)
    assert "Petra Winter" in told
    assert "Why? I show it with a &lt;b&gt;phone&lt;/b&gt;." in told
    assert "A question that was taken out since An older answer." in told
    assert "TikTok 4 (of 4)" in told
    assert "Sheets and decisions come with the selection." in told
    holds(stage, stage="selection")
    assert 'href="/editions/e1/selection/a1">Sheets and decision' in (await browser.get(f"{LIST}/a1")).text


async def test_application_that_was_withdrawn_says_so(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of whoever withdrew, the page has the time and the reason that was given."""
    withdrawn = {"at": "2026-11-22T09:00:00Z", "reason": "I move abroad."}
    facts = {"status": "withdrawn", "withdrawn": withdrawn, "offer": None, "answers": {}}
    stage.people.answer("GET /v1/applications/a1", (200, {**SENT, **facts}))
    told = words_of((await browser.get(f"{LIST}/a1")).text)
    assert "Withdrawn on 22 Nov 2026, 10:00" in told
    assert "I move abroad." in told


async def test_application_of_another_edition_is_not_here(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A path that joins two editions leads nowhere."""
    stage.people.answer("GET /v1/applications/a1", (200, {**SENT, "edition_id": "e2"}))
    assert (await browser.get(f"{LIST}/a1")).status_code == 404


async def test_who_takes_part_sees_no_applications(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A manager who applied, or has sheets to hand in, learns why list and page are closed to her."""
    stage.people.answer("GET /v1/editions/e1/applications", problem(403, "own-case"))
    stage.people.answer("GET /v1/applications/a1", problem(403, "own-case"))
    for path in (LIST, f"{LIST}/a1"):
        answer = await browser.get(path)
        assert answer.status_code == 403
        assert "You take part in this selection yourself" in answer.text


async def test_auditor_is_led_to_no_applications(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who follows an edition without running it sees numbers alone."""
    me = {"id": "p1", "name": "Jana Kurz", "subsidiary": "c1", "zone": "Europe/Berlin", "version": 3}
    stage.people.answer("GET /v1/me", (200, {**me, "roles": [{"role": "auditor", "subsidiaries": []}]}))
    holds(stage, stage="call_open", applications={"applied": 1}, next=None)
    page = (await browser.get("/editions/e1")).text
    assert EDITION["name"] in page
    assert LIST not in page
