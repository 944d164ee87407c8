"""Promises of `notifications` on a real Kafka and a real database, against a mail server that a test commands."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis import kafka, mongo, provision
from services.chassis.aggregate import Command
from services.chassis.clock import clock_from
from services.chassis.ids import random_id
from services.chassis.operations.rebuilding import opened
from services.chassis.wire import rfc3339
from services.notifications import contracts, store
from services.notifications.main import SERVICE
from tests.support import dying_dispatch
from tests.support.asking import client_of
from tests.support.databases import drop
from tests.support.mailing import OTHERS, Relay, World, address, another_year, listening
from tests.support.servers import Running
from tests.support.waiting import until_async


@dataclass(slots=True)
class Mail:
    """The service, running over a database of its own, its mail server, and the clock in its hand."""

    world: World
    relay: Relay
    clock: Path
    settings: dict[str, str]
    process: AsyncExitStack

    async def start(self) -> None:
        """Start the service, or start it again: what it kept in memory is gone, what it stored is not."""
        await self.process.aclose()
        self.world.http = await self.process.enter_async_context(client_of(application(self.settings)))
        beginning = self.world.database[store.SETTINGS]
        await until_async(lambda: beginning.find_one({}), "the service has started")

    async def lose(self, *collections: str) -> None:
        """Stop the service, drop these collections, start it again."""
        await self.process.aclose()
        for name in collections:
            await self.world.database.drop_collection(name)
        await self.start()

    async def waits_for(self, what: str) -> None:
        """Wait until health says that messages wait for this."""

        async def so() -> bool:
            health = (await self.world.http.get("/health/consumers")).json()["loops"]["timer_handlers"]
            return bool(health["state"] == "waiting" and what in health.get("reason", ""))

        await until_async(so, f"health says: {what}")

    def passes(self, by: timedelta) -> None:
        """Move the service's clock on."""
        later = self.clock.with_suffix(".later")
        later.write_text(rfc3339(self.now + by))
        later.replace(self.clock)

    @property
    def now(self) -> datetime:
        """The service's present."""
        return datetime.fromisoformat(self.clock.read_text())

    async def pair(self, **facts: Any) -> tuple[str, str]:
        """Two people who speak German; the mentor's id first."""
        return await self.world.person("Lena Hoff", **facts), await self.world.person("Dr. Ümit Winter", **facts)


@pytest.fixture
async def mail(servers: Running, tmp_path: Path) -> AsyncIterator[Mail]:
    """The service at the instant of the tests' events, and a relay that takes everything."""
    prefix, clock = f"n{uuid.uuid4().hex[:12]}", tmp_path / "now"
    at = another_year()
    clock.write_text(at)
    client = mongo.connect(servers.mongodb)
    await provision.provision([SERVICE, *OTHERS], kafka=servers.kafka, client=client, prefix=prefix)
    publisher = kafka.Publisher(servers.kafka)
    database = client[f"{prefix}_notifications"]
    async with listening(Relay()) as relay, AsyncExitStack() as process, httpx2.AsyncClient() as nobody:
        settings = {"KAFKA": servers.kafka, "MONGODB": servers.mongodb, "CLOCK": str(clock), "LOG_LEVEL": "error"}
        settings |= {"DATABASE_PREFIX": prefix, "GROUP_PREFIX": prefix, "PORTAL": "https://tandem.example/"}
        settings |= {"SMTP": relay.address}
        running = Mail(World(servers.kafka, publisher, nobody, database, at), relay, clock, settings, process)
        await running.start()
        yield running
    await publisher.stop()
    await drop(client[f"{prefix}_notifications"])
    await mongo.close(client)


