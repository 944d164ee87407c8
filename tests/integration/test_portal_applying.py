"""Promises of an applicant's pages, over services for which a stand-in answers: what they ask, and what they say."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_applying import LENA, MINE, PARTS, applicant_at, draft, mine, over
from tests.support.portal_forms import LOST, hidden, sent, words_of
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    async with applicant_at(stage) as one:
        yield one


async def test_page_of_a_part_fills_itself_from_the_profile_and_saves_to_it(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Nothing is asked twice: what the profile knows stands there, and what is new goes there too."""
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    stage.people.answer("PATCH /v1/me/profile", (200, LENA))
    page = await browser.get(f"{MINE}/availability")
    assert 'value="Bremen"' in page.text
    assert re.search(r'name="places" value="2" checked', page.text)
    assert re.search(r'name="languages" value="de" checked', page.text)
    assert not re.search(r'name="languages" value="fr" checked', page.text)
    fields = {**hidden(page.text), "places": "1", "languages": ["de", "en"], "availability": "mon_am"}
    saved = await browser.post(
        f"{MINE}/availability", data={**fields, "place": "Kiel", "remote": "yes"}, headers=CHANGING
    )
    assert (saved.status_code, saved.headers["location"]) == (303, MINE)
    _, body = sent(stage, "PATCH", "/v1/applications/a1")
    offer = {"places": 1, "languages": ["de", "en"], "availability": ["mon_am"], "place": "Kiel", "remote": True}
    assert body == {"offer": offer}
    headers, body = sent(stage, "PATCH", "/v1/me/profile")
    assert body == {"place": "Kiel", "capacity": 1, "languages": {"de": "C2", "fr": "A2", "en": "B2"}}
    assert headers["if-match"] == '"3"'


