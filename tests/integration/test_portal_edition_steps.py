"""Promises of the pages about stages, executives and late admission, and of what the overview tells of editions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_editions import EDITION, EXECUTIVE, holds, manager_at
from tests.support.portal_forms import COMPANY, changed, hidden, sent
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A programme manager's, at a portal with one edition."""
    async with manager_at(stage) as one:
        yield one


async def test_stage_that_is_blocked_shows_what_blocks_it(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """There is no button while something stands in the way; what the service finds later leads to the same page."""
    page = (await browser.get("/editions/e1/stage")).text
    assert "This is not possible yet." in page
    assert 'action="/editions/e1/stage"' not in page
    blocked = {"type": "urn:tandem:problem:edition-blocked", "detail": "Not yet.", "blockers": []}
    stage.people.answer("POST /v1/editions/e1/stage", (409, blocked))
    answer = await browser.post("/editions/e1/stage", data={"to": "call_open", "seen": "4"}, headers=CHANGING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editions/e1/stage")
    assert "Nothing has changed." in (await browser.get("/editions/e1/stage")).text


async def test_stage_says_what_freezes_and_who_sees_what(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Before the step that cannot be taken back stands what it means; it goes out on the state that was seen."""
    short = {"code": "no-assessors", "detail": "", "number": 0}
    holds(stage, next={"stage": "call_open", "blockers": [], "warnings": [short]})
    stage.people.answer("POST /v1/editions/e1/stage", (200, {**EDITION, "stage": "call_open"}))
    page = (await browser.get("/editions/e1/stage")).text
    assert "The companies, the first and the last day, the rules and the deadline." in page
    assert "Everybody in these companies sees the call and can apply." in page
    assert "26\xa0Mar\xa02027, 12:00" in page
    assert "Nobody here has the role of an assessor yet" in page
    answer = await browser.post("/editions/e1/stage", data=hidden(page), headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1"
    headers, body = sent(stage, "POST", "/v1/editions/e1/stage")
    assert body == {"to": "call_open"}
    assert headers["if-match"] == '"4"'


async def test_closing_before_the_last_day_needs_a_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The page asks for it, and sends nothing without."""
    holds(stage, stage="running", next={"stage": "closed", "blockers": [], "warnings": []})
    stage.people.answer("POST /v1/editions/e1/stage", (200, EDITION))
    fields = hidden((await browser.get("/editions/e1/stage")).text)
    answer = await browser.post("/editions/e1/stage", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert changed(stage) == []
    fields["reason"] = "The company is sold in summer"
    await browser.post("/editions/e1/stage", data=fields, headers=CHANGING)
    _, body = sent(stage, "POST", "/v1/editions/e1/stage")
    assert body == {"to": "closed", "reason": "The company is sold in summer"}


async def test_coverage_shows_companies_and_executives(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Rows per company, then each executive with what is known of her and what can be decided."""
    holds(stage, stage="running")
    row = {"subsidiary": "c1", "in_scope": 4, "obliged": 1, "paired": 1, "escalated": 1, "exempt": 1, "left": 1}
    total = {**row, "subsidiary": ""}
    coverage = {"as_of": "2026-11-25T10:00:00Z", "totals": total, "rows": [row]}
    stage.people.answer("GET /v1/editions/e1/coverage", (200, coverage))
    exempt = {"reason": "absence", "explanation": "Away until May", "until": "2027-05-31"}
    late = {"to": "p1", "since": "2026-11-24T10:00:00Z", "by": "timer", "reason": None, "reachable": False}
    people = [
        EXECUTIVE,
        {**EXECUTIVE, "participation_id": "x2", "status": "exempt", "exemption": exempt},
        {**EXECUTIVE, "participation_id": "x3", "status": "escalated", "escalation": late},
        {**EXECUTIVE, "participation_id": "x4", "status": "left", "left": {"cause": "moved_out"}},
    ]
    stage.people.answer("GET /v1/editions/e1/participations", (200, people))
    page = (await browser.get("/editions/e1/people")).text
    for text in (
        "Petra Winter",
        "Away until May",
        "until 31\xa0May\xa02027",
        "by the deadline",
        "this person has left",
    ):
        assert text in page
    decisions = re.findall(r'href="/editions/e1/people/(x\d/\w+)"', page)
    assert decisions == ["x1/exempt", "x1/escalate", "x2/oblige", "x3/exempt", "x3/oblige"]


def _executives(page: str) -> list[str]:
    return re.findall(r'<th role="rowheader" scope="row">([^<]+)</th><td role="cell" data-label="Company">', page)


async def test_executives_stand_by_company_and_name(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """In whichever order they come, and on pages of a hundred; who has no name that one may know stands last."""
    holds(stage, stage="running")
    companies = [{**COMPANY, "id": "c2", "name": "Anlagen"}, COMPANY]
    rows = [{"subsidiary": "c1", "in_scope": 3, "obliged": 3}, {"subsidiary": "c2", "in_scope": 1, "obliged": 1}]
    two = {"as_of": "2026-11-25T10:00:00Z", "totals": {"in_scope": 4, "obliged": 4}, "rows": rows}
    stage.people.answer("GET /v1/subsidiaries", (200, companies))
    stage.people.answer("GET /v1/editions/e1/coverage", (200, two))
    named = [("m9", "ada Zorn", "c1"), ("m8", "Bo Alm", "c1"), ("m7", "", "c1"), ("m6", "Zoe Yilmaz", "c2")]
    stage.people.answer("GET /v1/names", (200, [{"id": id, "name": name} for id, name, _ in named if name]))
    people = [
        {**EXECUTIVE, "participation_id": f"x-{id}", "mentee_id": id, "subsidiary": company} for id, _, company in named
    ]
    stage.people.answer("GET /v1/editions/e1/participations", (200, people))
    page = (await browser.get("/editions/e1/people")).text
    assert "All together" in page
    assert _executives(page) == ["Zoe Yilmaz", "ada Zorn", "Bo Alm", "somebody you do not see"]
    many = [{**EXECUTIVE, "participation_id": f"x{n}", "mentee_id": f"n{n:03}"} for n in range(101)]
    stage.people.answer("GET /v1/editions/e1/participations", (200, many))
    page = (await browser.get("/editions/e1/people?state=obliged")).text
    assert "101 executives" in page
    assert "/editions/e1/people?state=obliged&amp;start=100" in page
    rest = (await browser.get("/editions/e1/people?state=obliged&start=100")).text
    assert len(_executives(rest)) == 1


@pytest.mark.parametrize(
    ("path", "asked", "fields"),
    [
        ("exempt", "exemption", {"reason": "absence", "explanation": "Away until May", "until": "2027-05-31"}),
        ("exempt", "exemption", {"reason": "other", "explanation": "A reason of her own"}),
        ("escalate", "escalation", {"to": "p1", "reason": "Nobody fits her dates"}),
        ("oblige", "obligation", {"reason": "She is back earlier"}),
    ],
)
async def test_decision_on_an_executive_goes_out_with_its_reason(
    stage: Stage, browser: httpx2.AsyncClient, path: str, asked: str, fields: dict[str, str]
) -> None:
    """Each decision has a page, needs a reason and counts on the state that was seen."""
    holds(stage, stage="running")
    stage.people.answer(f"POST /v1/participations/x1/{asked}", (200, EXECUTIVE))
    address = f"/editions/e1/people/x1/{path}"
    page = (await browser.get(address)).text
    assert "Petra Winter" in page
    bare = await browser.post(address, data=hidden(page), headers=CHANGING)
    assert bare.status_code == 422
    assert {f'<a href="#{name}">' in bare.text for name in fields if name != "until"} == {True}
    assert changed(stage) == []
    answer = await browser.post(address, data={**hidden(page), **fields}, headers=CHANGING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editions/e1/people")
    headers, body = sent(stage, "POST", f"/v1/participations/x1/{asked}")
    assert body == fields
    assert headers["if-match"] == '"2"'


async def test_late_admission_names_person_time_and_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Somebody is found by name first; until when is a time of the edition's zone."""
    holds(stage, stage="selection")
    stage.people.answer("POST /v1/editions/e1/late-admissions", (200, {"application_id": "a1"}))
    page = (await browser.get("/editions/e1/late?q=sohn")).text
    assert "Mika Sohn" in page
    fields = {**hidden(page), "person_id": "p2", "until-day": "2027-04-02", "until-time": "18:00"}
    bare = await browser.post("/editions/e1/late", data=fields, headers=CHANGING)
    assert '<a href="#reason">' in bare.text
    fields["reason"] = "She was ill in the last week"
    answer = await browser.post("/editions/e1/late", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1"
    _, body = sent(stage, "POST", "/v1/editions/e1/late-admissions")
    assert body == {"person_id": "p2", "until": "2027-04-02T18:00:00+02:00", "reason": fields["reason"]}


async def tasks_of(browser: httpx2.AsyncClient) -> list[tuple[str, str]]:
    """The paths and texts of the tasks about editions on the overview."""
    page = (await browser.get("/")).text
    return re.findall(r'<li><a href="(/editions/[^"]*)">([^<]+)</a>', page)


async def test_overview_tells_what_waits_in_editions(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Staff see requests for a waiver, executives escalated, and the next step or what stands in its way."""
    assert ("/editions/e1", "Prepare the edition Reverse 2027") in await tasks_of(browser)
    steps = {"stage": "selection", "warnings": [{"code": "waivers-waiting", "number": 2}]}
    running = {"stage": "call_open", "participations": {"obliged": 1, "escalated": 3}}
    holds(stage, **running, next={**steps, "blockers": [{"code": "call-still-open"}]})
    assert [one for one in await tasks_of(browser) if "selection" not in one[0]] == [
        ("/editions/e1/waivers", "Decide on waivers: 2"),
        ("/editions/e1/people?state=escalated", "Executives without a mentor, escalated: 3"),
    ]
    holds(stage, **running, next=steps)
    assert ("/editions/e1/stage", "Begin the selection: Reverse 2027") in await tasks_of(browser)
