"""Promises of policies, overrides and published tandems in the portal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import LOST, problem, sent, words_of, wrong
from tests.support.portal_matching import (
    CANDIDATES,
    EDITION,
    ME,
    OWN_POLICY,
    POLICY,
    THEN,
    WEIGHTS,
    matcher_at,
    pair,
    report,
    run,
)
from tests.support.portal_stage import Stage

_OVERRIDES = "/editions/e1/matching/overrides"
_PAIRS = "/editions/e1/pairs"
_REASON = "Both asked for it on Monday."


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a programme manager whose edition has two drafts, a policy of her own, and one forced pair."""
    async with matcher_at(stage) as one:
        accepted = [{"application_id": f"a{n}", "edition_id": "e1", "mentor_id": f"m{n}"} for n in (1, 2)]
        people = [
            {"participation_id": f"t{n}", "edition_id": "e1", "mentee_id": f"x{n}", "status": "obliged"} for n in (1, 2)
        ]
        for path, body in {
            "/v1/policies/standard": {**POLICY, "family": "standard"},
            "/v1/policies/q7": {**OWN_POLICY, "family": "q7", "version": 6},
            "/v1/editions/e1/applications": accepted,
            "/v1/editions/e1/participations": people,
        }.items():
            stage.people.answer(f"GET {path}", (200, body))
        yield one


