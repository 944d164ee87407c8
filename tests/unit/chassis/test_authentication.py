"""From a token or a key to who is asking, over the real copy of the directory, and what ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from services.chassis import directory, mongo
from services.chassis.access import AccessLog
from services.chassis.auth import api_keys
from services.chassis.auth.authentication import (
    Authentication,
    DirectoryStale,
    NotAccepted,
    NotLinked,
    Unauthenticated,
)
from services.chassis.auth.key_uses import KeyUses
from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.signing_keys import KeysUnavailable
from services.chassis.auth.tokens import Verifier
from services.chassis.directory import people
from services.chassis.ids import random_id
from tests.support.clocks import HandClock
from tests.support.databases import drop
from tests.support.directories import fill, heartbeat, holder
from tests.support.servers import Running
from tests.support.signers import Signer, reaching, rsa
from tests.support.waiting import until_async

PEPPERS = api_keys.peppers_from(f"1:{'1a' * 32},2:{'2b' * 32}")
SECONDS = 6  # within which a change must be seen
COMPANIES = (
    directory.Subsidiary(subsidiary_id="top"),
    directory.Subsidiary(subsidiary_id="mid", parent_id="top"),
    directory.Subsidiary(subsidiary_id="low", parent_id="mid"),
    directory.Subsidiary(subsidiary_id="side"),
)
ADA = holder("idp:ada", "top", programme_manager=["mid"], auditor=[])


@dataclass(slots=True)
class Door:
    """An authentication by two issuers over a database of its own, and the clock that it looks at."""

    database: mongo.Database
    clock: HandClock
    idp: Signer
    partner: Signer
    authentication: Authentication

    async def knows(self, *entries: BaseModel, at: datetime | None = None) -> None:
        """Have the directory hold these, the companies, and a heartbeat of that instant, by default the present."""
        await fill(self.database, *COMPANIES, *entries, heartbeat(at or self.clock.now()))

    async def lets_in(self, credential: str, scheme: str = "Bearer ") -> Principal:
        """Who shows this."""
        return await self.authentication.principal({"authorization": f"{scheme}{credential}"})

    async def soon(self, credential: str, outcome: type[Exception] | Principal) -> None:
        """Wait until whoever shows this is let in as that, or kept out so, for as long as a change may take."""

        async def so() -> bool:
            try:
                return await self.lets_in(credential) == outcome
            except Exception as error:
                return type(error) is outcome

        await until_async(so, f"{credential[:8]} leads to {outcome}", SECONDS)


@pytest.fixture
async def door(servers: Running) -> AsyncIterator[Door]:
    """Nobody is known yet."""
    client, clock = mongo.connect(servers.mongodb), HandClock()
    database = client[f"auth_{random_id()[:8]}"]
    idp, partner = Signer(), Signer("https://login.partner.example", {"k1": rsa(1)})
    verifier = Verifier([idp.settings(), partner.settings(name="partner")], reaching(idp, partner))
    authentication = Authentication(
        verifier,
        directory.Directory(database, clock),
        clock,
        peppers=PEPPERS,
        uses=KeyUses(AccessLog(database, "small", clock), clock),
        contact="the desk",
    )
    yield Door(database, clock, idp, partner, authentication)
    await drop(database)
    await mongo.close(client)


def account(key: directory.Key, **facts: Any) -> directory.Account:
    """The program robot with this key."""
    roles = (directory.Role(role="hr_integrator", subsidiaries=("mid",)),)
    return directory.Account(**{"account_id": "robot", "keys": (key,), "roles": roles, **facts})


def kept(key: api_keys.Key, until: datetime, **facts: Any) -> directory.Key:
    """What the directory holds of a key."""
    digest = api_keys.digested(PEPPERS, key)
    row = directory.Key(key_id=key.id, digest=digest.value, pepper=digest.pepper, expires_at=until)
    return row.model_copy(update=facts)


async def test_a_linked_token_is_its_person_with_all_roles(door: Door) -> None:
    """The company, and where each role holds: below its bound, or everywhere."""
    await door.knows(ADA)
    shown = await door.lets_in(door.idp.token(sub="ada"))
    scopes = {"programme_manager": Scope(frozenset({"mid", "low"})), "auditor": Scope(everything=True)}
    assert shown == Principal("ada", "person", "top", scopes=scopes)


async def test_a_good_key_is_its_account_whatever_the_scheme_is_written_like(door: Door) -> None:
    """Of either version of the pepper; the scheme has no case."""
    key, late = api_keys.new_key(), door.clock.now() + timedelta(days=1)
    older = replace(api_keys.digested(PEPPERS, key), value=api_keys.digest(PEPPERS.by_version[1], key.id, key.secret))
    for row in (kept(key, late), kept(key, late, digest=older.value, pepper=1)):
        await door.knows(account(row))
        for scheme in ("Bearer ", "bearer ", "BEARER   "):
            shown = await door.lets_in(key.text, scheme)
            assert shown == Principal(
                "robot", "service_account", scopes={"hr_integrator": Scope(frozenset({"mid", "low"}))}
            )


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Basic YTpi"}]
)
async def test_whoever_shows_nothing_is_asked_to(door: Door, headers: dict[str, str]) -> None:
    """The challenge names no error, since nothing was wrong with what was shown."""
    with pytest.raises(Unauthenticated) as caught:
        await door.authentication.principal(headers)
    assert type(caught.value) is Unauthenticated
    assert "error" not in caught.value.challenge


async def test_a_token_is_not_taken_as_anything_but_a_bearer_token(door: Door) -> None:
    """Neither bare nor under another scheme."""
    await door.knows(ADA)
    for scheme in ("", "Token ", "Bearer", "DPoP "):
        with pytest.raises(Unauthenticated):
            await door.lets_in(door.idp.token(sub="ada"), scheme)


@pytest.mark.parametrize("fault", ["expired", "revoked", "wrong", "unknown", "no pepper", "inactive", "another's id"])
async def test_a_key_that_opens_nothing_is_refused_in_the_same_words_whatever_is_wrong(door: Door, fault: str) -> None:
    """Nobody learns which ids there are, nor that a key was good once."""
    key, other, now = api_keys.new_key(), api_keys.new_key(), door.clock.now()
    rows: dict[str, directory.Account] = {
        "expired": account(kept(key, now)),
        "revoked": account(kept(key, now + timedelta(days=1), revoked=True)),
        "wrong": account(kept(replace(other, id=key.id), now + timedelta(days=1))),
        "unknown": account(kept(other, now + timedelta(days=1))),
        "no pepper": account(kept(key, now + timedelta(days=1), pepper=3)),
        "inactive": account(kept(key, now + timedelta(days=1)), active=False),
        "another's id": account(kept(other, now + timedelta(days=1), key_id=key.id)),
    }
    await door.knows(rows[fault])
    with pytest.raises(NotAccepted) as caught:
        await door.lets_in(key.text)
    assert caught.value.detail == "This API key is not accepted: it is unknown, has expired or was revoked."
    assert 'error="invalid_token"' in caught.value.challenge


async def test_a_key_ends_at_its_instant(door: Door) -> None:
    """By the injected clock, without anything having been said on the topic."""
    key = api_keys.new_key()
    await door.knows(account(kept(key, door.clock.now() + timedelta(minutes=5))))
    door.clock.passes(minutes=5, seconds=-1)
    assert (await door.lets_in(key.text)).id == "robot"
    door.clock.passes(seconds=1)
    with pytest.raises(NotAccepted):
        await door.lets_in(key.text)


async def test_a_mistyped_key_is_refused_without_a_look_at_the_directory(door: Door) -> None:
    """Its checksum says so, also while the directory is stale; nor is it taken for a token."""
    text = api_keys.new_key().text
    for bad in (text[:-1] + ("0" if text[-1] != "0" else "1"), text[:-8], "tdm_", text.upper().replace("TDM", "tdm")):
        with pytest.raises(NotAccepted):
            await door.lets_in(bad)


@pytest.mark.parametrize(
    "known",
    [
        (),
        (ADA.model_copy(update={"active": False}),),
        (ADA, ADA.model_copy(update={"person_id": "adam"})),
        (ADA.model_copy(update={"login": "ada"}),),
        (ADA.model_copy(update={"login": None}),),
        (ADA.model_copy(update={"login": "idp:Ada"}),),
    ],
    ids=["unknown", "left", "two of them", "no issuer", "no login", "another case"],
)
async def test_a_good_login_that_belongs_to_nobody_opens_nothing(door: Door, known: tuple[BaseModel, ...]) -> None:
    """403, since who it is is known; it says whom to ask, and nothing about the roster."""
    await door.knows(*known)
    with pytest.raises(NotLinked) as caught:
        await door.lets_in(door.idp.token(sub="ada"))
    assert caught.value.status == 403
    assert caught.value.detail.endswith("Ask the desk.")


async def test_another_issuers_subject_of_the_same_name_is_somebody_else(door: Door) -> None:
    """The partner's ada is not ours; one who is not trusted is nobody; a name with a colon makes no other login."""
    await door.knows(ADA, holder("partner:bob", "top"))
    assert (await door.lets_in(door.partner.token(sub="bob"))).id == "bob"
    for token in (door.partner.token(sub="ada"), door.idp.token(sub="bob"), door.idp.token(sub="partner:bob")):
        with pytest.raises(NotLinked):
            await door.lets_in(token)
    for stranger in (Signer("https://login.else.example"), Signer(door.idp.url, {"k1": rsa(2)})):
        with pytest.raises(NotAccepted):
            await door.lets_in(stranger.token(sub="ada"))


