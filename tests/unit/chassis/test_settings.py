"""Settings come from variables that start with TANDEM_, are frozen, and refuse what would be unsafe."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.chassis.settings import Settings


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment alone decides; other variables are ignored."""
    given = {
        "KAFKA": "broker:9",
        "DATABASE_PREFIX": "trial",
        "GROUP_PREFIX": "trial-2",
        "PORT": "8123",
        "INSTANCE": "a",
    }
    for name, value in {**given, "CLOCK": "/a/clock", "LOG_LEVEL": "debug", "UNKNOWN": "x"}.items():
        monkeypatch.setenv(f"TANDEM_{name}", value)
    settings = Settings()
    assert (settings.kafka, settings.database_prefix, settings.group_prefix) == ("broker:9", "trial", "trial-2")
    assert (settings.port, settings.instance, settings.clock) == (8123, "a", Path("/a/clock"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_loopback_address_is_taken(host: str) -> None:
    """Services may listen wherever only this machine reaches them."""
    assert Settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "tandem.example"])
def test_where_others_could_reach_it_a_service_trusts_no_development_issuer(host: str) -> None:
    """Such an issuer signs in anybody; the message says why and what to write instead."""
    issuer = {"name": "demo", "issuer": "http://127.0.0.1:9000", "audience": "tandem-api", "development": True}
    assert Settings(issuers=json.dumps([issuer])).host == "127.0.0.1"
    assert Settings(host=host).host == host
    with pytest.raises(ValidationError, match=r"loopback only: 127\.0\.0\.1"):
        Settings(host=host, issuers=json.dumps([issuer]))


def test_in_a_trusted_network_a_service_trusts_the_development_issuer_of_the_containers() -> None:
    """As the demo's composition needs it, and without that network not."""
    issuer = {"name": "demo", "issuer": "http://issuer.localhost:90", "audience": "tandem-api", "development": True}
    network = ip_network("172.30.40.0/24")
    assert Settings(host="0.0.0.0", issuers=json.dumps([issuer]), trusted_network=network).trusted_network == network
    with pytest.raises(ValidationError, match="TANDEM_TRUSTED_NETWORK"):
        Settings(issuers=json.dumps([issuer]))


@pytest.mark.parametrize(
    ("name", "value"),
    [("database_prefix", "Tandem"), ("database_prefix", "a.b"), ("database_prefix", ""), ("group_prefix", "a b"),
     ("port", 65536), ("port", -1), ("log_level", "loud"), ("log_format", "xml")],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused(name: str, value: object) -> None:
    """Before anything starts, naming the setting."""
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_settings_are_frozen() -> None:
    """Nothing changes them behind the composition root's back."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]
