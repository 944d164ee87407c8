"""Promises of the pages that set an edition up: what they ask of `applications`, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_editions import CALL, EDITION, KURZ, LEGAL_GROUND, LEVELS, RUBRIC, holds, manager_at
from tests.support.portal_forms import LOST, changed, form_of, hidden, sent
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A programme manager's, at a portal with one edition."""
    async with manager_at(stage) as one:
        yield one


async def test_list_shows_each_edition_with_its_stage(browser: httpx2.AsyncClient) -> None:
    """The list leads to each edition, says its stage and when its call closes, in the reader's zone."""
    page = (await browser.get("/editions")).text
    assert '<a href="/editions/e1">Reverse 2027</a>' in page
    assert "being prepared" in page
    assert "26\xa0Mar\xa02027, 12:00" in page


async def test_editions_are_for_those_who_run_programmes(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Somebody without such a role gets neither pages nor the entry of the navigation, and nothing is asked for."""
    stage.people.answer("GET /v1/me", (200, {**KURZ, "roles": []}))
    answer = await browser.get("/editions/e1")
    assert answer.status_code == 403
    assert 'href="/editions"' not in answer.text
    assert not [path for _, path, _, _ in stage.people.asked if path == "/v1/editions/e1"]


async def test_edition_shows_its_set_up_and_what_stands_in_the_way(browser: httpx2.AsyncClient) -> None:
    """Each part of the set-up has a status, each blocker leads to the page where it is settled."""
    page = (await browser.get("/editions/e1")).text
    for part in ("scope", "dates", "call", "rules", "form", "rubric", "escalation"):
        assert f'<a href="/editions/e1/{part}">' in page
    assert '<a href="/editions/e1/call">A text of the call is missing in a language</a>' in page
    assert "rules: 2" in page
    assert "Nothing stands in the way." not in page
    assert '<a class="button" href="/editions/e1/stage">' not in page


async def test_new_edition_says_what_is_copied_and_what_never_is(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """An edition may begin with an earlier one's words and rules; what was written goes out as one command."""
    page = (await browser.get("/editions/new")).text
    assert "Never copied: dates, people, applications, waivers, exemptions, the stage." in page
    stage.people.answer("POST /v1/editions", (201, EDITION))
    said = {"name": "Reverse 2027", "starts_on": "2027-03-01", "ends_on": "2028-02-28", "zone": "Europe/Berlin"}
    fields = {**hidden(page), **said, "template": "e1", "where": "some", "subsidiaries": "c1"}
    answer = await browser.post("/editions/new", data=fields, headers=CHANGING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editions/e1")
    headers, body = sent(stage, "POST", "/v1/editions")
    assert body == {**said, "template": "e1", "subsidiaries": ["c1"]}
    assert headers["idempotency-key"] == fields["command_id"]


async def test_new_edition_names_what_is_missing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Without name, days and companies nothing is sent, and each is named."""
    fields = {"where": "some", "starts_on": "2027-03-01", "ends_on": "2027-02-01", "zone": "Europe/Berlin"}
    answer = await browser.post("/editions/new", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    for name in ("name", "ends_on", "subsidiaries"):
        assert f'<a href="#{name}">' in answer.text
    assert changed(stage) == []


async def test_dates_go_out_as_one_command_on_the_state_that_was_seen(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Days that are empty are said to be unknown again; the next page tells the deadline in the zone chosen."""
    stage.people.answer("PATCH /v1/editions/e1", (200, {**EDITION, "zone": "Asia/Singapore"}))
    fields = form_of((await browser.get("/editions/e1/dates")).text)
    fields |= {"decision_on": "2027-05-01", "zone": "Asia/Singapore"}
    answer = await browser.post("/editions/e1/dates", data=fields, headers=CHANGING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editions/e1")
    headers, body = sent(stage, "PATCH", "/v1/editions/e1")
    assert headers["if-match"] == '"4"'
    assert body == {
        "starts_on": "2027-03-01",
        "ends_on": "2028-02-28",
        "zone": "Asia/Singapore",
        "decision_on": "2027-05-01",
        "accept_by": None,
        "reserve_until": None,
    }
    assert "The call closes at 26\xa0Mar\xa02027, 19:00, Asia/Singapore." in (await browser.get("/editions")).text


async def test_start_and_zone_stand_once_the_call_is_open(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Later only the days that are still to come can be changed, and nothing else is sent."""
    holds(stage, stage="call_open")
    page = (await browser.get("/editions/e1/dates")).text
    assert 'name="starts_on"' not in page
    stage.people.answer("PATCH /v1/editions/e1", (200, EDITION))
    await browser.post("/editions/e1/dates", data={**form_of(page), "accept_by": "2027-05-14"}, headers=CHANGING)
    _, body = sent(stage, "PATCH", "/v1/editions/e1")
    assert body == {"decision_on": None, "accept_by": "2027-05-14", "reserve_until": None}


@pytest.mark.parametrize(
    ("day", "time", "which", "expected"),
    [
        ("2027-03-26", "12:00", "", "2027-03-26T12:00:00+01:00"),
        ("2027-10-31", "02:30", "first", "2027-10-31T02:30:00+02:00"),
        ("2027-10-31", "02:30", "second", "2027-10-31T02:30:00+01:00"),
    ],
)
async def test_deadline_is_a_local_time_of_the_editions_zone(
    stage: Stage, browser: httpx2.AsyncClient, day: str, time: str, which: str, expected: str
) -> None:
    """What is written is meant by the clocks of the zone; of a doubled hour the one that was chosen."""
    stage.people.answer("PUT /v1/editions/e1/call", (200, EDITION))
    fields = form_of((await browser.get("/editions/e1/call")).text)
    fields |= {"closes_at-day": day, "closes_at-time": time, "closes_at-which": which}
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert answer.status_code == 303, answer.text
    headers, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert body["closes_at"] == expected
    assert body["opens_at"] is None
    assert headers["if-match"] == '"4"'


@pytest.mark.parametrize(
    ("day", "time", "told"),
    [
        ("2027-03-28", "02:30", "Choose 01:59 or earlier, or 03:00 or later"),
        ("2027-10-31", "02:30", "The clocks show this time twice"),
        ("", "", "Say until when people may apply"),
        ("2027-02-30", "12", "Call closes: write a time, such as 12:00"),
    ],
)
async def test_time_that_is_none_or_two_is_asked_back(
    stage: Stage, browser: httpx2.AsyncClient, day: str, time: str, told: str
) -> None:
    """A skipped time names what the clocks show before and after, a doubled one offers both; nothing is sent."""
    fields = form_of((await browser.get("/editions/e1/call")).text)
    fields |= {"closes_at-day": day, "closes_at-time": time}
    fields.pop("closes_at-which", None)
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert told in answer.text
    assert ("(UTC+0200)" in answer.text) == ("twice" in told)
    assert changed(stage) == []


async def test_call_keeps_its_rules_and_says_which_text_is_missing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Words and dates are stated with the rules as they are; a language without text leads back to its fields."""
    french = {**CALL, "languages": ["de", "en", "fr"]}
    stage.people.answer("PUT /v1/editions/e1/call", (200, {**EDITION, "call": french}))
    fields = form_of((await browser.get("/editions/e1/call")).text)
    fields["languages"] = ["de", "en", "fr"]
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/call"
    _, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert body["languages"] == ["de", "en", "fr"]
    assert body["rules"][0] == {"kind": "age", "maximum": 28, "legal_ground": LEGAL_GROUND}
    assert body["texts"] == CALL["texts"]
    assert "The text is missing still: English, French" in (await browser.get("/editions/e1/call")).text


async def test_open_call_changes_its_words_only(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Once the call is open the page has no other field, and what is sent is the stored call with new words."""
    holds(stage, stage="call_open")
    stage.people.answer("PUT /v1/editions/e1/call", (200, EDITION))
    page = (await browser.get("/editions/e1/call")).text
    assert 'name="closes_at-day"' not in page
    fields = {**form_of(page), "title-en": "Show it", "invitation-en": "Apply."}
    answer = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert answer.status_code == 303
    _, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert body["closes_at"] == CALL["closes_at"]
    assert body["texts"] == {**CALL["texts"], "en": {"title": "Show it", "invitation": "Apply."}}


async def test_age_rule_needs_its_legal_ground(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The field stands beside the limit with who reads it and the advice to ask counsel; without it nothing is sent."""
    page = (await browser.get("/editions/e1/rules/age")).text
    assert "§ 10 AGG" in page
    assert "Ask counsel" in page
    assert LEGAL_GROUND in page
    fields = {**hidden(page), "maximum": "26", "legal_ground": ""}
    answer = await browser.post("/editions/e1/rules/age", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert '<a href="#legal_ground">' in answer.text
    assert changed(stage) == []


async def test_rule_is_stated_and_removed_among_the_others(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each rule has a page of its own; the whole call is stated with it, or without it, and the others stay."""
    stage.people.answer("PUT /v1/editions/e1/call", (200, EDITION))
    page = (await browser.get("/editions/e1/rules/tenure")).text
    fields = {**hidden(page), "minimum_months": "6"}
    answer = await browser.post("/editions/e1/rules/tenure", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/rules"
    _, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert [rule["kind"] for rule in body["rules"]] == ["age", "language", "tenure"]
    assert body["rules"][2] == {"kind": "tenure", "minimum_months": 6}
    await browser.post("/editions/e1/rules/age/removal", data=hidden(page), headers=CHANGING)
    _, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert [rule["kind"] for rule in body["rules"]] == ["language"]


async def test_rules_cannot_be_changed_once_the_call_is_open(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """They are shown with the legal ground; a form of before does not come through."""
    holds(stage, stage="call_open")
    page = (await browser.get("/editions/e1/rules")).text
    assert LEGAL_GROUND in page
    assert "/rules/age" not in page
    fields = {"maximum": "40", "legal_ground": LEGAL_GROUND}
    assert (await browser.post("/editions/e1/rules/age", data=fields, headers=CHANGING)).status_code == 404
    assert changed(stage) == []


async def test_legal_ground_that_an_earlier_release_did_not_ask_for_is_stated(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Also once the call is open, with the rule in its place."""
    age, *others = CALL["rules"]
    holds(stage, stage="call_open", call={**CALL, "rules": [{**age, "legal_ground": ""}, *others]})
    assert 'href="/editions/e1/rules/age"' in (await browser.get("/editions/e1/rules")).text
    page = (await browser.get("/editions/e1/rules/age")).text
    fields = {**hidden(page), "maximum": str(age["maximum"]), "legal_ground": LEGAL_GROUND}
    await browser.post("/editions/e1/rules/age", data=fields, headers=CHANGING)

    _, body = sent(stage, "PUT", "/v1/editions/e1/call")
    assert [(rule["kind"], rule.get("legal_ground")) for rule in body["rules"]] == [
        ("age", LEGAL_GROUND),
        *((rule["kind"], None) for rule in others),
    ]
    assert (await browser.get("/editions/e1/rules/tenure")).status_code == 404


async def test_questions_are_added_moved_and_removed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each is a command on the list that was seen, and the same one when it is sent twice."""
    stage.people.answer("PUT /v1/editions/e1/form", (200, EDITION))
    fields = {**hidden((await browser.get("/editions/e1/form/new")).text), "text-de": "Was?", "text-en": "What?"}
    bodies = []
    for _ in range(2):
        answer = await browser.post("/editions/e1/form/new", data={**fields, "most_words": "80"}, headers=CHANGING)
        assert answer.headers["location"] == "/editions/e1/form"
        bodies.append(sent(stage, "PUT", "/v1/editions/e1/form")[1])
    assert bodies[0] == bodies[1]
    assert [one["question_id"] for one in bodies[0]["questions"]][:2] == ["why", "how"]
    assert bodies[0]["questions"][2]["text"] == {"de": "Was?", "en": "What?"}
    seen = {**hidden((await browser.get("/editions/e1/form")).text), "order": ["why", "how"], "to": "up"}
    await browser.post("/editions/e1/form/how/moving", data=seen, headers=CHANGING)
    _, body = sent(stage, "PUT", "/v1/editions/e1/form")
    assert [one["question_id"] for one in body["questions"]] == ["how", "why"]
    await browser.post("/editions/e1/form/why/removal", data=seen, headers=CHANGING)
    _, body = sent(stage, "PUT", "/v1/editions/e1/form")
    assert [one["question_id"] for one in body["questions"]] == ["how"]


async def test_weights_that_do_not_make_a_hundred_say_what_is_missing(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """The sum is told before anything is sent; what was written stays."""
    fields = form_of((await browser.get("/editions/e1/rubric")).text)
    answer = await browser.post("/editions/e1/rubric", data={**fields, "weight-explains": "85"}, headers=CHANGING)
    assert answer.status_code == 422
    assert '<a href="#weights">The weights make 85 together; 15 are missing</a>' in answer.text
    assert 'value="85"' in answer.text
    assert changed(stage) == []


async def test_criterion_is_added_without_saving_and_saved_with_the_rest(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """The lesser buttons change the form alone; the last one states the whole rubric, empty levels left out."""
    stage.people.answer("PUT /v1/editions/e1/rubric", (200, EDITION))
    fields = form_of((await browser.get("/editions/e1/rubric")).text)
    page = await browser.post("/editions/e1/rubric", data={**fields, "do": "add"}, headers=CHANGING)
    assert page.status_code == 200
    assert changed(stage) == []
    fields = form_of(page.text)
    [_, new] = fields["criterion"]
    fields |= {"weight-explains": "60", f"weight-{new}": "40", f"title-{new}-de": "Kennt", f"title-{new}-en": "Knows"}
    fields |= {f"level-{new}-1-de": "kaum", f"level-{new}-1-en": "hardly"}
    fields |= {f"level-{new}-3-de": "gut", f"level-{new}-3-en": "well"}
    answer = await browser.post("/editions/e1/rubric", data=fields, headers=CHANGING)
    assert answer.status_code == 303, answer.text
    _, body = sent(stage, "PUT", "/v1/editions/e1/rubric")
    knows = {"criterion_id": new, "title": {"de": "Kennt", "en": "Knows"}, "weight": 40, "levels": LEVELS}
    assert body == {**RUBRIC, "criteria": [{**RUBRIC["criteria"][0], "weight": 60}, knows]}


async def test_first_button_of_the_rubric_saves(browser: httpx2.AsyncClient) -> None:
    """Enter presses the first button of a form, which therefore must be none of those that only change the form."""
    page = (await browser.get("/editions/e1/rubric")).text
    first = re.search(r"<button[^>]*>", page[page.rindex('<form class="form"') :])
    assert first
    assert 'name="do"' not in first[0]
    assert 'tabindex="-1" aria-hidden="true"' in first[0]


@pytest.mark.parametrize(("do", "order"), [("up:b", ["b", "a"]), ("down:a", ["b", "a"]), ("drop:a", ["b"])])
async def test_criteria_are_put_in_order(browser: httpx2.AsyncClient, do: str, order: list[str]) -> None:
    """Criteria move and go within the form."""
    fields = {"criterion": ["a", "b"], "levels-a": "2", "levels-b": "2", "do": do}
    page = await browser.post("/editions/e1/rubric", data=fields, headers=CHANGING)
    assert form_of(page.text)["criterion"] == order


async def test_stale_set_up_becomes_a_page_with_both_states(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who was overtaken sees what she wrote beside what is stored, and can save on the newer state."""
    stage.people.answer("PUT /v1/editions/e1/call", LOST, (200, EDITION))
    fields = {**form_of((await browser.get("/editions/e1/call")).text), "title-de": "Mein Titel"}
    holds(stage, version=5, call={**CALL, "texts": {"de": {"title": "Ihr Titel", "invitation": "Bewirb dich."}}})
    conflict = await browser.post("/editions/e1/call", data=fields, headers=CHANGING)
    assert conflict.status_code == 409
    assert "Mein Titel" in conflict.text
    assert "Ihr Titel" in conflict.text
    kept = hidden(conflict.text)
    assert kept["seen"] == "5"
    again = await browser.post("/editions/e1/call", data={**fields, **kept}, headers=CHANGING)
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("path", "part"),
    [("rules/age", "call"), ("form/why", "form"), ("rubric", "rubric"), ("scope", ""), ("escalation", "")],
)
async def test_every_page_of_the_set_up_leads_to_the_conflict_page(
    stage: Stage, browser: httpx2.AsyncClient, path: str, part: str
) -> None:
    """Wherever somebody was faster, nothing is saved and the input stays."""
    method = f"PUT /v1/editions/e1/{part}" if part else "PATCH /v1/editions/e1"
    stage.people.answer(method, LOST)
    fields = form_of((await browser.get(f"/editions/e1/{path}")).text)
    fields |= {"escalation": {"to": "p1"}, "rubric": {"weight-explains": "100"}}.get(path, {})
    answer = await browser.post(f"/editions/e1/{path}", data=fields, headers=CHANGING)
    assert answer.status_code == 409, answer.text
    assert hidden(answer.text)["seen"] == "4"
