"""Promises of what the portal says of several proposals: which is compared with which, trials, what is kept back."""

from __future__ import annotations

import urllib.parse
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import words_of
from tests.support.portal_matching import (
    CANDIDATES,
    EDITION,
    ME,
    OWN_POLICY,
    matcher_at,
    obstacle,
    pair,
    report,
    run,
    short_report,
)
from tests.support.portal_stage import Stage

_ALL = "/editions/e1/matching"
_THERE = f"{_ALL}/runs/r1"
_NEWS = [{"person_id": "x1", "what": ["skills"], "mentee_ids": ["x1"]}]
_LATER = {"by": "p1", "at": "2026-07-15T08:00:00+00:00", "until": "2999-07-04T08:00:00+00:00"}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager whose edition has two drafts, r1 and r2."""
    async with matcher_at(stage) as one:
        yield one


async def _post(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    body = urllib.parse.urlencode({"command_id": "k1", "seen": "4", **fields})
    headers = {**CHANGING, "content-type": "application/x-www-form-urlencoded"}
    return await browser.post(path, content=body, headers=headers)


def _are(stage: Stage, *found: dict[str, Any]) -> None:
    """Let the edition have these runs, the oldest first, each a minute later."""
    start = datetime(2026, 7, 14, 8, 0, tzinfo=UTC)
    asked = [{"requested_at": (start + timedelta(minutes=place)).isoformat()} for place in range(len(found))]
    runs = [{"number": place, **one, **at} for place, (one, at) in enumerate(zip(found, asked, strict=True), 1)]
    stage.people.answer("GET /v1/runs", (200, runs))
    for one in runs:
        stage.people.answer(f"GET /v1/runs/{one['run_id']}", (200, one))
        for asked_of in ("changes", "obstacles"):
            stage.people.answer(f"GET /v1/runs/{one['run_id']}/{asked_of}", (200, []))


def _published(id: str, minute: int, **facts: Any) -> dict[str, Any]:
    """A run that was published so many minutes after the first request."""
    at = datetime(2026, 7, 14, 8, minute, tzinfo=UTC).isoformat()
    return {**report(id, "published"), "published_at": at, **facts}


async def _overview(stage: Stage, browser: httpx2.AsyncClient) -> str:
    one = {**EDITION, "escalation": {"to": "p1", "after_days": 10}}
    stage.people.answer("GET /v1/editions", (200, [one]))
    stage.people.answer("GET /v1/editions/e1", (200, one))
    return (await browser.get("/")).text


@pytest.mark.parametrize("number", ["²", "①", "٣", "-1", "1e1", "9999"])
async def test_numbers_that_are_none_are_no_page(stage: Stage, browser: httpx2.AsyncClient, number: str) -> None:
    """What looks like a digit and is none is refused as whatever else is no number of a change."""
    _are(stage, short_report("r1"))
    answer = await _post(browser, f"{_THERE}/relax", number=number, reason="Agreed by phone on Monday.")
    assert answer.status_code == 404


async def test_proposal_is_called_by_the_number_that_the_api_tells(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """After a trial, portal and API speak of the same proposal."""
    _are(stage, report("r1"), report("r2", trial=True), report("r3"))
    assert "Matching proposal 3" in words_of((await browser.get(f"{_ALL}/runs/r3")).text)
    assert "Proposal 3" in words_of((await browser.get(_ALL)).text)


async def test_trial_is_not_decided_on(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Its page says what it is, and offers nothing that would be refused."""
    _are(stage, report("r1", trial=True))
    page = (await browser.get(_THERE)).text
    assert "Trial of Standard, version 1" in words_of(page)
    assert "can neither be shown nor published" in words_of(page)
    for offered in ("/force", "/forbid", "/preview", "/publish", "/discard", "/undo"):
        assert offered not in page
    assert "/force" not in (await browser.get(f"{_THERE}/pairs/x1")).text


async def test_the_best_is_told_with_what_it_is_the_best_under(browser: httpx2.AsyncClient) -> None:
    """Another policy, or something laid down since, may bring better figures: no page says that nothing could."""
    told = words_of((await browser.get(_THERE)).text)
    assert "the best by this policy, as things stood then" in told
    assert "no other proposal is better here" not in told