async def test_what_the_profile_says_already_is_not_said_again(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Platforms that stand in the profile like this go into the application alone."""
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    page = await browser.get(f"{MINE}/platforms")
    assert re.search(r'<option value="3" selected>', page.text)
    await browser.post(f"{MINE}/platforms", data={**hidden(page.text), "on-tiktok": "3"}, headers=CHANGING)
    _, body = sent(stage, "PATCH", "/v1/applications/a1")
    assert body == {"offer": {"platforms": [{"platform": "tiktok", "level": 3}]}}
    assert not [one for one in stage.people.asked if one[1] == "/v1/me/profile"]


async def test_answer_that_is_too_long_stays_and_says_by_how_much(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Words are counted by the server; what was written stays, and nothing is sent on."""
    fields = hidden((await browser.get(f"{MINE}/answers")).text)
    long = "one two three four five six"
    again = await browser.post(f"{MINE}/answers", data={**fields, "answer-first-hour": long}, headers=CHANGING)
    assert again.status_code == 422
    assert "it has 6 words, and 5 at most fit" in again.text
    assert long in again.text
    assert not [one for one in stage.people.asked if one[0] == "PATCH"]
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    await browser.post(f"{MINE}/answers", data={**fields, "answer-first-hour": "My phone"}, headers=CHANGING)
    assert sent(stage, "PATCH", "/v1/applications/a1")[1] == {"answers": {"first-hour": "My phone"}}


async def test_older_page_of_a_part_leads_to_both_states(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who was overtaken, by her own other window, sees both and can save hers on the newer state."""
    stage.people.answer("PATCH /v1/applications/a1", LOST, (200, draft()))
    fields = {**hidden((await browser.get(f"{MINE}/answers")).text), "answer-first-hour": "My phone"}
    mine(stage, answers={"first-hour": "My tablet"}, version=6)
    conflict = await browser.post(f"{MINE}/answers", data=fields, headers=CHANGING)
    assert conflict.status_code == 409
    assert "My phone" in conflict.text
    assert "My tablet" in conflict.text
    kept = hidden(conflict.text)
    assert kept["seen"] == "6"
    saved = await browser.post(f"{MINE}/answers", data=kept, headers=CHANGING)
    assert saved.status_code == 303
    assert sent(stage, "PATCH", "/v1/applications/a1")[0]["if-match"] == '"6"'


async def test_both_states_are_told_in_words(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Codes tell nobody anything: platforms, languages and half days stand on the conflict page by name."""
    stage.people.answer("PATCH /v1/applications/a1", LOST)
    fields = {"places": "1", "languages": "en", "availability": "thu_pm", "remote": "no", "seen": "4"}
    offers = words_of((await browser.post(f"{MINE}/availability", data=fields, headers=CHANGING)).text)
    assert "English" in offers
    assert "Thursday afternoon" in offers
    levels = {"on-tiktok": "3", "seen": "4"}
    assert "TikTok 3" in words_of((await browser.post(f"{MINE}/platforms", data=levels, headers=CHANGING)).text)


async def test_change_from_the_check_page_leads_back_to_it(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each answer has a link to change it; saving goes back to where one came from."""
    check = await browser.get(f"{MINE}/check")
    link = f"{MINE}/manager?from=check"
    assert link in check.text
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    fields = {**hidden((await browser.get(link)).text), "informed": "yes"}
    saved = await browser.post(f"{MINE}/manager", data=fields, headers=CHANGING)
    assert saved.headers["location"] == f"{MINE}/check"
    assert sent(stage, "PATCH", "/v1/applications/a1")[1] == {"manager_informed": True}


async def test_sending_names_what_is_missing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The summary names each part that is not done and leads to it."""
    stage.people.answer("POST /v1/applications/a1/submission", (422, {"type": "urn:tandem:problem:incomplete"}))
    fields = hidden((await browser.get(f"{MINE}/check")).text)
    again = await browser.post(f"{MINE}/check", data=fields, headers=CHANGING)
    assert again.status_code == 422
    targets = re.findall(r'<li><a href="#([^"]+)">', again.text)
    assert targets == ["platforms", "answers", "availability", "manager"]
    assert all(f'id="{target}"' in again.text for target in targets)


async def test_sent_application_has_a_number_and_says_what_is_next(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Sending leads to a page with number, moment and next steps; in the other window it counts as sent too."""
    stage.people.answer("POST /v1/applications/a1/submission", (200, draft()), LOST)
    fields = hidden((await browser.get(f"{MINE}/check")).text)
    first = await browser.post(f"{MINE}/check", data=fields, headers=CHANGING)
    mine(stage, status="applied", applied_at=over(), parts=dict.fromkeys(PARTS, "done"), complete=True, version=6)
    second = await browser.post(f"{MINE}/check", data=fields, headers=CHANGING)
    assert [first.headers["location"], second.headers["location"]] == [f"{MINE}/sent"] * 2
    page = words_of((await browser.get(f"{MINE}/sent")).text)
    assert "a1" in page
    assert "You hear of the decision by" in page


async def test_after_the_deadline_everything_is_read_only(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A draft that was not sent stays readable; no page offers to change it, and who asks for one is led back."""
    mine(stage, open_until=over(), answers={"first-hour": "My phone"})
    page = await browser.get(MINE)
    assert "This draft was not sent" in page.text
    assert "My phone" in page.text
    assert f"{MINE}/answers" not in page.text
    led = await browser.get(f"{MINE}/answers")
    assert (led.status_code, led.headers["location"]) == (303, MINE)


async def test_form_that_comes_after_the_deadline_keeps_what_was_written(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """The service says no; the page says so, and the text is not lost."""
    fields = {**hidden((await browser.get(f"{MINE}/answers")).text), "answer-first-hour": "My phone"}
    mine(stage, open_until=over())
    closed = (409, {"type": "urn:tandem:problem:call-not-open", "detail": "The call closed."})
    stage.people.answer("PATCH /v1/applications/a1", closed)
    late = await browser.post(f"{MINE}/answers", data=fields, headers=CHANGING)
    assert late.status_code == 422
    assert "My phone" in late.text


async def test_answer_to_a_question_that_is_gone_stays_readable(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Questions may change while the call is open; what was written is shown, and said to be of an older form."""
    mine(stage, status="applied", applied_at=over(), answers={"older": "What I wrote before."})
    page = words_of((await browser.get(f"{MINE}/check")).text)
    assert "A question that was taken out since" in page
    assert "What I wrote before." in page


async def test_answer_that_the_service_refuses_is_marked_at_its_field(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """What was sent must stay complete: the page says so where an answer was taken away."""
    errors = [{"field": "/answers/first-hour", "message": "Answer the question"}]
    stage.people.answer("PATCH /v1/applications/a1", (422, {"type": "urn:tandem:problem:incomplete", "errors": errors}))
    fields = {**hidden((await browser.get(f"{MINE}/answers")).text), "answer-first-hour": ""}
    again = await browser.post(f"{MINE}/answers", data=fields, headers=CHANGING)
    assert re.findall(r'<li><a href="#([^"]+)">', again.text) == ["answer-first-hour"]
    assert "An application that was sent must stay complete." in again.text


async def test_profile_that_cannot_be_changed_is_told(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The application counts; the page says that the profile stays as it is."""
    stage.people.answer("PATCH /v1/applications/a1", (200, draft()))
    stage.people.answer("PATCH /v1/me/profile", LOST)
    fields = hidden((await browser.get(f"{MINE}/platforms")).text)
    saved = await browser.post(f"{MINE}/platforms", data={**fields, "on-tiktok": "4"}, headers=CHANGING)
    assert saved.headers["location"] == MINE
    assert "Your profile could not be changed" in (await browser.get(MINE)).text
