"""In containers callers come from a network of the engine's; where it is named, they count as this machine."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.responses import PlainTextResponse

from services.chassis.http import middleware
from services.chassis.http.middleware import ProbedFromHere
from services.chassis.settings import Network, Settings
from tests.support.asking import ask_raw

NETWORK = ip_network("172.30.40.0/24")
GATEWAY = "172.30.40.1"


@pytest.fixture(autouse=True)
def _named_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The container's own name, as compose gives it."""
    monkeypatch.setattr(middleware, "gethostname", lambda: "people")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "172.30.40.7"])
def test_with_a_trusted_network_a_service_may_listen_where_its_containers_neighbours_are(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Loopback of a container is reached by nobody."""
    monkeypatch.setenv("TANDEM_TRUSTED_NETWORK", str(NETWORK))
    monkeypatch.setenv("TANDEM_HOST", host)
    settings = Settings()
    assert (settings.host, settings.trusted_network) == (host, NETWORK)


def test_an_empty_variable_trusts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As compose files write it where nothing is set."""
    monkeypatch.setenv("TANDEM_TRUSTED_NETWORK", "")
    assert Settings().trusted_network is None


@pytest.mark.parametrize(
    "network", ["0.0.0.0/0", "::/0", "8.8.8.0/24", "172.0.0.0/8", "192.0.0.0/3", "2001:db8::/32", "172.30.40.1/24", "x"]
)
def test_only_a_private_network_can_be_trusted(network: str) -> None:
    """Whoever writes 0.0.0.0/0 would let in everybody under any name."""
    with pytest.raises(ValidationError, match="trusted_network"):
        Settings(trusted_network=network)  # type: ignore[arg-type]


async def _status(trusted: Network | None, *, client: str = "127.0.0.1", host: str = "127.0.0.1:8001") -> int:
    guarded: Any = ProbedFromHere(PlainTextResponse("in"), trusted)
    app: FastAPI = guarded
    answer = await ask_raw(app, "GET", "/metrics", headers=[(b"host", host.encode())], client=(client, 1))
    assert answer is not None
    return answer.status


@pytest.mark.parametrize("client", [GATEWAY, "172.30.40.254", "::ffff:172.30.40.1", "127.0.0.1", "::ffff:127.0.0.1"])
async def test_callers_of_the_trusted_network_count_as_this_machine(client: str) -> None:
    """The port is published on loopback, and what comes through it bears the gateway's address."""
    assert await _status(NETWORK, client=client) == 200


@pytest.mark.parametrize(
    "client", ["172.30.41.1", "172.30.39.255", "192.168.0.7", "8.8.8.8", "::ffff:8.8.8.8", "::1:1"]
)
async def test_callers_of_other_networks_are_turned_away(client: str) -> None:
    """The list of friends does not grow beyond the network that was named."""
    assert await _status(NETWORK, client=client) == 403


async def test_without_a_trusted_network_the_gateway_is_a_stranger() -> None:
    """Outside containers nothing changes."""
    assert await _status(None, client=GATEWAY) == 403


@pytest.mark.parametrize("host", ["people", "PEOPLE:8000", "172.30.40.7:8000", "172.30.40.7"])
async def test_a_container_is_asked_under_its_own_name_or_number(host: str) -> None:
    """Neighbours reach it under the name that compose gave it, a probe under its address."""
    assert await _status(NETWORK, client="172.30.40.9", host=host) == 200


@pytest.mark.parametrize("host", ["tandem.example", "people.evil.example", "172.30.41.7", "8.8.8.8:80", ""])
async def test_a_container_is_not_asked_under_a_strangers_name(host: str) -> None:
    """A web page cannot reach it by a name of its own that resolves to the published port."""
    assert await _status(NETWORK, client=GATEWAY, host=host) == 403


async def test_without_a_trusted_network_the_hosts_own_name_is_none_of_this_machine() -> None:
    """Outside containers that name may be known to others."""
    assert await _status(None, host="people") == 403
