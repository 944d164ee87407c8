"""Promises of an applicant's pages, over services for which a stand-in answers: what they ask, and what they say."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_stage import Stage, sign_in, stage_of
from tests.support.servers import Running

NOW = datetime.now(UTC)
SOON, OVER = (NOW + timedelta(days=9)).isoformat(), (NOW - timedelta(days=1)).isoformat()
DAY = (NOW + timedelta(days=20)).date().isoformat()
COMPANY = {
    "id": "c1",
    "name": "Messen",
    "version": 7,
    "retention": dict.fromkeys(("applications", "sessions", "notes", "outcomes", "messages", "audit"), 90),
    "contacts": {"works_council": None, "executives_committee": None, "data_protection_officer": None},
}
LENA = {
    "id": "p1",
    "name": "Lena Hoff",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "entry_date": "2021-02-01",
    "roles": [],
    "version": 3,
    "profile": {
        "birth_date": "1995-02-14",
        "skills": [{"platform": "tiktok", "level": 3}],
        "languages": {"de": "C2", "fr": "A2"},
        "spoken": ["de"],
        "place": "Bremen",
        "remote": True,
        "availability": ["mon_am"],
        "capacity": 2,
        "declared": ["skills", "capacity"],
    },
}
AGE = {
    "kind": "age",
    "maximum": 28,
    "legal_ground": "AGG § 10: own experience with these platforms",
    "aim": "Pass on what one grew up with",
}
CALL = {
    "reference_date": "2026-07-01",
    "opens_at": None,
    "closes_at": SOON,
    "languages": ["de", "en"],
    "names_hidden": True,
    "hours_a_month": 2,
    "texts": {
        "de": {"title": "Mentor:innen gesucht", "invitation": "Erster Absatz.\n\nZweiter Absatz."},
        "en": {"title": "Mentors wanted", "invitation": "First paragraph.\n\nSecond paragraph."},
    },
    "rules": [AGE, {"kind": "tenure", "minimum_months": 6}],
}
QUESTION = {
    "question_id": "first-hour",
    "text": {"de": "Was zeigen Sie?", "en": "What would you show?"},
    "most_words": 5,
}
LEVELS = [{"en": "vague"}, {"en": "clear"}]
RUBRIC = {"criteria": [{"criterion_id": "a", "title": {"en": "Ideas"}, "weight": 100, "levels": LEVELS}], "sheets": 3}
EDITION = {
    "edition_id": "e1",
    "name": "2026/27",
    "stage": "call_open",
    "zone": "Europe/Berlin",
    "subsidiaries": ["c1"],
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "decision_on": DAY,
    "accept_by": DAY,
    "call": CALL,
    "form": {"version": 2, "questions": [QUESTION]},
    "rubric": RUBRIC,
    "version": 4,
}
TOO_OLD = {
    "rule": "age",
    "met": False,
    "unknown": False,
    "calculation": "31 years",
    "values": {"age": 31, "maximum": 28, "reference_date": "2026-07-01", "born_on_leap_day": 0},
}
LONG_ENOUGH = {
    "rule": "tenure",
    "met": True,
    "unknown": False,
    "calculation": "65 months",
    "values": {"months": 65, "minimum_months": 6, "reference_date": "2026-07-01"},
}
PARTS = {"hr": "done", "platforms": "open", "answers": "open", "availability": "open", "manager": "open"}
DRAFT = {
    "application_id": "a1",
    "edition_id": "e1",
    "mentor_id": "p1",
    "subsidiary": "c1",
    "status": "draft",
    "started_at": OVER,
    "changed_at": OVER,
    "offer": None,
    "answers": {},
    "manager_informed": False,
    "parts": PARTS,
    "complete": False,
    "open_until": SOON,
    "eligibility": "met",
    "rules": [LONG_ENOUGH],
    "standing": "in",
    "version": 5,
}
LOST = (412, {"type": "urn:tandem:problem:lost-update", "detail": "Load it again."})
MINE = "/calls/e1/application"


@pytest.fixture(scope="module")
async def stage(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The portal of this file; one stand-in answers for `people` and for `applications`."""
    async with stage_of(servers, tmp_path_factory.mktemp("issuer")) as one:
        yield one


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """Lena's browser; one call is open, and she has begun a draft."""
    stage.people.answers.clear()
    for path, body in {
        "/v1/me": LENA,
        "/v1/subsidiaries": [COMPANY],
        "/v1/subsidiaries/c1": COMPANY,
        "/v1/names": [],
        "/v1/catalogues/platforms": {"items": [{"code": "tiktok", "name": "TikTok"}]},
        "/v1/editions": [EDITION],
        "/v1/editions/e1": EDITION,
        "/v1/editions/e1/my-application": DRAFT,
        "/v1/my-applications": [DRAFT],
        "/v1/editions/e1/eligibility": {"rules": [TOO_OLD, LONG_ENOUGH], "eligible": False, "standing": "in"},
    }.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def sent(stage: Stage, method: str, path: str) -> tuple[dict[str, str], Any]:
    """Headers and body of the last such request."""
    *_, (_, _, headers, body) = [one for one in stage.people.asked if one[:2] == (method, path)]
    return dict(headers), json.loads(body)


