"""Promises of applications on a real Kafka and a real database, through the HTTP interface of `applications`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from services.applications.contracts import applications as types
from tests.support.calls import AFTER, LATE, OFFICE, OPEN, PARTS, REASON, World, kind_of, new_id, serving_calls
from tests.support.servers import Running


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


async def test_application_goes_from_the_call_to_the_accepted_place(world: World) -> None:
    """What people do over HTTP stands on the topic in order, without a word of what they wrote."""
    house = new_id()
    edition, mentor = await world.edition(house, accept_by="2026-04-10"), await world.candidate(house)
    application = await world.applied(edition, mentor)
    await world.selecting(edition)
    await world.done(application, "/decision", {"decision": "reserved", "reason": REASON})
    await world.done(application, "/decision", {"decision": "selected", "reason": REASON})
    told = await world.ask("POST", f"{edition}/release", {})
    accepted = await world.done(application, "/acceptance", {}, by=mentor)

    assert told.json() == {"released": 1, "refused": [], "remaining": 0}
    assert (accepted["status"], accepted["accept_by"]) == ("accepted", "2026-04-10")
    id, edition_id = application.rpartition("/")[2], edition.rpartition("/")[2]
    about = {"application_id": id, "edition_id": edition_id, "mentor_id": mentor}
    now = {**about, "subsidiary": house}
    at = "2026-02-16T09:00:00.000Z"
    events = await world.published(application, 5)
    assert events == [
        (types.APPLIED, {**now, "applied_at": "2026-01-12T09:00:00.000Z", "eligibility": "met"}),
        (types.CHANGED, {**about, "changed": ["decision"], "at": at}),
        (types.CHANGED, {**about, "changed": ["decision"], "at": at}),
        (types.SELECTED, {**now, "selected_at": at}),
        (types.ACCEPTED, {**now, "accepted_at": at}),
    ]


async def test_two_tabs_at_the_same_instant_are_one_application(world: World) -> None:
    """Twenty requests at once, with one key and with others: all get the same application, which is told once."""
    house = new_id()
    edition, mentor, key = await world.edition(house), await world.candidate(house), new_id()
    body = {"mentor_id": mentor, "submit": True, **PARTS}
    keys = [key if number % 2 else new_id() for number in range(20)]

    answers = await asyncio.gather(*(world.create(f"{edition}/applications", body, mentor, key) for key in keys))
    last = await world.done(answers[0].headers["Location"], "/withdrawal", {}, by=mentor)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["application_id"] for answer in answers}) == 1
    assert last["status"] == "withdrawn"
    events = await world.published(last["application_id"], 2)
    assert [type_ for type_, _ in events] == [types.APPLIED, types.WITHDRAWN]


async def test_person_is_a_person_however_the_login_is_spelt(world: World) -> None:
    """A roster that changes the address of somebody who applied does not make them apply twice."""
    house = new_id()
    edition = await world.edition(house)
    mentor = await world.person(house, login="demo:Jana.Bauer@example.org")
    await world.profile(mentor)
    first = await world.applied(edition, mentor)
    await world.person(house, mentor, login="demo:jana.bauer@EXAMPLE.ORG")

    second = await world.apply(edition, mentor)

    assert second.headers["Location"] == first
    assert (await world.see(edition))["applications"]["applied"] == 1


async def test_application_with_other_content_is_refused(world: World) -> None:
    """What was handed in is changed by a change, not by applying again; the same request again is answered."""
    house, key = new_id(), new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    body = {"mentor_id": mentor, "submit": True, **PARTS}
    first = await world.create(f"{edition}/applications", body, mentor, key)
    other = await world.create(f"{edition}/applications", {**body, "answers": {"why": "Other."}}, mentor)
    world.clock.write_text(AFTER)
    again = await world.create(f"{edition}/applications", body, mentor, key)

    assert kind_of(other) == (409, "already-applied")
    assert (again.status_code, again.json()) == (201, first.json())


async def test_who_cannot_be_a_mentor_is_told_why(world: World) -> None:
    """Somebody else's application is 403; executives, leavers and strangers get a reason, outsiders see nothing."""
    house = new_id()
    edition = await world.edition(house)
    executive, leaver, nobody = await world.candidate(house), await world.candidate(house), new_id()
    await world.person(house, executive, executive=True)
    draft = await world.draft(edition, leaver, **PARTS)
    await world.person(house, leaver, active=False)
    world.callers.hold(nobody, house)
    outsider, unprofiled = await world.candidate(new_id()), await world.person(house)

    assert kind_of(await world.apply(edition, executive)) == (409, "not-in-scope")
    assert kind_of(await world.change(draft, "/submission", {}, by=leaver)) == (409, "not-in-scope")
    assert kind_of(await world.apply(edition, outsider)) == (404, "not-found")
    assert kind_of(await world.apply(edition, unprofiled)) == (409, "profile-missing")
    chances = await world.ask("GET", f"{edition}/eligibility", by=nobody)
    assert kind_of(chances) == (422, "unknown-person")
    for_other = await world.create(f"{edition}/applications", {"mentor_id": executive})
    assert kind_of(for_other) == (403, "not-yourself")
    assert await world.see(f"{edition}/applications") == []


