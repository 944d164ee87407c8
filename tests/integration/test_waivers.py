"""Promises of waivers, through the HTTP interface of `applications`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from services.applications.contracts import applications as types
from tests.support.calls import OPEN, PARTS, REASON, World, kind_of, new_id, serving_calls
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


OLD = "1997-03-01"  # 29 on the reference date


async def test_who_misses_a_rule_asks_for_a_waiver_and_may_be_selected(world: World) -> None:
    """The request shows the calculation to those who decide; selection waits for the waiver."""
    house = new_id()
    edition, manager = await world.edition(house), await world.manager(house)
    mentor = await world.candidate(house, birth_date=OLD)
    application = await world.applied(edition, mentor)
    await world.done(application, "/waiver-request", {"reason": REASON}, by=mentor)
    await world.selecting(edition)
    early = await world.change(application, "/decision", {"decision": "selected", "reason": REASON}, by=manager)
    [case] = await world.see(f"{edition}/waivers", by=manager)
    granted = await world.done(application, "/waiver", {"decision": "granted", "reason": REASON}, by=manager)
    chosen = await world.done(application, "/decision", {"decision": "selected", "reason": REASON}, by=manager)

    assert kind_of(early) == (409, "not-eligible")
    assert (case["reason"], case["rules"][0]["values"]["age"]) == (REASON, 29)
    assert (granted["eligibility"], granted["waiver"]["decided_by"]) == ("waived", manager)
    assert chosen["pending"]["decision"] == "selected"
    own = await world.see(application, by=mentor)
    assert (own["waiver"]["decision"], own["waiver"]["reason"]) == ("granted", REASON)
    kinds = [type_ for type_, _ in await world.published(application, 4)]
    assert kinds == [types.APPLIED, types.CHANGED, types.WAIVER_DECIDED, types.CHANGED]
    assert REASON not in json.dumps(await world.published(application, 4))


async def test_waiver_is_given_unasked_and_stands_among_the_precedents(world: World) -> None:
    """The list shows later managers how such cases were decided, and the applicant's own list what was."""
    house = new_id()
    edition, manager = await world.edition(house), await world.manager(house)
    mentor = await world.candidate(house, birth_date=OLD)
    application = await world.applied(edition, mentor)
    await world.done(application, "/waiver", {"decision": "refused", "reason": REASON}, by=manager)

    [case] = await world.see(f"{edition}/waivers", by=manager)
    [own] = await world.see("/v1/my-applications", by=mentor)
    asked = await world.change(application, "/waiver-request", {"reason": REASON}, by=mentor)
    again = await world.change(application, "/waiver", {"decision": "granted", "reason": REASON}, by=manager)

    assert (case["requested_at"], case["waiver"]["decision"]) == (None, "refused")
    assert (own["eligibility"], own["waiver"]["decision"], own["waiver"]["reason"]) == ("unmet", "refused", REASON)
    assert kind_of(asked) == kind_of(again) == (409, "waiver-decided-before")


async def test_nobody_decides_on_the_own_waiver_or_on_a_competitors(world: World) -> None:
    """A manager who applied leaves it to others; a manager of another company sees nothing of it."""
    house = new_id()
    edition = await world.edition(house)
    mentor, manager = await world.candidate(house, birth_date=OLD), await world.manager(house)
    stranger = await world.manager(new_id())
    await world.person(house, manager)
    await world.profile(manager, birth_date=OLD)
    own, other = await world.applied(edition, manager), await world.applied(edition, mentor)
    body = {"decision": "granted", "reason": REASON}

    assert kind_of(await world.change(own, "/waiver", body, by=manager)) == (403, "own-case")
    assert kind_of(await world.change(other, "/waiver", body, by=manager)) == (403, "own-case")
    assert kind_of(await world.change(other, "/waiver", body, by=stranger)) == (404, "not-found")
    assert kind_of(await world.ask("GET", f"{edition}/waivers", by=stranger)) == (404, "not-found")


async def test_manager_who_applied_reads_no_application_but_their_own(world: World) -> None:
    """Neither lists nor single ones, not after a withdrawal either; a draft makes nobody a competitor yet."""
    house = new_id()
    edition, mentor, manager = await world.edition(house), await world.candidate(house), await world.manager(house)
    await world.person(house, manager)
    await world.profile(manager)
    other = await world.applied(edition, mentor)
    own = await world.draft(edition, manager)
    paths = (f"{edition}/applications", f"{edition}/waivers", other)
    before = [(await world.ask("GET", path, by=manager)).status_code for path in paths]
    await world.done(own, "", PARTS, by=manager, method="PATCH")
    await world.done(own, "/submission", {}, by=manager)
    applied = [await world.ask("GET", path, by=manager) for path in paths]
    await world.done(own, "/withdrawal", {}, by=manager)
    withdrawn = [await world.ask("GET", path, by=manager) for path in paths]

    assert before == [200, 200, 200]
    assert {kind_of(answer) for answer in (*applied, *withdrawn)} == {(403, "own-case")}
    assert (await world.see(own, by=manager))["status"] == "withdrawn"


async def test_who_meets_every_rule_needs_no_waiver(world: World) -> None:
    """Neither asked for nor given."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    application = await world.applied(edition, mentor)

    asked = await world.change(application, "/waiver-request", {"reason": REASON}, by=mentor)
    given = await world.change(application, "/waiver", {"decision": "granted", "reason": REASON})

    assert kind_of(asked) == kind_of(given) == (409, "no-waiver-needed")
