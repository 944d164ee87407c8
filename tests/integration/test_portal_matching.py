"""Promises of the matching workbench: what is missing, how far a run is, what it proposes, why and why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import hidden, problem, sent, words_of, wrong
from tests.support.portal_matching import (
    CANDIDATES,
    EDITION,
    ME,
    OWN_POLICY,
    THEN,
    matcher_at,
    pair,
    report,
    run,
    short_report,
)
from tests.support.portal_stage import Stage

_THERE = "/editions/e1/matching"
_FIGURES = {"coverage": 3, "worst": 54.25, "total": 210.0}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager whose edition has two drafts, r1 and r2."""
    async with matcher_at(stage) as one:
        yield one


async def _post(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await browser.post(path, data={"command_id": "k1", "seen": "4", **fields}, headers=CHANGING)


def _runs(stage: Stage, *found: dict[str, Any]) -> None:
    """Let the edition have these runs, each with a page of its own."""
    stage.people.answer("GET /v1/runs", (200, list(found)))
    for one in found:
        stage.people.answer(f"GET /v1/runs/{one['run_id']}", (200, one))


async def test_navigation_leads_to_the_only_edition_that_is_matched(browser: httpx2.AsyncClient) -> None:
    """With one edition in its matching the entry goes on to it, and is the entry that one is in."""
    answer = await browser.get("/matching")
    assert (answer.status_code, answer.headers["location"]) == (303, _THERE)
    page = (await browser.get(_THERE)).text
    assert '<a href="/matching" aria-current="page">Matching</a>' in page
    assert page.count('aria-current="page"') == 1


async def test_editions_are_listed_where_several_are_matched(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Two editions in their matching are offered; a draft is not."""
    others = [
        EDITION,
        {**EDITION, "edition_id": "e2", "name": "Asia"},
        {**EDITION, "edition_id": "e3", "stage": "draft"},
    ]
    stage.people.answer("GET /v1/editions", (200, others))
    page = (await browser.get("/matching")).text
    assert 'href="/editions/e2/matching">Asia</a>' in page
    assert "/editions/e3/matching" not in page


async def test_overview_says_what_is_missing_before_everybody_can_get_a_mentor(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Places that are short, people whom HR misses executives who said nothing: things to do, with their ways."""
    _runs(stage)
    short = {**CANDIDATES, "places": 1, "unknown": 1, "without_profile": 2}
    stage.people.answer("GET /v1/candidates", (200, short))
    page = (await browser.get(_THERE)).text
    told = words_of(page)
    assert "2 places are short" in told
    assert "HR&#39;s roster misses 1 person" in told
    assert "2 executives have said nothing yet" in told
    assert "not enough for everybody" in told
    assert "Compute a proposal" in told


@pytest.mark.parametrize("stage_of_edition", ["selection", "call_open"])
async def test_edition_that_the_matching_does_not_know_yet_cannot_begin(
    stage: Stage, browser: httpx2.AsyncClient, stage_of_edition: str
) -> None:
    """Before its stage, and before it has arrived, the page says what comes first and offers no start."""
    _runs(stage)
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "stage": stage_of_edition}))
    for path in ("/v1/candidates", "/v1/editions/e1/overrides"):
        stage.people.answer(f"GET {path}", problem(404, "not-found"))
    told = words_of((await browser.get(_THERE)).text)
    assert "Begin the stage of matching" in told
    assert "The matching does not know this edition yet" in told
    assert "Compute a proposal" not in told