async def test_call_takes_applications_until_its_deadline(world: World) -> None:
    """After the deadline, and before the call, the refusal says so; a draft of an edition is no edition to others."""
    house = new_id()
    edition, draft = await world.edition(house), await world.edition(house, opened=False)
    mentor = await world.candidate(house)
    early = await world.apply(draft, mentor)
    world.clock.write_text("2026-02-15T12:00:00Z")
    late = await world.apply(edition, mentor)

    assert kind_of(early) == (404, "not-found")
    assert kind_of(late) == (409, "call-not-open")
    assert "until 2026-02-15 13:00 (Europe/Berlin)" in late.json()["detail"]


async def test_chances_are_told_before_applying_and_nothing_is_kept(world: World) -> None:
    """Each rule with its calculation, for oneself; the date of birth is not repeated."""
    house = new_id()
    edition = await world.edition(house)
    old = await world.candidate(house, birth_date="1997-03-01")
    undated = await world.candidate(house, birth_date=None)

    told = await world.ask("GET", f"{edition}/eligibility", by=old)
    unknown = await world.see(f"{edition}/eligibility", by=undated)

    age, language = told.json()["rules"]
    assert (told.json()["eligible"], told.json()["standing"]) == (False, "in")
    assert (age["met"], age["values"]["age"], language["met"]) == (False, 29, True)
    assert "2026-03-01: 29; at most 28" in age["calculation"]
    assert "1997" not in told.text
    assert (unknown["rules"][0]["met"], unknown["rules"][0]["unknown"]) == (False, True)
    assert kind_of(await world.ask("GET", f"{edition}/my-application", by=old)) == (404, "not-found")


async def test_who_was_selected_accepts_by_the_day_or_asks_for_more(world: World) -> None:
    """Too late is refused by name of what to do; the manager gives one applicant more time, with a reason."""
    house = new_id()
    edition, mentor = await world.edition(house, accept_by="2026-04-10"), await world.candidate(house)
    application = await world.applied(edition, mentor)
    await world.selecting(edition)
    await world.done(application, "/decision", {"decision": "selected", "reason": REASON})
    await world.ask("POST", f"{edition}/release", {})
    world.clock.write_text(LATE)

    late = await world.change(application, "/acceptance", {}, by=mentor)
    past = await world.change(application, "/acceptance-extension", {"until": "2026-04-14", "reason": REASON})
    more = await world.done(application, "/acceptance-extension", {"until": "2026-04-15", "reason": REASON})
    accepted = await world.done(application, "/acceptance", {}, by=mentor)

    assert kind_of(late) == (409, "acceptance-over")
    assert kind_of(past) == (422, "until-passed")
    assert (more["accept_by"], accepted["status"]) == ("2026-04-15", "accepted")


async def test_change_needs_the_version_that_was_seen(world: World) -> None:
    """Without If-Match 428, with an old one 412, for applicants and managers; what is unknown is 404."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)
    etag = (await world.ask("GET", application, by=mentor)).headers["ETag"]
    await world.done(application, "", {"offer": {"places": 1}}, by=mentor, method="PATCH")
    await world.selecting(edition)

    blind = await world.ask("POST", f"{application}/withdrawal", {}, by=mentor)
    old = await world.ask("POST", f"{application}/withdrawal", {}, by=mentor, **{"If-Match": etag})
    outdated = await world.ask(
        "POST", f"{application}/decision", {"decision": "selected", "reason": REASON}, **{"If-Match": '"1"'}
    )
    nowhere = await world.ask(
        "POST",
        f"/v1/applications/{new_id()}/decision",
        {"decision": "selected", "reason": REASON},
        **{"If-Match": '"1"'},
    )

    assert [answer.status_code for answer in (blind, old, outdated, nowhere)] == [428, 412, 412, 404]


async def test_reasons_stay_in_the_service(world: World) -> None:
    """Why somebody withdrew, was waived, admitted or declined is on no topic."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house, birth_date="1990-03-01")
    application = await world.applied(edition, mentor, waiver_reason=REASON)
    await world.done(application, "/waiver", {"decision": "granted", "reason": REASON})
    await world.create(
        f"{edition}/late-admissions", {"person_id": mentor, "until": "2026-03-01T00:00:00Z", "reason": REASON}
    )
    await world.done(application, "/withdrawal", {"reason": REASON}, by=mentor)

    events = await world.published(application, 5)
    kinds = [types.APPLIED, types.CHANGED, types.WAIVER_DECIDED, types.CHANGED, types.WITHDRAWN]
    assert [type_ for type_, _ in events] == kinds
    assert REASON not in json.dumps(events)
    assert (await world.see(application, by=OFFICE))["withdrawn"]["reason"] == REASON
