"""Promises of the portal's front door: who signs in through the issuer has a session that nobody else can use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from services.portal.store import Sealed, id_of
from tests.support.issuing import persona
from tests.support.portal import CHANGING, ORIGIN
from tests.support.portal_stage import COOKIE, Stage, at_issuer, sign_in

LENA = {"id": "p1", "name": "Lena Hoff", "language": "en", "zone": "Europe/Berlin", "roles": [], "version": 1}


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of nobody, and a `people` that knows Lena."""
    stage.people.answer("GET /v1/me", (200, LENA))
    stage.people.asked.clear()
    async with stage.browser() as one:
        yield one


async def aged(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Let the browser's access token be as good as over."""
    now = datetime.now(UTC)
    keeping = stage.app.state.portal.keeping
    id = id_of(browser.cookies[COOKIE])
    stored = await keeping._sessions.find(id)
    tokens = replace(keeping._seal.open(stored.tokens.content, id), expires_at=int(now.timestamp()) + 5)
    sealed = Sealed(keeping._seal.seal(tokens, id), stored.tokens.version + 1, tokens.ends)
    await keeping._sessions.refreshed(id, stored.tokens.version, sealed)


async def test_whoever_signs_in_sees_the_page_she_asked_for(browser: httpx2.AsyncClient) -> None:
    """The way from a page to the sign-in page, to the issuer and back ends on that page."""
    first = await browser.get("/?from=mail")
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in?next=%2F%3Ffrom%3Dmail")
    back = await sign_in(browser, query="?next=/?from=mail")
    assert (back.status_code, back.headers["location"]) == (303, "/?from=mail")
    home = await browser.get("/")
    assert home.status_code == 200
    assert "Lena Hoff" in home.text


async def test_cookie_is_bound_to_the_host_and_new_at_sign_in(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The cookie is of this host, over a safe way, for no script; the ones from before signing in are dead at once."""
    start = await browser.get("/sign-in/start")
    first = browser.cookies[COOKIE]
    attributes = {part.strip().lower() for part in start.headers["set-cookie"].split(";")[1:]}
    assert attributes == {"path=/", "secure", "httponly", "samesite=lax"}
    await browser.get(await at_issuer(start, "lena"))
    second = browser.cookies[COOKIE]
    await sign_in(browser, "kurz")
    assert len({first, second, browser.cookies[COOKIE]}) == 3
    assert stage.sessions.count_documents({"_id": {"$in": [id_of(first), id_of(second)]}}) == 0


async def test_what_is_stored_opens_nothing(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The database holds the cookie's hash and sealed tokens, neither in clear."""
    await sign_in(browser)
    await browser.get("/")
    cookie, token = browser.cookies[COOKIE], stage.people.tokens()[-1]
    stored = stage.sessions.find_one({"_id": id_of(cookie)})
    assert stored
    assert cookie not in repr(stored)
    assert token not in repr(stored)
    assert token[20:40].encode() not in bytes(stored["tok"]["sealed"])


@pytest.mark.parametrize("limit", ["idle_until", "ends_at"])
async def test_session_ends_without_the_database_sweeping(
    stage: Stage, browser: httpx2.AsyncClient, limit: str
) -> None:
    """A session that was idle too long, or is over, signs nobody in although its document is still there."""
    await sign_in(browser)
    id = id_of(browser.cookies[COOKIE])
    stage.sessions.update_one({"_id": id}, {"$set": {limit: datetime.now(UTC) - timedelta(seconds=1)}})
    assert (await browser.get("/")).status_code == 303
    assert stage.sessions.find_one({"_id": id})


async def test_a_used_session_idles_on(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Each page moves the idle end to half an hour from now, once a tenth of it has passed; never the last end."""
    await sign_in(browser)
    id, nearly = id_of(browser.cookies[COOKIE]), datetime.now(UTC) + timedelta(minutes=20)
    before = stage.sessions.find_one_and_update({"_id": id}, {"$set": {"idle_until": nearly}})
    await browser.get("/")
    after = stage.sessions.find_one({"_id": id})
    assert after["idle_until"].replace(tzinfo=UTC) > nearly + timedelta(minutes=9)
    assert after["ends_at"] == before["ends_at"]
    assert before["ends_at"].replace(tzinfo=UTC) > datetime.now(UTC) + timedelta(hours=9, minutes=59)


@pytest.mark.parametrize("change", ["iss", "state", "replayed", "without session"])
async def test_answer_that_is_not_ours_signs_nobody_in(stage: Stage, browser: httpx2.AsyncClient, change: str) -> None:
    """A foreign issuer, a wrong state, a used answer and one for another browser end on a page with a way out."""
    start = await browser.get("/sign-in/start")
    answer = httpx2.URL(ORIGIN + await at_issuer(start, "lena"))
    if change == "replayed":
        await browser.get(answer.raw_path.decode())
        answer = answer.copy_set_param("again", "1")
    elif change == "without session":
        browser.cookies.clear()
    else:
        answer = answer.copy_set_param(change, "https://foreign.example")
    failed = await browser.get(answer.raw_path.decode())
    assert failed.status_code == 400
    assert "Signing in did not work" in failed.text
    assert 'href="/"' in failed.text


async def test_many_requests_refresh_once(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Of twenty requests with an old access token one asks the issuer; all are answered, the refresh token lives on."""
    await sign_in(browser)
    id = id_of(browser.cookies[COOKIE])
    await aged(stage, browser)
    answers = await asyncio.gather(*(browser.get("/") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert stage.sessions.find_one({"_id": id})["tok"]["version"] == 3
    assert len(set(stage.people.tokens())) == 1


async def test_refused_refresh_ends_the_session(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who may not sign in any more is out at the next refresh, and the session is gone."""
    await sign_in(browser, "kurz")
    id = id_of(browser.cookies[COOKIE])
    await aged(stage, browser)
    stage.issuer.write({"lena": persona("Lena Hoff")})
    answer = await browser.get("/")
    stage.issuer.write({"lena": persona("Lena Hoff"), "kurz": persona("Ms Kurz")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert stage.sessions.find_one({"_id": id}) is None
    assert COOKIE not in browser.cookies


async def test_stale_directory_signs_nobody_out(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """While `people` cannot say who may what, the page asks for minutes; no token is renewed, the session stays."""
    await sign_in(browser)
    stage.people.answer("GET /v1/me", (503, {"type": "urn:tandem:problem:directory-stale"}), (200, LENA))
    answer = await browser.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "In a few minutes" in answer.text
    assert (await browser.get("/")).status_code == 200
    assert len(set(stage.people.tokens())) == 1


async def test_refused_token_is_renewed_once(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A 401 renews the token and repeats the call; a second one ends the session."""
    await sign_in(browser)
    no = (401, {"type": "urn:tandem:problem:invalid-token"})
    stage.people.answer("GET /v1/me", no, (200, LENA))
    assert (await browser.get("/")).status_code == 200
    assert len(set(stage.people.tokens())) == 2
    stage.people.answer("GET /v1/me", no)
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert [path for _, path, *_ in stage.people.asked].count("/v1/me") == 4


async def test_unlinked_login_is_told_whom_to_ask(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who is signed in but not in the directory gets a page that names whom to ask, and can sign out."""
    await sign_in(browser)
    stage.people.answer("GET /v1/me", (403, {"type": "urn:tandem:problem:login-not-linked", "detail": "Ask us."}))
    answer = await browser.get("/")
    assert answer.status_code == 403
    assert "Ms Kurz, extension 2140" in answer.text
    assert 'action="/sign-out"' in answer.text


async def test_signing_out_ends_both_sessions(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The portal's session is gone at once; the browser goes on to the issuer's own end and comes back."""
    await sign_in(browser)
    id = id_of(browser.cookies[COOKIE])
    answer = await browser.post("/sign-out", headers=CHANGING)
    there = httpx2.URL(answer.headers["location"])
    assert answer.status_code == 303
    assert str(there).startswith(f"{stage.issuer.url}/logout?")
    assert set(there.params) == {"client_id", "post_logout_redirect_uri", "id_token_hint"}
    assert stage.sessions.find_one({"_id": id}) is None
    assert COOKIE not in browser.cookies
    async with httpx2.AsyncClient() as client:
        ended = await client.get(str(there))
    assert ended.headers["location"].startswith(f"{ORIGIN}/signed-out")
    assert (await browser.get("/signed-out")).status_code == 200


async def test_sign_in_works_after_the_issuer_changed_its_key(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A key that is new since the last sign-in is fetched."""
    await sign_in(browser)
    stage.issuer.rotate()
    assert (await sign_in(browser)).headers["location"] == "/"


async def test_issuer_that_is_away_is_a_page_and_no_error(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """An open page with an old token says "in a few minutes" while the issuer is away, and goes on afterwards."""
    await sign_in(browser)
    await aged(stage, browser)
    partner = stage.app.state.portal.partner
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(partner._client.server_metadata, "token_endpoint", "http://127.0.0.1:9/token")
        assert (await browser.get("/")).status_code == 503
    assert (await browser.get("/")).status_code == 200