async def test_edition_of_others_is_not_there(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who is not responsible for all of an edition finds no matching of it."""
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "next": None}))
    stage.people.answer("GET /v1/candidates", problem(404, "not-found"))
    assert (await browser.get(_THERE)).status_code == 404


@pytest.mark.parametrize("path", ["/matching", _THERE, f"{_THERE}/runs/r1", f"{_THERE}/runs/r1/pairs/x1"])
async def test_members_find_no_matching(stage: Stage, browser: httpx2.AsyncClient, path: str) -> None:
    """For everybody without a programme to run the pages are not there, and nothing is asked of the matching."""
    stage.people.answer("GET /v1/me", (200, {**ME, "roles": []}))
    assert (await browser.get(path)).status_code == 404
    assert not [one for one in stage.people.asked if one[1].startswith("/v1/runs")]


async def test_proposal_is_asked_for_with_the_policy_chosen(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Starting sends edition, policy and kind under the command's own id, and goes on to the new run."""
    _runs(stage, run("r1"))
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested", pairs=[])))
    answer = await _post(browser, _THERE, policy="q7")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{_THERE}/runs/r9")
    headers, said = sent(stage, "POST", "/v1/runs")
    assert (headers["idempotency-key"], said) == ("k1", {"edition_id": "e1", "policy_id": "q7", "kind": "full"})


async def test_policy_of_last_year_is_offered_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """An edition that began with another one's wording begins with the policy that was carried out there too."""
    stage.people.answer("GET /v1/editions/e1", (200, {**EDITION, "template": "e0"}))
    last = run("r0", "published", policy=OWN_POLICY, published_at=THEN.isoformat())
    stage.people.answer("GET /v1/runs", (200, []), (200, [last, run("r8")]))
    assert '<option value="q7" selected>' in (await browser.get(_THERE)).text
    stage.people.answer("GET /v1/runs", (200, []), problem(404, "not-found"))
    assert '<option value="q7">' in (await browser.get(_THERE)).text


async def test_contradictions_are_named_before_anything_is_computed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What is laid down and contradicts itself comes back in words with names, and the input stays."""
    found = [{"code": "forced_and_blocked", "mentor_id": "m1", "mentee_id": "x1", "override_ids": ["o1"]}]
    stage.people.answer("POST /v1/runs", problem(409, "overrides-contradict", contradictions=found))
    answer = await _post(browser, _THERE, policy="q7")
    assert answer.status_code == 422
    assert "Mentor 1 and Executive 1 are forced and ruled out at once." in words_of(answer.text)
    assert '<option value="q7" selected>' in answer.text


async def test_run_being_computed_shows_its_step_and_can_be_cancelled(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """The step stands in words; cancelling goes back to the overview; htmx is told when the proposal is there."""
    busy = run("r1", "solving", progress={"step": "writing", "done": 3, "of": 20})
    _runs(stage, busy)
    page = (await browser.get(f"{_THERE}/runs/r1")).text
    assert "3 of 20 done" in words_of(page)
    assert 'hx-trigger="every 1s"' in page
    stage.people.answer("POST /v1/runs/r1/cancellation", (200, {**busy, "state": "cancelled"}))
    answer = await _post(browser, f"{_THERE}/runs/r1/cancel")
    assert answer.headers["location"] == _THERE
    assert sent(stage, "POST", "/v1/runs/r1/cancellation")[0]["if-match"] == '"4"'
    _runs(stage, report("r1"))
    polled = await browser.get(f"{_THERE}/runs/r1", headers={"HX-Request": "true"})
    assert polled.headers["hx-refresh"] == "true"


async def test_run_that_came_to_nothing_says_why_and_begins_again(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The reason stands in words, with the number for the operators; again means: the same policy and seed."""
    failed = run("r1", "failed", failure={"reason": "solver_failed", "explanation": "…"}, seed=11)
    _runs(stage, failed)
    told = words_of((await browser.get(f"{_THERE}/runs/r1")).text)
    assert "broke off three times" in told
    assert "Number for the operators r1" in told
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested")))
    answer = await _post(browser, f"{_THERE}/runs/r1/again")
    assert answer.headers["location"] == f"{_THERE}/runs/r9"
    said = {"edition_id": "e1", "policy_id": "standard", "seed": 11, "kind": "full"}
    assert sent(stage, "POST", "/v1/runs")[1] == said


async def test_proposal_shows_three_figures_and_the_weakest_tandem_first(browser: httpx2.AsyncClient) -> None:
    """Coverage, worst and mean stand on top; each criterion has its points, a bar and a sentence."""
    page = (await browser.get(f"{_THERE}/runs/r1")).text
    told = words_of(page)
    assert "3 of 3" in told
    assert "54.25 of 100" in told
    assert "70.0 points" in told
    assert told.index("Mentor 1 Messen Executive 1") < told.index("Mentor 3 Messen Executive 3")
    assert "54.25 of 100, weakest tandem" in told
    assert "Learning wishes 24.25  / 40" in told
    assert '<rect class="fill" width="60.6%" height="100%"/>' in page
    assert "The greater part of the learning wishes is met." in told
    assert "forced by somebody" in told
    assert "Mentor 4: has no free place left" in told
    assert "Take the last change back Mentor 2 and Executive 2 are forced (Jana Kurz)" in told
    assert f'href="{_THERE}/comparison?a=r1&amp;b=r2"' in page


async def test_proposal_for_nobody_says_that_nobody_was_without(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Neither that no tandem is possible, nor a way to what would help; there is nothing to help."""
    _runs(stage, report("r1", pairs=[], coverage={"covered": 0, "executives": 0}))
    page = (await browser.get(f"{_THERE}/runs/r1")).text
    told = words_of(page)
    assert "nobody was without a mentor then" in told
    assert "No new tandem is needed" in told
    assert "Everybody takes part" not in told
    assert "/runs/r1/without" not in page


@pytest.mark.parametrize("page", [f"{_THERE}/runs/r1", f"{_THERE}/overrides"])
async def test_undo_says_where_it_takes_a_withdrawal_back(stage: Stage, browser: httpx2.AsyncClient, page: str) -> None:
    """Else whoever withdrew something would bring it back by pressing a button that names it like a new word."""
    gone = {"override_id": "o1", "kind": "force", "mentor_id": "m2", "mentee_id": "x2", "by": "p8", "stands": False}
    last = {**gone, "withdrawn_by": "p1", "undone_next": True}
    stage.people.answer("GET /v1/editions/e1/overrides", (200, [last]))
    told = words_of((await browser.get(page)).text)
    assert "Take the last change back withdrawn: Mentor 2 and Executive 2 are forced (Jana Kurz)" in told


async def test_long_proposal_comes_in_pages(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of many pairs a page shows twenty, and asks for no more names than these."""
    many = [pair(number, 30 + number / 100) for number in range(1, 46)]
    _runs(stage, report("r1", pairs=many))
    first = (await browser.get(f"{_THERE}/runs/r1")).text
    assert first.count('<li class="pair">') == 20
    assert "1 to 20 of 45" in words_of(first)
    last = (await browser.get(f"{_THERE}/runs/r1?start=40")).text
    assert last.count('<li class="pair">') == 5
    assert "41 to 45 of 45" in words_of(last)
    assert "weakest tandem 30" not in words_of(last)


async def test_changes_since_are_named_with_a_way_to_compute_anew(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever is known otherwise since is named first where it concerns a pair, in words; one button computes anew."""
    changed = [
        {"person_id": "m5", "what": ["skills"], "mentee_ids": []},
        {"person_id": "m1", "what": ["company", "manager"], "mentee_ids": ["x1"]},
    ]
    stage.people.answer("GET /v1/runs/r1/changes", (200, changed))
    told = words_of((await browser.get(f"{_THERE}/runs/r1")).text)
    assert "Of 2 people something else is known since" in told
    assert told.index("Mentor 1: company, manager") < told.index("Mentor 5: platforms")
    assert "That concerns 1 tandem." in told
    assert "Compute anew, then see the difference" in told


async def test_run_of_another_edition_is_not_there(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A run is found below its own edition alone."""
    stage.people.answer("GET /v1/runs/r1", (200, report("r1", edition_id="e2")))
    assert (await browser.get(f"{_THERE}/runs/r1")).status_code == 404


async def test_why_not_tells_what_another_mentor_would_cost(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The three figures now and then, whom it would move, and a way to force it all the same."""
    answer = {
        "allowed": True,
        "now": _FIGURES,
        "forced": {"coverage": 3, "worst": 47.0, "total": 201.5},
        "moved": [
            {"mentee_id": "x1", "before": "m1", "after": "m5"},
            {"mentee_id": "x3", "before": "m3", "after": None},
        ],
    }
    stage.people.answer("GET /v1/runs/r1/why-not", (200, answer))
    page = (await browser.get(f"{_THERE}/runs/r1/pairs/x1?mentor=m5")).text
    told = words_of(page)
    assert "With Mentor 5 the weakest tandem is weaker: 47 instead of 54.25 points. 1 other tandem changes." in told
    assert "Executive 3 Mentor 3 nobody" in told
    assert f'href="{_THERE}/runs/r1/pairs/x1/force?mentor=m5"' in page
    assert "Mentor 5, Messen: 48.5 points" in told
    assert "Mentor 2, Messen: not possible" in told


async def test_why_not_names_the_rules_that_forbid_a_pair(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A forbidden pair is answered by every rule against it, in words with names."""
    answer = {"allowed": False, "rules": ["reporting_line", "no_common_language"], "now": _FIGURES, "forced": None}
    stage.people.answer("GET /v1/runs/r1/why-not", (200, answer))
    told = words_of((await browser.get(f"{_THERE}/runs/r1/pairs/x1?mentor=m2")).text)
    assert "Mentor 2 is not possible for Executive 1." in told
    assert "Mentor 2 and Executive 1 stand in one reporting line." in told
    assert "The two share no language at the level that the policy asks for." in told


async def test_why_not_is_asked_after_the_publication_too(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The proposal leads there, but for a pair that was forced; nothing can be laid down by it any more."""
    stage.people.answer("GET /v1/runs/r1", (200, report("r1", "published")))
    page = (await browser.get(f"{_THERE}/runs/r1")).text
    assert f'href="{_THERE}/runs/r1/pairs/x1#why-not"' in page
    assert f'href="{_THERE}/runs/r1/pairs/x2#why-not"' not in page
    page = (await browser.get(f"{_THERE}/runs/r1/pairs/x1")).text
    assert "As it was when the proposal was computed." in words_of(page)
    assert "/force" not in page


async def test_run_that_answers_no_question_leaves_the_page_standing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where a run has no proof, or one that does not name the executive, the page tells the pair and asks nothing."""
    stage.people.answer("GET /v1/runs/r1", (200, report("r1", "published")))
    stage.people.answer("GET /v1/runs/r1/mentors", problem(409, "run-not-proposed"))
    answer = await browser.get(f"{_THERE}/runs/r1/pairs/x1")
    assert answer.status_code == 200
    assert "Learning wishes" in answer.text
    assert "Why not with somebody else?" not in answer.text


async def test_proposals_are_counted_by_their_numbers(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """They are the ones that the API tells, trials counted among them; runs of old that have none come first."""
    at, told = {"requested_at": "2026-03-02T09:00:00Z"}, {"r2": 3, "r3": 1, "r4": 2, "r5": None}
    runs = [run(id, number=number, trial=id == "r4", **at) for id, number in told.items()]
    stage.people.answer("GET /v1/runs", (200, runs))
    page = (await browser.get(_THERE)).text
    for id, number in {"r5": 1, "r3": 1, "r2": 3}.items():
        assert f'href="{_THERE}/runs/{id}">Proposal {number}</a>' in page


async def test_why_not_that_takes_too_long_leaves_the_page_standing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where the computation does not answer, the page says so beside everything else that it shows."""
    stage.people.answer("GET /v1/runs/r1/why-not", problem(503, "unavailable"))
    answer = await browser.get(f"{_THERE}/runs/r1/pairs/x1?mentor=m5")
    assert answer.status_code == 200
    assert "This takes longer than usual at the moment." in words_of(answer.text)
    assert "Learning wishes" in answer.text


@pytest.mark.parametrize(("page", "kind"), [("force", "force"), ("forbid", "block")])
async def test_pair_is_laid_down_with_a_reason_and_computed_anew(
    stage: Stage, browser: httpx2.AsyncClient, page: str, kind: str
) -> None:
    """Without a sentence nothing is sent; with one the override and then the run are, each under an id of its own."""
    there = f"{_THERE}/runs/r1/pairs/x1/{page}"
    form = (await browser.get(there)).text
    assert '<option value="m1" selected>Mentor 1</option>' in form
    missing = await _post(browser, there, mentor="m1", reason="No.", then="compute")
    assert wrong(missing.text) == ["reason"]
    stage.people.answer("POST /v1/editions/e1/overrides", (201, {"override_id": "o2"}))
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested")))
    answer = await _post(browser, there, mentor="m1", reason="They know each other well.", then="compute")
    assert answer.headers["location"] == f"{_THERE}/runs/r9"
    headers, said = sent(stage, "POST", "/v1/editions/e1/overrides")
    assert said == {"kind": kind, "mentor_id": "m1", "mentee_id": "x1", "reason": "They know each other well."}
    assert headers["idempotency-key"] == "k1"
    assert sent(stage, "POST", "/v1/runs")[0]["idempotency-key"] == "k1-run"


async def test_forced_pair_against_the_reporting_line_is_refused_at_its_field(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """The rule comes back in words at the mentor's field; nothing is computed."""
    found = [{"code": "reporting_line", "mentor_id": "m5", "mentee_id": "x1", "override_ids": []}]
    stage.people.answer("POST /v1/editions/e1/overrides", problem(409, "overrides-contradict", contradictions=found))
    there = f"{_THERE}/runs/r1/pairs/x1/force"
    answer = await _post(browser, there, mentor="m5", reason="The board asked for it.", then="compute")
    assert (answer.status_code, wrong(answer.text)) == (422, ["mentor"])
    assert "Mentor 5 and Executive 1 stand in one reporting line." in words_of(answer.text)
    assert not [one for one in stage.people.asked if one[:2] == ("POST", "/v1/runs")]


async def test_last_change_is_taken_back_on_the_state_that_was_seen(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Undo carries the version of what is laid down; who was slower is told, and nothing is done."""
    stage.people.answer("POST /v1/editions/e1/overrides/undo", (200, {"edition_id": "e1", "overrides": []}))
    answer = await _post(browser, f"{_THERE}/undo", run="r1")
    assert answer.headers["location"] == f"{_THERE}/runs/r1"
    assert "The last change is taken back." in (await browser.get(f"{_THERE}/runs/r1")).text
    stage.people.answer("POST /v1/editions/e1/overrides/undo", problem(412, "lost-update"))
    await _post(browser, f"{_THERE}/undo", run="r1")
    assert "Somebody laid down something else meanwhile." in (await browser.get(f"{_THERE}/runs/r1")).text


async def test_proof_is_shown_and_handed_over_as_it_is(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Digest, claims and the way to check it stand on the page; the file comes byte for byte, as an attachment."""
    told = words_of((await browser.get(f"{_THERE}/runs/r1/proof")).text)
    assert "sha256:ab12" in told
    assert "none has a weakest one above 54.25 points" in told
    assert "with what people had laid down, no proposal gives more than 3 executives a tandem" in told
    assert "none has a sum above 210 points" in told
    assert "worst 5425, total 21000 and the digest above" in told
    assert "tandem matching verify certificate-r1.json" in told
    stage.people.answer("GET /v1/runs/r1/certificate", (200, {"format": "tandem-matching-certificate"}))
    file = await browser.get(f"{_THERE}/runs/r1/certificate.json")
    assert file.json() == {"format": "tandem-matching-certificate"}
    assert file.headers["content-disposition"] == 'attachment; filename="certificate-r1.json"'
    stage.people.answer("GET /v1/runs/r1/certificate", problem(409, "run-not-proposed"))
    assert (await browser.get(f"{_THERE}/runs/r1/certificate.json")).status_code == 409


async def test_executives_without_a_tandem_are_told_in_groups_with_what_helps(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Who competes for whom stands in words; the cheapest change comes first, each with its figures and its way."""
    _runs(stage, short_report("r1"))
    told = words_of((await browser.get(f"{_THERE}/runs/r1")).text)
    assert "1 executive would stay without a tandem" in told
    page = (await browser.get(f"{_THERE}/runs/r1/without")).text
    told = words_of(page)
    assert "at most 2 of 3 are possible" in told
    assert "2 executives, 1 place" in told
    assert "only Mentor 2 is possible for them." in told
    assert "one reporting line (3)" in told
    assert told.index("Mentor 2 takes one place more") < told.index("A common language suffices at level B1")
    assert f'href="{_THERE}/runs/r1/relax?number=1"' in page
    assert 'href="/editions/e1/people?state=obliged"' in page


async def test_place_more_is_laid_down_with_a_reason_and_computed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The mentor's places are the whole number after it; the reason is asked for."""
    _runs(stage, short_report("r1"))
    form = (await browser.get(f"{_THERE}/runs/r1/relax?number=1")).text
    assert "Mentor 2 then has 2 places. Have they agreed?" in words_of(form)
    assert wrong((await _post(browser, f"{_THERE}/runs/r1/relax", number="1")).text) == ["reason"]
    stage.people.answer("POST /v1/editions/e1/overrides", (201, {"override_id": "o2"}))
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested")))
    await _post(browser, f"{_THERE}/runs/r1/relax", number="1", reason="Agreed by phone on Monday.")
    said = {"kind": "place", "mentor_id": "m2", "places": 2, "reason": "Agreed by phone on Monday."}
    assert sent(stage, "POST", "/v1/editions/e1/overrides")[1] == said


async def test_loosened_rule_makes_a_policy_of_its_own(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """From the policy that comes with Tandem a policy is made, else a next version; the run is computed by it."""
    _runs(stage, short_report("r1"))
    stage.people.answer("POST /v1/policies", (201, {"policy_id": "q8", "name": "Loosened"}))
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested")))
    await _post(browser, f"{_THERE}/runs/r1/relax", number="2")
    said = sent(stage, "POST", "/v1/policies")[1]
    assert (said["based_on"], said["rules"]["language_level"]) == ("standard", "B1")
    assert sent(stage, "POST", "/v1/runs")[1]["policy_id"] == "q8"
    own = {**short_report("r1"), "policy": {**report("r1")["policy"], "policy_id": "q7", "name": "Ours"}}
    _runs(stage, own)
    stage.people.answer("POST /v1/policies/q7/versions", (201, {"policy_id": "q9", "name": "Ours", "version": 3}))
    await _post(browser, f"{_THERE}/runs/r1/relax", number="2")
    assert sent(stage, "POST", "/v1/policies/q7/versions")[1]["rules"]["language_level"] == "B1"
    assert sent(stage, "POST", "/v1/runs")[1]["policy_id"] == "q9"


async def test_forms_carry_command_and_seen_version(browser: httpx2.AsyncClient) -> None:
    """Every form of a proposal names its command; those on a state name the state."""
    fields = hidden((await browser.get(f"{_THERE}/runs/r1")).text)
    assert fields["seen"] == "4"
    assert len(fields["command_id"]) == 36
