"""Promises about what is learnt of applicants after they applied, through topics and HTTP of `applications`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from services.applications.contracts import applications as types
from services.applications.store.rechecks import COLLECTION, Rechecks
from services.chassis.clock import SystemClock
from tests.support.calls import OPEN, REASON, World, new_id, serving_calls
from tests.support.servers import Running
from tests.support.waiting import until_async


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    async with serving_calls(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The service at the time of the call."""
    running.clock.write_text(OPEN)
    return running


async def test_corrected_date_of_birth_counts_within_seconds(world: World) -> None:
    """Both ways, for what was handed in and for drafts; the topic hears of the first only."""
    house = new_id()
    edition, mentor, drafting = await world.edition(house), await world.candidate(house), await world.candidate(house)
    application, draft = await world.applied(edition, mentor), await world.draft(edition, drafting)
    for person in (mentor, drafting):
        await world.profile(person, birth_date="1990-01-01")

    old = await world.becomes(application, by=mentor, eligibility="unmet")
    await world.becomes(draft, by=drafting, eligibility="unmet")
    await world.profile(mentor, birth_date="2001-01-01")
    await world.becomes(application, eligibility="met")

    assert (old["status"], old["rules"][0]["values"]["age"]) == ("applied", 36)
    about = {"application_id": application.rpartition("/")[2], "edition_id": edition.rpartition("/")[2]}
    changed = {**about, "mentor_id": mentor, "changed": ["eligibility"], "at": "2026-01-12T09:00:00.000Z"}
    assert (await world.published(application, 3))[1:] == [(types.CHANGED, changed)] * 2
    await world.done(draft, "", {"manager_informed": True}, by=drafting, method="PATCH")
    assert draft.rpartition("/")[2] not in world.events


@pytest.mark.parametrize(
    ("facts", "standing"),
    [({"active": False}, "left"), ({"executive": True}, "executive"), ({"subsidiary": new_id()}, "moved_out")],
)
async def test_who_can_be_no_mentor_any_more_is_marked(world: World, facts: dict[str, object], standing: str) -> None:
    """Leavers, movers and new executives, also after they were selected; nothing is decided by it, and it heals."""
    house = new_id()
    edition, mentor, manager = await world.edition(house), await world.candidate(house), await world.manager(house)
    application = await world.applied(edition, mentor)
    await world.selecting(edition)
    await world.done(application, "/decision", {"decision": "selected", "reason": REASON})
    await world.ask("POST", f"{edition}/release", {})
    await world.person(**{"subsidiary": house, "person_id": mentor, **facts})  # type: ignore[arg-type]

    marked = await world.becomes(application, by=manager, standing=standing)
    await world.person(house, mentor)
    healed = await world.becomes(application, by=manager, standing="in")

    assert (marked["status"], marked["subsidiary"]) == (healed["status"], healed["subsidiary"]) == ("selected", house)


async def test_who_moves_within_the_edition_goes_on_with_the_new_company(world: World) -> None:
    """From then on the managers of the new company are responsible."""
    north, south = new_id(), new_id()
    edition, mentor = await world.edition(north, south), await world.candidate(north)
    application, manager = await world.applied(edition, mentor), await world.manager(south)
    assert (await world.ask("GET", application, by=manager)).status_code == 404
    await world.person(south, mentor)

    moved = await world.becomes(application, subsidiary=south)

    assert moved["standing"] == "in"
    assert (await world.see(application, by=manager))["status"] == "applied"


async def test_notes_are_kept_until_they_were_looked_at_and_then_removed(world: World) -> None:
    """A note that was written before a crash is found by whoever runs next, and none is left lying."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)
    profiles, notes = world.database["profiles"], world.database[COLLECTION]
    await profiles.update_one({"_id": mentor}, {"$set": {"entry.birth_date": "1990-01-01"}})  # as before a crash
    await Rechecks(world.database, SystemClock()).note([mentor])

    await world.becomes(application, eligibility="unmet")

    async def counted() -> bool:
        return (REGISTRY.get_sample_value("tandem_rechecks_waiting") or 0) >= 1

    async def none_left() -> bool:
        return await notes.count_documents({"_id": mentor}) == 0

    await until_async(counted, "the metric tells of it")
    await until_async(none_left, "the note is removed")


async def test_note_that_became_another_one_stays(world: World) -> None:
    """What is learnt while a person is looked at is not forgotten with what was learnt before."""
    rechecks, person = Rechecks(world.database, SystemClock()), "~nobody"
    await rechecks.note([person])
    [before] = [note for note in await rechecks.page("~") if note.person_id == person]
    await rechecks.note([person])
    await rechecks.forget([before])

    assert [note.person_id for note in await rechecks.page("~")] == [person]