def application(settings: dict[str, str]) -> Any:
    """The service's application under these settings."""
    with environment(settings):
        return SERVICE.app()


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """The settings as the process's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(f"TANDEM_{name}", value)
        yield


async def test_both_get_one_message_each_in_their_own_language(mail: Mail) -> None:
    """Text and HTML name the other one and the first step; the page shows neither text nor address."""
    mentor = await mail.world.person("Lena Hoff", language="en")
    mentee = await mail.world.person("Dr. Ümit Winter")
    matched = await mail.world.match(mentor, mentee)

    told = await mail.world.becomes(matched.subject, state="sent", attempts=1, last_code=250, reason=None)

    assert [one["recipient_id"] for one in told] == [mentor, mentee]
    [english], [german] = mail.relay.to(address(mentor)), mail.relay.to(address(mentee))
    assert english["Subject"] == "Reverse mentoring: your pair is set"
    assert german["Subject"] == "Reverse Mentoring: Ihr Tandem steht fest"
    year, link = mail.now.year, f"https://tandem.example/pairs/{matched.subject}"
    english_words, german_words = ["Dr. Ümit Winter", f"15 April {year}"], ["Lena Hoff", f"15. April {year}"]
    for message, words in ((english, english_words), (german, german_words)):
        for kind in ("plain", "html"):
            text = message.get_body((kind,)).get_content()
            assert all(word in text for word in [*words, link]), text
    assert mail.relay.recipients.count(address(mentor)) == 1
    shown = (await mail.world.http.get(f"/v1/deliveries/{told[0]['delivery_id']}")).text
    assert "@" not in shown
    assert "Hoff" not in shown


async def test_a_redelivered_event_mails_nobody_twice(mail: Mail) -> None:
    """Even where the fence was lost and the event is handled once more, it leads to the same deliveries."""
    matched = await mail.world.match(*await mail.pair())
    await mail.world.becomes(matched.subject, state="sent")
    await mail.lose("pair_messages_v1")

    await mail.world.repeat(contracts.PAIRS, matched)
    fences = mail.world.database["pair_messages_v1"]
    await until_async(lambda: fences.find_one({"_id": matched.subject}), "the event is handled again")
    later = await mail.world.match(*await mail.pair())
    await mail.world.becomes(later.subject, state="sent")

    assert len(mail.relay.messages) == 4
    assert len({message["Message-ID"] for message in mail.relay.messages}) == 4


async def test_a_relay_that_is_away_gets_the_messages_later(mail: Mail) -> None:
    """Nothing is lost or recorded as failed; health says what is waited for."""
    away = Relay()
    async with listening(away):
        pass
    mail.settings["SMTP"] = away.address
    await mail.start()
    matched = await mail.world.match(*await mail.pair())

    await mail.waits_for("the mail relay does not take mail")
    assert {one["state"] for one in await mail.world.deliveries(matched.subject)} == {"intended"}

    async with listening(away):
        await mail.world.becomes(matched.subject, state="sent")
    assert len(away.messages) == 2


async def test_what_is_refused_for_good_is_failed_and_seen(mail: Mail) -> None:
    """A 5xx for one of two fails that one alone, with the code; the list finds it by its state."""
    mentor, mentee = await mail.pair()
    mail.relay.refused[address(mentor)] = "550 no such mailbox"

    matched = await mail.world.match(mentor, mentee)

    async def settled() -> bool:
        return [one["state"] for one in await mail.world.deliveries(matched.subject)] == ["failed", "sent"]

    await until_async(settled, "one is failed, the other sent")
    listed = (await mail.world.http.get("/v1/deliveries", params={"state": "failed"})).json()
    assert [(one["recipient_id"], one["reason"], one["last_code"]) for one in listed] == [(mentor, "refused", 550)]


async def test_a_message_that_is_put_off_comes_later(mail: Mail) -> None:
    """After a 4xx it waits for its next attempt by the service's clock; then it is sent under the same Message-ID."""
    mail.relay.answers = ["451 greylisted", "451 greylisted"]
    matched = await mail.world.match(*await mail.pair())
    await mail.world.becomes(matched.subject, state="intended", attempts=1, last_code=451)
    assert mail.relay.messages == []

    mail.passes(timedelta(minutes=1))

    told = await mail.world.becomes(matched.subject, state="sent", attempts=2, last_code=250)
    ids = {message["Message-ID"] for message in mail.relay.messages}
    assert ids == {f"<{one['delivery_id']}@tandem.example>" for one in told}


async def test_a_relay_that_takes_it_and_says_nothing_gets_it_twice_at_most(mail: Mail) -> None:
    """Both copies bear the same Message-ID; the delivery has failed, visibly, as unconfirmed."""
    mail.relay.hangs_up = True
    matched = await mail.world.match(*await mail.pair())
    await mail.world.becomes(matched.subject, state="intended", attempts=1)

    mail.passes(timedelta(minutes=15))
    await mail.world.becomes(matched.subject, state="failed", reason="unconfirmed")
    mail.passes(timedelta(days=1))

    ids = [message["Message-ID"] for message in mail.relay.messages]
    assert (len(ids), len(set(ids))) == (4, 2)


