"""Promises about what the demo issuer shows, tells of itself, and to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.issuer.issuing import CLIENTS, Issuer, NotLoopback
from deploy.local.issuer.pages import language_of
from deploy.local.issuer.personas import Persona
from deploy.local.issuer.words import LANGUAGES, WORDS
from tests.support.issuer_visits import URL, Visits, buttons
from tests.support.issuing import persona


@pytest.fixture
async def visits(tmp_path: Path) -> AsyncIterator[Visits]:
    async with Visits.over(tmp_path) as visits:
        yield visits


async def test_each_persona_has_a_button_with_name_line_and_stage(visits: Visits) -> None:
    """One sees who does what, and when in the story."""
    line, stage = {"en": "Programme manager", "de": "Programmkoordination"}, {"en": "Matching", "de": "Zuordnung"}
    visits.keep({"kurz": Persona("Ms Kurz", line, stage), "hoff": persona("Lena Hoff")})

    english, german = (await visits.ask()).text, (await visits.ask(ui_locales="de")).text

    assert buttons(english) == buttons(german) == ["kurz", "hoff"]
    assert all(text in english for text in ("Ms Kurz", "Programme manager", "Matching", '<html lang="en">'))
    assert all(text in german for text in ("Ms Kurz", "Programmkoordination", "Zuordnung", '<html lang="de">'))


async def test_whom_the_client_hints_at_stands_first(visits: Visits) -> None:
    """Her button is one press away; a hint at nobody changes nothing."""
    assert buttons((await visits.ask(login_hint="hoff")).text) == ["hoff", "kurz"]
    assert buttons((await visits.ask(login_hint="nobody")).text) == ["kurz", "hoff"]


async def test_who_has_left_has_no_button(visits: Visits) -> None:
    """The page shows who can sign in now."""
    visits.keep({"kurz": Persona("Ms Kurz", {}, active=False), "hoff": persona("Lena Hoff")})

    assert buttons((await visits.ask()).text) == ["hoff"]
    assert (await visits.choose("kurz")).status_code == 400


async def test_before_the_story_there_is_nobody_and_the_page_says_so(visits: Visits) -> None:
    """An empty page tells what comes next."""
    (visits.folder / "personas.json").unlink()

    page = await visits.ask()

    assert (page.status_code, buttons(page.text)) == (200, [])
    assert "There is nobody yet" in page.text


async def test_what_others_wrote_is_shown_as_text(visits: Visits) -> None:
    """Names and parameters cannot become markup."""
    visits.keep({'"><b>': persona("<script>alert(1)</script>")})

    page = (await visits.ask(state='"><script>alert(2)</script>', login_hint='"><i>')).text

    assert "<script>" not in page
    assert not any(f'"><{tag}>' in page for tag in "bi")


async def test_the_page_lets_nothing_in_and_its_form_goes_to_the_client_only(visits: Visits) -> None:
    """No script at all, no frame, nothing kept; the form may be answered by a redirect to the registered origin."""
    page = await visits.ask()

    policy = page.headers["content-security-policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert {"form-action 'self' http://localhost:8000", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "<script" not in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_says_what_it_is(visits: Visits, language: str) -> None:
    """Nobody takes the demo issuer for a real one."""
    headers = {"accept-language": language}
    for page in (
        await visits.ask(ui_locales=language),
        await visits.http.get("/authorize", headers=headers),
        await visits.http.get("/logout", headers=headers),
    ):
        assert f'<html lang="{language}">' in page.text
        assert "demo issuer, loopback only" in page.text.partition("</title>")[0]


def test_every_text_is_there_in_every_language() -> None:
    """A missing one would only show when somebody needs it."""
    assert all(set(texts) == set(LANGUAGES) and all(texts.values()) for texts in WORDS.values())


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("de", "en", "de"),
        ("fr de", "en", "de"),
        ("de-AT", "", "de"),
        ("", "de-CH,de;q=0.9,en;q=0.8", "de"),
        ("", "en;q=0.5,de;q=0.9", "de"),
        ("", "fr,en;q=0.2,de;q=0.1", "en"),
        ("", "fr", "en"),
        ("", "", "en"),
        ("", "de;q=junk,en", "en"),
    ],
)
def test_the_language_is_the_clients_wish_then_the_browsers(wanted: str, accepted: str, language: str) -> None:
    """English where neither is ours."""
    assert language_of(wanted, accepted) == language


async def test_the_issuer_names_itself_as_its_settings_do(visits: Visits) -> None:
    """Whatever name a request calls it by."""
    for host in ("127.0.0.1:8090", "localhost:8090", "localhost:1", "[::1]"):
        told = (await visits.http.get("/.well-known/openid-configuration", headers={"host": host})).json()

        assert told["issuer"] == URL
        assert all(told[name].startswith(URL) for name in told if name.endswith(("_endpoint", "_uri")))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "10.0.0.7:8090", "", "["]
)
async def test_under_a_foreign_name_there_is_no_issuer(visits: Visits, host: str) -> None:
    """A web page whose name was made to mean this machine gets no token."""
    answer = await visits.http.get("/.well-known/openid-configuration", headers={"host": host})

    assert (answer.status_code, answer.text) == (403, "demo issuer, loopback only\n")


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.20", "2001:db8::1", "testclient", ""])
async def test_who_connects_from_elsewhere_gets_nothing(tmp_path: Path, address: str) -> None:
    """Also where somebody forwards a port to it; headers that claim another address change nothing."""
    async with Visits.over(tmp_path, client=(address, 4711)) as visits:
        answer = await visits.http.get("/jwks", headers={"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1"})

    assert (answer.status_code, answer.text) == (403, "demo issuer, loopback only\n")


@pytest.mark.parametrize("url", ["http://10.0.0.7:8090", "https://issuer.example", "http://localhost.evil.example"])
def test_an_issuer_has_a_name_on_loopback_or_none(tmp_path: Path, url: str) -> None:
    """Nobody can be led to trust it from elsewhere."""
    (tmp_path / CLIENTS).write_text("[]")

    with pytest.raises(NotLoopback):
        Issuer.over(tmp_path, url)


def test_a_client_without_secret_has_no_tokens_of_its_own(tmp_path: Path) -> None:
    """Such a file does not start an issuer that gives tokens to anybody."""
    (tmp_path / CLIENTS).write_text('[{"client_id": "a", "name": "A", "grants": ["client_credentials"]}]')

    with pytest.raises(ValueError, match="needs a secret"):
        Issuer.over(tmp_path, URL)
