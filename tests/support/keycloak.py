"""A Keycloak for the interoperability test, with a realm of our own in it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from testcontainers.core.container import DockerContainer

from deploy.local.ports import HOST, Ports
from tests.support.containers import KEYCLOAK_IMAGE, Contained
from tests.support.waiting import until

NAMED = (
    "TANDEM_TEST_KEYCLOAK"  # the address of one that runs already on this machine, with the administrator admin:admin
)
REALM = Path(__file__).with_name("keycloak_realm.json")
_STARTS_WITHIN = 180.0  # seconds; a development start builds the server first


@dataclass(frozen=True, slots=True)
class Realm:
    """The realm of ``keycloak_realm.json``: one person, who has the password that is given here."""

    issuer: str
    login: str
    password: str
    oid: str

    def tokens(self, client_id: str) -> dict[str, Any]:
        """The person's tokens for a client of the realm."""
        form = {"grant_type": "password", "client_id": client_id, "scope": "openid"}
        person = {"username": self.login, "password": self.password}
        answer = httpx2.post(f"{self.issuer}/protocol/openid-connect/token", data={**form, **person}, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@contextmanager
def keycloak(folder: Path) -> Iterator[Realm]:
    """The realm in a Keycloak that somebody names in the environment, else in one in a container of its own."""
    if named := os.environ.get(NAMED):
        with _realm(named, "admin") as realm:
            yield realm
        return
    password, port = secrets.token_hex(16), Ports(folder / "ports.json").of("keycloak")
    admin = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": password}
    image = DockerContainer(KEYCLOAK_IMAGE, env=admin, command="start-dev")
    container = Contained(image, lambda: None, 8080, port)
    try:
        container.create()
        with _realm(f"http://{HOST}:{port}", password) as realm:
            yield realm
    finally:
        container.remove()


@contextmanager
def _realm(url: str, password: str) -> Iterator[Realm]:
    """Import the realm; it is gone after the block."""
    until(lambda: _answers(url), f"Keycloak answers at {url}", _STARTS_WITHIN)
    imported = json.loads(REALM.read_text())
    [person] = imported["users"]
    person["credentials"] = [{"type": "password", "value": secrets.token_hex(16), "temporary": False}]
    with _administrator(url, password) as admin:
        admin.post("/admin/realms", json=imported).raise_for_status()
        try:
            oid, chosen = person["attributes"]["oid"][0], person["credentials"][0]["value"]
            yield Realm(f"{url}/realms/{imported['realm']}", person["username"], chosen, oid)
        finally:
            admin.delete(f"/admin/realms/{imported['realm']}")


@contextmanager
def _administrator(url: str, password: str) -> Iterator[httpx2.Client]:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": password}
    with httpx2.Client(base_url=url, timeout=60) as client:
        answer = client.post("/realms/master/protocol/openid-connect/token", data=form).raise_for_status()
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/realms/master", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
