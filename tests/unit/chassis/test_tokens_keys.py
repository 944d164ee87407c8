"""Signing keys: found by discovery, fetched by one at a time, kept while the issuer is away, never from elsewhere."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from services.chassis.auth import signing_keys
from services.chassis.auth.signing_keys import COLD_PAUSE, KEPT, MAX_AGE, PAUSE, Keys, KeysUnavailable
from services.chassis.auth.tokens import BadToken, Verifier
from tests.support.signers import ISSUER, Signer, ec, public, reaching, rsa

DISCOVERY, KEYS = f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"
EVIL, PLAIN = "https://evil.example", ISSUER.replace("https", "http")


class Watch:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def setting(**settings: Any) -> tuple[Signer, Watch, Verifier]:
    signer, watch = Signer(), Watch()
    return signer, watch, Verifier([signer.settings(**settings)], reaching(signer), watch=watch)


def fetches(signer: Signer) -> int:
    return signer.asked.count(KEYS)


async def test_keys_are_fetched_once_for_all_tokens() -> None:
    """Not once for each."""
    signer, _, verifier = setting()
    for _ in range(3):
        await verifier.verify(signer.token())
    assert signer.asked == [DISCOVERY, KEYS]


async def test_after_a_rotation_all_who_ask_at_once_cause_one_fetch() -> None:
    """And each of them is let in."""
    signer, _, verifier = setting()
    await verifier.verify(signer.token())
    signer.rotate(k2=rsa(1))
    await asyncio.gather(*(verifier.verify(signer.token()) for _ in range(60)))
    assert fetches(signer) == 2


async def test_tokens_of_unknown_keys_cannot_make_us_ask_the_issuer_again_and_again() -> None:
    """Once in a while is enough; the keys that are known go on being good."""
    signer, watch, verifier = setting()
    await verifier.verify(signer.token())
    for number in range(50):
        with pytest.raises(BadToken):
            await verifier.verify(signer.token(header={"kid": f"x{number}"}))
    assert fetches(signer) == 2
    signer.rotate(k2=rsa(1))
    watch.seconds += PAUSE - 1
    with pytest.raises(BadToken):
        await verifier.verify(signer.token())
    assert fetches(signer) == 2
    watch.seconds += 1
    assert await verifier.verify(signer.token())
    assert fetches(signer) == 3


async def test_a_key_that_the_issuer_took_back_opens_nothing_after_an_hour() -> None:
    """Sooner where a token of a new key made us look."""
    signer, watch, verifier = setting()
    old = signer.token()
    await verifier.verify(old)
    signer.rotate(k2=rsa(1))
    watch.seconds += MAX_AGE - 1
    assert await verifier.verify(old)
    watch.seconds += 1
    with pytest.raises(BadToken):
        await verifier.verify(old)


async def test_while_the_issuer_is_away_its_known_keys_go_on_for_a_day() -> None:
    """Longer would be to trust what it may have taken back long ago."""
    signer, watch, verifier = setting()
    await verifier.verify(signer.token())
    signer.away = True
    watch.seconds += MAX_AGE
    assert await verifier.verify(signer.token())
    watch.seconds += KEPT - MAX_AGE - 1
    assert await verifier.verify(signer.token())
    watch.seconds += 1
    with pytest.raises(KeysUnavailable):
        await verifier.verify(signer.token())
    watch.seconds += PAUSE
    signer.away = False
    assert await verifier.verify(signer.token())


async def test_an_issuer_that_was_never_reached_makes_tokens_wait_not_fail() -> None:
    """503 and no 401, or everybody would be signed out; soon after it answers, tokens are checked."""
    signer, watch, verifier = setting()
    signer.away = True
    for _ in range(5):
        with pytest.raises(KeysUnavailable) as away:
            await verifier.verify(signer.token())
    assert (away.value.retry_after, away.value.issuer) == (5, "idp")
    assert len(signer.asked) == 1
    signer.away = False
    watch.seconds += COLD_PAUSE
    assert await verifier.verify(signer.token())


async def test_who_gives_up_waiting_does_not_stop_the_fetch_for_others() -> None:
    """A closed connection is no reason for the next one to wait."""
    signer, _, verifier = setting()
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> httpx2.Response:
        asked.set()
        await go.wait()
        return httpx2.Response(200, json={"keys": [public(rsa(), "k1")]})

    signer.documents[KEYS] = slowly
    first = asyncio.create_task(verifier.verify(signer.token()))
    await asked.wait()
    first.cancel()
    second = asyncio.create_task(verifier.verify(signer.token()))
    go.set()
    assert await second
    assert fetches(signer) == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_issuer_that_does_not_finish_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of its answer may come in time and the whole never."""
    monkeypatch.setattr(signing_keys, "_PATIENCE", 0.05)
    signer, watch, verifier = setting()
    await verifier.verify(signer.token())

    begun = asyncio.Event()

    async def endless() -> Any:
        begun.set()
        await asyncio.Event().wait()

    signer.documents[DISCOVERY] = endless
    watch.seconds += MAX_AGE
    assert await verifier.verify(signer.token())
    monkeypatch.setattr(signing_keys, "_PATIENCE", 60)
    watch.seconds += PAUSE
    begun.clear()
    assert await asyncio.wait_for(verifier.verify(signer.token()), 5)  # from now on it is asked in the background
    await asyncio.wait_for(begun.wait(), 5)
    for task in asyncio.all_tasks():
        if task.get_name() == "signing keys of idp":
            task.cancel()


