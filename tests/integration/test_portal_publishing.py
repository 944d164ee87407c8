"""Promises of deciding on a proposal in the portal: showing it, objecting, publishing all or some, a new order."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import changed, hidden, problem, sent, words_of, wrong
from tests.support.portal_matching import ME, matcher_at, obstacle, pair, report, run
from tests.support.portal_stage import Stage

_THERE = "/editions/e1/matching/runs/r1"
_REASON = "The two of us are related."


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager whose edition has two drafts, r1 and r2."""
    async with matcher_at(stage) as one:
        yield one


async def _post(browser: httpx2.AsyncClient, path: str, **fields: Any) -> httpx2.Response:
    body = urllib.parse.urlencode({"command_id": "k1", "seen": "4", **fields}, doseq=True)
    headers = {**CHANGING, "content-type": "application/x-www-form-urlencoded"}
    return await browser.post(path, content=body, headers=headers)


def _is(stage: Stage, found: dict[str, Any]) -> None:
    """Let r1 be like this."""
    stage.people.answer("GET /v1/runs/r1", (200, found))


def _until(hours: int) -> dict[str, Any]:
    """A preview that ends so many hours from now."""
    now = datetime.now(UTC)
    return {
        "by": "p1",
        "at": (now - timedelta(days=3)).isoformat(),
        "until": (now + timedelta(hours=hours)).isoformat(),
    }


async def test_publishing_says_how_many_messages_go_to_how_many_people(browser: httpx2.AsyncClient) -> None:
    """One page before what cannot be undone: two messages a tandem, each person once, other drafts set aside."""
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "6 messages to 6 people" in told
    assert "As soon as you publish, 3 executives and 3 mentors learn by mail" in told
    assert "could not object" in told
    assert "1 other draft is set aside." in told


