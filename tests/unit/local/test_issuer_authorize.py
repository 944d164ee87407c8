"""Promises about the demo issuer's sign-in page: whom it sends where, and whom nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.issuer_visits import BACK, OTHER, URL, Visits, told


@pytest.fixture
async def visits(tmp_path: Path) -> AsyncIterator[Visits]:
    async with Visits.over(tmp_path) as visits:
        yield visits


async def test_a_person_who_chose_goes_back_with_code_state_and_the_issuers_name(visits: Visits) -> None:
    """The client can tell whose answer it is (RFC 9207) and which of its requests it answers."""
    answer = await visits.choose("kurz")

    assert answer.headers["location"].startswith(f"{BACK}?code=")
    assert told(answer) | {"code": ""} == {"code": "", "state": "s-1", "iss": URL}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_registered_address_keeps_its_query(visits: Visits) -> None:
    """The answer is added to what the client registered."""
    answer = await visits.choose("kurz", redirect_uri=f"{BACK}?kept=1")

    assert answer.headers["location"].startswith(f"{BACK}?kept=1&code=")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example/",
        f"{BACK}/",
        f"{BACK}?more=1",
        f"{BACK}#fragment",
        BACK.upper(),
        BACK.replace("localhost", "127.0.0.1"),
        BACK.replace("8000", "8001"),
        BACK.replace("http://", "http://evil@"),
        BACK.replace("/sign-in", "/../sign-in"),
        OTHER,
        "//evil.example",
        "javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("pressed", [False, True])
async def test_no_browser_is_sent_to_an_address_that_is_not_registered(
    visits: Visits, address: str, pressed: bool
) -> None:
    """Addresses are compared character by character; the answer is a page, never a redirect."""
    answer = await (visits.choose("kurz", redirect_uri=address) if pressed else visits.ask(redirect_uri=address))

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "redirect_uri" in answer.text


async def test_an_unknown_client_gets_a_page(visits: Visits) -> None:
    """Nothing a stranger sends is followed."""
    answer = await visits.ask(client_id="stranger")

    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("without", "other", "error"),
    [
        ([], {"response_type": "token"}, "unsupported_response_type"),
        ([], {"response_type": "code id_token"}, "unsupported_response_type"),
        (["response_type"], {}, "unsupported_response_type"),
        ([], {"response_mode": "fragment"}, "invalid_request"),
        ([], {"response_mode": "form_post"}, "invalid_request"),
        ([], {"code_challenge_method": "plain"}, "invalid_request"),
        (["code_challenge_method"], {}, "invalid_request"),
        (["code_challenge"], {}, "invalid_request"),
        ([], {"code_challenge": "short"}, "invalid_request"),
        ([], {"code_challenge": "x" * 42 + "="}, "invalid_request"),
        (["scope"], {}, "invalid_scope"),
        ([], {"scope": "api"}, "invalid_scope"),
        ([], {"scope": "openid admin"}, "invalid_scope"),
        ([], {"prompt": "none"}, "login_required"),
        ([], {"request": "eyJ"}, "request_not_supported"),
        ([], {"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    ],
)
async def test_a_mistaken_client_is_told_so_at_its_own_address(
    visits: Visits, without: list[str], other: dict[str, str], error: str
) -> None:
    """There is no other flow than code with S256, and none without somebody who presses a button."""
    answer = await visits.ask(*without, **other)

    assert answer.headers["location"].startswith(f"{BACK}?error={error}&")
    assert {name: told(answer)[name] for name in ("state", "iss")} == {"state": "s-1", "iss": URL}


async def test_what_the_page_refuses_its_form_refuses_too(visits: Visits) -> None:
    """The hidden fields are checked again: whoever changes them gains nothing."""
    answer = await visits.choose("kurz", code_challenge_method="plain")

    assert told(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(("name", "value", "redirects"), [("client_id", "other", False), ("scope", "openid", True)])
async def test_a_parameter_given_twice_is_refused(visits: Visits, name: str, value: str, redirects: bool) -> None:
    """Two readers of one request could otherwise each believe another value."""
    answer = await visits.http.get("/authorize", params=[*visits.asking.items(), (name, value)])

    assert answer.status_code == (303 if redirects else 400)
    assert not redirects or told(answer)["error"] == "invalid_request"


async def test_a_client_without_sign_in_cannot_start_one(visits: Visits) -> None:
    """A service account's client signs in nobody; it has no address to send anybody to either."""
    assert (await visits.ask(client_id="payroll")).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8091"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_no_other_page_signs_anybody_in(visits: Visits, headers: dict[str, str]) -> None:
    """The button counts only where it was pressed on the issuer's own page."""
    answer = await visits.http.post("/authorize", data={**visits.asking, "persona": "kurz"}, headers=headers)

    assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_the_issuers_own_page_does(visits: Visits) -> None:
    """What a browser sends with the form is accepted."""
    headers = {"origin": URL, "sec-fetch-site": "same-origin"}

    assert "code" in told(
        await visits.http.post("/authorize", data={**visits.asking, "persona": "kurz"}, headers=headers)
    )


@pytest.mark.parametrize("login", ["", "nobody", "KURZ"])
async def test_who_is_no_persona_cannot_sign_in(visits: Visits, login: str) -> None:
    """The form's value is looked up, not believed."""
    answer = await visits.choose(login)

    assert (answer.status_code, "location" in answer.headers) == (400, False)