def response(status: int, **more: Any) -> httpx2.Response:
    return httpx2.Response(status, **more)


ODD_DISCOVERY: dict[str, Callable[[], Any]] = {
    "another issuer": lambda: {"issuer": EVIL, "jwks_uri": KEYS},
    "the issuer with a slash": lambda: {"issuer": f"{ISSUER}/", "jwks_uri": KEYS},
    "no issuer": lambda: {"jwks_uri": KEYS},
    "no keys": lambda: {"issuer": ISSUER},
    "keys over plain http": lambda: {"issuer": ISSUER, "jwks_uri": f"{PLAIN}/keys"},
    "keys in a file": lambda: {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"},
    "keys behind a line end": lambda: {"issuer": ISSUER, "jwks_uri": f"{KEYS}\n"},
    "keys at no port": lambda: {"issuer": ISSUER, "jwks_uri": f"{ISSUER}:99999/keys"},
    "keys at no address": lambda: {"issuer": ISSUER, "jwks_uri": "https://[::"},
    "keys at a number": lambda: {"issuer": ISSUER, "jwks_uri": 1},
    "keys with a password": lambda: {"issuer": ISSUER, "jwks_uri": "https://login.north.example@evil.example/keys"},
    "a list": list,
    "a page": lambda: response(200, html="<html>sign in</html>"),
    "an empty answer": lambda: response(200),
    "not found": lambda: response(404),
    "a failure": lambda: response(500, json={"issuer": ISSUER, "jwks_uri": KEYS}),
    "a redirect": lambda: response(302, headers={"Location": f"{EVIL}/configuration"}),
    "a redirect to itself": lambda: response(307, headers={"Location": KEYS}),
    "nesting without end": lambda: response(200, content=b"[" * 100_000),
    "numbers without end": lambda: response(200, content=b'{"issuer":' + b"9" * 100_000),
}
SHORT = {"kty": "RSA", "kid": "k1", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xc1" * 128).rstrip(b"=").decode()}
ODD_KEYS: dict[str, Callable[[], Any]] = {
    "a list": lambda: [public(rsa(), "k1")],
    "no list": lambda: {"keys": {"k1": public(rsa(), "k1")}},
    "nothing": lambda: {"keys": []},
    "null": lambda: {"keys": None},
    "a page": lambda: response(200, html="<html>sign in</html>"),
    "a redirect": lambda: response(302, headers={"Location": f"{EVIL}/keys"}),
    "more than anybody needs": lambda: response(
        200, content=b" " * 300_000 + json.dumps({"keys": [public(rsa(), "k1")]}).encode()
    ),
    "packed": lambda: response(
        200,
        content=gzip.compress(json.dumps({"keys": [public(rsa(), "k1")]}).encode()),
        headers={"Content-Encoding": "gzip"},
    ),
    "only short keys": lambda: {"keys": [SHORT]},
    "only keys to encrypt with": lambda: {"keys": [public(rsa(), "k1", use="enc")]},
    "only keys without a name": lambda: {"keys": [public(rsa(), None)]},
    "only secrets": lambda: {"keys": [{"kty": "oct", "k": "AAAA", "kid": "k1"}]},
    "a key of another algorithm": lambda: {"keys": [public(rsa(), "k1", alg="RS512")]},
    "a key of another curve": lambda: {"keys": [public(ec(0, "P-384"), "k1")]},
}


@pytest.mark.parametrize("answer", ODD_DISCOVERY.values(), ids=ODD_DISCOVERY)
async def test_an_odd_description_of_an_issuer_is_none(answer: Callable[[], Any]) -> None:
    """Nothing is fetched from elsewhere, and there are no keys; afterwards a right one is taken."""
    await _without_keys(DISCOVERY, answer())


@pytest.mark.parametrize("answer", ODD_KEYS.values(), ids=ODD_KEYS)
async def test_an_odd_list_of_keys_is_none(answer: Callable[[], Any]) -> None:
    """It voids nothing that is known, and is a failure where nothing is."""
    await _without_keys(KEYS, answer())


async def _without_keys(url: str, answer: Any) -> None:
    signer, watch = Signer(), Watch()
    elsewhere = [Signer(EVIL), Signer(PLAIN), Signer(f"{ISSUER}:99999")]
    verifier = Verifier([signer.settings()], reaching(*elsewhere, signer), watch=watch)
    right, signer.documents[url] = signer.documents[url], answer
    with pytest.raises(KeysUnavailable):
        await verifier.verify(signer.token())
    assert [one.asked for one in elsewhere] == [[], [], []]
    watch.seconds += COLD_PAUSE
    signer.documents[url] = right
    assert await verifier.verify(signer.token())
    watch.seconds += MAX_AGE
    signer.documents[url] = answer
    assert await verifier.verify(signer.token())


ODD_KEY: list[Any] = [
    None,
    "k",
    {},
    {"kid": "x"},
    {"kid": "x", "kty": ["RSA"]},
    {"kid": ["x"], "kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kid": "x", "kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kid": "x", "kty": "RSA", "n": "%%%", "e": "AQAB"},
    {"kid": "x", "kty": "RSA", "n": 5, "e": None},
    {"kid": "x", "kty": "RSA", "n": "", "e": ""},
    {"kid": "x", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kid": "x", "kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
    {"kid": "x", "kty": "EC", "crv": ["P-256"], "x": "AA", "y": "AA"},
    {"kid": "x", "kty": "EC", "crv": "P-256", "x": "A" * 100_000, "y": "AA"},
    {"kid": "x", "kty": "OKP", "crv": "Ed25519", "x": "AA"},
]


@pytest.mark.parametrize("odd", ODD_KEY, ids=range(len(ODD_KEY)))
async def test_one_odd_key_does_not_void_the_others(odd: Any) -> None:
    """Issuers list what other clients of theirs need."""
    signer, _, verifier = setting()
    signer.documents[KEYS] = {"keys": [odd, public(rsa(), "k1"), odd]}
    assert await verifier.verify(signer.token())


async def test_one_id_may_name_keys_of_two_kinds() -> None:
    """The algorithm tells which one is meant, and one key never stands for the other."""
    signer = Signer()
    signer.documents[KEYS] = {"keys": [public(rsa(), "k1"), public(ec(), "k1")]}
    verifier = Verifier([signer.settings()], reaching(signer))
    assert await verifier.verify(signer.token(key=rsa()))
    assert await verifier.verify(signer.token(header={"alg": "ES256"}, key=ec()))


async def test_a_development_issuer_names_keys_on_this_machine_only() -> None:
    """It may do without https, not lead anybody into the network."""
    signer, inside = Signer("http://127.0.0.1:9999"), Signer("http://10.0.0.1")
    http = reaching(signer, inside)
    assert await Verifier([signer.settings(development=True)], http).verify(signer.token())
    signer.describe(jwks_uri=f"{inside.url}/keys")
    with pytest.raises(KeysUnavailable):
        await Verifier([signer.settings(development=True)], http).verify(signer.token())
    assert inside.asked == []


async def test_a_service_may_load_keys_before_anybody_asks() -> None:
    """And learns which issuers it cannot speak for."""
    north, south, watch = Signer(), Signer("https://login.south.example"), Watch()
    south.away = True
    http = reaching(north, south)
    verifier = Verifier([north.settings(), south.settings(name="south")], http, watch=watch)
    assert await verifier.prepare() == ("south",)
    south.away = False
    watch.seconds += COLD_PAUSE
    assert await verifier.prepare() == ()
    assert await verifier.prepare() == ()
    assert (fetches(north), len(south.asked)) == (1, 3)
    watch.seconds += MAX_AGE
    assert await verifier.prepare() == ()
    assert fetches(north) == 2


async def test_keys_are_named_by_the_settings_even_where_only_they_know_the_document() -> None:
    """Some issuers describe themselves elsewhere than below the name that their tokens bear."""
    signer = Signer()
    elsewhere = f"{ISSUER}/tenant/v2.0/.well-known/openid-configuration?appid=1"
    signer.documents[elsewhere] = signer.documents.pop(DISCOVERY)
    keys = Keys(signer.settings(discovery=elsewhere), reaching(signer))
    assert await keys.find("k1", "RS256")
    assert await keys.find("k1", "ES256") is None


async def test_an_issuer_without_a_key_for_our_algorithms_has_none() -> None:
    """That is a wrong setting of ours, no fault of everybody's tokens."""
    signer = Signer()
    keys = Keys(signer.settings(algorithms=["ES256"]), reaching(signer))
    with pytest.raises(KeysUnavailable):
        await keys.find("k1", "ES256")