async def test_mentor_of_two_is_one_person_with_two_messages(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever mentors two gets two messages and is counted once."""
    two = [pair(1, 50), {**pair(2, 60), "mentor_id": "m1"}]
    _is(stage, report("r1", pairs=two))
    assert "4 messages to 3 people" in words_of((await browser.get(f"{_THERE}/publish")).text)


@pytest.mark.parametrize("state", ["proposed", "previewed", "approved"])
async def test_proposal_is_approved_and_published_in_one_step(
    stage: Stage, browser: httpx2.AsyncClient, state: str
) -> None:
    """One command on the state that was seen, so that nothing is approved where nothing can be published."""
    _is(stage, report("r1", state))
    stage.people.answer("POST /v1/runs/r1/publication", (202, report("r1", "publishing")))
    answer = await _post(browser, f"{_THERE}/publish")
    assert (answer.status_code, answer.headers["location"]) == (303, _THERE)
    headers, said = sent(stage, "POST", "/v1/runs/r1/publication")
    assert (headers["if-match"], headers["idempotency-key"]) == ('"4"', "k1")
    assert said == {"mentee_ids": None, "approve": True}


async def test_some_tandems_are_published_and_the_others_kept_back(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever is ticked is named to the service; the page counts what goes out and what is kept."""
    choosing = (await browser.get(f"{_THERE}/publish/some")).text
    assert choosing.count('type="checkbox"') == 3
    page = (await browser.get(f"{_THERE}/publish?some=1&mentee=x1&mentee=x3")).text
    assert "4 messages to 4 people" in words_of(page)
    assert "1 tandem is kept back." in words_of(page)
    stage.people.answer("POST /v1/runs/r1/publication", (202, report("r1", "publishing")))
    await _post(browser, f"{_THERE}/publish", mentee=["x1", "x3"])
    assert sent(stage, "POST", "/v1/runs/r1/publication")[1] == {"mentee_ids": ["x1", "x3"], "approve": True}


async def test_choosing_nobody_publishes_nobody(browser: httpx2.AsyncClient) -> None:
    """A choice without a tick comes back with what is missing, never as all."""
    answer = await browser.get(f"{_THERE}/publish?some=1")
    assert answer.status_code == 303
    again = await browser.get(answer.headers["location"])
    assert again.status_code == 422
    assert wrong(again.text) == ["mentee"]


async def test_many_tandems_are_chosen_by_company(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of more than a page can name, companies are ticked."""
    _is(stage, report("r1", pairs=[pair(number, 50) for number in range(1, 151)]))
    choosing = (await browser.get(f"{_THERE}/publish/some")).text
    assert 'name="company" value="c1"' in choosing
    assert 'name="mentee"' not in choosing
    page = words_of((await browser.get(f"{_THERE}/publish?some=1&company=c1")).text)
    assert "300 messages to 300 people" in page


async def test_nothing_is_published_while_members_may_object(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Until the days are over the page says from when on, and offers no button."""
    _is(stage, report("r1", "previewed", preview=_until(5)))
    page = (await browser.get(f"{_THERE}/publish")).text
    assert "The tandems can be published from" in words_of(page)
    assert 'name="command_id"' not in page
    _is(stage, report("r1", "previewed", preview=_until(-1)))
    assert "nobody has objected" in words_of((await browser.get(f"{_THERE}/publish")).text)


async def test_tandem_with_an_objection_is_listed_and_not_counted(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What will not go out stands by name beside what will."""
    vetoes = [{"mentee_id": "x2", "mentor_id": "m2", "by": "m2", "at": "2026-07-15T08:00:00+00:00"}]
    _is(stage, report("r1", "previewed", preview=_until(-1), vetoes=vetoes))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "4 messages to 4 people" in told
    assert "Mentor 2 and Executive 2" in told


@pytest.mark.parametrize("lacking", [True, False])
async def test_executive_who_left_after_an_objection_goes_not_without(
    stage: Stage, browser: httpx2.AsyncClient, *, lacking: bool
) -> None:
    """Whoever has left lacks nobody, whatever was said of the tandem before."""
    vetoes = [{"mentee_id": "x2", "mentor_id": "m2", "by": "m2", "at": "2026-07-15T08:00:00+00:00"}]
    _is(stage, report("r1", "previewed", preview=_until(-1), vetoes=vetoes))
    found = [obstacle(2, "conflict", goes_without=lacking)]
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, found))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert ("1 executive goes without for now." in told) is lacking
    assert "since one of the two objects Mentor 2 and Executive 2" in told


async def test_objection_to_another_proposal_is_no_silence(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever objected to the same tandem when another proposal was shown has objected."""
    _is(stage, report("r1", "previewed", preview=_until(-1)))
    stage.people.answer("GET /v1/runs/r1/obstacles", (200, [obstacle(2, "conflict")]))
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert ("The days to object are over." in told, "nobody has objected" in told) == (True, False)
    _is(stage, report("r1", "previewed", preview=_until(5)))
    assert "1 objection so far." in words_of((await browser.get(f"{_THERE}/publish")).text)


async def test_tandem_with_an_objection_cannot_be_chosen_and_is_not_kept_back(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Among some tandems only those are offered that can go out, and of one that cannot it is not said to wait."""
    vetoes = [{"mentee_id": "x2", "mentor_id": "m2", "by": "m2", "at": "2026-07-15T08:00:00+00:00"}]
    _is(stage, report("r1", "previewed", preview=_until(-1), vetoes=vetoes))
    choosing = (await browser.get(f"{_THERE}/publish/some")).text
    assert re.findall(r'type="checkbox"[^>]*value="(x\d)"', choosing) == ["x1", "x3"]
    told = words_of((await browser.get(f"{_THERE}/publish?some=1&mentee=x1&mentee=x3")).text)
    assert "kept back" not in told


async def test_refused_publication_says_why_on_its_page(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where another run is at work, the page comes back with that; an older state leads to the proposal."""
    _is(stage, report("r1", "approved"))
    stage.people.answer("POST /v1/runs/r1/publication", problem(409, "run-open"))
    answer = await _post(browser, f"{_THERE}/publish")
    assert answer.status_code == 422
    assert "is being computed or published" in words_of(answer.text)
    stage.people.answer("POST /v1/runs/r1/publication", problem(412, "lost-update"))
    assert (await _post(browser, f"{_THERE}/publish")).headers["location"] == _THERE


@pytest.mark.parametrize("state", ["rejected", "superseded", "publishing", "requested"])
@pytest.mark.parametrize("page", ["publish", "preview", "rematch"])
async def test_what_cannot_be_decided_leads_to_the_run(
    stage: Stage, browser: httpx2.AsyncClient, state: str, page: str
) -> None:
    """A run that is no draft any more has no pages of decisions."""
    _is(stage, report("r1", state))
    assert (await browser.get(f"{_THERE}/{page}")).headers["location"] == _THERE


async def test_proposal_is_shown_to_its_members(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page says how many will see what and for how long they may object; then it is shown."""
    told = words_of((await browser.get(f"{_THERE}/preview")).text)
    assert "Show 3 tandems to their members" in told
    assert "6 people then see" in told
    assert "for 3 working days" in told
    stage.people.answer("POST /v1/runs/r1/preview", (200, report("r1", "previewed")))
    assert (await _post(browser, f"{_THERE}/preview")).headers["location"] == _THERE
    assert sent(stage, "POST", "/v1/runs/r1/preview")[0]["if-match"] == '"4"'
    stage.people.answer("POST /v1/runs/r1/preview", problem(409, "run-not-previewable"))
    assert (await _post(browser, f"{_THERE}/preview")).status_code == 422


def _shown(stage: Stage, **facts: Any) -> None:
    """Let the reader, a member without roles, be the mentor of x1."""
    stage.people.answer("GET /v1/me", (200, {**ME, "roles": []}))
    one = {
        "run_id": "r1",
        "edition_id": "e1",
        "mentor_id": "p1",
        "mentee_id": "x1",
        "mentor_subsidiary": "c1",
        "mentee_subsidiary": "c9",
        "mentor_company": "Messen",
        "mentee_company": "Handel",
        "until": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "vetoed": False,
    }
    stage.people.answer("GET /v1/proposals", (200, [{**one, **facts}]))


async def test_member_sees_the_other_one_and_no_points(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Name, until when, and a company that one may not know otherwise; no points, and nothing is asked of the run."""
    _shown(stage)
    told = words_of((await browser.get("/proposals/r1/x1")).text)
    assert "Executive 1" in told
    assert "Company Handel" in told
    assert "2 days left" in told
    assert "points" not in told
    assert not [one for one in stage.people.asked if one[1].startswith("/v1/runs")]


async def test_member_objects_with_a_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A sentence is asked for; it is sent once, and then the page says that one has objected."""
    _shown(stage)
    assert wrong((await _post(browser, "/proposals/r1/x1", reason="No.")).text) == ["reason"]
    stage.people.answer("POST /v1/runs/r1/vetoes", (201, {"run_id": "r1"}))
    answer = await _post(browser, "/proposals/r1/x1", reason=_REASON)
    assert answer.headers["location"] == "/proposals/r1/x1"
    headers, said = sent(stage, "POST", "/v1/runs/r1/vetoes")
    assert (headers["idempotency-key"], said) == ("k1", {"mentee_id": "x1", "reason": _REASON})
    _shown(stage, vetoed=True)
    page = (await browser.get("/proposals/r1/x1")).text
    assert "You have objected" in page
    assert "<textarea" not in page


async def test_objection_after_the_days_keeps_its_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where the days ended meanwhile, the page says so and the words stay."""
    _shown(stage)
    stage.people.answer("POST /v1/runs/r1/vetoes", problem(409, "run-not-vetoable"))
    answer = await _post(browser, "/proposals/r1/x1", reason=_REASON)
    assert answer.status_code == 422
    assert "The days in which you could object are over." in words_of(answer.text)
    assert _REASON in answer.text


async def test_name_that_is_not_shown_is_said_to_come(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of a company that shows no names the page says so, instead of a blank."""
    _shown(stage, mentee_id="x9")
    told = words_of((await browser.get("/proposals/r1/x9")).text)
    assert "whose name you learn with the publication" in told


@pytest.mark.parametrize("path", ["/proposals/r1/x2", "/proposals/r2/x1"])
async def test_tandems_of_others_are_not_there(stage: Stage, browser: httpx2.AsyncClient, path: str) -> None:
    """Only one's own is shown; another address, or one that another proposal has overtaken, leads to the overview."""
    _shown(stage)
    assert (await browser.get(path)).headers["location"] == "/"
    assert "This proposal is not shown, or not any more." in words_of((await browser.get("/")).text)
    assert (await _post(browser, path, reason=_REASON)).headers["location"] == "/"
    assert changed(stage) == []


async def test_overview_leads_members_to_their_tandem(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """It stands first among the things to do, until one has objected."""
    _shown(stage)
    page = (await browser.get("/")).text
    assert 'href="/proposals/r1/x1">Look at your proposed tandem: Executive 1</a>' in page
    _shown(stage, vetoed=True)
    assert "/proposals/r1/x1" not in (await browser.get("/")).text


def _rematch(**facts: Any) -> dict[str, Any]:
    """A re-match with two alternatives, in the second of which the mentor of x2 changes."""
    figures = {"coverage": 3, "total": 210.0}
    first = {"changes": 0, **figures, "worst": 40.0, "changed": [pair(3, 40)]}
    moved = {**pair(2, 60), "mentor_id": "m5", "ends": "t2"}
    second = {"changes": 1, **figures, "worst": 55.0, "changed": [pair(3, 55), moved]}
    return report("r1", kind="rematch", chosen=None, alternatives=[first, second], **facts)


async def test_new_order_is_chosen_among_alternatives(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each says its figures and who gets another mentor; one is chosen, and then the run shows it."""
    _is(stage, _rematch())
    standing = {"pair_id": "t2", "edition_id": "e1", "mentor_id": "m2", "mentee_id": "x2"}
    stage.people.answer("GET /v1/pairs", (200, [standing]))
    told = words_of((await browser.get(f"{_THERE}/rematch")).text)
    assert "Executive 3 nobody Mentor 3" in told
    assert "Executive 2 Mentor 2 Mentor 5" in told
    assert "at most 1 3 55" in told
    stage.people.answer("POST /v1/runs/r1/choice", (200, _rematch()))
    answer = await _post(browser, f"{_THERE}/rematch", changes="1")
    assert answer.headers["location"] == _THERE
    assert sent(stage, "POST", "/v1/runs/r1/choice")[1] == {"changes": 1}
    assert (await _post(browser, f"{_THERE}/rematch", changes="x")).status_code == 422


@pytest.mark.parametrize("page", ["publish", "preview"])
async def test_nothing_is_shown_or_published_before_an_alternative_is_chosen(
    stage: Stage, browser: httpx2.AsyncClient, page: str
) -> None:
    """Both pages lead to the choice first."""
    _is(stage, _rematch())
    assert (await browser.get(f"{_THERE}/{page}")).headers["location"] == f"{_THERE}/rematch"


async def test_way_that_helps_nobody_is_not_offered(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """It stands beside the others for its figures; the first button is that of the first one that helps."""
    ways = _rematch()
    ways["alternatives"][0]["changed"] = []
    _is(stage, ways)
    stage.people.answer("GET /v1/pairs", (200, []))
    page = (await browser.get(f"{_THERE}/rematch")).text
    assert page.count('name="changes"') == 1
    assert '<button class="button">Choose this' in page


async def test_tandems_that_give_way_are_said_before_publishing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """How many existing tandems end stands on the page that cannot be undone."""
    _is(stage, {**_rematch(), "chosen": 1, "pairs": [pair(3, 55), {**pair(2, 60), "ends": "t2"}]})
    told = words_of((await browser.get(f"{_THERE}/publish")).text)
    assert "1 tandem that exists ends for it" in told


async def test_those_who_must_go_along_are_named_and_can_be_added(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where a chosen tandem needs the place that a kept-back one frees, the page says which, and offers both."""
    _is(stage, {**_rematch(), "state": "approved", "chosen": 1, "pairs": [pair(3, 55), {**pair(2, 60), "ends": "t2"}]})
    needs = problem(422, "run-needs-others", mentee_ids=["x2"], errors=[{"field": "/mentee_ids", "message": "x2"}])
    stage.people.answer("POST /v1/runs/r1/publication", needs)
    answer = await _post(browser, f"{_THERE}/publish", mentee="x3")
    assert answer.status_code == 422
    told = words_of(answer.text)
    assert "1 other tandem must go along" in told
    assert "Mentor 2 and Executive 2" in told
    assert ">Publish</button>" not in answer.text  # it would be refused again
    added = answer.text.partition('<form class="actions" method="get"')[2].partition("</form>")[0]
    assert sorted(re.findall(r'name="mentee" value="(x\d)"', added)) == ["x2", "x3"]
    together = words_of((await browser.get(f"{_THERE}/publish?some=1&mentee=x3&mentee=x2")).text)
    assert "4 messages to 4 people" in together


async def test_nobody_is_matched_in_an_edition_that_is_over(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The pages say so in words that fit, and of a tandem that came too late."""
    stage.people.answer("POST /v1/runs/r1/preview", problem(409, "edition-over"))
    answer = await _post(browser, f"{_THERE}/preview")
    assert "The edition is closed or over: nobody is matched in it any more." in words_of(answer.text)
    late = pair(1, 54.25, outcome="conflict", conflict={"reason": "edition_over", "explanation": "It was closed."})
    _is(stage, report("r1", "published", pairs=[late]))
    told = words_of((await browser.get(_THERE)).text)
    assert "The edition was closed or over before they became a tandem." in told


async def test_two_proposals_stand_side_by_side(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Figures of both, and only those who get another mentor; who has none in one of them stands first."""
    figures = {"coverage": 3, "worst": 54.25, "total": 210.0}
    found = {
        "first": figures,
        "second": {**figures, "coverage": 2, "worst": 60.0, "total": 130.0},
        "differences": [
            {"mentee_id": "x1", "first": pair(1, 54.25), "second": {**pair(1, 60), "mentor_id": "m5"}},
            {"mentee_id": "x3", "first": pair(3, 70), "second": None},
        ],
    }
    stage.people.answer("GET /v1/runs/r1/comparison", (200, found))
    second = report("r2", coverage={"covered": 2, "executives": 3}, worst=60.0, total=130.0)
    stage.people.answer("GET /v1/runs", (200, [run("r1"), second]))
    told = words_of((await browser.get("/editions/e1/matching/comparison?a=r1&b=r2")).text)
    assert "Proposal 2: Standard, version 1 2 of 3 60 65.0" in told
    assert "2 executives get another mentor" in told
    assert told.index("Executive 3 Mentor 3 70 nobody") < told.index("Executive 1 Mentor 1 54.25 Mentor 5 60")
    assert (await browser.get("/editions/e1/matching/comparison?a=r1&b=strange")).status_code == 404


async def test_proposals_for_different_executives_are_told_apart(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """One for those without a mentor beside one for all: the page says that the figures are of different people."""
    figures = {"worst": 54.25, "total": 210.0}
    found = {"first": {**figures, "coverage": 3}, "second": {**figures, "coverage": 2}, "differences": []}
    stage.people.answer("GET /v1/runs/r1/comparison", (200, found))
    here, said = "/editions/e1/matching/comparison?a=r1&b=r2", "The figures are of different executives"
    for executives, told in ((3, False), (2, True)):
        second = report("r2", coverage={"covered": 2, "executives": executives}, worst=54.25, total=210.0)
        stage.people.answer("GET /v1/runs", (200, [run("r1"), second]))
        assert (said in words_of((await browser.get(here)).text)) is told


async def test_trial_is_waited_for_on_the_comparison(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """While it is being computed the page says so and asks again; then it changes as a whole."""
    trial = {**run("r3", "solving"), "trial": True}
    stage.people.answer("GET /v1/runs", (200, [run("r1"), trial]))
    page = (await browser.get("/editions/e1/matching/comparison?a=r1&b=r3")).text
    assert "The other proposal is not there yet." in page
    assert 'hx-trigger="every 1s"' in page
    stage.people.answer("GET /v1/runs", (200, [run("r1"), {**run("r3"), "trial": True}]))
    figures = {"coverage": 3, "worst": 54.25, "total": 210.0}
    stage.people.answer("GET /v1/runs/r1/comparison", (200, {"first": figures, "second": figures, "differences": []}))
    here = "/editions/e1/matching/comparison?a=r1&b=r3"
    assert (await browser.get(here, headers={"HX-Request": "true"})).headers["hx-refresh"] == "true"
    told = words_of((await browser.get(here)).text)
    assert "Trial of Standard, version 1" in told
    assert "Both give everybody the same mentor." in told


@pytest.mark.parametrize("page", ["publish", "preview", "rematch", "publish/some"])
async def test_members_find_no_pages_of_decisions(stage: Stage, browser: httpx2.AsyncClient, page: str) -> None:
    """Without a programme to run none of them is there."""
    stage.people.answer("GET /v1/me", (200, {**ME, "roles": []}))
    assert (await browser.get(f"{_THERE}/{page}")).status_code == 404


async def test_forms_of_decisions_carry_command_and_seen_version(browser: httpx2.AsyncClient) -> None:
    """Twice is once, and an older state is told."""
    for page in ("publish", "preview"):
        fields = hidden((await browser.get(f"{_THERE}/{page}")).text)
        assert fields["seen"] == "4"
        assert len(fields["command_id"]) == 36