async def test_access_ends_quarter_of_an_hour_after_the_directory_stopped(door: Door) -> None:
    """For tokens and keys alike, to the second, by the injected clock; it comes back with the heartbeats."""
    key = api_keys.new_key()
    known = (ADA, account(kept(key, door.clock.now() + timedelta(days=1))))
    await door.knows(*known)
    token = door.idp.token(sub="ada")
    door.clock.passes(minutes=15)
    assert (await door.lets_in(token)).id == "ada"
    assert (await door.lets_in(key.text)).id == "robot"

    door.clock.passes(seconds=1)
    for credential in (token, key.text):
        with pytest.raises(DirectoryStale, match="2026-04-01 09:00 UTC") as caught:
            await door.lets_in(credential)
        assert caught.value.retry_after == 30
    for credential in (door.idp.token(sub="nobody"), api_keys.new_key().text):
        with pytest.raises(DirectoryStale):
            await door.lets_in(credential)  # neither does a stale directory say who is unknown

    await door.knows(*known)
    await door.soon(token, await _ada(door))


async def test_a_heartbeat_lets_everybody_in_at_once(door: Door) -> None:
    """That the directory is stale is not remembered, as what it knows is for two seconds."""
    await door.knows(ADA, at=door.clock.now() - timedelta(minutes=16))
    token = door.idp.token(sub="ada")
    with pytest.raises(DirectoryStale):
        await door.lets_in(token)

    await door.knows(ADA)

    assert (await door.lets_in(token)).id == "ada"


