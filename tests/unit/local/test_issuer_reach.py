"""Promises about from where the demo issuer may be asked: this machine, and containers whose ports only it reaches."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from deploy.local.issuer.app import application
from deploy.local.issuer.issuing import CLIENTS, Issuer, NotLoopback
from deploy.local.issuer.reach import HERE, Reach

URL = "http://issuer.localhost:8090"
NETWORK = Reach.of("172.30.40.0/24")
KEYS = "/jwks"


async def _asked(folder: Path, reach: Reach, *, client: str, host: str) -> int:
    (folder / CLIENTS).write_text("[]")
    issuer = Issuer.over(folder, URL if reach.network else "http://127.0.0.1:8090", reach=reach)
    transport = httpx2.ASGITransport(application(issuer), client=(client, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=URL) as http:
        return (await http.get(KEYS, headers={"host": host})).status_code


@pytest.mark.parametrize("client", ["172.30.40.1", "172.30.40.9", "127.0.0.1"])
@pytest.mark.parametrize("host", ["issuer.localhost:8090", "127.0.0.1:8090", "localhost:8090"])
async def test_the_containers_of_the_network_are_answered(tmp_path: Path, client: str, host: str) -> None:
    """What comes through the published port bears the gateway's address."""
    assert await _asked(tmp_path, NETWORK, client=client, host=host) == 200


@pytest.mark.parametrize("client", ["172.30.41.1", "10.0.0.7", "2001:db8::1", "testclient"])
async def test_other_networks_are_not(tmp_path: Path, client: str) -> None:
    """Also where somebody publishes the port for everybody."""
    assert await _asked(tmp_path, NETWORK, client=client, host="issuer.localhost:8090") == 403


@pytest.mark.parametrize("host", ["issuer:8090", "172.30.40.7:8090", "issuer.localhost.evil.example", "evil.example"])
async def test_a_name_that_others_may_have_is_not_answered(tmp_path: Path, host: str) -> None:
    """A web page whose name was made to mean this machine gets no token."""
    assert await _asked(tmp_path, NETWORK, client="172.30.40.1", host=host) == 403


@pytest.mark.parametrize(("client", "host"), [("172.30.40.1", "127.0.0.1"), ("127.0.0.1", "issuer.localhost:8090")])
async def test_without_a_network_there_is_loopback_only(tmp_path: Path, client: str, host: str) -> None:
    """Outside containers nothing changes."""
    assert await _asked(tmp_path, HERE, client=client, host=host) == 403


def test_a_name_below_localhost_needs_a_network(tmp_path: Path) -> None:
    """On this machine a resolver may take it for somebody else's."""
    (tmp_path / CLIENTS).write_text("[]")
    with pytest.raises(NotLoopback):
        Issuer.over(tmp_path, URL)
    assert Issuer.over(tmp_path, URL, reach=NETWORK).url == URL


@pytest.mark.parametrize("network", ["0.0.0.0/0", "8.8.8.0/24", "172.30.40.1/24", "x"])
def test_only_a_private_network_is_taken(network: str) -> None:
    """Whoever writes 0.0.0.0/0 would sign in everybody as anybody."""
    with pytest.raises(ValueError, match="network"):
        Reach.of(network)


def test_it_listens_on_other_addresses_in_a_network_only() -> None:
    """Loopback of a container is reached by nobody."""
    assert [reach.listens("0.0.0.0") for reach in (HERE, Reach.of(""), NETWORK)] == [False, False, True]
    assert HERE.listens("127.0.0.1")
