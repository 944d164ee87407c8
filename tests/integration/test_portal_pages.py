"""Promises of the portal's forms: what they ask of `people`, for which a stand-in answers, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import COMPANY, LOST, changed, hidden, sent
from tests.support.portal_stage import Stage, sign_in

OKAFOR = {
    "id": "p1",
    "name": "Ada Okafor",
    "subsidiary": "c1",
    "zone": "Europe/Berlin",
    "roles": [{"role": "group_office", "subsidiaries": []}],
    "version": 3,
}
HADDAD = {"id": "p2", "name": "Noor Haddad", "subsidiary": "c1", "holdings": [], "roles": [], "version": 5}
ACCOUNT = {"id": "a1", "name": "HR feed", "owner": "IT", "roles": [], "keys": [], "active": True, "version": 2}
MARKUP = "<img src=x onerror=alert(1)>"
KEY = {"key_id": "0123456789ab", "created_at": "2026-11-01T00:00:00Z", "expires_at": "2099-02-01T00:00:00Z"}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of the group office, and a `people` with one company, one person and one account."""
    stage.people.answers.clear()
    for path, body in {
        "/v1/me": OKAFOR,
        "/v1/subsidiaries": [COMPANY],
        "/v1/subsidiaries/c1": COMPANY,
        "/v1/people/p2": HADDAD,
        "/v1/names": [],
        "/v1/roster-imports": [],
        "/v1/service-accounts": [],
        "/v1/service-accounts/a1": ACCOUNT,
        "/v1/catalogues/platforms": {"items": [{"code": "tiktok", "name": "TikTok"}]},
    }.items():
        stage.people.answer(f"GET {path}", (200, body))
    async with stage.browser() as one:
        await sign_in(one)
        stage.people.asked.clear()
        yield one


