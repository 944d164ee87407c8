"""Promises of what stands around every page: the content policy, own pages only, failures as pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from services.chassis import metrics
from services.portal.http.signing_in import own_path
from tests.support.portal import CHANGING, ORIGIN
from tests.support.portal_pages import faulty, portal, visitor

PLACES = ["/sign-in", "/signed-out", "/accessibility", "/nothing", "/", "/static/nothing", "/broken", "/language/de"]


@pytest.fixture
async def application(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """A portal whose servers are away, with a page that breaks."""
    made = portal(monkeypatch)
    faulty(made)
    yield made
    await made.state.runtime.close()


@pytest.fixture
async def browser(application: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that was never here."""
    async with visitor(application) as one:
        yield one


@pytest.mark.parametrize("path", ["/csp-reports", "/sign-out", "/roster/new"])
async def test_large_body_of_a_stranger_is_not_read(browser: httpx2.AsyncClient, path: str) -> None:
    """Whoever is not signed in sends little: nobody fills the memory with what no page will look at."""
    body = b"x" * (64 * 1024 + 1)

    assert (await browser.post(path, content=body, headers=CHANGING)).status_code == 413


@pytest.mark.parametrize("path", PLACES)
async def test_every_answer_bears_a_policy_of_its_own(browser: httpx2.AsyncClient, path: str) -> None:
    """Pages, failures, redirects and what is not there: each has a policy with a nonce that its page uses."""
    policies = []
    for _ in range(2):
        answer = await browser.get(path)
        nonce = re.search(r"script-src 'nonce-([^']+)'", answer.headers["content-security-policy"])
        assert nonce
        policies.append(nonce[1])
        assert set(re.findall(r'nonce="([^"]*)"', answer.text)) <= {nonce[1]}
        assert "require-trusted-types-for 'script'; trusted-types htmx" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert policies[0] != policies[1]


async def test_pages_hold_nothing_that_the_policy_forbids(browser: httpx2.AsyncClient) -> None:
    """No style attribute, no inline script, no handler."""
    for path in PLACES:
        page = (await browser.get(path)).text
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": ORIGIN}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://127.0.0.1:8090"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_changes_come_from_own_pages_only(
    browser: httpx2.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """A form of another page, or of nobody knows where, is refused before any route sees it."""
    answer = await browser.post("/sign-out", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost", "portal.evil.example", "localhost:8090.evil.example"])
async def test_other_names_of_this_machine_are_refused(browser: httpx2.AsyncClient, host: str) -> None:
    """The portal answers under its own address only, so that no name that leads here may act for it."""
    assert (await browser.get("/sign-in", headers={"Host": host})).status_code == 403


async def test_bug_is_a_page_with_the_number_that_the_log_has(browser: httpx2.AsyncClient) -> None:
    """What breaks says so in words, names the request, and nothing of the inside."""
    answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "ZeroDivision" not in answer.text


async def test_database_that_is_away_signs_nobody_out(application: FastAPI) -> None:
    """With a cookie and no database the page asks for minutes, and the cookie stays."""
    async with visitor(application, Cookie="__Host-tandem=abc") as browser:
        answer = await browser.get("/")
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers
    assert "In a few minutes" in answer.text


async def test_page_that_needs_the_issuer_waits_for_it(browser: httpx2.AsyncClient) -> None:
    """Signing in while the issuer is away is a page, not an error."""
    assert (await browser.get("/sign-in/start")).status_code == 503


async def test_language_is_the_browsers_until_one_is_chosen(application: FastAPI) -> None:
    """Accept-Language decides by its weights; the link at the top decides from then on, for this browser."""
    async with visitor(application, "fr, en;q=0.5, de-AT;q=0.9") as browser:
        assert '<html lang="de">' in (await browser.get("/sign-in")).text
        chosen = await browser.get("/language/en?back=/accessibility")
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/accessibility")
        cookie = chosen.headers["set-cookie"].partition(";")[0]
        assert '<html lang="en">' in (await browser.get("/sign-in", headers={"Cookie": cookie})).text


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil", "", "/a\n/b"]
)
def test_nobody_is_sent_to_another_place(address: str) -> None:
    """Where to go on after signing in is a path of ours, whatever the link says."""
    assert own_path(address) == "/"


def test_own_paths_stay_as_they_are() -> None:
    """A path of ours keeps its query."""
    assert own_path("/people?q=a%20b&after=x") == "/people?q=a%20b&after=x"


async def test_broken_policies_are_counted(browser: httpx2.AsyncClient) -> None:
    """A browser's report counts, whatever it says."""
    before = metrics.CSP_REPORTS._value.get()
    for body in (b'{"csp-report": {"violated-directive": "script-src", "document-uri": "http://x/?q=1"}}', b"junk"):
        answer = await browser.post("/csp-reports", content=body, headers={"Content-Type": "application/csp-report"})
        assert answer.status_code == 204
    assert metrics.CSP_REPORTS._value.get() == before + 2


async def test_assets_are_kept_and_packed(browser: httpx2.AsyncClient) -> None:
    """Style sheet and script come compressed, for ever, under names that change with their content."""
    page = (await browser.get("/sign-in")).text
    for name in re.findall(r"/static/[\w.]+", page):
        answer = await browser.get(name)
        assert answer.status_code == 200
        assert re.search(r"\.[0-9a-f]{12}\.(js|css|svg)$", name)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
    plain = await browser.get(name, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_the_changing_header_is_what_browsers_send(browser: httpx2.AsyncClient) -> None:
    """The tests' own way of sending forms passes."""
    assert (await browser.post("/sign-out", headers=CHANGING)).status_code == 303
