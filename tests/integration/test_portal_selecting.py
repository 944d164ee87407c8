"""Promises of opening and closing rounds, deciding and releasing: what is asked of `applications`, and what is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import hidden, problem, sent, words_of
from tests.support.portal_selection import EDITION, NOW, RANKED, ROUND, board, entry, selector_at
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of an assessor who manages an edition too, in whose round she has three sheets."""
    async with selector_at(stage) as one:
        yield one


async def test_round_is_opened_for_chosen_assessors(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A round gets its assessors, its number of sheets and its day in the edition's zone; no day that is over."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(state="no-round", rounds=[], missing=[])))
    stage.people.answer("POST /v1/editions/e1/rounds", (201, ROUND))
    page = await browser.get("/editions/e1/selection/rounds/new")
    assert page.text.count('name="assessors"') == 2
    assert page.text.count("checked") == 2
    assert 'id="per_application" name="per_application" type="text" value="2"' in page.text
    fields = {**hidden(page.text), "assessors": ["p8", "p9"], "per_application": "2"}
    over = {**fields, "due_on": "2020-01-01"}
    answer = await browser.post("/editions/e1/selection/rounds/new", data=over, headers=CHANGING)
    assert answer.status_code == 422
    assert "This day is over." in answer.text
    answer = await browser.post(
        "/editions/e1/selection/rounds/new", data={**fields, "due_on": "2099-07-20"}, headers=CHANGING
    )
    assert answer.headers["location"] == "/editions/e1/selection"
    headers, body = sent(stage, "POST", "/v1/editions/e1/rounds")
    assert body == {"per_application": 2, "due_at": "2099-07-20T21:59:00+00:00"}
    assert headers["idempotency-key"] == fields["command_id"]


async def test_applications_without_independent_assessors_are_named(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where too few are independent, the page says of whom, and keeps what was chosen."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(state="no-round", rounds=[], missing=[])))
    few = [{"field": "/applications/a3", "message": "1 of 2 assessors"}]
    unable = [{"field": "/assessors/0", "message": "is no active assessor here who did not apply"}]
    stage.people.answer(
        "POST /v1/editions/e1/rounds",
        problem(422, "too-few-assessors", errors=few),
        problem(422, "unknown-assessors", errors=unable),
    )
    stage.people.answer(
        "GET /v1/applications/a3", (200, {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "version": 1})
    )
    fields = {**hidden((await browser.get("/editions/e1/selection/rounds/new")).text), "assessors": ["p8"]}
    answer = await browser.post(
        "/editions/e1/selection/rounds/new", data={**fields, "per_application": "2"}, headers=CHANGING
    )
    assert answer.status_code == 422
    told = words_of(answer.text)
    assert "Too few independent assessors" in told
    assert "Mentor 3" in told
    assert answer.text.count("checked") == 1
    answer = await browser.post(
        "/editions/e1/selection/rounds/new", data={**fields, "per_application": "2"}, headers=CHANGING
    )
    assert "They cannot assess here, or applied themselves: Bodo Arndt" in words_of(answer.text)
    assert sent(stage, "POST", "/v1/editions/e1/rounds")[1]["assessors"] == ["p8"]


async def test_another_sheet_is_asked_for_where_assessors_disagree(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The further round is for the applications whose totals lie apart, one sheet each, with a reason."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    stage.people.answer("POST /v1/editions/e1/rounds", (201, ROUND))
    page = await browser.get("/editions/e1/selection/rounds/new?ask=disagreement")
    assert re.findall(r'name="applications" value="(\w+)" checked', page.text) == ["a3"]
    fields = {**hidden(page.text), "assessors": "p9", "applications": "a3", "per_application": "1"}
    answer = await browser.post("/editions/e1/selection/rounds/new", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    reason = "The totals lie 31 points apart."
    await browser.post("/editions/e1/selection/rounds/new", data={**fields, "reason": reason}, headers=CHANGING)
    _, body = sent(stage, "POST", "/v1/editions/e1/rounds")
    assert body == {"per_application": 1, "assessors": ["p9"], "applications": ["a3"], "reason": reason}


async def test_round_is_closed_early_with_a_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page before it says what is lost; a closure without a reason is none."""
    stage.people.answer("POST /v1/rounds/r1/closure", (200, {**ROUND, "state": "closed"}))
    page = await browser.get("/editions/e1/selection/rounds/r1/close")
    assert "Gesa Mohr: 2 sheets open" in words_of(page.text)
    path, fields = "/editions/e1/selection/rounds/r1/close", hidden(page.text)
    assert (await browser.post(path, data={**fields, "reason": "late"}, headers=CHANGING)).status_code == 422
    reason = "Gesa is ill until April."
    answer = await browser.post(path, data={**fields, "reason": reason}, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/selection"
    headers, body = sent(stage, "POST", "/v1/rounds/r1/closure")
    assert (headers["if-match"], body) == ('"4"', {"reason": reason})


async def test_one_application_is_decided_with_its_own_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Moving somebody across the line needs a reason, and is done on the state that was seen."""
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "subsidiary": "c1", "status": "applied"}
    one |= {"eligibility": "waived", "answers": {"show": "A post."}, "offer": {"places": 1}, "version": 6}
    sheets = [{"sheet_id": "s1", "assessor_id": "p8", "scores": {"platforms": 2}, "total": 40, "comment": "Brief."}]
    stage.people.answer("GET /v1/applications/a3", (200, one))
    stage.people.answer("GET /v1/applications/a3/sheets", (200, sheets))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    stage.people.answer("POST /v1/applications/a3/decision", problem(412, "lost-update"), (200, one))
    page = await browser.get("/editions/e1/selection/a3?to=selected")
    told = words_of(page.text)
    assert "What would you show? A post." in told
    assert "Bodo Arndt" in told
    assert 'value="selected" checked' in page.text
    fields = {**hidden(page.text), "decision": "selected", "reason": "Two companies have nobody yet."}
    answer = await browser.post("/editions/e1/selection/a3", data={**fields, "reason": ""}, headers=CHANGING)
    assert answer.status_code == 422
    answer = await browser.post("/editions/e1/selection/a3", data=fields, headers=CHANGING)
    assert answer.status_code == 409
    answer = await browser.post("/editions/e1/selection/a3", data=hidden(answer.text), headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/selection"
    headers, body = sent(stage, "POST", "/v1/applications/a3/decision")
    assert body == {"decision": "selected", "reason": "Two companies have nobody yet."}
    assert headers["if-match"] == '"6"'


async def test_application_shows_its_place_where_one_decides(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Rank, median, spread and proposal; who has none is said to have none; without a board the page stands."""
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "status": "applied", "version": 6}
    stage.people.answer("GET /v1/applications/a3", (200, one))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    told = words_of((await browser.get("/editions/e1/selection/a3")).text)
    assert "Rank 2 of 3 tie" in told
    assert "Median 80.25 of 100 points" in told
    assert "Spread 31.00 points assessors disagree" in told
    assert "Proposal Reserve list" in told
    unmet = entry(3, rank=None, median=None, spread=None, flags=["unmet"], totals=[])
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1), unmet)))
    assert "Without a rank" in words_of((await browser.get("/editions/e1/selection/a3")).text)
    stage.people.answer("GET /v1/editions/e1/board", problem(403, "own-case"))
    assert (await browser.get("/editions/e1/selection/a3")).status_code == 200


async def test_second_round_waits_for_the_first(browser: httpx2.AsyncClient) -> None:
    """While one is open there is no form for another one."""
    page = (await browser.get("/editions/e1/selection/rounds/new")).text
    assert "Round 1 is not closed yet" in page
    assert 'name="assessors"' not in page


async def test_one_person_gets_more_time_to_accept(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page says until when now; a day and a reason are needed, and whoever was overtaken sees the stored day."""
    chosen = {"application_id": "a1", "edition_id": "e1", "mentor_id": "m1", "status": "selected", "version": 6}
    stage.people.answer("GET /v1/applications/a1", (200, {**chosen, "accept_by": "2027-01-31"}))
    path = "/editions/e1/selection/a1/more-time"
    assert f'href="{path}"' in (await browser.get("/editions/e1/selection/a1")).text
    page = await browser.get(path)
    assert "Mentor 1 Last day to accept 31 Jan 2027" in words_of(page.text)
    fields = {**hidden(page.text), "until": "2027-02-14", "reason": "Away until the middle of February."}
    for wrong in ({"until": ""}, {"until": "soon"}, {"reason": "short"}):
        assert (await browser.post(path, data={**fields, **wrong}, headers=CHANGING)).status_code == 422
    stage.people.answer(
        "POST /v1/applications/a1/acceptance-extension",
        problem(422, "until-passed"),
        problem(412, "lost-update"),
        (200, chosen),
    )
    over = await browser.post(path, data=fields, headers=CHANGING)
    assert "This is over already." in words_of(over.text)
    lost = await browser.post(path, data=fields, headers=CHANGING)
    assert (lost.status_code, "2027-02-14" in lost.text, "31 Jan 2027" in words_of(lost.text)) == (409, True, True)
    done = await browser.post(path, data=fields, headers=CHANGING)
    assert (done.status_code, done.headers["location"]) == (303, "/editions/e1/selection/a1")
    headers, body = sent(stage, "POST", "/v1/applications/a1/acceptance-extension")
    assert (headers["if-match"], body) == ('"6"', {"until": "2027-02-14", "reason": fields["reason"]})
    stage.people.answer("GET /v1/applications/a1", (200, {**chosen, "status": "accepted", "accept_by": "2027-01-31"}))
    assert (await browser.get(path)).headers["location"] == "/editions/e1/selection/a1"


async def test_release_says_what_it_does_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page before it counts outcomes; what could not be released is named."""
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "accept_by": "2099-01-31"}))
    decided = {"decided_by": "p1", "decided_at": NOW.isoformat(), "reason": "By rank."}
    pending = [
        entry(one, pending={"decision": decision, **decided})
        for one, decision in enumerate(("selected", "selected", "reserved", "declined"), 1)
    ]
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*pending)))
    page = await browser.get("/editions/e1/selection/release")
    told = words_of(page.text)
    assert "Release 4 decisions 2 people are selected 1 goes on the reserve list 1 is declined" in told
    assert "Who is selected accepts until 31 Jan 2099; who follows from the reserve list has at least" in told
    refused = [{"application_id": "a2", "kind": "not-eligible", "detail": "The waiver was refused."}]
    stage.people.answer(
        "POST /v1/editions/e1/release",
        (200, {"released": 3, "refused": refused, "remaining": 1}),
        (200, {"released": 4, "refused": [], "remaining": 2}),
    )
    answer = await browser.post("/editions/e1/selection/release", data=hidden(page.text), headers=CHANGING)
    assert "Mentor 2 A rule of the call is not met" in words_of(answer.text)
    answer = await browser.post("/editions/e1/selection/release", data=hidden(page.text), headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/selection"
    assert "4 decisions are released. 2 are left: release again." in words_of(
        (await browser.get("/editions/e1/selection")).text
    )
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    answer = await browser.get("/editions/e1/selection/release")
    assert answer.headers["location"] == "/editions/e1/selection"


async def test_page_says_why_nothing_is_decided_during_a_round(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever stands in the open round is no choice yet; who cannot be selected at all may be declined."""
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "status": "applied", "version": 6}
    stage.people.answer("GET /v1/applications/a3", (200, one))
    for others, shown in ((None, False), (["a3"], False), (["a4"], True)):
        running = {**ROUND, "applications": others}
        stage.people.answer("GET /v1/editions/e1/board", (200, board(rounds=[running])))
        page = (await browser.get("/editions/e1/selection/a3")).text
        assert ("Round 1 is open: nothing can be decided here yet" not in words_of(page)) is shown
        assert ('name="decision"' in page) is shown
    stage.people.answer("GET /v1/editions/e1/board", (200, board()))
    for facts in ({"eligibility": "unmet"}, {"standing": "left"}):
        stage.people.answer("GET /v1/applications/a3", (200, {**one, **facts}))
        assert 'name="decision"' in (await browser.get("/editions/e1/selection/a3")).text
    noted = {"decision": "selected", "reason": "By rank.", "decided_by": "p1"}
    stage.people.answer("GET /v1/applications/a3", (200, {**one, "pending": noted}))
    assert "What was noted before stays noted." in (await browser.get("/editions/e1/selection/a3")).text


async def test_release_waits_for_the_round(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What is noted is hidden meanwhile, so the page does not say that there is nothing; a refusal is told in words."""
    assert (await browser.get("/editions/e1/selection/release")).status_code == 303
    told = words_of((await browser.get("/editions/e1/selection")).text)
    assert "A round is open. What is noted can be seen and released when it is closed." in told
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "status": "applied", "version": 6}
    stage.people.answer("GET /v1/applications/a3", (200, one))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    fields = {**hidden((await browser.get("/editions/e1/selection/a3")).text), "decision": "selected"}
    stage.people.answer("POST /v1/applications/a3/decision", problem(409, "round-open"))
    reason = {"reason": "A round was opened meanwhile."}
    answer = await browser.post("/editions/e1/selection/a3", data={**fields, **reason}, headers=CHANGING)
    assert "Decide, and release, when it is closed" in words_of(answer.text)


async def test_those_responsible_read_who_declared_a_conflict_and_why(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """On the page of the application, once the round is closed."""
    one = {"application_id": "a1", "edition_id": "e1", "mentor_id": "m1", "status": "applied", "version": 6}
    given_back = entry(1, flags=["conflict"], conflicts=[{"assessor_id": "p9", "reason": "We share a flat."}])
    stage.people.answer("GET /v1/applications/a1", (200, one))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(given_back)))
    told = words_of((await browser.get("/editions/e1/selection/a1")).text)
    assert "Conflict declared: Gesa Mohr We share a flat." in told


async def test_reserve_is_not_offered_the_reserve_list(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What would be refused is no choice."""
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "status": "reserved", "version": 6}
    stage.people.answer("GET /v1/applications/a3", (200, one))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    page = (await browser.get("/editions/e1/selection/a3")).text
    assert ('value="declined"' in page, 'value="reserved"' in page) == (True, False)


async def test_release_after_the_day_to_accept_says_how_long_there_is(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Nobody is promised a day that is over."""
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "accept_by": "2026-03-31"}))
    noted = entry(1, pending={"decision": "selected", "decided_by": "p1", "decided_at": NOW.isoformat()})
    stage.people.answer("GET /v1/editions/e1/board", (200, board(noted)))
    told = words_of((await browser.get("/editions/e1/selection/release")).text)
    assert "The day to accept, 31 Mar 2026, is over: who is selected now has at least seven days." in told
    assert "Who is selected accepts until" not in told


@pytest.mark.parametrize("status", ["applied", "reserved"])
async def test_who_does_not_meet_the_rules_can_be_declined_only(
    stage: Stage, browser: httpx2.AsyncClient, status: str
) -> None:
    """What would be refused is no choice, and the page says what would help."""
    one = {"application_id": "a3", "edition_id": "e1", "mentor_id": "m3", "status": status, "version": 6}
    stage.people.answer("GET /v1/applications/a3", (200, {**one, "eligibility": "unmet"}))
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    page = (await browser.get("/editions/e1/selection/a3")).text
    assert re.findall(r'type="radio" name="decision" value="(\w+)"', page) == ["declined"]
    assert "only with a waiver could it be selected" in words_of(page)


async def test_sheets_are_counted_in_digits(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What only looks like a digit comes back to be corrected."""
    fields = {"command_id": "k1", "assessors": "p8", "per_application": "\u00b2"}
    answer = await browser.post("/editions/e1/selection/rounds/new", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert "Write a number of sheets from 1 to 5" in words_of(answer.text)
    assert "POST" not in {one[0] for one in stage.people.asked}


async def test_matching_begins_with_open_places_in_sight(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A free place and an answer that is to come do not block the next stage; its page tells them."""
    step = {"stage": "matching", "blockers": [], "warnings": []}
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "next": step}))
    gone, waits = entry(1, status="withdrawn", flags=["withdrawn"]), entry(2, status="selected")
    vacancy = {"left": "a1", "cause": "withdrawn", "next": None}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(gone, waits, vacancies=[vacancy])))
    told = words_of((await browser.get("/editions/e1/stage")).text)
    assert "Worth a look before it" in told
    assert "1 mentor is gone, and the place is free" in told
    assert "1 selected mentor has not accepted yet" in told
