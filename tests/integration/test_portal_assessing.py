"""Promises of an assessor's pages: what they ask of `applications`, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import hidden, problem, sent, words_of
from tests.support.portal_selection import EDITION, ROUND, selector_at, sheet
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of an assessor who manages an edition too, in whose round she has three sheets."""
    async with selector_at(stage) as one:
        yield one


async def test_queue_keeps_the_order_it_was_given_and_says_what_is_left(browser: httpx2.AsyncClient) -> None:
    """Applications are numbered as they come, each with its state; the way on leads to the first incomplete one."""
    page = await browser.get("/assessments")
    told = words_of(page.text)
    assert "0 of 3 handed in." in told
    assert "6 days left" in told
    assert re.findall(r'href="/assessments/(s\d)"', page.text) == ["s1", "s2", "s3", "s2"]
    assert "Application 1 complete, not handed in" in told
    assert "Go on with application 2" in told


async def test_nothing_assigned_says_why(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who has no sheet learns what has to happen first."""
    stage.people.answer("GET /v1/editions/e1/sheets", (200, []))
    told = words_of((await browser.get("/assessments")).text)
    assert "Nothing is assigned to you" in told
    assert "2026/27: the selection has begun." in told
    call = {"reference_date": "2026-07-01", "closes_at": "2026-12-01T17:00:00+01:00"}
    stage.people.answer("GET /v1/editions", (200, [{**EDITION, "stage": "call_open", "call": call}]))
    assert "applications come in until 1 Dec 2026, 17:00" in words_of((await browser.get("/assessments")).text)


async def test_sheet_shows_the_application_beside_worded_levels(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What was answered stands as it was written; criteria have weights and words, what misses is named."""
    stage.people.answer(
        "GET /v1/sheets/s2", (200, sheet("s2", scores={"platforms": 2}, missing=["patience"], total=40))
    )
    page = await browser.get("/assessments/s2")
    told = words_of(page.text)
    assert "Application 2 of 3" in told
    assert "A &lt;b&gt;post&lt;/b&gt;." in told
    assert "Knows platforms (weight 60%)" in told
    assert "2: uses them" in told
    assert '<span lang="de">Geduld</span>' in page.text
    assert "1 of 2 criteria scored, 40 of 60 points so far. Not scored yet: Geduld." in told
    assert "Applies with a waiver" in told
    assert "Name, photo and date of birth are hidden from you." in told
    assert 'name="criterion-platforms" value="2" checked' in page.text
    assert "waiver" not in told.split("Your sheet")[1]


async def test_saving_goes_to_the_next_that_misses_something(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A sheet may be saved half; the next page says what it still misses. Nothing left leads back to the list."""
    saved = sheet("s2", scores={"platforms": 3}, missing=["patience"], total=60)
    stage.people.answer("PUT /v1/sheets/s2", (200, saved))
    fields = {**hidden((await browser.get("/assessments/s2")).text), "criterion-platforms": "3", "comment": "Clear."}
    answer = await browser.post("/assessments/s2", data=fields, headers=CHANGING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/assessments/s3")
    headers, body = sent(stage, "PUT", "/v1/sheets/s2")
    assert body == {"scores": {"platforms": 3}, "comment": "Clear."}
    assert (headers["if-match"], headers["idempotency-key"]) == ('"2"', fields["command_id"])
    stage.people.answer("GET /v1/sheets/s3", (200, sheet("s3")))
    assert "Application 2 is saved. Not scored yet: Geduld." in words_of((await browser.get("/assessments/s3")).text)
    stage.people.answer("GET /v1/editions/e1/sheets", (200, [sheet(one, complete=True) for one in ("s1", "s2", "s3")]))
    stage.people.answer("PUT /v1/sheets/s2", (200, {**saved, "missing": []}))
    answer = await browser.post("/assessments/s2", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/assessments"
    answer = await browser.post("/assessments/s2", data={**fields, "then": "stay"}, headers=CHANGING)
    assert answer.headers["location"] == "/assessments/s2"


async def test_sheet_saved_elsewhere_becomes_a_page_that_keeps_the_input(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Who scored the same sheet in another window sees both scores, and can save hers after all."""
    fields = {**hidden((await browser.get("/assessments/s2")).text), "criterion-platforms": "3", "comment": ""}
    stage.people.answer("PUT /v1/sheets/s2", problem(412, "lost-update"))
    stage.people.answer("GET /v1/sheets/s2", (200, sheet("s2", scores={"platforms": 1}, version=5)))
    answer = await browser.post("/assessments/s2", data=fields, headers=CHANGING)
    assert answer.status_code == 409
    kept = hidden(answer.text)
    assert (kept["criterion-platforms"], kept["seen"]) == ("3", "5")
    assert "Knows platforms 3 1" in words_of(answer.text)


async def test_sheet_of_a_round_that_closes_is_not_saved(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A save that comes too late says that it was not saved."""
    fields = {**hidden((await browser.get("/assessments/s2")).text), "criterion-platforms": "3"}
    stage.people.answer("PUT /v1/sheets/s2", problem(409, "round-not-open"))
    answer = await browser.post("/assessments/s2", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/assessments/s2"
    closed = {**ROUND, "state": "closing"}
    stage.people.answer("GET /v1/editions/e1/rounds", (200, [closed]))
    page = await browser.get("/assessments/s2")
    assert "Nothing of this step was saved." in words_of(page.text)
    assert "<form method" not in page.text.split("<main")[1]
    assert 'type="radio"' not in page.text


async def test_conflict_needs_a_reason_and_leaves_the_list(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A conflict is declared in a sentence; afterwards the application is on nobody's list here."""
    stage.people.answer("POST /v1/sheets/s2/conflict", (200, sheet("s2", state="conflicted")))
    fields = hidden((await browser.get("/assessments/s2/conflict")).text)
    short = await browser.post("/assessments/s2/conflict", data={**fields, "reason": "friend"}, headers=CHANGING)
    assert short.status_code == 422
    assert "friend" in short.text
    reason = "We share a flat since March."
    answer = await browser.post("/assessments/s2/conflict", data={**fields, "reason": reason}, headers=CHANGING)
    assert answer.headers["location"] == "/assessments"
    headers, body = sent(stage, "POST", "/v1/sheets/s2/conflict")
    assert (body, headers["if-match"]) == ({"reason": reason}, '"2"')
    stage.people.answer(
        "GET /v1/editions/e1/sheets",
        (200, [sheet("s1"), sheet("s2", state="conflicted", application=None), sheet("s3")]),
    )
    assert "0 of 2 handed in." in words_of((await browser.get("/assessments")).text)


async def test_handing_in_is_looked_at_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page before it says how many are complete and names the others; only its button hands in."""
    stage.people.answer("POST /v1/rounds/r1/hand-in", (200, {"locked": 1, "incomplete": ["s2", "s3"]}))
    page = await browser.get("/assessments/hand-in?round=r1")
    told = words_of(page.text)
    assert "Hand in 1 sheet" in told
    assert "2 are not complete and stay open: Application 2 Application 3" in told
    answer = await browser.post("/assessments/hand-in", data=hidden(page.text), headers=CHANGING)
    assert answer.headers["location"] == "/assessments"
    assert sent(stage, "POST", "/v1/rounds/r1/hand-in")[1] == {}
    told = words_of((await browser.get("/assessments")).text)
    assert "1 sheet is handed in. 2 are not complete yet." in told
    assert (await browser.get("/assessments/hand-in?round=r9")).headers["location"] == "/assessments"


async def test_others_are_shown_once_the_round_is_closed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Before the closure nobody is even asked for the sheets of others; after it they stand side by side."""
    others = [
        {"sheet_id": "s2", "round": 1, "assessor_id": "p1", "scores": {"platforms": 3, "patience": 1}, "total": 80},
        {
            "sheet_id": "s7",
            "round": 1,
            "assessor_id": "p8",
            "scores": {"platforms": 1},
            "total": 20.5,
            "normalised": 31.2,
        },
    ]
    others[1]["comment"] = "Too short."
    stage.people.answer("GET /v1/applications/a2/sheets", (200, others))
    own = sheet("s2", state="locked", application_id="a2", scores={"platforms": 3, "patience": 1}, total=80, missing=[])
    stage.people.answer("GET /v1/editions/e1/sheets", (200, [own]))
    stage.people.answer("GET /v1/sheets/s2", (200, own))
    told = words_of((await browser.get("/assessments/s2")).text)
    assert "Bodo Arndt" not in told
    assert "80 of 100 points" in told
    assert not [path for _, path, _, _ in stage.people.asked if path.endswith("a2/sheets")]
    stage.people.answer("GET /v1/editions/e1/rounds", (200, [{**ROUND, "state": "closed"}]))
    told = words_of((await browser.get("/assessments/s2")).text)
    assert "You by Bodo Arndt" in told
    assert "3 of 3 1 of 3" in told
    assert "31.2" in told
    assert "Too short." in told