def mine(stage: Stage, **facts: Any) -> None:
    """Let the draft be like this from now on."""
    stage.people.answer("GET /v1/editions/e1/my-application", (200, {**DRAFT, **facts}))
    stage.people.answer("GET /v1/my-applications", (200, [{**DRAFT, **facts}]))


def none_begun(stage: Stage) -> None:
    """Let nobody have begun an application."""
    stage.people.answers.pop("GET /v1/editions/e1/my-application")
    stage.people.answers.pop("GET /v1/my-applications")


def text(answer: httpx2.Response) -> str:
    """What a page says, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ")


async def test_call_says_who_may_apply_and_how_it_is_counted(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each rule with its ground and aim, the reader's own calculation, what is asked, how it is read and kept."""
    none_begun(stage)
    found = text(await browser.get("/calls/e1", headers={"Accept-Language": "en"}))
    for told in (
        "Mentors wanted",
        "First paragraph.",
        "At most 28 years old on 1 Jul 2026",
        "31 years old on 1 Jul 2026; at most 28 are asked for.",
        "AGG § 10: own experience with these platforms",
        "Pass on what one grew up with",
        "65 full months with the company",
        "9 days left",
        "100% of the points",
        "What would you show?",
        "Assessors see neither your name nor your age",
        "90 days after the end of the edition, as Messen has it.",
        "Begin the application",
    ):
        assert told in found
    german = text(await browser.get("/calls/e1", headers={"Accept-Language": "de"}))
    assert "Mentor:innen gesucht" in german
    assert "31 years" not in german


async def test_who_misses_a_rule_sees_the_calculation_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Beginning makes a draft; who misses a rule comes to a page with the calculation and may ask for a waiver."""
    none_begun(stage)
    missed = {**DRAFT, "eligibility": "unmet", "rules": [TOO_OLD]}
    stage.people.answer("POST /v1/editions/e1/applications", (201, missed))
    fields = hidden((await browser.get("/calls/e1")).text)
    begun = await browser.post("/calls/e1", data=fields, headers=CHANGING)
    assert (begun.status_code, begun.headers["location"]) == (303, f"{MINE}/waiver")
    headers, body = sent(stage, "POST", "/v1/editions/e1/applications")
    assert body == {"mentor_id": "p1"}
    assert headers["idempotency-key"] == fields["command_id"]
    mine(stage, eligibility="unmet", rules=[TOO_OLD])
    page = await browser.get(f"{MINE}/waiver")
    assert "14 Feb 1995" in text(page)
    assert "31 years old on 1 Jul 2026" in text(page)
    short = await browser.post(f"{MINE}/waiver", data={**hidden(page.text), "reason": "Please"}, headers=CHANGING)
    assert short.status_code == 422
    stage.people.answer("POST /v1/applications/a1/waiver-request", (200, missed))
    reason = "I lead the digital team and teach this already."
    asked = await browser.post(f"{MINE}/waiver", data={**hidden(page.text), "reason": reason}, headers=CHANGING)
    assert (asked.status_code, asked.headers["location"]) == (303, MINE)
    headers, body = sent(stage, "POST", "/v1/applications/a1/waiver-request")
    assert body == {"reason": reason}
    assert headers["if-match"] == '"5"'


async def test_page_of_a_part_fills_itself_from_the_profile_and_saves_to_it(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """Nothing is asked twice: what the profile knows stands there, and what is new goes there too."""
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
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
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
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
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
    await browser.post(f"{MINE}/answers", data={**fields, "answer-first-hour": "My phone"}, headers=CHANGING)
    assert sent(stage, "PATCH", "/v1/applications/a1")[1] == {"answers": {"first-hour": "My phone"}}


async def test_older_page_of_a_part_leads_to_both_states(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who was overtaken, by her own other window, sees both and can save hers on the newer state."""
    stage.people.answer("PATCH /v1/applications/a1", LOST, (200, DRAFT))
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
    offers = text(await browser.post(f"{MINE}/availability", data=fields, headers=CHANGING))
    assert "English" in offers
    assert "Thursday afternoon" in offers
    levels = {"on-tiktok": "3", "seen": "4"}
    assert "TikTok 3" in text(await browser.post(f"{MINE}/platforms", data=levels, headers=CHANGING))


