"""The settings name the issuers; what would let anybody in is refused before a service starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.chassis.auth.issuers import ALGORITHMS, Issuer, is_below_localhost, is_loopback, issuers_from, refused

NORTH = {"name": "north", "issuer": "https://login.north.example/v2.0", "audience": "tandem-api"}
LOCAL = {"name": "demo", "issuer": "http://127.0.0.1:8090", "audience": "tandem-api", "development": True}


def given(*issuers: dict[str, Any]) -> str:
    return json.dumps(issuers)


def test_what_is_not_said_has_safe_defaults() -> None:
    """Only what every issuer has differently must be written."""
    (issuer,) = issuers_from(given(NORTH))
    assert (issuer.subject_claim, issuer.algorithms, issuer.typ, issuer.leeway) == ("sub", ALGORITHMS, "at+jwt", 60)
    assert not issuer.development
    assert issuer.document == "https://login.north.example/v2.0/.well-known/openid-configuration"


def test_everything_may_be_said_and_the_order_is_kept() -> None:
    """The first issuer is the one whose people need no prefix."""
    entra = {**NORTH, "subject_claim": "oid", "typ": "JWT", "algorithms": ["RS256"], "leeway": 30}
    issuers = issuers_from(given(LOCAL, {**entra, "discovery": "https://login.example/x?appid=1"}))
    assert [issuer.name for issuer in issuers] == ["demo", "north"]
    assert issuers[1].document == "https://login.example/x?appid=1"
    assert issuers[1].algorithms == ("RS256",)


@pytest.mark.parametrize("text", ["", "  ", "[]"])
def test_there_may_be_no_issuer(text: str) -> None:
    """Nobody signs in then."""
    assert issuers_from(text) == ()


def test_a_closing_slash_belongs_to_the_issuers_name_and_not_twice_into_addresses() -> None:
    """Its tokens bear it with the slash."""
    (issuer,) = issuers_from(given({**NORTH, "issuer": "https://login.north.example/"}))
    assert issuer.issuer.endswith("/")
    assert issuer.document == "https://login.north.example/.well-known/openid-configuration"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no audience": ({"audience": ""}, "issuer 1, audience"),
    "an odd name": ({"name": "North:1"}, "issuer 1, name"),
    "an unknown field": ({"jwks": "x"}, "issuer 1, jwks"),
    "an algorithm with a shared secret": ({"algorithms": ["HS256"]}, "issuer 1, algorithms, 0"),
    "no algorithm": ({"algorithms": []}, "issuer 1, algorithms"),
    "none as algorithm": ({"algorithms": ["none"]}, "issuer 1, algorithms"),
    "a long leeway": ({"leeway": 61}, "issuer 1, leeway"),
    "a claim of addresses": ({"subject_claim": "Email"}, "issuer 1, subject_claim: people can change it"),
    "a claim of user names": ({"subject_claim": "preferred_username"}, "issuer 1, subject_claim: people can change it"),
    "another type": ({"typ": "id+jwt"}, "issuer 1, typ"),
    "plain http": ({"issuer": "http://login.north.example"}, "issuer: it must begin with https://"),
    "plain http for the document": ({"discovery": "http://login.north.example/d"}, "discovery: it must begin"),
    "another scheme": ({"issuer": "file:///etc/keys"}, "issuer: write its address"),
    "a word": ({"issuer": "north"}, "issuer: write its address"),
    "a password": ({"issuer": "https://a:b@login.north.example"}, "issuer: write its address"),
    "a query": ({"issuer": "https://login.north.example?x=1"}, "issuer: write its address"),
    "a backslash": ({"issuer": "https://127.0.0.1\\@evil.example"}, "issuer: write its address"),
    "a space": ({"issuer": "https://login.north.example "}, "issuer: write its address"),
    "a port beyond the last": ({"issuer": "https://login.north.example:99999"}, "issuer: this is no address"),
    "port 0": ({"issuer": "https://login.north.example:0"}, "issuer: this is no address"),
    "half an address": ({"issuer": "https://[::1"}, "issuer: write its address"),
    "an address of nobody": ({"issuer": "https://[1:2]"}, "issuer: this is no address"),
    "a line end": ({"issuer": "https://login.north.example\n"}, "issuer: write its address"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    """The message names the issuer and the field."""
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        issuers_from(given({**NORTH, **change}))


@pytest.mark.parametrize("text", ["{", "1", '{"name": "a"}', "[1]", "[null]", given(NORTH, NORTH)])
def test_what_is_no_list_of_different_issuers_is_refused(text: str) -> None:
    """With a sentence, and without what was written there."""
    with pytest.raises(ValueError, match=r"issuer") as wrong:
        issuers_from(text)
    assert "input" not in str(wrong.value).lower().replace("input should", "")


def test_two_names_for_one_issuer_are_refused() -> None:
    """A token would belong to both."""
    with pytest.raises(ValueError, match="two have the issuer"):
        issuers_from(given(NORTH, {**NORTH, "name": "south"}))


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1:8090", "https://login.north.example", "http://127.0.0.1.evil.example", "http://0.0.0.0:80"],
)
def test_a_development_issuer_elsewhere_is_refused(url: str) -> None:
    """It signs in anybody."""
    with pytest.raises(ValueError, match="a development issuer lives on this machine"):
        issuers_from(given({**LOCAL, "issuer": url}))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8090", "http://localhost:1/demo", "http://[::1]:80", "https://127.9.9.9"]
)
def test_a_development_issuer_on_this_machine_is_taken(url: str) -> None:
    """With plain http."""
    assert Issuer(name="demo", issuer=url, audience="a", development=True).issuer == url


def test_a_service_that_others_reach_trusts_no_development_issuer() -> None:
    """The reason says which issuers and where to listen instead."""
    issuers = issuers_from(given(NORTH, LOCAL))
    assert refused(issuers, "127.0.0.1") is None
    assert refused(issuers[:1], "0.0.0.0") is None
    for host in ("0.0.0.0", "::", "192.168.1.1", "tandem.example", ""):
        assert "demo" in (refused(issuers, host) or "")


CONTAINED = {**LOCAL, "issuer": "http://issuer.localhost:8090"}


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_below_localhost_a_development_issuer_lives_in_a_trusted_network_only(host: str) -> None:
    """Elsewhere a resolver may take the name for anybody's."""
    issuers = issuers_from(given(CONTAINED))
    assert "TANDEM_TRUSTED_NETWORK" in (refused(issuers, host) or "")
    assert refused(issuers, host, trusted=True) is None


