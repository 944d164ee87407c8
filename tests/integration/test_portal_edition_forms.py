"""Promises of the forms that set an edition up: what is wrong, named once each in their order; the preview."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_editions import CALL, EDITION, RUBRIC, holds, manager_at
from tests.support.portal_forms import changed, form_of, words_of, wrong
from tests.support.portal_stage import Stage

OVER = "2020-03-26T11:00:00Z"


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A programme manager's, at a portal with one edition."""
    async with manager_at(stage) as one:
        yield one


def _told(page: str) -> list[str]:
    """The lines of a page's error summary."""
    return re.findall(r'<li><a href="#[^"]+">([^<]+)</a></li>', page)


async def test_new_edition_says_what_is_wrong_in_the_order_of_its_form(browser: httpx2.AsyncClient) -> None:
    """Each line of the summary leads to its input and names it, from above to below."""
    answer = await browser.post("/editions/new", data={"where": "some"}, headers=CHANGING)
    assert wrong(answer.text) == ["name", "starts_on", "ends_on", "subsidiaries"]
    assert _told(answer.text)[1:3] == [
        "First day: write a day, such as 2026-11-25",
        "Last day: write a day, such as 2026-11-25",
    ]


async def test_dates_say_what_is_wrong_in_the_order_of_their_form(browser: httpx2.AsyncClient) -> None:
    """The days of the edition come before those of its call, as on the page."""
    fields = {"starts_on": "", "ends_on": "soon", "decision_on": "2027-05-02", "accept_by": "2027-05-01"}
    answer = await browser.post("/editions/e1/dates", data={**fields, "zone": "UTC"}, headers=CHANGING)
    assert wrong(answer.text) == ["starts_on", "ends_on", "accept_by"]
    assert len(set(_told(answer.text))) == 3


async def test_call_says_what_is_wrong_in_the_order_of_its_form(browser: httpx2.AsyncClient) -> None:
    """Deadline, reference date, hours and languages; then the texts, each with its language."""
    fields = {"hours_a_month": "99", "languages": ["de", "en"], "title-de": "Zeig es", "title-en": "Show it"}
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    expected = ["closes_at-day", "reference_date", "hours_a_month", "invitation-de", "invitation-en"]
    assert wrong(answer.text) == expected
    assert len(set(_told(answer.text))) == len(expected)


async def test_rubric_names_criterion_level_and_language(browser: httpx2.AsyncClient) -> None:
    """Two criteria without names are told apart; nothing is said twice."""
    fields = {"criterion": ["a", "b"], "weight-a": "60", "weight-b": "60", "spread": "x", "sheets": "9"}
    fields |= {"levels-a": "2", "levels-b": "2", "level-a-1-de": "kaum", "level-a-1-en": "hardly"}
    fields |= {"level-a-2-de": "gut", "level-b-1-de": "kaum", "level-b-1-en": "hardly"}
    answer = await browser.post("/editions/e1/rubric", data=fields, headers=CHANGING)
    expected = ["weights", "title-a-de", "title-a-en", "level-a-2-en", "title-b-de", "title-b-en", "level-b-2-de"]
    assert wrong(answer.text) == [*expected, "sheets", "spread"]
    told = _told(answer.text)
    assert len(set(told)) == len(told)
    assert "Criterion 2, German: name it, in at most 120 characters" in told
    assert "Criterion 1, level 2, English: word it, in at most 300 characters" in told


async def test_rubric_that_stands_says_weights_and_levels_by_number(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Once the selection has begun the page shows what each number is."""
    holds(stage, stage="selection", rubric=RUBRIC)
    told = words_of((await browser.get("/editions/e1/rubric")).text)
    assert "Weight 100; levels: 1 hardly; 2 well" in told


async def test_deadline_that_is_over_is_saved_with_a_warning(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A draft takes it, since other parts may be wanted first; the page says that it is over, and not "today"."""
    past = {**EDITION, "call": {**CALL, "closes_at": OVER}}
    stage.people.answer("PUT /v1/editions/e1/call", (200, past))
    fields = {**form_of((await browser.get("/editions/e1/call")).text), "closes_at-day": "2020-03-26"}
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/call"
    stage.people.answer("GET /v1/editions/e1", (200, past))
    page = words_of((await browser.get("/editions/e1/call")).text)
    assert "This deadline is over: choose a later one." in page
    assert "that is over. Choose a later deadline" in page


async def test_call_is_seen_as_applicants_find_it(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """While it is a draft, with a note and without the button; nothing is begun by looking."""
    assert 'href="/editions/e1/call/preview"' in (await browser.get("/editions/e1")).text
    page = (await browser.get("/editions/e1/call/preview", headers={"Accept-Language": "de"})).text
    told = words_of(page)
    for text in ("Vorschau: die Seite, wie Bewerber:innen sie finden", "Zeig es", "Bewirb dich.", "Warum?", "Erklärt"):
        assert text in told
    assert '<form method="post" action="/calls' not in page
    assert "Die Ausschreibung ist geschlossen" not in told
    assert changed(stage) == []


async def test_call_without_a_deadline_has_no_preview(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A call that was copied has no dates yet: its page is led back to."""
    holds(stage, call={**CALL, "closes_at": None})
    assert "call/preview" not in (await browser.get("/editions/e1")).text
    led = await browser.get("/editions/e1/call/preview")
    assert (led.status_code, led.headers["location"]) == (303, "/editions/e1/call")


async def test_what_stands_in_the_way_follows_the_set_up(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """However the service orders it, the list reads like the tasks below it."""
    codes = ("rubric-missing", "scope-empty", "text-missing", "decision-before-deadline")
    blockers = [{"code": code, "detail": "", "number": 1} for code in codes]
    holds(stage, next={"stage": "call_open", "blockers": blockers, "warnings": []})
    page = (await browser.get("/editions/e1/stage")).text
    assert re.findall(r'<li><a href="/editions/e1/([\w-]+)">', page) == ["scope", "dates", "call", "rubric"]


async def test_coverage_stands_by_the_names_of_companies(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """In the order in which people look for them; what one may not know comes last."""
    holds(stage, stage="running")
    names = {"c1": "Messen", "c2": "Anlagen", "c3": "verlag"}
    retention = dict.fromkeys(("applications", "sessions", "notes", "outcomes", "messages", "audit"), 90)
    companies = [{"id": id, "name": name, "retention": retention} for id, name in names.items()]
    stage.people.answer("GET /v1/subsidiaries", (200, companies))
    row = {"in_scope": 4, "obliged": 1, "paired": 1, "escalated": 1, "exempt": 1, "left": 1}
    rows = [{**row, "subsidiary": id} for id in ("c9", "c3", "c1", "c2")]
    totals = {**row, "subsidiary": ""}
    told = {"as_of": "2026-11-25T10:00:00Z", "totals": totals, "rows": rows}
    stage.people.answer("GET /v1/editions/e1/coverage", (200, told))
    stage.people.answer("GET /v1/editions/e1/participations", (200, []))
    page = (await browser.get("/editions/e1/people")).text
    found = re.findall(r'<th role="rowheader" scope="row">([^<]+)</th>', page)
    assert found == ["Anlagen", "Messen", "verlag", "Another company", "All together"]


async def test_zone_without_a_region_is_called_by_its_name(browser: httpx2.AsyncClient) -> None:
    """UTC is UTC in every language."""
    page = (await browser.get("/editions/e1/dates", headers={"Accept-Language": "de"})).text
    assert '<option value="UTC">UTC</option>' in page
