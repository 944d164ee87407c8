"""Promises of time on a real database: who waits for a mentor too long is escalated once, exemptions end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.applications import contracts
from services.applications.domain import edition
from services.applications.handlers import participation_id
from services.chassis import timers
from services.chassis.aggregate import Command
from services.chassis.envelope import Event
from services.chassis.errors import NotFound, Poison
from services.chassis.ids import random_id
from tests.support.attending import BOSS, MANAGER, OPENED, Group, group
from tests.support.servers import Running

ESCALATED, OBLIGED = "org.tandem.mentee.escalated.v1", "org.tandem.mentee.obliged.v1"


@pytest.fixture
async def here(servers: Running) -> AsyncIterator[Group]:
    """A group over a database of its own, where those who see to cases work."""
    async with group(servers) as running:
        for person_id in (BOSS, MANAGER):
            await running.says(person_id, executive=False)
        yield running


async def obliged(here: Group, **facts: object) -> tuple[str, str]:
    """An executive of an edition, with the timer set; the ids of both, the edition's first."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north", **facts)
    await here.look()
    await here.look()  # the first one obliges, the second one sets the timer
    return edition_id, id


def record(edition_id: str, mentee_id: str, pair_id: str, sequence: int, *, time: str | None = None) -> Event:
    """An event of a pair as `matching` tells of it."""
    data = {"pair_id": pair_id, "edition_id": edition_id, "mentee_id": mentee_id}
    return Event(
        id=random_id(), source="/tandem/matching", type="pair", subject=pair_id, sequence=sequence, time=time,
        data=json.dumps(data).encode(), dataschema=None,
    )  # fmt: skip


async def paired(here: Group, edition_id: str, mentee_id: str, pair_id: str) -> None:
    """Matching tells of a pair."""
    pair = contracts.PairMatched(pair_id=pair_id, edition_id=edition_id, mentee_id=mentee_id)
    await here.participations.note_pair(record(edition_id, mentee_id, pair_id, 1), pair)


async def unpaired(here: Group, edition_id: str, mentee_id: str, pair_id: str) -> None:
    """Matching tells of the end of a pair."""
    pair = contracts.PairEnded(pair_id=pair_id, edition_id=edition_id, mentee_id=mentee_id, ended_at=here.clock.now())
    await here.participations.note_pair(record(edition_id, mentee_id, pair_id, 2), pair)


async def test_executive_without_a_mentor_is_escalated_after_the_days_of_the_edition(here: Group) -> None:
    """Not a moment before; the case goes to the person whom the edition names."""
    edition_id, id = await obliged(here)

    assert await here.time_passes(days=9, hours=23) == 0
    assert await here.time_passes(hours=1) == 1

    state = await here.of(edition_id, id)
    assert state.status == "escalated"
    assert state.escalation
    assert (state.escalation.to, state.escalation.by, state.escalation.reachable) == (BOSS, "timer", True)
    type_, data = (await here.told(edition_id, id))[-1]
    assert (type_, json.loads(data)["escalated_to"]) == (ESCALATED, BOSS)


async def test_service_that_was_stopped_for_days_escalates_once(here: Group) -> None:
    """However late, however often looked at and by how many: one escalation, one event."""
    edition_id, id = await obliged(here)
    here.clock.passes(days=40)
    await asyncio.gather(here.look(), here.look())

    fired = sum(await asyncio.gather(*(here.time_passes() for _ in range(4))))
    await here.look()
    fired += await here.time_passes(days=40)

    assert fired == 1
    assert [type_ for type_, _ in await here.told(edition_id, id)] == [OBLIGED, ESCALATED]
    state = await here.of(edition_id, id)
    assert state.escalation
    assert state.escalation.since == OPENED + timedelta(days=40)


