"""Promises on those who decide and those who compete: nobody does both in one edition, in whatever order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.applications.store import Judges
from services.chassis.auth.principal import Scope
from tests.support.calls import AFTER, PARTS, REASON, World, kind_of, new_id, serving_calls
from tests.support.servers import Running

OLD = {"birth_date": "1980-01-01"}


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[World]:
    """The service with a call open."""
    async with serving_calls(servers, tmp_path) as running:
        yield running


async def managing_candidate(world: World, company: str) -> str:
    """A programme manager who could apply."""
    person = await world.candidate(company)
    return world.callers.hold(person, company, programme_manager=Scope(frozenset([company])))


def losing_the_role(world: World, person: str, company: str) -> None:
    """The person works for the company as before, without any role."""
    del world.callers.known[person]
    world.callers.hold(person, company)


async def test_who_is_admitted_late_reads_and_decides_nothing(world: World) -> None:
    """While the admission lies ahead its holder may still compete; when it has passed unused, they are free again."""
    edition = await world.edition(company := new_id())
    person = await managing_candidate(world, company)
    rival = await world.applied(edition, await world.candidate(company))
    await world.selecting(edition)
    admission = {"person_id": person, "until": "2026-03-20T00:00:00Z", "reason": REASON}
    assert (await world.create(f"{edition}/late-admissions", admission)).status_code == 201
    declined = {"decision": "declined", "reason": REASON}

    for path in (f"{edition}/board", f"{edition}/applications", f"{edition}/waivers", rival):
        assert kind_of(await world.ask("GET", path, by=person)) == (403, "own-case"), path
    assert kind_of(await world.change(rival, "/decision", declined, by=person)) == (403, "own-case")
    world.clock.write_text("2026-03-20T00:00:00Z")
    assert (await world.ask("GET", f"{edition}/board", by=person)).status_code == 200
    await world.done(rival, "/decision", declined, by=person)


async def test_whose_word_was_overruled_does_not_compete(world: World) -> None:
    """The last word is another manager's, yet who said something before is on record."""
    edition = await world.edition(company := new_id())
    first, second = [await managing_candidate(world, company) for _ in range(2)]
    rival = await world.applied(edition, await world.candidate(company))
    await world.selecting(edition)
    for by in (first, second):
        said = {"decision": "reserved", "reason": f"This is what {by} thinks of it."}
        await world.done(rival, "/decision", said, by=by)

    for person in (first, second):
        admission = {"person_id": person, "until": "2026-03-20T00:00:00Z", "reason": REASON}
        assert kind_of(await world.create(f"{edition}/late-admissions", admission)) == (409, "has-judged")


async def test_who_released_does_not_compete(world: World) -> None:
    """Telling what others decided is part of the selection too."""
    edition = await world.edition(company := new_id())
    person = await managing_candidate(world, company)
    rival = await world.applied(edition, await world.candidate(company))
    await world.selecting(edition)
    await world.done(rival, "/decision", {"decision": "declined", "reason": REASON})
    released = await world.ask("POST", f"{edition}/release", {}, by=person)
    assert released.json()["released"] == 1

    admission = {"person_id": person, "until": "2026-03-20T00:00:00Z", "reason": REASON}
    assert kind_of(await world.create(f"{edition}/late-admissions", admission)) == (409, "has-judged")


async def test_managers_who_waived_for_each_other_hand_nothing_in(world: World) -> None:
    """What was decided on one's own draft opens no way; nor does withdrawing and beginning again wipe it out."""
    edition = await world.edition(company := new_id())
    one, other = [await managing_candidate(world, company) for _ in range(2)]
    drafts = {}
    for person in (one, other):
        await world.profile(person, **OLD)
        drafts[person] = await world.draft(edition, person, **PARTS, waiver_reason="I am young at heart, truly.")
    for person, rival in ((one, drafts[other]), (other, drafts[one])):
        await world.done(rival, "/waiver", {"decision": "granted", "reason": REASON}, by=person)
    for person, draft in drafts.items():
        await world.done(draft, "/withdrawal", {}, by=person)
        await world.done(draft, "", {"manager_informed": True}, by=person, method="PATCH")

    for person, draft in drafts.items():
        assert kind_of(await world.change(draft, "/submission", {}, by=person)) == (409, "has-judged")


async def test_who_lost_the_role_after_deciding_does_not_compete(world: World) -> None:
    """While the call is open too: who decided on a rival's waiver stays a judge, whatever became of the role."""
    edition = await world.edition(company := new_id())
    person = await managing_candidate(world, company)
    other = await world.candidate(company, **OLD)
    rival = await world.applied(edition, other, waiver_reason="I am young at heart, truly.")
    await world.done(rival, "/waiver", {"decision": "refused", "reason": REASON}, by=person)
    losing_the_role(world, person, company)

    assert kind_of(await world.apply(edition, person)) == (409, "has-judged")
    own = await world.draft(edition, person)
    assert kind_of(await world.change(own, "/submission", {}, by=person)) == (409, "has-judged")
    await world.applied(edition, await world.candidate(company))


async def test_who_decided_before_judges_were_kept_does_not_compete(world: World) -> None:
    """What an earlier release kept says in the waiver itself who decided on it."""
    edition = await world.edition(company := new_id())
    person = await managing_candidate(world, company)
    other = await world.candidate(company, **OLD)
    rival = await world.applied(edition, other, waiver_reason="I am young at heart, truly.")
    await world.done(rival, "/waiver", {"decision": "refused", "reason": REASON}, by=person)
    await world.database["applications"].update_one({"_id": rival.rpartition("/")[2]}, {"$unset": {"state.judges": ""}})
    await Judges(world.database["applications"]).adopt()
    losing_the_role(world, person, company)

    assert kind_of(await world.apply(edition, person)) == (409, "has-judged")


async def test_admission_ends_with_the_edition(world: World) -> None:
    """Nobody is admitted beyond the last day, here 28 February 2027 in Berlin."""
    edition = await world.edition(company := new_id())
    person = await world.candidate(company)
    world.clock.write_text(AFTER)
    late = {"person_id": person, "until": "2027-02-28T23:00:01Z", "reason": REASON}

    assert kind_of(await world.create(f"{edition}/late-admissions", late)) == (422, "until-too-late")
    just = {**late, "until": "2027-02-28T23:00:00Z"}
    assert (await world.create(f"{edition}/late-admissions", just)).status_code == 201
