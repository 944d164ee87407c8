"""Promises about the demo issuer as a process, with the services' own check of its tokens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from deploy.local.issuer.demo import DemoIssuer, Registry, trust
from deploy.local.issuer.grants import challenge
from deploy.local.issuer.issuing import PERSONAS
from deploy.local.issuer.minting import Minter
from deploy.local.issuer.personas import write_personas
from deploy.local.ports import Ports, serves
from deploy.local.process import Family, Program
from services.chassis.auth.issuers import issuers_from
from services.chassis.auth.tokens import BadToken, Claims, Verifier
from tests.support.issuer_visits import buttons
from tests.support.issuing import PORTAL, issuing, persona
from tests.support.waiting import until

_PORTAL = "http://localhost:8000"
_BACK = f"{_PORTAL}/sign-in/return"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoIssuer]:
    """The demo issuer with one persona, as the supervisor starts it."""
    registry = Registry(tmp_path / "issuer", _PORTAL, story=False)
    with Family() as family:
        server = DemoIssuer(family, Ports(tmp_path / "ports.json"), registry=registry, logs=tmp_path / "logs")
        server.start()
        write_personas(server.folder / PERSONAS, {"kurz": persona("Ms Kurz")})
        yield server


async def checked(token: str, url: str) -> Claims:
    """What a service makes of a token that claims to be of the issuer at ``url``."""
    async with httpx2.AsyncClient() as http:
        return await Verifier(issuers_from(trust(url)), http).verify(token)


async def signed_in(url: str) -> dict[str, str]:
    """The tokens of the persona, as the portal gets them."""
    asked = {"client_id": PORTAL, "redirect_uri": _BACK, "response_type": "code", "scope": "openid"}
    pkce = {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}
    async with httpx2.AsyncClient(base_url=url) as http:
        chosen = await http.post("/authorize", data={**asked, **pkce, "persona": "kurz"})
        [code] = parse_qs(urlsplit(chosen.headers["location"]).query)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _BACK, "client_id": PORTAL}
        return dict((await http.post("/token", data={**form, "code_verifier": "v" * 43})).json())


async def test_services_accept_who_signed_in_and_what_a_driver_minted(demo: DemoIssuer) -> None:
    """Both name the login that the directory links to a person; the ID token opens nothing."""
    tokens = await signed_in(demo.url)
    minted = Minter(demo.folder, demo.url).token("hoff")

    access = await checked(tokens["access_token"], demo.url)
    assert (access.issuer_name, access.subject, access.client_id) == ("idp", "kurz", PORTAL)
    assert (await checked(minted, demo.url)).subject == "hoff"
    with pytest.raises(BadToken):
        await checked(tokens["id_token"], demo.url)


async def test_a_service_account_signs_in_with_the_secret_of_the_demo(demo: DemoIssuer) -> None:
    """Its secret lies in the issuer's folder and stays the same over restarts."""
    [_, integrator] = Registry(demo.folder, _PORTAL).clients()
    form = {"grant_type": "client_credentials", "client_id": integrator.client_id}
    async with httpx2.AsyncClient(base_url=demo.url) as http:
        answer = await http.post("/token", data={**form, "client_secret": integrator.secret or ""})

    assert (await checked(answer.json()["access_token"], demo.url)).subject == "hr-feed"


async def test_a_restart_voids_no_token(demo: DemoIssuer) -> None:
    """The key outlives the process, even one that was killed."""
    token = (await signed_in(demo.url))["access_token"]

    demo.kill()
    demo.start()

    assert (await checked(token, demo.url)).subject == "kurz"


async def test_a_rotation_is_seen_by_services_that_hold_the_old_keys(tmp_path: Path) -> None:
    """Tokens of the key before go on to be accepted; those of the new one are after one fetch."""
    with issuing(tmp_path) as issuer:
        before = issuer.minter.token("kurz")
        async with httpx2.AsyncClient() as http:
            verifier = Verifier(issuers_from(trust(issuer.url)), http)
            await verifier.verify(before)
            issuer.rotate()

            assert (await verifier.verify(issuer.minter.token("kurz"))).subject == "kurz"
            assert (await verifier.verify(before)).subject == "kurz"


@pytest.mark.parametrize(
    "options",
    [
        ["--host", "0.0.0.0", "--url", "http://127.0.0.1:8090"],
        ["--host", "::"],
        ["--url", "https://issuer.example"],
        ["--url", "http://issuer.localhost:8090"],
        ["--host", "0.0.0.0", "--trusted-network", "172.30.40.0/24"],
    ],
)
def test_it_does_not_start_where_others_could_reach_it(tmp_path: Path, options: list[str]) -> None:
    """The message says what is wrong, and nothing listens."""
    (tmp_path / "clients.json").write_text("[]")
    argv = [sys.executable, "-m", "deploy.local.issuer", "--folder", str(tmp_path), "--port", "0", *options]

    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, "loopback" in ended.stderr) == (1, True)


def test_in_containers_it_registers_the_portal_and_lets_the_storys_people_in(tmp_path: Path) -> None:
    """As the composition starts it: one command over an empty folder, under the name that the network gives it."""
    port = Ports(tmp_path / "ports.json").of("issuer")
    where = ["--folder", str(tmp_path / "issuer"), "--host", "0.0.0.0", "--port", str(port)]
    network = ["--trusted-network", "127.0.0.0/8", "--url", f"http://issuer.localhost:{port}", "--portal", _PORTAL]
    argv = [sys.executable, "-m", "deploy.local.issuer", *where, *network]
    asked = {"client_id": PORTAL, "redirect_uri": _BACK, "response_type": "code", "scope": "openid"}
    asked |= {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}
    with Family() as family:
        family.spawn(Program("issuer", argv, tmp_path / "issuer.log", tmp_path))
        until(lambda: serves(f"127.0.0.1:{port}", "/jwks"), "the issuer is served")
        headers = {"Host": f"issuer.localhost:{port}"}
        page = httpx2.get(f"http://127.0.0.1:{port}/authorize", params=asked, headers=headers)
        wrong = httpx2.get(f"http://127.0.0.1:{port}/authorize", params=asked, headers={"Host": "issuer"})

    assert (page.status_code, wrong.status_code) == (200, 403)
    assert buttons(page.text)[0] == "kurz"


def test_the_program_tells_what_it_needs() -> None:
    """``--help`` names the files of its folder."""
    argv = [sys.executable, "-m", "deploy.local.issuer", "--help"]

    told = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout

    assert all(word in told for word in ("keys.json", "clients.json", "personas.json", "--testing"))