async def test_timer_that_was_never_set_is_set_late(here: Group) -> None:
    """A crash between obligation and timer is made good by the next look, even long after it was due."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north")
    await here.look()
    here.clock.passes(days=30)
    await here.look()

    assert await here.time_passes() == 1
    assert (await here.of(edition_id, id)).status == "escalated"


@pytest.mark.parametrize("decided", ["paired", "exempt", "left"])
async def test_whoever_needs_no_mentor_is_not_escalated(here: Group, decided: str) -> None:
    """A pair, an exemption, the end of scope: the timer is taken back, and would do nothing were it not."""
    edition_id, id = await obliged(here)
    match decided:
        case "paired":
            await paired(here, edition_id, id, "pair-1")
        case "exempt":
            await here.exempt(edition_id, id)
        case "left":
            await here.says(id, active=False)
            await here.look()

    await here.time_passes(days=60)
    assert (await here.of(edition_id, id)).status == decided
    await here.look()
    assert await here.database[timers.COLLECTION].count_documents({"state": "waiting"}) == 0


async def test_look_takes_the_timer_back_before_it_fires(here: Group) -> None:
    """What does not wait any more has no timer that waits."""
    edition_id, id = await obliged(here)
    await paired(here, edition_id, id, "pair-1")
    await here.look()

    [timer] = await here.database[timers.COLLECTION].find({}).to_list(None)
    assert (timer["state"], timer["subject"]) == ("cancelled", participation_id(edition_id, id))


async def test_end_of_a_pair_starts_the_days_anew(here: Group) -> None:
    """The executive is obliged again, and escalated so many days after the pair ended."""
    edition_id, id = await obliged(here)
    await paired(here, edition_id, id, "pair-1")
    here.clock.passes(days=100)
    await unpaired(here, edition_id, id, "pair-1")
    await here.look()

    assert (await here.of(edition_id, id)).status == "obliged"
    assert await here.time_passes(days=9) == 0
    assert await here.time_passes(days=1) == 1
    assert (await here.of(edition_id, id)).status == "escalated"


async def say_days(here: Group, edition_id: str, days: int) -> None:
    """Somebody changes after how many days the edition escalates."""
    terms = (await here.editions.editions.get(edition_id)).state.terms
    said = replace(terms, escalation=edition.Escalation(BOSS, after_days=days))
    amended = edition.EditionAmended(edition_id, said, ("escalation",), here.clock.now())
    await here.editions.editions.change(edition_id, lambda state: [amended])


async def test_fewer_days_have_the_timer_fire_earlier(here: Group) -> None:
    """A look after the change moves the timer, also where it was moved elsewhere before."""
    edition_id, id = await obliged(here)
    for days in (20, 5):
        await say_days(here, edition_id, days)
        await here.look()

    assert await here.time_passes(days=5) == 1
    assert (await here.of(edition_id, id)).status == "escalated"


async def test_timer_that_fires_before_the_edition_says_so_comes_again(here: Group) -> None:
    """More days count at once, also where no look has moved the timer yet."""
    edition_id, id = await obliged(here)
    await say_days(here, edition_id, 30)

    assert await here.time_passes(days=10) == 0
    assert (await here.of(edition_id, id)).status == "obliged"
    assert await here.time_passes(days=20) == 1
    assert (await here.of(edition_id, id)).status == "escalated"


async def test_closed_edition_escalates_nobody(here: Group) -> None:
    """A timer that is left over does nothing."""
    edition_id, id = await obliged(here)
    await here.close(edition_id)

    await here.time_passes(days=60)
    assert (await here.of(edition_id, id)).status == "obliged"


async def test_edition_that_is_over_escalates_nobody(here: Group) -> None:
    """Its last day has passed and nobody closed it: a timer that is left over does nothing."""
    edition_id, id = await obliged(here, ends_on=date(2026, 3, 8))

    assert await here.time_passes(days=60) == 1
    assert (await here.of(edition_id, id)).status == "obliged"


async def test_nobody_is_escalated_to_nobody(here: Group) -> None:
    """An edition of an earlier release names nobody: cases wait, and are taken up when somebody is named."""
    edition_id, id = await obliged(here, escalation=edition.Escalation("", after_days=10), created_by="")

    assert await here.time_passes(days=60) == 0
    assert (await here.of(edition_id, id)).status == "obliged"
    await say_days(here, edition_id, 10)
    await here.look()
    assert await here.time_passes() == 1
    state = await here.of(edition_id, id)
    assert state.escalation
    assert (state.escalation.to, state.escalation.reachable) == (BOSS, True)


@pytest.mark.parametrize(("gone", "to", "reachable"), [((BOSS,), MANAGER, True), ((BOSS, MANAGER), BOSS, False)])
async def test_case_goes_to_the_creator_where_the_addressee_has_left(
    here: Group, gone: tuple[str, ...], to: str, reachable: bool
) -> None:
    """Before the escalation or after it: never to nobody, and where nobody is left it shows."""
    edition_id, early = await obliged(here)
    await here.time_passes(days=10)
    [late] = await here.executives(1)
    await here.look()
    await here.look()
    for person_id in gone:
        await here.says(person_id, active=False)
    await here.look()
    await here.time_passes(days=10)

    for id in (early, late):
        escalation = (await here.of(edition_id, id)).escalation
        assert escalation
        assert (escalation.to, escalation.reachable, escalation.by) == (to, reachable, "timer")
    told = await here.told(edition_id, early)
    await here.look()
    assert await here.told(edition_id, early) == told


async def test_exemption_ends_the_day_after_its_last_one_in_the_edition_s_zone(here: Group) -> None:
    """At midnight there the executive is obliged again, and the days begin anew."""
    edition_id, id = await obliged(here)
    await here.exempt(edition_id, id, until=date(2026, 3, 27))
    await here.look()

    here.clock.instant = datetime(2026, 3, 27, 22, 59, tzinfo=UTC)
    assert await here.time_passes() == 0
    assert await here.time_passes(minutes=1) == 1
    state = await here.of(edition_id, id)
    assert (state.status, state.obliged_at) == ("obliged", datetime(2026, 3, 27, 23, tzinfo=UTC))
    await here.look()
    assert await here.time_passes(days=9, hours=22, minutes=59) == 0
    assert await here.time_passes(minutes=1) == 1  # the clocks went forward: midnight comes an hour earlier
    assert (await here.of(edition_id, id)).status == "escalated"


async def test_pair_that_is_told_of_again_changes_nothing(here: Group) -> None:
    """The same record twice is one; after the end of the pair it does not bring it back."""
    edition_id, id = await obliged(here)
    await paired(here, edition_id, id, "pair-1")
    await unpaired(here, edition_id, id, "pair-1")
    before = await here.of(edition_id, id)
    await paired(here, edition_id, id, "pair-1")

    assert await here.of(edition_id, id) == before
    assert before.status == "obliged"


async def test_pair_of_somebody_unknown_is_put_aside_and_of_another_edition_ignored(here: Group) -> None:
    """An executive of this edition may still come to be known; an edition that nobody knows concerns nobody."""
    edition_id, _ = await obliged(here)

    with pytest.raises(NotFound):
        await paired(here, edition_id, "somebody", "pair-1")
    await paired(here, "another-edition", "somebody", "pair-2")
    pair = contracts.PairMatched(pair_id="pair-3", edition_id=edition_id, mentee_id="somebody")
    with pytest.raises(Poison):
        await here.participations.note_pair(record(edition_id, "somebody", "pair-4", 1), pair)


async def test_end_of_a_pair_is_dated_by_its_event_where_the_data_say_nothing(here: Group) -> None:
    """The event's own time counts, or the moment at which it arrived where that is no instant Python knows."""
    for time, expected in (
        ("2026-03-01T08:00:00Z", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", here.clock.now()),
    ):
        edition_id, id = await obliged(here)
        await paired(here, edition_id, id, "pair-1")
        pair = contracts.PairEnded(pair_id="pair-1", edition_id=edition_id, mentee_id=id)
        await here.participations.note_pair(record(edition_id, id, "pair-1", 2, time=time), pair)

        assert (await here.of(edition_id, id)).unpaired_at == expected


async def test_person_lifts_an_escalation_and_the_days_begin_anew(here: Group) -> None:
    """Who is put back among the obliged is escalated again, so many days later."""
    edition_id, id = await obliged(here)
    await here.time_passes(days=10)
    said = Command(actor=MANAGER)
    await here.participations.lift(participation_id(edition_id, id), said, reason="A mentor was found.")
    await here.look()

    assert await here.time_passes(days=9) == 0
    assert await here.time_passes(days=1) == 1
    types = [type_ for type_, _ in await here.told(edition_id, id)]
    assert types == [OBLIGED, ESCALATED, OBLIGED, ESCALATED]