async def test_form_carries_its_command_and_the_state_it_was_filled_from(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """A form sent twice is one command on the state that its sender saw; afterwards the next page says so."""
    stage.people.answer("PATCH /v1/me/profile", (200, OKAFOR))
    fields = hidden((await browser.get("/me/skills")).text)
    keys = []
    for _ in range(2):
        answer = await browser.post("/me/skills", data={**fields, "on-tiktok": "3"}, headers=CHANGING)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        headers, body = sent(stage, "PATCH", "/v1/me/profile")
        assert body == {"skills": [{"platform": "tiktok", "level": 3}]}
        assert headers["if-match"] == '"3"'
        keys.append(headers["idempotency-key"])
    assert keys == [fields["command_id"]] * 2
    said = "Saved. No roster overwrites this any more."
    assert said in (await browser.get("/me")).text
    assert said not in (await browser.get("/me")).text


async def test_stale_form_becomes_a_page_that_keeps_the_input(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who was overtaken sees both states, has lost nothing, and can save on the newer one by a new command."""
    stage.people.answer("PATCH /v1/subsidiaries/c1", LOST, (200, COMPANY))
    form = await browser.get("/companies/c1/switches")
    fields = {**hidden(form.text), "names_shown": "on", "outcomes_counted": "off"}
    stage.people.answer("GET /v1/subsidiaries/c1", (200, {**COMPANY, "outcomes_counted": True, "version": 8}))
    conflict = await browser.post("/companies/c1/switches", data=fields, headers=CHANGING)
    assert conflict.status_code == 409
    kept = hidden(conflict.text)
    assert kept["names_shown"] == "on"
    assert kept["seen"] == "8"
    assert kept["command_id"] != fields["command_id"]
    saved = await browser.post("/companies/c1/switches", data=kept, headers=CHANGING)
    assert saved.status_code == 303
    headers, body = sent(stage, "PATCH", "/v1/subsidiaries/c1")
    assert headers["if-match"] == '"8"'
    assert body == {"names_shown": True, "outcomes_counted": False}


async def test_what_is_wrong_stands_in_summary_and_field_word_for_word(browser: httpx2.AsyncClient) -> None:
    """Errors lead to their fields, say the same there, and the input stays."""
    fields = {"notes": "soon", **dict.fromkeys(("applications", "sessions", "outcomes", "messages", "audit"), "30")}
    answer = await browser.post("/companies/c1/periods", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    told = "Write a number of days from 1 to 36500, such as 180"
    assert f'<a href="#notes">{told}</a>' in answer.text
    assert f'<p class="error" id="notes-error">{told}</p>' in answer.text
    assert 'value="soon"' in answer.text
    assert "<title>Error:" in answer.text


async def test_refusal_of_a_service_is_told_in_the_readers_words(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A rule that only the service knows comes back as a sentence at the form, in the reader's language."""
    stage.people.answer("POST /v1/people/p2/roles", (409, {"type": "urn:tandem:problem:own-role", "detail": "No."}))
    fields = {"role": "assessor", "where": "group", "reason": "She asked for it herself.", "seen": "5"}
    answer = await browser.post(
        "/people/p2/roles/new", data=fields, headers={**CHANGING, "Cookie": _cookies(browser, "de")}
    )
    assert answer.status_code == 422
    assert "Niemand gibt sich selbst Rollen." in answer.text
    assert "She asked for it herself." in answer.text


def _cookies(browser: httpx2.AsyncClient, language: str) -> str:
    pairs = {**dict(browser.cookies), "__Host-language": language}
    return "; ".join(f"{name}={value}" for name, value in pairs.items())


async def test_role_is_looked_at_before_it_counts(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Giving a role shows what it will be first; only the second button asks for it, with what was shown."""
    fields = {**hidden((await browser.get("/people/p2/roles/new")).text), "role": "assessor", "where": "some"}
    fields |= {"subsidiaries": "c1", "reason": "She knows the field."}
    check = await browser.post("/people/p2/roles/new/check", data=fields, headers=CHANGING)
    assert check.status_code == 200
    assert "Messen" in check.text
    assert not [one for one in stage.people.asked if one[0] == "POST"]
    stage.people.answer("POST /v1/people/p2/roles", (200, HADDAD))
    given = await browser.post("/people/p2/roles/new", data=hidden(check.text), headers=CHANGING)
    assert given.status_code == 303
    headers, body = sent(stage, "POST", "/v1/people/p2/roles")
    assert body == {"role": "assessor", "subsidiaries": ["c1"], "reason": "She knows the field."}
    assert headers["if-match"] == '"5"'


async def test_key_is_shown_once(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The answer that makes a key shows it; the same form again shows that it was shown, never another key."""
    secret = "tdm_0123456789ab_" + "5" * 64 + "_01234567"
    made = (201, {"key": KEY, "secret": secret})
    stage.people.answer("POST /v1/service-accounts/a1/keys", made, (201, {"key": KEY, "secret": None}))
    fields = {**hidden((await browser.get("/accounts/a1")).text), "days": "90"}
    first = await browser.post("/accounts/a1/keys", data=fields, headers=CHANGING)
    assert secret in first.text
    assert first.headers["cache-control"] == "no-store"
    again = await browser.post("/accounts/a1/keys", data=fields, headers=CHANGING)
    assert secret not in again.text
    assert "This key was shown already" in again.text
    assert len({headers["idempotency-key"] for method, _, headers, _ in stage.people.asked if method == "POST"}) == 1


def person(*roles: str, **facts: Any) -> dict[str, Any]:
    """The signed-in person with these roles."""
    return {**OKAFOR, "roles": [{"role": role, "subsidiaries": []} for role in roles], **facts}


async def test_overview_says_what_is_next_for_whom(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What waits depends on who looks: a key that runs out, a dry run, a company without contacts, an empty profile."""
    now = datetime.now(UTC)
    soon = {**KEY, "expires_at": (now + timedelta(days=3)).isoformat()}
    stage.people.answer("GET /v1/service-accounts", (200, [{**ACCOUNT, "keys": [soon]}, {**ACCOUNT, "keys": [KEY]}]))
    dry_run = {"id": "i1", "state": "planned", "at": now.isoformat(), "file_name": "roster.csv"}
    stage.people.answer("GET /v1/roster-imports", (200, [dry_run, {**dry_run, "id": "i2", "state": "applied"}]))
    key, run, company = "Renew the key of HR feed", "Check the import of roster.csv", "Say whom to ask in Messen"
    skills, wishes, languages = "Say which platforms you know", "Say what you want to learn", "State your languages"
    expected = {
        ("group_office",): [key, run, company, skills],
        ("operator",): [key, skills],
        ("hr_integrator",): [run, skills],
        ("data_protection",): [company, skills],
        (): [skills],
    }
    for roles, tasks in expected.items():
        stage.people.answer("GET /v1/me", (200, person(*roles)))
        assert await tasks_of(browser) == tasks
    stage.people.answer("GET /v1/me", (200, person(executive=True)))
    assert await tasks_of(browser) == [wishes]
    skilled = {"skills": [{"platform": "tiktok", "level": 2}]}
    stage.people.answer("GET /v1/me", (200, person(profile=skilled)))
    assert await tasks_of(browser) == [languages]
    stage.people.answer("GET /v1/me", (200, person(profile={**skilled, "languages": {"de": "C2"}})))
    assert await tasks_of(browser) == []


async def tasks_of(browser: httpx2.AsyncClient) -> list[str]:
    """The texts of the tasks on the overview."""
    page = (await browser.get("/")).text
    return re.findall(r'<li><a href="/[^"]*">([^<]+)</a><p class="hint">', page)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ((404, {"type": "urn:tandem:problem:not-found"}), 404, "There is no such page"),
        ((403, {"type": "urn:tandem:problem:role-missing"}), 403, "Your roles do not open this page"),
        ((503, {"type": "urn:tandem:problem:directory-stale"}), 503, "In a few minutes"),
        ((500, {"type": "urn:tandem:problem:internal"}), 503, "In a few minutes"),
        ((200, "no person at all"), 503, "In a few minutes"),
    ],
)
async def test_what_the_service_cannot_give_is_a_page(
    stage: Stage, browser: httpx2.AsyncClient, answer: tuple[int, Any], status: int, words: str
) -> None:
    """Not there, not for her, not now: each is a page with a way on."""
    stage.people.answer("GET /v1/people/p2", answer)
    page = await browser.get("/people/p2")
    assert page.status_code == status
    assert words in page.text


async def test_ids_of_addresses_stay_ids(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """An id with signs of an address in it asks for nothing else than that id."""
    await browser.get("/people/x%3Fids=p2%26a=%23")
    assert stage.people.asked[-1][1] == "/v1/people/x?ids=p2&a=#"


async def test_names_are_shown_as_text(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A name with markup in it is a name."""
    name = "<script>alert(1)</script>"
    stage.people.answer("GET /v1/people/p2", (200, {**HADDAD, "name": name}))
    page = (await browser.get("/people/p2")).text
    assert name not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(("declared", "title"), [((), "Ich"), (("language",), "Me")])
async def test_language_of_the_browser_gives_way_to_a_chosen_one_only(
    stage: Stage, browser: httpx2.AsyncClient, declared: tuple[str, ...], title: str
) -> None:
    """What HR's file says, or a default, is nobody's choice: a German browser sees German until she says otherwise."""
    me = {**OKAFOR, "language": "en", "profile": {"declared": declared}}
    stage.people.answer("GET /v1/me", (200, me))

    page = (await browser.get("/me", headers={"Accept-Language": "de"})).text

    assert f"<h1>{title}</h1>" in page


async def test_languages_that_hr_knows_are_shown(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Before she states levels, her page has the languages that the matching goes by, and nothing asks for them."""
    skills = [{"platform": "tiktok", "level": 3}]
    stage.people.answer("GET /v1/me", (200, {**OKAFOR, "profile": {"spoken": ["de", "en"], "skills": skills}}))

    assert "German, English" in (await browser.get("/me", headers={"Accept-Language": "en"})).text
    assert "/me/languages" not in (await browser.get("/")).text


async def test_wrong_login_of_a_program_is_explained(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """In the reader's language, with an example, before anything is sent."""
    german = {**CHANGING, "Accept-Language": "de"}
    said = {"name": "Feed", "owner": "IT", "roles": "auditor", "where": "group", "login": "HR Export"}

    answer = await browser.post("/accounts/new", data=said, headers=german)

    assert answer.status_code == 422
    assert "einen Doppelpunkt und den Anmeldenamen, zum Beispiel idp:payroll" in answer.text
    assert not [one for one in stage.people.asked if one[0] == "POST"]


@pytest.mark.parametrize("role", [f"{MARKUP}<form method=post action=&#47;editions>", "%(x)s", "100%", "chief"])
async def test_role_of_an_address_that_there_is_not_is_no_page(
    stage: Stage, browser: httpx2.AsyncClient, role: str
) -> None:
    """What stands in an address never becomes a part of the page."""
    path = f"/people/p2/roles/{quote(role, safe='')}/end"
    assert (await browser.get(path)).status_code == 404
    fields = {"command_id": "k1", "reason": "It was given by mistake."}
    assert (await browser.post(path, data=fields, headers=CHANGING)).status_code == 404
    assert changed(stage) == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("code", [MARKUP, "100%", "%(name)s", "%s"])
async def test_codes_that_no_table_knows_are_text(
    stage: Stage, browser: httpx2.AsyncClient, code: str, language: str
) -> None:
    """A word of a newer service is shown as it is, whatever it holds: escaped, and not taken for a format."""
    held = [{"role": code, "subsidiary": None, "origin": "roster", "valid_from": None}]
    stage.people.answer("GET /v1/people/p2", (200, {**HADDAD, "holdings": held}))
    page = await browser.get("/people/p2", headers={"accept-language": language})
    assert page.status_code == 200
    assert MARKUP not in page.text
    assert f'scope="row">{escape(code)}</th>' in page.text