async def _ada(door: Door) -> Principal:
    door.authentication._directory = directory.Directory(door.database, door.clock)  # it remembers nothing
    return await door.lets_in(door.idp.token(sub="ada"))


@pytest.mark.parametrize("beats", [[], [("heartbeat-0", 2)], [("heartbeat-0", 3), ("heartbeat-1", 2)]])
async def test_nobody_is_let_in_before_a_heartbeat_of_every_partition(door: Door, beats: list[tuple[str, int]]) -> None:
    """A directory that may lack a revocation opens nothing, however much it knows."""
    rows = [directory.Heartbeat(heartbeat_id=id, at=door.clock.now(), partitions=of) for id, of in beats]
    await fill(door.database, ADA, *COMPANIES, *rows)
    with pytest.raises(DirectoryStale, match="has not arrived yet"):
        await door.lets_in(door.idp.token(sub="ada"))


async def test_a_bad_token_is_refused_also_while_the_directory_is_stale(door: Door) -> None:
    """Whoever cannot show who they are learns nothing about Tandem's state."""
    with pytest.raises(NotAccepted):
        await door.lets_in(door.idp.token(sub="ada", aud="another"))


async def test_what_changes_in_the_directory_counts_within_seconds(door: Door) -> None:
    """A company moves under another, a role is taken away, a key is revoked, somebody leaves."""
    key, late = api_keys.new_key(), door.clock.now() + timedelta(days=1)
    manager = holder("idp:mia", "top", programme_manager=["side"])
    await door.knows(manager, account(kept(key, late)))
    token = door.idp.token(sub="mia")
    assert (await door.lets_in(token)).scope_of(["programme_manager"]) == Scope(frozenset({"side"}))
    assert (await door.lets_in(key.text)).id == "robot"

    moved = directory.Subsidiary(subsidiary_id="low", parent_id="side")
    revoked = account(kept(key, late, revoked=True))
    beat = heartbeat(door.clock.now())
    await fill(door.database, *COMPANIES[:2], COMPANIES[3], moved, manager, revoked, beat)
    scopes = {"programme_manager": Scope(frozenset({"side", "low"}))}
    await door.soon(token, Principal("mia", "person", "top", scopes=scopes))
    await door.soon(key.text, NotAccepted)

    await door.knows(manager.model_copy(update={"roles": ()}))
    await door.soon(token, Principal("mia", "person", "top"))
    await door.knows(manager.model_copy(update={"active": False}))
    await door.soon(token, NotLinked)


async def test_without_the_issuers_keys_nobody_can_be_believed(door: Door) -> None:
    """503, not 401: the caller did nothing wrong; those of another issuer and keys go on."""
    key = api_keys.new_key()
    await door.knows(ADA, account(kept(key, door.clock.now() + timedelta(days=1))), holder("partner:bob", "top"))
    door.idp.away = True
    with pytest.raises(KeysUnavailable):
        await door.lets_in(door.idp.token(sub="ada"))
    assert (await door.lets_in(door.partner.token(sub="bob"))).id == "bob"
    assert (await door.lets_in(key.text)).id == "robot"


async def test_a_login_costs_no_query_while_it_is_remembered(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """For that long not even an emptied directory shows."""
    monkeypatch.setattr(people, "_REMEMBERED", 60.0)
    await door.knows(ADA)
    token = door.idp.token(sub="ada")
    before = await door.lets_in(token)
    await fill(door.database)
    assert await door.lets_in(token) == before