async def test_what_is_put_off_for_too_long_is_given_up(mail: Mail) -> None:
    """After three days of temporary refusals a message has failed, visibly."""
    mentor, mentee = await mail.pair()
    mail.relay.refused = dict.fromkeys([address(mentor), address(mentee)], "450 mailbox busy")
    matched = await mail.world.match(mentor, mentee)
    await mail.world.becomes(matched.subject, state="intended", attempts=1)

    mail.passes(timedelta(days=3))

    await mail.world.becomes(matched.subject, state="failed", reason="given_up", attempts=2, last_code=450)


async def test_what_happened_before_the_first_start_is_mailed_to_nobody(mail: Mail) -> None:
    """It is recorded as suppressed, so that an operator sees that it was not forgotten."""
    people = await mail.pair()
    older = await mail.world.match(*people, at=rfc3339(mail.now - timedelta(milliseconds=1)))
    newer = await mail.world.match(*people)

    await mail.world.becomes(newer.subject, state="sent")

    await mail.world.becomes(older.subject, state="suppressed", reason="older_than_start", attempts=0)
    assert len(mail.relay.messages) == 2


async def test_a_refill_after_a_restore_mails_nobody(mail: Mail) -> None:
    """Deliveries that were lost with the database are recorded as suppressed, since they may have been mailed."""
    matched = await mail.world.match(*await mail.pair())
    await mail.world.becomes(matched.subject, state="sent")
    await mail.lose("deliveries", "timers", "pair_messages_v1")
    mail.passes(timedelta(hours=1))

    with environment(mail.settings):
        async with opened(SERVICE.name) as read_models:
            await read_models.refill("pair_messages", Command(actor="operator"), reason="restored from last night")

    await mail.world.becomes(matched.subject, state="suppressed", reason="older_than_start")
    assert len(mail.relay.messages) == 2
    beginning = await mail.world.database[store.SETTINGS].find_one({})
    mail.passes(-timedelta(days=1))
    await store.Beginning(mail.world.database, clock_from(mail.clock)).forget_replay()
    assert await mail.world.database[store.SETTINGS].find_one({}) == beginning


async def test_a_message_waits_for_name_and_address(mail: Mail) -> None:
    """Topics come in any order: a pair whose people are not known yet is told as soon as they are."""
    mentor, mentee = random_id(), random_id()
    matched = await mail.world.match(mentor, mentee)
    await mail.world.becomes(matched.subject, state="intended", attempts=0)
    await mail.waits_for("has not arrived yet")
    await mail.world.listed(mentor)
    await mail.world.listed(mentee)
    await mail.world.reachable(mentor, "Lena Hoff")
    await mail.world.reachable(mentee, "Jo")

    await mail.world.becomes(matched.subject, state="sent")


async def test_whoever_has_left_gets_no_mail(mail: Mail) -> None:
    """Neither the one who left nor the other one, who would hear of somebody who is not there any more."""
    mentor = await mail.world.person("Lena Hoff", active=False)
    mentee = await mail.world.person("Dr. Ümit Winter")
    marker = await mail.world.match(*await mail.pair())
    await mail.world.becomes(marker.subject, state="sent")

    matched = await mail.world.match(mentor, mentee)

    told = await mail.world.becomes(matched.subject, state="suppressed")
    assert [one["reason"] for one in told] == ["person_gone", "partner_gone"]


async def test_whoever_was_erased_gets_no_mail(mail: Mail) -> None:
    """A name and an address that were forgotten between event and message are not missed for three days."""
    mail.relay.answers = ["451 later", "451 later"]
    mentor, mentee = await mail.pair()
    matched = await mail.world.match(mentor, mentee)
    await mail.world.becomes(matched.subject, state="intended", attempts=1)
    await mail.world.erased(mentor)
    contacts = mail.world.database[store.CONTACTS]
    await until_async(lambda: contacts.find_one({"_id": mentor, "gone": True}), "the contact is forgotten")

    mail.passes(timedelta(minutes=1))

    told = await mail.world.becomes(matched.subject, state="suppressed")
    assert [one["reason"] for one in told] == ["person_gone", "partner_gone"]