async def test_change_from_the_check_page_leads_back_to_it(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each answer has a link to change it; saving goes back to where one came from."""
    check = await browser.get(f"{MINE}/check")
    link = f"{MINE}/manager?from=check"
    assert link in check.text
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
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
    stage.people.answer("POST /v1/applications/a1/submission", (200, DRAFT), LOST)
    fields = hidden((await browser.get(f"{MINE}/check")).text)
    first = await browser.post(f"{MINE}/check", data=fields, headers=CHANGING)
    mine(stage, status="applied", applied_at=OVER, parts=dict.fromkeys(PARTS, "done"), complete=True, version=6)
    second = await browser.post(f"{MINE}/check", data=fields, headers=CHANGING)
    assert [first.headers["location"], second.headers["location"]] == [f"{MINE}/sent"] * 2
    page = text(await browser.get(f"{MINE}/sent"))
    assert "a1" in page
    assert "You hear of the decision by" in page


async def test_after_the_deadline_everything_is_read_only(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A draft that was not sent stays readable; no page offers to change it, and who asks for one is led back."""
    mine(stage, open_until=OVER, answers={"first-hour": "My phone"})
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
    mine(stage, open_until=OVER)
    closed = (409, {"type": "urn:tandem:problem:call-not-open", "detail": "The call closed."})
    stage.people.answer("PATCH /v1/applications/a1", closed)
    late = await browser.post(f"{MINE}/answers", data=fields, headers=CHANGING)
    assert late.status_code == 422
    assert "My phone" in late.text


async def test_withdrawal_asks_once_and_needs_no_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """One page asks; without a reason none is sent."""
    stage.people.answer("POST /v1/applications/a1/withdrawal", (200, DRAFT))
    page = await browser.get(f"{MINE}/withdraw")
    assert "Withdraw the application?" in page.text
    gone = await browser.post(f"{MINE}/withdraw", data={**hidden(page.text), "reason": ""}, headers=CHANGING)
    assert gone.headers["location"] == MINE
    assert sent(stage, "POST", "/v1/applications/a1/withdrawal")[1] == {}


async def test_withdrawn_application_begins_again(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Until the deadline who withdrew can begin again, with what was written."""
    mine(stage, status="withdrawn", withdrawn={"at": OVER, "reason": "No time at all"})
    page = await browser.get(MINE)
    assert "No time at all" in page.text
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
    begun = await browser.post("/calls/e1", data=hidden(page.text), headers=CHANGING)
    assert begun.headers["location"] == MINE
    headers, body = sent(stage, "PATCH", "/v1/applications/a1")
    assert (body, headers["if-match"]) == ({}, '"5"')


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": "selected", "accept_by": DAY}, "Please accept by"),
        ({"status": "accepted", "accepted_at": OVER}, "You are a mentor of this edition"),
        ({"status": "reserved"}, "You are on the reserve list"),
        ({"status": "declined", "decision": {"decision": "declined", "reason": "Others had led teams."}}, "led teams."),
    ],
)
async def test_outcome_is_a_page_of_its_own(
    stage: Stage, browser: httpx2.AsyncClient, facts: dict[str, Any], told: str
) -> None:
    """What became of an application, and what can be done now."""
    mine(stage, **facts)
    assert told in text(await browser.get(MINE))


async def test_place_is_accepted_by_a_day(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Accepting is one button; once the day is over the page says whom to ask."""
    mine(stage, status="selected", accept_by=DAY)
    page = await browser.get(f"{MINE}/accept")
    over = (409, {"type": "urn:tandem:problem:acceptance-over", "detail": "Too late."})
    stage.people.answer("POST /v1/applications/a1/acceptance", (200, DRAFT), over)
    taken = await browser.post(f"{MINE}/accept", data=hidden(page.text), headers=CHANGING)
    assert taken.headers["location"] == MINE
    late = await browser.post(f"{MINE}/accept", data=hidden(page.text), headers={**CHANGING, "Accept-Language": "de"})
    assert late.status_code == 422
    assert "Der Tag für die Zusage ist vorbei" in text(late)


async def test_feedback_is_means_by_criterion(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Means and levels, never a single sheet; where there is nothing to show the page says why."""
    mine(stage, status="declined", decision={"decision": "declined", "reason": "Others had led teams."})
    means = [{"criterion_id": "a", "title": {"en": "Ideas"}, "mean": 1.6667, "levels": 2}]
    stage.people.answer("GET /v1/applications/a1/feedback", (200, {"criteria": means, "sheets": 3}))
    assert "1.67" in text(await browser.get(f"{MINE}/feedback"))
    too_few = (409, {"type": "urn:tandem:problem:too-few-sheets", "detail": "Too few."})
    stage.people.answer("GET /v1/applications/a1/feedback", too_few)
    assert "There is nothing to show yet" in text(await browser.get(f"{MINE}/feedback"))


async def test_pages_need_an_application(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who has begun none is led to the call."""
    none_begun(stage)
    led = await browser.get(f"{MINE}/answers")
    assert (led.status_code, led.headers["location"]) == (303, "/calls/e1")


async def test_executive_is_not_asked_to_apply(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who gets a mentor sees no such entry, and the call has no button for her."""
    none_begun(stage)
    stage.people.answer("GET /v1/me", (200, {**LENA, "executive": True}))
    page = await browser.get("/calls/e1")
    assert "Begin the application" not in page.text
    assert '<a href="/calls">' not in (await browser.get("/")).text


async def test_overview_says_what_waits_for_an_applicant(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A call, a draft with the days left, a place to accept, an outcome."""
    none_begun(stage)
    assert "Apply as a mentor: Mentors wanted" in text(await browser.get("/"))
    mine(stage)
    page = text(await browser.get("/"))
    assert "Finish your application: Mentors wanted" in page
    assert "1 of 5 sections are done" in page
    assert "9 days left" in page
    mine(stage, status="selected", accept_by=DAY)
    assert "Accept your place as a mentor: Mentors wanted" in text(await browser.get("/"))
    mine(stage, status="declined")
    assert "See what became of your application" in text(await browser.get("/"))


async def test_answer_to_a_question_that_is_gone_stays_readable(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Questions may change while the call is open; what was written is shown, and said to be of an older form."""
    mine(stage, status="applied", applied_at=OVER, answers={"older": "What I wrote before."})
    page = text(await browser.get(f"{MINE}/check"))
    assert "A question that was taken out since" in page
    assert "What I wrote before." in page


async def test_call_of_another_company_waits_for_nobody_else(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Those responsible see editions in which they cannot apply; neither overview nor list offers them that."""
    none_begun(stage)
    stage.people.answer("GET /v1/editions", (200, [{**EDITION, "subsidiaries": ["c2"]}]))
    assert "Mentors wanted" not in (await browser.get("/")).text
    assert "Mentors wanted" not in (await browser.get("/calls")).text


async def test_mover_reads_why_she_cannot_take_part(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What the roster changed since stands on the application, whatever its state."""
    for status in ("draft", "applied", "selected"):
        mine(stage, status=status, standing="moved_out", applied_at=OVER)
        assert "The company where you work now does not take part." in text(await browser.get(MINE))


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
    stage.people.answer("PATCH /v1/applications/a1", (200, DRAFT))
    stage.people.answer("PATCH /v1/me/profile", LOST)
    fields = hidden((await browser.get(f"{MINE}/platforms")).text)
    saved = await browser.post(f"{MINE}/platforms", data={**fields, "on-tiktok": "4"}, headers=CHANGING)
    assert saved.headers["location"] == MINE
    assert "Your profile could not be changed" in (await browser.get(MINE)).text


CASE = {
    "application_id": "a1",
    "mentor_id": "p1",
    "subsidiary": "c1",
    "requested_at": OVER,
    "reason": "I lead the digital team.",
    "rules": [TOO_OLD],
    "waiver": None,
}
GRANTED = {"decision": "granted", "reason": "She teaches it already.", "decided_by": "p9", "decided_at": OVER}


@pytest.fixture
async def manager(stage: Stage, browser: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """The browser of a programme manager; one request waits, one was granted before."""
    me = {**LENA, "id": "p9", "name": "Ms Kurz", "roles": [{"role": "programme_manager", "subsidiaries": []}]}
    before = {**CASE, "application_id": "a2", "mentor_id": "p2", "waiver": GRANTED}
    stage.people.answer("GET /v1/me", (200, me))
    stage.people.answer("GET /v1/names", (200, [{"id": "p1", "name": "Lena Hoff"}, {"id": "p2", "name": "Max Roth"}]))
    stage.people.answer("GET /v1/editions/e1/waivers", (200, [CASE, before]))
    stage.people.answer("GET /v1/applications/a1", (200, {**DRAFT, "version": 8}))
    return browser


async def test_waiver_is_decided_with_a_reason_and_its_precedents(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """The request, the calculation, what was decided before; only with a reason it is sent."""
    assert "Lena Hoff" in text(await manager.get("/editions/e1/waivers"))
    page = await manager.get("/editions/e1/waivers/a1")
    for told in (
        "Waiver for Lena Hoff",
        "I lead the digital team.",
        "31 years old on",
        "Max Roth",
        "teaches it already",
    ):
        assert told in text(page)
    assert "14 Feb" not in text(page)
    where, fields = "/editions/e1/waivers/a1", hidden(page.text)
    again = await manager.post(where, data={**fields, "reason": "short"}, headers=CHANGING)
    assert re.findall(r'<li><a href="#([^"]+)">', again.text) == ["decision", "reason"]
    stage.people.answer("POST /v1/applications/a1/waiver", (200, DRAFT))
    said = {"decision": "refused", "reason": "The rule is there for just this case."}
    decided = await manager.post(where, data={**fields, **said}, headers=CHANGING)
    assert decided.headers["location"] == "/editions/e1/waivers"
    headers, body = sent(stage, "POST", "/v1/applications/a1/waiver")
    assert (body, headers["if-match"]) == (said, '"8"')


async def test_own_waiver_is_somebody_elses_to_decide(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """The form says so, and keeps the reason."""
    own = (403, {"type": "urn:tandem:problem:own-case", "detail": "No."})
    stage.people.answer("POST /v1/applications/a1/waiver", own)
    said = {"decision": "granted", "reason": "I know that she is good."}
    fields = hidden((await manager.get("/editions/e1/waivers/a1")).text)
    again = await manager.post("/editions/e1/waivers/a1", data={**fields, **said}, headers=CHANGING)
    assert again.status_code == 422
    assert "Nobody decides on their own case." in again.text
    assert said["reason"] in again.text


async def test_request_of_somebody_who_withdrew_waits_no_more(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """There is nothing to waive for who withdrew; the request can still be read."""
    stage.people.answer("GET /v1/editions/e1/waivers", (200, [{**CASE, "status": "withdrawn"}]))
    assert "No request waits" in text(await manager.get("/editions/e1/waivers"))
    assert "I lead the digital team." in text(await manager.get("/editions/e1/waivers/a1"))


@pytest.mark.parametrize("status", ["draft", "applied"])
async def test_refused_waiver_is_told_with_its_reason(stage: Stage, browser: httpx2.AsyncClient, status: str) -> None:
    """The overview and the application say that it was refused, why, and what can be done; before all else."""
    refused = {**GRANTED, "decision": "refused", "reason": "The rule is there for just this case."}
    mine(stage, status=status, eligibility="unmet", rules=[TOO_OLD], waiver=refused, applied_at=OVER)
    home, page = text(await browser.get("/")), text(await browser.get(MINE))
    assert home.index("The waiver was refused: Mentors wanted") < home.index("our application")
    for told in ("The rule is there for just this case.", "You can keep the application or withdraw it"):
        assert told in home
        assert told in page
    mine(stage, status=status, eligibility="met", rules=[LONG_ENOUGH], waiver=refused, applied_at=OVER)
    for corrected in ("/", MINE):
        assert "waiver was refused" not in text(await browser.get(corrected))


async def test_granted_waiver_is_told_on_the_overview(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever asked finds the answer there, with its reason, until the application is decided."""
    mine(stage, eligibility="waived", rules=[TOO_OLD], waiver=GRANTED)
    home = text(await browser.get("/"))
    assert "You may take part with a waiver: Mentors wanted" in home
    assert "She teaches it already." in home
    mine(stage, status="reserved", eligibility="waived", rules=[TOO_OLD], waiver=GRANTED)
    assert "with a waiver" not in text(await browser.get("/"))


async def test_waiver_that_nobody_asked_for_is_not_there(stage: Stage, manager: httpx2.AsyncClient) -> None:
    """An application that asks for none, or is of another edition, is no page here."""
    stage.people.answer("GET /v1/applications/a7", (200, {**DRAFT, "application_id": "a7"}))
    assert (await manager.get("/editions/e1/waivers/a7")).status_code == 404


async def test_overview_stands_while_applications_are_away(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What waits elsewhere is shown; the page says that something may be missing."""
    stage.people.answer("GET /v1/editions", (503, {"type": "urn:tandem:problem:directory-stale"}))
    page = await browser.get("/")
    assert page.status_code == 200
    assert "A part of Tandem is catching up" in page.text