async def _post(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await browser.post(path, data={"command_id": "k1", "seen": "6", **fields}, headers=CHANGING)


def _policy_form(**instead: str) -> dict[str, str]:
    given = {
        "name": "Ours",
        "subsidiary": "must_differ",
        "language_level": "B1",
        "meeting": "any",
        "same_manager": "yes",
        "earlier_pairs": "no",
        "priority": "none",
        "veto_days": "5",
        "wish-1": "4",
        "wish-2": "2",
        "wish-3": "1",
    }
    return {**given, **{name: str(most) for name, most in WEIGHTS.items()}, **instead}


async def test_policies_are_listed_and_one_is_explained_in_figures(browser: httpx2.AsyncClient) -> None:
    """What comes with Tandem stands first; each criterion says its most, how it is counted, and an example's points."""
    told = words_of((await browser.get("/policies")).text)
    assert told.index("Standard, version 1") < told.index("Across companies, version 2")
    page = (await browser.get("/policies/standard")).text
    told = words_of(page)
    assert "each at level B2 at least" in told
    assert "the mentor has level 4 and level 2 33.33" in told  # 40 x (4 x 4 + 2 x 2) / (4 x (4 + 2))
    assert "The tandem of the example has 73.32 points of 100." in told
    assert "/policies/standard/edit" not in page
    assert "/policies/standard/version" not in page


async def test_policy_is_made_with_all_that_it_says(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The form begins with the words of another policy; what it says is sent as rules, weights, wishes and days."""
    assert 'value="40"' in (await browser.get("/policies/new")).text
    stage.people.answer("POST /v1/policies", (201, {**OWN_POLICY, "policy_id": "q9"}))
    answer = await _post(browser, "/policies/new", **_policy_form(based_on="standard"))
    assert answer.headers["location"] == "/policies/q9"
    headers, said = sent(stage, "POST", "/v1/policies")
    assert headers["idempotency-key"] == "k1"
    assert said["rules"] == {
        "subsidiary": "must_differ",
        "language_level": "B1",
        "meeting": "any",
        "same_manager": True,
        "earlier_pairs": False,
    }
    assert (said["weights"], said["priority_weights"], said["veto_days"]) == (WEIGHTS, [4, 2, 1], 5)
    assert (said["name"], said["based_on"], said["priority"]) == ("Ours", "standard", "none")


@pytest.mark.parametrize(
    ("instead", "inputs"),
    [
        ({"name": ""}, ["name"]),
        ({"place": "11"}, ["weights"]),
        ({"place": "ten"}, ["place"]),
        ({"wish-1": "1"}, ["wish-1"]),
        ({"veto_days": "31"}, ["veto_days"]),
        ({"subsidiary": ""}, ["subsidiary"]),
    ],
)
async def test_wrong_input_of_a_policy_is_named(
    browser: httpx2.AsyncClient, instead: dict[str, str], inputs: list[str]
) -> None:
    """Each fault leads to its input, and what was written stays."""
    answer = await _post(browser, "/policies/new", **_policy_form(**instead))
    assert answer.status_code == 422
    assert wrong(answer.text) == inputs
    assert 'value="5"' in answer.text or "veto_days" in instead


async def test_policy_is_worded_anew_on_the_state_that_was_seen(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """An older state leads to the conflict page with both wordings."""
    assert 'name="seen" value="6"' in (await browser.get("/policies/q7/edit")).text
    stage.people.answer("PUT /v1/policies/q7", (200, OWN_POLICY))
    assert (await _post(browser, "/policies/q7/edit", **_policy_form())).headers["location"] == "/policies/q7"
    assert sent(stage, "PUT", "/v1/policies/q7")[0]["if-match"] == '"6"'
    stage.people.answer("PUT /v1/policies/q7", LOST)
    answer = await _post(browser, "/policies/q7/edit", **_policy_form())
    assert answer.status_code == 409
    assert "Days to object 5 3" in words_of(answer.text)


async def test_used_policy_is_only_followed_by_a_version(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What a proposal was computed by has no form of its own; the next version keeps its name."""
    stage.people.answer("GET /v1/policies/q7", (200, {**OWN_POLICY, "used": True}))
    assert (await browser.get("/policies/q7/edit")).status_code == 404
    assert "Word it anew" not in (await browser.get("/policies/q7")).text
    stage.people.answer("POST /v1/policies/q7/versions", (201, {**OWN_POLICY, "policy_id": "q8"}))
    answer = await _post(browser, "/policies/q7/version", **_policy_form())
    assert answer.headers["location"] == "/policies/q8"
    assert "name" not in sent(stage, "POST", "/v1/policies/q7/versions")[1]
    assert (await browser.get("/policies/standard/version")).status_code == 404


async def test_refused_policy_says_why_at_its_name(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A name that is taken, or mixes scripts, is told at the name."""
    errors = [{"field": "/name", "message": "taken"}]
    stage.people.answer("POST /v1/policies", problem(409, "policy-name-taken", errors=errors))
    answer = await _post(browser, "/policies/new", **_policy_form())
    assert wrong(answer.text) == ["name"]
    assert "There is a policy of this name already." in words_of(answer.text)
    stage.people.answer("POST /v1/policies", problem(422, "policy-malformed", errors=errors))
    answer = await _post(browser, "/policies/new", **_policy_form())
    assert wrong(answer.text) == ["name"]
    assert "Write each word in the letters of one script" in words_of(answer.text)


async def test_policy_is_tried_beside_the_newest_proposal(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A trial is asked for, and its comparison is waited for; trials are no proposals to compare with."""
    stage.people.answer("GET /v1/runs", (200, [run("r1"), run("r2"), {**run("zz"), "trial": True}]))
    stage.people.answer("POST /v1/runs", (202, report("r9", "requested")))
    answer = await _post(browser, "/policies/q7/trial", edition="e1")
    assert answer.headers["location"] == "/editions/e1/matching/comparison?a=r2&b=r9"
    assert sent(stage, "POST", "/v1/runs")[1] == {"edition_id": "e1", "policy_id": "q7", "trial": True}
    stage.people.answer("POST /v1/runs", problem(409, "policy-allows-nothing", barred={"reporting_line": 4}))
    answer = await _post(browser, "/policies/q7/trial", edition="e1")
    assert wrong(answer.text) == ["edition"]
    assert "one reporting line (4)" in words_of(answer.text)
    assert wrong((await _post(browser, "/policies/q7/trial", edition="e9")).text) == ["edition"]


async def test_all_that_is_laid_down_has_its_reason_and_somebody(browser: httpx2.AsyncClient) -> None:
    """In words, with who answers for it, and a way to withdraw it."""
    page = (await browser.get(_OVERRIDES)).text
    told = words_of(page)
    assert "Mentor 2 and Executive 2 are forced" in told
    assert "The board asked." in told
    assert "Jana Kurz" in told
    assert f'href="{_OVERRIDES}/o1/withdraw"' in page


async def test_pair_is_ruled_out_before_anything_is_computed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Mentors who accepted and executives who take part are offered; who is missing is told at its input."""
    page = (await browser.get(f"{_OVERRIDES}/new?kind=block")).text
    assert '<option value="m2">Mentor 2</option>' in page
    assert '<option value="x1">Executive 1</option>' in page
    assert wrong((await _post(browser, f"{_OVERRIDES}/new", kind="block")).text) == ["mentor", "mentee", "reason"]
    stage.people.answer("POST /v1/editions/e1/overrides", (201, {"override_id": "o9"}))
    answer = await _post(browser, f"{_OVERRIDES}/new", kind="block", mentor="m1", mentee="x1", reason=_REASON)
    assert answer.headers["location"] == _OVERRIDES
    said = {"kind": "block", "mentor_id": "m1", "mentee_id": "x1", "reason": _REASON}
    assert sent(stage, "POST", "/v1/editions/e1/overrides")[1] == said


async def test_places_are_laid_down_as_a_whole_number(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """No executive is asked for; a number beyond what there can be is told."""
    assert "Executive 1" not in (await browser.get(f"{_OVERRIDES}/new?kind=place")).text
    wrong_ones = await _post(browser, f"{_OVERRIDES}/new", kind="place", mentor="m1", places="4", reason=_REASON)
    assert wrong(wrong_ones.text) == ["places"]
    stage.people.answer("POST /v1/editions/e1/overrides", (201, {"override_id": "o9"}))
    await _post(browser, f"{_OVERRIDES}/new", kind="place", mentor="m1", places="0", reason=_REASON)
    said = {"kind": "place", "mentor_id": "m1", "places": 0, "reason": _REASON}
    assert sent(stage, "POST", "/v1/editions/e1/overrides")[1] == said


@pytest.mark.parametrize("kind", ["conflict", "", "all"])
async def test_other_kinds_are_nobodys_to_lay_down(browser: httpx2.AsyncClient, kind: str) -> None:
    """A conflict is declared by the two themselves."""
    assert (await browser.get(f"{_OVERRIDES}/new?kind={kind}")).status_code == 404
    assert (await _post(browser, f"{_OVERRIDES}/new", kind=kind)).status_code == 404


async def test_contradiction_is_told_by_name_and_keeps_the_input(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What contradicts what stands comes back in a sentence."""
    found = [{"code": "forced_and_blocked", "mentor_id": "m1", "mentee_id": "x1", "override_ids": ["o1"]}]
    stage.people.answer("POST /v1/editions/e1/overrides", problem(409, "overrides-contradict", contradictions=found))
    answer = await _post(browser, f"{_OVERRIDES}/new", kind="force", mentor="m1", mentee="x1", reason=_REASON)
    assert answer.status_code == 422
    assert "Mentor 1 and Executive 1 are forced and ruled out at once." in words_of(answer.text)
    assert _REASON in answer.text


async def test_override_is_withdrawn_on_the_state_that_was_seen(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The reason is one's own choice but for a declared conflict; a withdrawn one is withdrawn once."""
    stage.people.answer("POST /v1/editions/e1/overrides/o1/withdrawal", (200, {"override_id": "o1"}))
    assert (await _post(browser, f"{_OVERRIDES}/o1/withdraw")).headers["location"] == _OVERRIDES
    headers, said = sent(stage, "POST", "/v1/editions/e1/overrides/o1/withdrawal")
    assert (headers["if-match"], said) == ('"6"', {"reason": None})
    conflict = {"override_id": "o2", "kind": "conflict", "mentor_id": "m1", "mentee_id": "x1", "reason": "Family."}
    gone = {
        "override_id": "o3",
        "kind": "block",
        "mentor_id": "m1",
        "mentee_id": "x2",
        "reason": "Old.",
        "stands": False,
    }
    stage.people.answer("GET /v1/editions/e1/overrides", (200, [{**conflict, "at": THEN.isoformat()}, gone]))
    assert wrong((await _post(browser, f"{_OVERRIDES}/o2/withdraw")).text) == ["reason"]
    assert (await browser.get(f"{_OVERRIDES}/o3/withdraw")).status_code == 404


def _pair(number: int, **facts: Any) -> dict[str, Any]:
    given = {"pair_id": f"t{number}", "edition_id": "e1", "mentor_id": f"m{number}", "mentee_id": f"x{number}"}
    more = {"mentor_subsidiary": "c1", "mentee_subsidiary": "c1", "matched_at": THEN.isoformat(), "active": True}
    return {**given, **more, "version": 6, **facts}


async def test_published_tandems_say_what_was_left_out(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Those that go on, why one could not be published, and how many are kept back with the way to publish them."""
    conflict = {"reason": "mentee_already_paired", "explanation": "…"}
    pairs = [
        pair(1, 50, outcome="published"),
        pair(2, 60, outcome="conflict", conflict=conflict),
        pair(3, 70, outcome="kept_back"),
    ]
    done = {**report("r1", "published", pairs=pairs), "published_at": THEN.isoformat()}
    stage.people.answer("GET /v1/runs", (200, [done]))
    stage.people.answer("GET /v1/runs/r1", (200, done))
    ended = {"ended_at": THEN.isoformat(), "reason": "rematched", "note": None, "by": "matching"}
    stage.people.answer("GET /v1/pairs", (200, [_pair(1), _pair(4, active=False, ended=ended)]))
    page = (await browser.get(_PAIRS)).text
    told = words_of(page)
    assert "Executive 1 Mentor 1 Messen" in told
    assert "Mentor 2 and Executive 2: Executive 2 has a mentor already." in told
    assert "1 tandem is kept back" in told
    assert 'href="/editions/e1/matching/runs/r1/publish"' in page
    assert "Executive 4" not in told
    over = words_of((await browser.get(f"{_PAIRS}?ended=1")).text)
    assert "It gave way to another tandem (Tandem itself)" in over


async def test_tandem_is_ended_with_a_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A reason is chosen; something else is written; it is sent on the state that was seen."""
    stage.people.answer("GET /v1/pairs/t1", (200, _pair(1)))
    assert "Tell the two yourself" in words_of((await browser.get(f"{_PAIRS}/t1/end")).text)
    assert wrong((await _post(browser, f"{_PAIRS}/t1/end")).text) == ["reason"]
    assert wrong((await _post(browser, f"{_PAIRS}/t1/end", reason="rematched")).text) == ["reason"]
    assert wrong((await _post(browser, f"{_PAIRS}/t1/end", reason="other")).text) == ["note"]
    stage.people.answer("POST /v1/pairs/t1/end", (200, _pair(1, active=False)))
    answer = await _post(browser, f"{_PAIRS}/t1/end", reason="by_agreement")
    assert answer.headers["location"] == _PAIRS
    headers, said = sent(stage, "POST", "/v1/pairs/t1/end")
    assert (headers["if-match"], said) == ('"6"', {"reason": "by_agreement", "note": None})


@pytest.mark.parametrize("facts", [{"edition_id": "e2"}, {"active": False}])
async def test_tandem_that_cannot_end_here_is_not_there(
    stage: Stage, browser: httpx2.AsyncClient, facts: dict[str, Any]
) -> None:
    """One of another edition, and one that has ended."""
    stage.people.answer("GET /v1/pairs/t1", (200, _pair(1, **facts)))
    assert (await browser.get(f"{_PAIRS}/t1/end")).status_code == 404


async def test_own_case_is_refused_on_its_page(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A manager who is one of the two learns that somebody else decides."""
    stage.people.answer("GET /v1/pairs/t1", (200, _pair(1)))
    stage.people.answer("POST /v1/pairs/t1/end", problem(403, "own-case"))
    answer = await _post(browser, f"{_PAIRS}/t1/end", reason="by_agreement")
    assert answer.status_code == 422
    assert "Nobody decides on their own case." in words_of(answer.text)


async def test_reason_that_is_not_told_is_said_not_to_be_shown(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The other one of the reader's own pair objected: that stands there, and why does not."""
    laid = {"override_id": "o1", "kind": "conflict", "mentor_id": "m2", "mentee_id": "x2", "by": "x2", "reason": ""}
    stage.people.answer("GET /v1/editions/e1/overrides", (200, [{**laid, "at": THEN.isoformat()}]))
    assert "not shown to you, since it is about a tandem of yours" in words_of((await browser.get(_OVERRIDES)).text)
    assert "gave this reason" not in words_of((await browser.get(f"{_OVERRIDES}/o1/withdraw")).text)


async def test_places_that_a_later_one_replaces_are_marked(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of several for one mentor the newest counts; the others stand below it, and are not counted."""
    given = {"kind": "place", "mentor_id": "m2", "reason": "Agreed.", "by": "p1", "at": THEN.isoformat()}
    laid = [{**given, "override_id": f"o{places}", "places": places, "counts": False} for places in (2, 3)]
    stage.people.answer("GET /v1/editions/e1/overrides", (200, [*laid, {**given, "override_id": "o9", "places": 1}]))
    told = words_of((await browser.get(_OVERRIDES)).text)
    assert told.count("a later one counts") == 2
    assert "Mentor 2 has one place Agreed." in told
    assert "Mentor 2 has 3 places a later one counts" in told
    assert "1 decision about pairs or places stands" in words_of((await browser.get("/editions/e1/matching")).text)


@pytest.mark.parametrize(
    "path", ["/policies", "/policies/new", "/policies/q7", "/policies/q7/edit", _OVERRIDES, _PAIRS, f"{_PAIRS}/t1/end"]
)
async def test_members_find_none_of_these_pages(stage: Stage, browser: httpx2.AsyncClient, path: str) -> None:
    """Without a programme to run none of them is there, and the matching is not asked."""
    stage.people.answer("GET /v1/me", (200, {**ME, "roles": []}))
    assert (await browser.get(path)).status_code == 404
    assert not [one for one in stage.people.asked if one[1].startswith(("/v1/policies", "/v1/pairs", "/v1/runs"))]


async def _overview(stage: Stage, browser: httpx2.AsyncClient, *runs: dict[str, Any]) -> str:
    one = {**EDITION, "escalation": {"to": "p1", "after_days": 10}}
    stage.people.answer("GET /v1/editions", (200, [one]))
    stage.people.answer("GET /v1/editions/e1", (200, one))
    stage.people.answer("GET /v1/runs", (200, list(runs)))
    for each in runs:
        stage.people.answer(f"GET /v1/runs/{each['run_id']}", (200, each))
    return words_of((await browser.get("/")).text)


async def test_overview_says_what_the_matching_waits_for(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """No proposal, a decision, an objection, news, days that run, executives without a mentor: one task at a time."""
    assert "Compute a proposal of tandems" in await _overview(stage, browser)
    assert "Decide on the proposal of tandems" in await _overview(stage, browser, report("r1"))
    vetoes = [{"mentee_id": "x2", "mentor_id": "m2"}]
    assert "1 objection to a tandem" in await _overview(stage, browser, report("r1", "previewed", vetoes=vetoes))
    later = {"by": "p1", "at": "2026-07-01T08:00:00+00:00", "until": "2999-07-04T08:00:00+00:00"}
    shown = report("r1", "previewed", preview=later)
    assert "The tandems are shown to their members" in await _overview(stage, browser, shown)
    assert "Publish the tandems" in await _overview(stage, browser, report("r1", "approved"))
    done = {**report("r1", "published"), "published_at": THEN.isoformat()}
    assert "3 executives are without a mentor" in await _overview(stage, browser, done)
    stage.people.answer("GET /v1/candidates", (200, {**CANDIDATES, "executives": 0}))
    assert "without a mentor" not in await _overview(stage, browser, done)
    stage.people.answer(
        "GET /v1/runs/r1/changes", (200, [{"person_id": "x1", "what": ["skills"], "mentee_ids": ["x1"]}])
    )
    assert "Of 1 proposed tandem something else is known" in await _overview(stage, browser, report("r1"))
    assert "tandem" not in (await _overview(stage, browser, run("r1", "solving"))).partition("What is next")[2]


async def test_overview_stands_while_the_matching_is_away(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What waits elsewhere waits none the less, and the page says that something may be missing."""
    stage.people.answer("GET /v1/proposals", (503, {}))
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert "may be missing here for some minutes" in words_of(answer.text)