async def test_nobody_is_told_of_a_pair_that_has_ended(mail: Mail) -> None:
    """What the relay put off is not sent later; what was sent stays sent, and another pair's messages go out."""
    mail.relay.answers = ["250 taken", "451 later", "451 later", "451 later"]
    first, again = [await mail.world.match(*await mail.pair()) for _ in range(2)]

    async def all_of_them() -> list[dict[str, Any]]:
        return [one for pair in (first, again) for one in await mail.world.deliveries(pair.subject)]

    async def tried() -> bool:
        return [bool(one["attempts"]) for one in await all_of_them()] == [True] * 4

    await until_async(tried, "each message was tried once")
    [sent] = [one for one in await all_of_them() if one["state"] == "sent"]
    gone, stays = (first, again) if sent["pair_id"] == first.subject else (again, first)

    await mail.world.end(gone)

    async def suppressed() -> bool:
        states = sorted(one["state"] for one in await mail.world.deliveries(gone.subject))
        return states == ["sent", "suppressed"]

    await until_async(suppressed, "the message that waited is not to be sent")
    [one] = [one for one in await mail.world.deliveries(gone.subject) if one["state"] == "suppressed"]
    assert (one["reason"], one["next_attempt_at"]) == ("pair_ended", None)
    mail.passes(timedelta(minutes=1))
    await mail.world.becomes(stays.subject, state="sent")
    assert mail.relay.to(address(one["recipient_id"])) == []


async def test_an_address_that_nobody_could_use_fails_alone(mail: Mail) -> None:
    """It reaches no mail server and holds up nobody."""
    mentor, mentee = await mail.pair()
    await mail.world.reachable(mentee, "Dr. Ümit Winter", "no address\r\nBcc: all@group.example")
    matched = await mail.world.match(mentor, mentee)

    async def settled() -> bool:
        return [one["state"] for one in await mail.world.deliveries(matched.subject)] == ["sent", "failed"]

    await until_async(settled, "one is sent, the other failed")
    assert (await mail.world.deliveries(matched.subject))[1]["reason"] == "unusable_address"


async def test_whoever_has_no_address_gets_no_mail_and_holds_up_nobody(mail: Mail) -> None:
    """The second version of a contact is read; the delivery says what is missing, the other one is sent."""
    mentor, mentee = await mail.pair()
    await mail.world.unreachable(mentee, "Kofi Osei")
    matched = await mail.world.match(mentor, mentee)

    async def settled() -> bool:
        return [one["state"] for one in await mail.world.deliveries(matched.subject)] == ["sent", "failed"]

    await until_async(settled, "one is sent, the other failed")
    assert (await mail.world.deliveries(matched.subject))[1]["reason"] == "no_address"


async def test_connections_are_few_and_used_again(mail: Mail) -> None:
    """A hundred messages that wait need no hundred connections, however slowly they were asked for."""
    people = [await mail.pair() for _ in range(2)]
    await mail.process.aclose()
    pairs = [await mail.world.match(*people[n % 2]) for n in range(50)]
    await mail.start()
    for pair in pairs:
        await mail.world.becomes(pair.subject, state="sent")
    assert len(mail.relay.messages) == 100
    assert mail.relay.connections < 80  # about 55: those that are idle are closed after each turn


async def test_a_crash_after_the_relay_took_it_repeats_a_message_once(mail: Mail) -> None:
    """Nobody can tell whether it was taken, so it goes again under the same Message-ID; none is lost."""
    await mail.process.aclose()
    matched = await mail.world.match(*await mail.pair())
    environment = {**os.environ, **{f"TANDEM_{name}": value for name, value in mail.settings.items()}}
    command = [sys.executable, "-m", "tests.support.dying_dispatch"]
    dying = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
    assert await asyncio.wait_for(dying.wait(), 60) == dying_dispatch.DIED
    taken = [message["Message-ID"] for message in mail.relay.messages]
    assert 1 <= len(taken) <= 2
    assert await mail.world.database["timers"].count_documents({"claim.until": {"$gt": datetime.now(UTC)}}) > 0

    await mail.world.database["timers"].update_many({}, {"$set": {"claim.until": datetime.now(UTC)}})  # a minute passes
    await mail.start()

    await mail.world.becomes(matched.subject, state="sent", attempts=1)
    times = Counter(message["Message-ID"] for message in mail.relay.messages)
    assert len(times) == 2
    assert {id: number for id, number in times.items() if number > 1} == dict.fromkeys(taken, 2)