async def test_computing_anew_leads_to_the_difference(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The proposal at hand and the new one stand side by side, whatever else was computed meanwhile."""
    _are(stage, report("r1"), report("r2", policy=OWN_POLICY))
    stage.people.answer("GET /v1/runs/r1/changes", (200, _NEWS))
    assert "Compute anew, then see the difference" in (await browser.get(_THERE)).text
    stage.people.answer("POST /v1/runs", (202, run("r3", "requested")))
    assert (await _post(browser, f"{_THERE}/again")).headers["location"] == f"{_ALL}/comparison?a=r1&b=r3"


async def test_like_is_compared_with_like(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A proposal is set beside the newest one by the same policy, and beside none about other people."""
    by_own = {"policy": OWN_POLICY, "policy_version": "across.2"}
    _are(stage, report("r1"), report("r2", **by_own), report("r3"))
    assert f"{_ALL}/comparison?a=r3&amp;b=r1" in (await browser.get(f"{_ALL}/runs/r3")).text
    _are(stage, _published("r1", 1), report("r2", **by_own), report("r3"))
    assert f"{_ALL}/comparison?a=r3&amp;b=r2" in (await browser.get(f"{_ALL}/runs/r3")).text
    _are(stage, _published("r1", 1), report("r2"), report("r3", "rejected"))
    assert "/comparison?a=r2" not in (await browser.get(f"{_ALL}/runs/r2")).text


async def test_proposals_are_compared_by_whom_everybody_would_have(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A tandem that stands is no loss: its mentor is named, without points; figures are the proposals' own."""
    moved = {**pair(2, 60), "mentor_id": "m5", "ends": "t2"}
    order = report("r2", kind="rematch", chosen=1, pairs=[pair(3, 55), moved], certificate=None)
    rest = report("r1", pairs=[pair(3, 60)], coverage={"covered": 1, "executives": 2}, worst=60.0, total=60.0)
    _are(stage, rest, order)
    differences = [
        {"mentee_id": "x2", "first": None, "second": moved, "first_mentor_id": "m2", "second_mentor_id": "m5"},
        {"mentee_id": "x4", "first": None, "second": pair(4, 55), "first_mentor_id": None, "second_mentor_id": "m4"},
    ]
    found = {"first": {"coverage": 9}, "second": {"coverage": 2, "total": 9.0}, "differences": differences}
    stage.people.answer("GET /v1/runs/r1/comparison", (200, found))
    told = words_of((await browser.get(f"{_ALL}/comparison?a=r1&b=r2")).text)
    assert "Proposal 1: Standard, version 1 1 of 2 60 60.0" in told
    assert "Proposal 2: Standard, version 1 3 of 3 54.25 70.0" in told
    assert "2 executives get another mentor" in told
    nobody, standing = "Executive 4 nobody \u2013 Mentor 4 55", "Executive 2 Mentor 2 \u2013 Mentor 5 60"
    assert told.index(nobody) < told.index(standing)


async def test_weakest_tandem_of_a_new_order_may_be_one_that_stands(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Only a tandem with the points of the weakest is called that; the list is one of new ones."""
    _are(stage, report("r1", kind="rematch", chosen=1, certificate=None, pairs=[pair(3, 62.61)], worst=59.4))
    told = words_of((await browser.get(_THERE)).text)
    assert "1 new tandem, the weakest first" in told
    assert "of 100, weakest tandem" not in told
    _are(stage, report("r1", kind="rematch", chosen=1, certificate=None, pairs=[pair(3, 59.4)], worst=59.4))
    assert "of 100, weakest tandem" in words_of((await browser.get(_THERE)).text)


async def test_new_order_that_nobody_has_chosen_from_has_no_figures_yet(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """It stands as what it is, a choice; neither as a proposal that pairs nobody, nor beside others."""
    _are(stage, report("r1"), report("r2", kind="rematch", chosen=None, coverage={"covered": 0, "executives": 20}))
    page = words_of((await browser.get(_ALL)).text)
    assert "one of its ways is to be chosen" in page
    assert "0 of 20" not in page
    assert "Compare proposals" not in page
    assert f"{_ALL}/comparison?a=r1" not in (await browser.get(_THERE)).text
    assert "Choose one of the new orders" in words_of(await _overview(stage, browser))


async def test_objection_to_what_is_shown_is_told_beside_a_newer_draft(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """What members look at is never hidden by what was computed since."""
    vetoes = [{"mentee_id": "x2", "mentor_id": "m2", "by": "m2"}]
    _are(stage, report("r1", "previewed", preview=_LATER, vetoes=vetoes), report("r2"))
    told = words_of(await _overview(stage, browser))
    assert "1 objection to a tandem" in told
    assert "Decide on the proposal of tandems 2026/27. Proposal 2." in told


async def test_withdrawn_objection_keeps_nothing_back(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page goes by what stands: a tandem whose objection was withdrawn is counted and goes out."""
    veto = {"mentee_id": "x2", "mentor_id": "m2", "by": "m2", "at": "2026-07-15T08:00:00+00:00"}
    past = {**_LATER, "until": "2026-07-16T08:00:00+00:00"}
    _are(stage, report("r1", "previewed", preview=past, vetoes=[{**veto, "stands": False}]))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "6 messages to 6 people" in told
    assert "Not published, since one of the two objects" not in told
    assert "one of the two objects" not in words_of((await browser.get(_THERE)).text)
    _are(stage, report("r1", "previewed", preview=past, vetoes=[{**veto, "stands": False}, {**veto, "by": "x2"}]))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "4 messages to 4 people" in told
    assert "Not published, since one of the two objects" in told


async def test_what_was_ruled_out_since_is_not_counted(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What is laid down after the proposal was computed holds for its publication, and the page says so before."""
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(2, "blocked")]))
    stage.people.answer("GET /v1/runs/r2/obstacles", (200, [obstacle(2, "blocked")]))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "4 messages to 4 people" in told
    assert "Not published, since somebody ruled them out Mentor 2 and Executive 2" in told
    told = words_of((await browser.get(_THERE)).text)
    assert "1 tandem of this proposal is ruled out since These two will be no tandem." in told
    assert "1 of these tandems will not be" in told
    assert (told.count("ruled out since"), "Everybody takes part" in told) == (2, False)
    assert "1 tandem of this proposal is ruled out since" in words_of(await _overview(stage, browser))
    told = words_of((await browser.get(f"{_THERE}/preview")).text)
    assert "Show 2 tandems to their members" in told
    assert "1 tandem more is ruled out, or one of the two objects: it is not shown." in told
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(3, "conflict")]))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "Not published, since one of the two objects Mentor 3 and Executive 3" in told
    told = words_of((await browser.get(_THERE)).text)
    assert "1 objection to a tandem These two will be no tandem." in told
    assert (told.count("one of the two objects"), "Everybody takes part" in told) == (1, False)


async def test_what_cannot_be_any_more_is_told_before_it_is_published(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """A place that was taken back, or another mentor laid down, counts like a tandem that was ruled out."""
    found = [obstacle(2, "mentor_full"), obstacle(3, "forced_elsewhere")]
    for id in ("r1", "r2"):
        stage.people.answer(f"GET /v1/runs/{id}/obstacles", (200, found))
    told = words_of((await browser.get(_THERE)).text)
    assert "2 tandems of this proposal cannot be any more The list below says why." in told
    assert "cannot be any more Mentor 2 has no free place left." in told
    assert ("2 of these tandems will not be" in told, "Everybody takes part" in told) == (True, False)
    assert "2 tandems of this proposal cannot be any more" in words_of(await _overview(stage, browser))
    told = words_of((await browser.get(f"{_THERE}/preview")).text)
    assert "Show 3 tandems to their members" in told
    assert "2 of them cannot be any more" in told
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "2 messages to 2 people" in told
    not_going = (
        "Not published, since they cannot be any more Mentor 2 and Executive 2: Mentor 2 has no free place left."
    )
    assert f"{not_going} Mentor 3 and Executive 3: Executive 3 is forced together with somebody else." in told


async def test_nothing_is_published_where_nothing_can_go_out(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The draft is not used up for it, and nobody is asked which tandems of none."""
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(number, "blocked") for number in (1, 2, 3)]))
    page = (await browser.get(f"{_THERE}/publish")).text
    assert ("None of these tandems can be published" in page, ">Publish</button>" in page) == (True, False)
    assert "3 executives go without for now." in words_of(page)
    assert (await browser.get(f"{_THERE}/publish/some")).headers["location"] == f"{_THERE}/publish"
    assert ">Show it to the pairs</button>" not in (await browser.get(f"{_THERE}/preview")).text


async def test_executive_who_left_does_not_go_without(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Nobody looks for a mentor of somebody who takes no part any more; the tandem is named as one that cannot be."""
    stage.people.answer(
        "GET /v1/runs/r1/obstacles", (200, [obstacle(1, "mentee_left", goes_without=False), obstacle(2, "mentor_left")])
    )
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "Executive 1 has left." in told
    assert "1 executive goes without for now." in told


async def test_published_proposal_counts_what_could_not_be_published(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """It does not say that everybody takes part where somebody is left without."""
    late = pair(2, 70, outcome="conflict", conflict={"reason": "mentor_full", "explanation": "It is full."})
    _are(stage, _published("r1", 1, pairs=[pair(1, 54.25, outcome="published"), late]))
    told = words_of((await browser.get(_THERE)).text)
    assert "1 of these tandems could not be published" in told
    assert "Everybody takes part" not in told


async def test_what_is_kept_back_and_cannot_be_is_told_like_that_of_a_draft(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """After a part was published no page says that everybody takes part, nor offers what comes to nothing."""
    states = ("conflict", "published", "kept_back", "kept_back", "kept_back")
    _are(stage, _published("r1", 1, pairs=[pair(n, 50 + n, outcome=one) for n, one in enumerate(states)]))
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(2, "mentor_full"), obstacle(3, "conflict")]))
    told = words_of((await browser.get(_THERE)).text)
    assert "3 of these tandems will not be" in told
    assert "Everybody takes part" not in told
    assert "1 objection to a tandem These two will be no tandem." in told
    assert "1 tandem of this proposal cannot be any more The list below says why." in told
    assert "1 tandem is kept back" in told
    page = (await browser.get(f"{_THERE}/publish")).text
    assert "2 executives go without for now" in words_of(page)
    assert f"{_THERE}/without" not in page, "the proposal itself covers everybody: that page has nothing to say"


async def test_what_is_being_shown_is_not_set_aside_unasked(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """While members may object to one proposal, no page urges to publish another one, and that of it says so."""
    pairs = [pair(1, 54.25, outcome="published"), pair(2, 70, outcome="kept_back")]
    _are(stage, _published("r1", 1, pairs=pairs), report("r2", "previewed", preview=_LATER))
    assert "kept back" not in words_of(await _overview(stage, browser))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "Proposal 2 is being shown to its members, who may object until" in told
    over = {**_LATER, "until": "2026-07-16T08:00:00+00:00"}
    _are(stage, _published("r1", 1, pairs=pairs), report("r2", "previewed", preview=over))
    assert "1 tandem is kept back" in words_of(await _overview(stage, browser))
    assert "is being shown" not in words_of((await browser.get(f"{_THERE}/publish")).text)


async def test_of_two_published_at_once_the_later_one_counts(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where the clock stands still, the number tells which publication was the last."""
    kept = [pair(1, 54.25, outcome="published"), pair(2, 70, outcome="kept_back")]
    _are(stage, _published("r9", 1), _published("r1", 1, pairs=kept))
    assert "1 tandem is kept back" in words_of(await _overview(stage, browser))


async def test_what_was_kept_back_is_offered_where_one_looks_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Overview and matching say how many are kept back, and lead to publishing them; the rest is without a mentor."""
    pairs = [pair(1, 54.25, outcome="published"), *(pair(n, 70, outcome="kept_back") for n in (2, 3))]
    _are(stage, _published("r1", 1, pairs=pairs))
    stage.people.answer("GET /v1/candidates", (200, {**CANDIDATES, "executives": 3}))
    for page in (await browser.get(_THERE)).text, (await browser.get(_ALL)).text, await _overview(stage, browser):
        assert "2 tandems are kept back" in words_of(page)
        assert f'href="{_THERE}/publish"' in page
    assert "1 executive is without a mentor" in words_of(page)
    stage.people.answer("GET /v1/candidates", (200, {**CANDIDATES, "executives": 2}))
    assert "without a mentor" not in words_of(await _overview(stage, browser))
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(2, "mentee_already_paired")]))
    for page in (await browser.get(_THERE)).text, (await browser.get(_ALL)).text, await _overview(stage, browser):
        assert "1 tandem is kept back" in words_of(page)
    assert "Mentor 2" not in words_of((await browser.get(f"{_THERE}/publish")).text)
    _are(stage, _published("r1", 1, pairs=pairs), report("r2"))
    told = words_of(await _overview(stage, browser))
    assert ("Proposal 2." in told, "2 tandems are kept back" in told) == (True, True)
    moving = [pair(1, 54.25, outcome="published"), pair(2, 70, outcome="kept_back", ends="t2")]
    _are(stage, _published("r1", 1, kind="rematch", chosen=1, pairs=moving))
    told = words_of(await _overview(stage, browser))
    assert "1 tandem is kept back" in told
    assert "2 executives are without a mentor" in told


async def test_member_is_not_asked_to_object_when_the_days_are_over(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The tandem stays in sight; nothing is left to do about it."""
    stage.people.answer("GET /v1/me", (200, {**ME, "roles": []}))
    one = {"run_id": "r1", "edition_id": "e1", "mentor_id": "p1", "mentee_id": "x1", "vetoed": False}
    stage.people.answer("GET /v1/proposals", (200, [{**one, "until": "2026-04-06T21:59:00+00:00"}]))
    page = (await browser.get("/")).text
    assert 'href="/proposals/r1/x1"' in page
    assert "The days to object are over." in words_of(page)
    assert "You may object" not in words_of(page)


async def test_reasons_name_those_who_can_read_them(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Auditors are told who laid something down, and never why."""
    _are(stage, short_report("r1"))
    for path in (f"{_THERE}/pairs/x1/force", f"{_THERE}/relax?number=1", f"{_ALL}/overrides/o1/withdraw"):
        told = words_of((await browser.get(path)).text)
        assert "The programme management reads this" in told
        assert "auditors" not in told
