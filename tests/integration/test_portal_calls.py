"""Promises of the calls: what one says to whom, and what the overview makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal_applying import LENA, MINE, applicant_at, edition, later_day, mine, none_begun
from tests.support.portal_forms import words_of
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    async with applicant_at(stage) as one:
        yield one


async def test_call_says_who_may_apply_and_how_it_is_counted(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each rule with its ground and aim, the reader's own calculation, what is asked, how it is read and kept."""
    none_begun(stage)
    found = words_of((await browser.get("/calls/e1", headers={"Accept-Language": "en"})).text)
    for told in (
        "Mentors wanted",
        "First paragraph.",
        "At most 28 years old on 1 Jul 2026",
        "31 years old on 1 Jul 2026; at most 28 are asked for.",
        "AGG § 10: own experience with these platforms",
        "Pass on what one grew up with",
        "65 full months with the company",
        "9 days left",
        "100% of the points",
        "What would you show?",
        "Assessors see neither your name nor your age",
        "90 days after the end of the edition, as Messen has it.",
        "Begin the application",
    ):
        assert told in found
    german = words_of((await browser.get("/calls/e1", headers={"Accept-Language": "de"})).text)
    assert "Mentor:innen gesucht" in german
    assert "31 years" not in german


async def test_pages_need_an_application(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who has begun none is led to the call."""
    none_begun(stage)
    led = await browser.get(f"{MINE}/answers")
    assert (led.status_code, led.headers["location"]) == (303, "/calls/e1")


async def test_executive_is_not_asked_to_apply(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who gets a mentor sees no such entry, and the call has no button for her."""
    none_begun(stage)
    stage.people.answer("GET /v1/me", (200, {**LENA, "executive": True}))
    page = await browser.get("/calls/e1")
    assert "Begin the application" not in page.text
    assert '<a href="/calls">' not in (await browser.get("/")).text


async def test_overview_says_what_waits_for_an_applicant(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A call, a draft with the days left, a place to accept, an outcome."""
    none_begun(stage)
    _born(stage, "1999-05-03")
    assert "Apply as a mentor: Mentors wanted" in words_of((await browser.get("/")).text)
    mine(stage)
    page = words_of((await browser.get("/")).text)
    assert "Finish your application: Mentors wanted" in page
    assert "1 of 5 sections are done" in page
    assert "9 days left" in page
    mine(stage, status="selected", accept_by=later_day())
    assert "Accept your place as a mentor: Mentors wanted" in words_of((await browser.get("/")).text)
    mine(stage, status="declined")
    assert "See what became of your application" in words_of((await browser.get("/")).text)


def _born(stage: Stage, day: str) -> None:
    """Let Lena be of this age."""
    stage.people.answer("GET /v1/me", (200, {**LENA, "profile": {**LENA["profile"], "birth_date": day}}))


@pytest.mark.parametrize(("born", "waits"), [("1997-07-01", False), ("1997-07-02", True)])
async def test_call_waits_for_nobody_who_is_too_old_for_certain(
    stage: Stage, browser: httpx2.AsyncClient, born: str, waits: bool
) -> None:
    """Who is 29 on the reference date finds the call in the list, with its waiver, and not as the first task."""
    none_begun(stage)
    _born(stage, born)
    assert ("Apply as a mentor: Mentors wanted" in words_of((await browser.get("/")).text)) is waits
    assert "Mentors wanted" in words_of((await browser.get("/calls")).text)


async def test_call_of_another_company_waits_for_nobody_else(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Those responsible see editions in which they cannot apply; neither overview nor list offers them that."""
    none_begun(stage)
    stage.people.answer("GET /v1/editions", (200, [edition(subsidiaries=["c2"])]))
    assert "Mentors wanted" not in (await browser.get("/")).text
    assert "Mentors wanted" not in (await browser.get("/calls")).text


async def test_overview_stands_while_applications_are_away(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What waits elsewhere is shown; the page says that something may be missing."""
    stage.people.answer("GET /v1/editions", (503, {"type": "urn:tandem:problem:directory-stale"}))
    page = await browser.get("/")
    assert page.status_code == 200
    assert "A part of Tandem is catching up" in page.text
