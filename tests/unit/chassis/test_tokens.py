"""Only tokens that an issuer of the settings signed for Tandem, and that are in force, open anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.auth.tokens import LONGEST, BadToken, Claims, Verifier
from tests.support.clocks import HandClock
from tests.support.signers import AUDIENCE, ISSUER, Signer, ec, public, reaching, rsa, signed

OTHER = "https://login.south.example"
Forge = Callable[[Signer], str]


def now() -> int:
    """The machine's seconds since 1970, of which the tokens' times are counted at the moment of the test."""
    return int(time.time())


def verifier(signer: Signer, **settings: Any) -> Verifier:
    return Verifier([signer.settings(**settings)], reaching(signer))


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hs256(signer: Signer, secret: bytes, **header: Any) -> str:
    """A token that is signed with a secret which everybody knows."""
    head = b64({**signer.header(), "alg": "HS256", **header})
    body = f"{head}.{b64(signer.claims())}"
    return f"{body}.{b64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def unsigned(signer: Signer, algorithm: Any, signature: str = "") -> str:
    return f"{b64({**signer.header(), 'alg': algorithm})}.{b64(signer.claims())}.{signature}"


def altered(signer: Signer, **claims: Any) -> str:
    """A good token whose claims were exchanged after it was signed."""
    head, _, signature = signer.token().split(".")
    return f"{head}.{b64(signer.claims(**claims))}.{signature}"


def cut(signer: Signer, part: int, text: str) -> str:
    """A good token with another text for one of its parts."""
    parts = signer.token().split(".")
    parts[part] = text
    return ".".join(parts)


def raw(signer: Signer, payload: bytes) -> str:
    return signed(signer.header(), payload, signer.keys["k1"])


def pem(key: Any) -> bytes:
    return bytes(key.as_pem(private=False))


STRANGER, ALG = rsa(9), b'"alg"'
SIGNATURES: dict[str, Forge] = {
    "none": lambda s: unsigned(s, "none"),
    "None": lambda s: unsigned(s, "NoNe"),
    "none with a good signature": lambda s: unsigned(s, "none", s.token().split(".")[2]),
    "algorithm is a list": lambda s: unsigned(s, ["RS256"]),
    "algorithm is missing": lambda s: f"{b64({'kid': 'k1', 'typ': 'at+jwt'})}.{b64(s.claims())}.x",
    "HS256 with the public key as PEM": lambda s: hs256(s, pem(s.keys["k1"])),
    "HS256 with the public key as JWK": lambda s: hs256(s, json.dumps(public(s.keys["k1"], "k1")).encode()),
    "HS256 with an empty secret": lambda s: hs256(s, b""),
    "HS256 under RS256's name": lambda s: hs256(s, pem(s.keys["k1"]), alg="RS256"),
    "RS512, which is not offered": lambda s: s.token(header={"alg": "RS512"}),
    "a key of the sender's in jwk": lambda s: s.token(header={"jwk": public(STRANGER, "k1")}, key=STRANGER),
    "a key of the sender's, known by no id": lambda s: s.token(
        header={"jwk": public(STRANGER, "mine"), "kid": "mine"}, key=STRANGER
    ),
    "keys at the sender's in jku": lambda s: s.token(header={"jku": f"{OTHER}/keys"}, key=STRANGER),
    "a certificate at the sender's in x5u": lambda s: s.token(header={"x5u": f"{OTHER}/cert"}, key=STRANGER),
    "a certificate of the sender's in x5c": lambda s: s.token(header={"x5c": ["MIIB"]}, key=STRANGER),
    "no kid": lambda s: s.token(header={"kid": None}),
    "a number as kid": lambda s: s.token(header={"kid": 1}, key=s.keys["k1"]),
    "a list as kid": lambda s: s.token(header={"kid": ["k1"]}, key=s.keys["k1"]),
    "an empty kid": lambda s: s.token(header={"kid": ""}),
    "an unknown kid": lambda s: s.token(header={"kid": "k2"}),
    "a path as kid": lambda s: s.token(header={"kid": "../../dev/null"}),
    "a query as kid": lambda s: s.token(header={"kid": "k1' OR '1'='1"}),
    "signed by a stranger under a good kid": lambda s: s.token(key=STRANGER),
    "ES256 under the kid of an RSA key": lambda s: s.token(header={"alg": "ES256"}, key=ec()),
    "claims exchanged": lambda s: altered(s, sub="eve"),
    "a signature cut off": lambda s: cut(s, 2, ""),
    "half a signature": lambda s: s.token()[:-100],
    "a signature of zeros": lambda s: cut(s, 2, b64(bytes(256))),
    "an endless signature": lambda s: cut(s, 2, "A" * 2000),
    "crit": lambda s: s.token(header={"crit": ["exp"], "exp": 1}),
    "an empty crit": lambda s: s.token(header={"crit": []}),
    "a payload outside base64": lambda s: s.token(header={"b64": False, "crit": ["b64"]}),
    "b64 without crit": lambda s: s.token(header={"b64": True}),
}
CLAIMS: dict[str, Forge] = {
    "expired": lambda s: s.token(exp=now() - 120),
    "expired for ever": lambda s: s.token(exp=0),
    "no exp": lambda s: s.token(exp=None),
    "exp as text": lambda s: s.token(exp=str(now() + 300)),
    "exp is true": lambda s: s.token(exp=True),
    "exp beyond all calendars": lambda s: s.token(exp=10**20),
    "exp without an end": lambda s: s.token(exp=float("inf")),
    "exp is no number": lambda s: s.token(exp=float("nan")),
    "not valid yet": lambda s: s.token(nbf=now() + 600),
    "nbf as text": lambda s: s.token(nbf=str(now())),
    "issued in the future": lambda s: s.token(iat=now() + 600),
    "iat as text": lambda s: s.token(iat="yesterday"),
    "another issuer": lambda s: s.token(iss=OTHER),
    "a list of issuers": lambda s: s.token(iss=[ISSUER]),
    "no issuer": lambda s: s.token(iss=None),
    "the issuer with a slash": lambda s: s.token(iss=f"{ISSUER}/"),
    "the issuer in capitals": lambda s: s.token(iss=ISSUER.upper()),
    "another audience": lambda s: s.token(aud="portal"),
    "other audiences": lambda s: s.token(aud=["portal", f"{AUDIENCE}-2"]),
    "a part of the audience": lambda s: s.token(aud="tandem"),
    "no audience": lambda s: s.token(aud=None),
    "an empty audience": lambda s: s.token(aud=[]),
    "an object as audience": lambda s: s.token(aud={AUDIENCE: True}),
    "an audience among numbers": lambda s: s.token(aud=[1, AUDIENCE]),
    "no subject": lambda s: s.token(sub=None),
    "an empty subject": lambda s: s.token(sub=""),
    "a number as subject": lambda s: s.token(sub=7),
    "a subject without end": lambda s: s.token(sub="a" * 256),
    "a subject of two lines": lambda s: s.token(sub="ada\nroot"),
    "a subject that turns the writing direction": lambda s: s.token(sub="ada\u202e"),
    "half a character as subject": lambda s: s.token(sub="ada\ud800"),
    "an ID token by its type": lambda s: s.token(header={"typ": "JWT"}),
    "no type": lambda s: s.token(header={"typ": None}),
    "an ID token by its hash": lambda s: s.token(at_hash="x"),
    "a refresh token": lambda s: s.token(typ="Refresh"),
    "longer than anybody needs": lambda s: s.token(groups=["a group"] * 600),
    "a log-out token": lambda s: s.token(events={}),
    "claims in a list": lambda s: raw(s, b'[{"iss": "x"}]'),
    "claims that are null": lambda s: raw(s, b"null"),
    "claims that are no JSON": lambda s: raw(s, b"iss=x"),
    "claims that nest without end": lambda s: raw(s, b'{"iss":' + b"[" * 5000),
    "claims that are no text": lambda s: raw(s, b"\xff\xfe\x00\xd8"),
}
JUNK = {
    "nothing": "",
    "a space": " ",
    "a word": "token",
    "two dots": "..",
    "five parts": "a.b.c.d.e",
    "no base64": "!!!.???.***",
    "not ASCII": "\u00e4.\u00f6.\u00fc",
    "half a character": "a\ud800.b.c",
    "padding": "e30=.e30=.e30=",
    "an empty header": "e30.e30.",
    "a header that is a list": f"{b64(b'[]')}.e30.x",
    "a header that lists alg": f"{b64(json.dumps(['alg', 'b64']).encode())}.e30.x",
    "a header that is a text": f"{b64(json.dumps('alg').encode())}.e30.x",
    "a header that is a number": f"{b64(b'1')}.e30.x",
    "a header that nests without end": f"{b64(b'[' * 3000)}.e30.x",
    "numbers without end": f"{b64(b'{%s:' % ALG + b'9' * 2900 + b'}')}.e30.x",
    "an API key": "tdm_0123456789ab_" + "0" * 64 + "_00000000",
    "a long text": "a" * (LONGEST + 1),
    "many dots": "." * LONGEST,
    "zero bytes": "\0.\0.\0",
}


async def refusal(checking: Verifier, token: str) -> BadToken:
    with pytest.raises(BadToken) as refused:
        await checking.verify(token)
    return refused.value


async def test_a_good_token_tells_who_asks() -> None:
    """The short name of its issuer, its subject, and what names the token and its session."""
    signer = Signer()
    expires = now() + 300
    claims = await verifier(signer).verify(signer.token(exp=expires))
    expires_at = datetime.fromtimestamp(expires, UTC)
    assert claims == Claims("idp", "ada", expires_at, token_id="t-1", session="s-1", client_id="portal")


@pytest.mark.parametrize("forge", SIGNATURES.values(), ids=SIGNATURES)
async def test_what_the_issuer_did_not_sign_for_us_opens_nothing(forge: Forge) -> None:
    """Whatever its header promises; nothing is fetched from where it points."""
    signer = Signer()
    checking = verifier(signer)
    await checking.verify(signer.token())
    await refusal(checking, forge(signer))
    assert {url.partition(".example")[0] + ".example" for url in signer.asked} == {ISSUER}


@pytest.mark.parametrize("forge", CLAIMS.values(), ids=CLAIMS)
async def test_a_signed_token_with_wrong_claims_opens_nothing(forge: Forge) -> None:
    """The signature alone says nothing of whom it is for and until when."""
    signer = Signer()
    await refusal(verifier(signer), forge(signer))


@pytest.mark.parametrize("text", JUNK.values(), ids=JUNK)
async def test_what_is_no_token_is_refused_before_anything_is_asked(text: str) -> None:
    """As a bad token, never as a bug; the issuer does not hear of it."""
    signer = Signer()
    await refusal(verifier(signer), text)
    assert signer.asked == []


async def test_a_refusal_does_not_tell_its_reason_to_the_caller() -> None:
    """All refusals read the same; the reason is one word for the log, and holds nothing of the token."""
    signer = Signer()
    checking = verifier(signer)
    refusals = [await refusal(checking, forge(signer)) for forge in [*SIGNATURES.values(), *CLAIMS.values()]]
    assert len({(error.status, error.kind, error.title, error.detail, str(error)) for error in refusals}) == 1
    assert {error.reason for error in refusals} >= {"algorithm", "key", "signature", "expired_token", "issuer", "kind"}
    assert all(error.reason.replace("_", "").isalpha() for error in refusals)


@pytest.mark.parametrize("seconds", [59, 0])
async def test_clocks_may_differ_by_a_minute(seconds: int) -> None:
    """A token that has just expired, or that comes from an issuer a minute ahead, is taken."""
    signer = Signer()
    at = now()
    checking = Verifier([signer.settings()], reaching(signer), HandClock(datetime.fromtimestamp(at, UTC)))
    await checking.verify(signer.token(exp=at - seconds, iat=at + seconds, nbf=at + seconds))
    await refusal(checking, signer.token(exp=at - 60))
    await refusal(checking, signer.token(nbf=at + 61))


async def test_the_same_subject_of_another_issuer_is_somebody_else() -> None:
    """Each issuer speaks for its own people only, also where their keys bear the same id."""
    north, south = Signer(), Signer(OTHER, {"k1": rsa(1)})

    http = reaching(north, south)
    checking = Verifier([north.settings(), south.settings(name="south")], http)
    assert (await checking.verify(south.token())).issuer_name == "south"
    assert (await checking.verify(north.token())).issuer_name == "idp"
    await refusal(checking, south.token(iss=ISSUER))
    await refusal(Verifier([north.settings()], http), south.token())


async def test_people_are_told_apart_by_the_claim_that_the_settings_name() -> None:
    """Not by another one, and not at all where a token lacks it."""
    signer = Signer()
    checking = verifier(signer, subject_claim="oid")
    assert (await checking.verify(signer.token(oid="u-7", sub=None))).subject == "u-7"
    await refusal(checking, signer.token())
    await refusal(checking, signer.token(oid=["u-7"]))


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["account", AUDIENCE]])
async def test_our_audience_may_stand_among_others(audience: object) -> None:
    """As one text or in a list."""
    signer = Signer()
    await verifier(signer).verify(signer.token(aud=audience))


@pytest.mark.parametrize("typ", ["JWT", "jwt", None])
async def test_an_issuer_may_be_one_that_writes_no_type_of_its_own(typ: str | None) -> None:
    """Its ID tokens are told apart by their audience, their hash, or what their claims call them."""
    signer = Signer()
    checking = verifier(signer, typ="JWT")
    assert await checking.verify(signer.token(header={"typ": typ}, typ="Bearer"))
    for other in ({"aud": "portal"}, {"at_hash": "x"}, {"typ": "ID"}):
        await refusal(checking, signer.token(header={"typ": typ}, **other))


@pytest.mark.parametrize(
    "header", [{"typ": "AT+JWT"}, {"typ": "application/at+jwt"}, {"x5c": ["MIIB" * 500]}, {"own": 1}]
)
async def test_what_honest_issuers_write_into_headers_is_taken(header: dict[str, Any]) -> None:
    """Types in any case, certificates, names of their own."""
    signer = Signer()
    assert await verifier(signer).verify(signer.token(header=header))


@pytest.mark.parametrize(("key", "algorithm"), [(rsa(), "RS256"), (rsa(), "PS256"), (ec(), "ES256")])
async def test_three_algorithms_are_taken_unless_the_settings_name_fewer(key: Any, algorithm: str) -> None:
    """The settings decide, not the token and not the issuer's documents."""
    signer = Signer(keys={"k1": key})
    token = signer.token(header={"alg": algorithm})
    assert await verifier(signer).verify(token)
    others = [one for one in ("RS256", "PS256", "ES256") if one != algorithm]
    await refusal(verifier(signer, algorithms=others), token)


@pytest.mark.parametrize("claim", ["client_id", "azp", "cid", "appid"])
async def test_the_client_is_known_by_whatever_name_issuers_give_it(claim: str) -> None:
    """And odd texts for it, for the session or for the token's own id do not get any further."""
    signer = Signer()
    checking = verifier(signer)
    claims = await checking.verify(signer.token(**{"client_id": None, claim: "hr-feed"}))
    assert claims.client_id == "hr-feed"
    odd = await checking.verify(signer.token(client_id=["x"], sid="a\nb", jti="x" * 256))
    assert (odd.client_id, odd.session, odd.token_id) == (None, None, None)