def test_in_a_trusted_network_development_issuers_are_trusted_by_services_that_neighbours_reach() -> None:
    """Loopback of a container is reached by nobody."""
    assert refused(issuers_from(given(NORTH, LOCAL)), "0.0.0.0", trusted=True) is None


def test_an_issuer_below_localhost_is_believed_under_its_own_name_and_on_loopback_only() -> None:
    """Its documents may not send a service anywhere else."""
    (issuer,) = issuers_from(given(CONTAINED))
    assert issuer.mistrusts("http://issuer.localhost:8090/jwks") is None
    assert issuer.mistrusts("http://127.0.0.1:8090/jwks") is None
    for url in ("http://other.localhost/jwks", "http://issuer/jwks", "https://login.north.example/jwks"):
        assert issuer.mistrusts(url)
    (here,) = issuers_from(given(LOCAL))
    assert here.mistrusts("http://issuer.localhost:8090/jwks")
    with pytest.raises(ValueError, match="discovery: a development issuer lives on this machine"):
        issuers_from(given({**CONTAINED, "discovery": "http://other.localhost/d"}))


def test_a_name_below_localhost_lets_nobody_do_without_https_in_production() -> None:
    """The name alone makes no development issuer."""
    with pytest.raises(ValueError, match="issuer: it must begin with https://"):
        issuers_from(given({**CONTAINED, "development": False}))


@pytest.mark.parametrize(
    ("host", "below"),
    [("issuer.localhost", True), ("a.b.LocalHost", True), ("localhost", False), (".localhost", False),
     ("a..localhost", False), ("issuer.localhost.example", False), ("issuerlocalhost", False), ("", False),
     ("issuer", False)],
)  # fmt: skip
def test_names_below_localhost_are_told_from_others(host: str, below: bool) -> None:
    """By whole labels."""
    assert is_below_localhost(host) is below


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("LocalHost", True), ("0.0.0.0", False), ("", False),
     ("127.1", False), ("localhost.example", False), ("2130706433", False)],
)  # fmt: skip
def test_this_machine_is_told_from_others(host: str, here: bool) -> None:
    """By loopback addresses in full, and the one name."""
    assert is_loopback(host) is here
