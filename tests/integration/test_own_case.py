"""Promises on the own case: whoever competes in an edition decides nothing there; whoever decided does not compete."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.applications.handlers import application_id
from services.chassis.auth.principal import Scope
from tests.support.calls import AFTER, LATE, World, kind_of, new_id, serving_calls
from tests.support.editions import asking, scoring
from tests.support.servers import Running

REASON = "This is what was agreed upon."
EVERYWHERE = Scope(everything=True)


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[World]:
    """The service with a call open."""
    async with serving_calls(servers, tmp_path) as running:
        yield running


async def managing_applicant(world: World, company: str, edition: str) -> tuple[str, str]:
    """A programme manager who has applied: person and path of the application."""
    person = await world.candidate(company)
    own = await world.applied(edition, person)
    world.callers.hold(person, company, programme_manager=Scope(frozenset([company])))
    return person, own


async def test_draft_is_hidden_on_every_path(world: World) -> None:
    """Whoever computes the id of somebody's application learns nothing from any of its addresses."""
    edition = await world.edition(company := new_id())
    has, none = await world.candidate(company), await world.candidate(company)
    await world.draft(edition, has)
    for path in ("", "/sheets", "/feedback"):
        told = set()
        for person in (has, none):
            id = application_id(edition.rpartition("/")[2], person)
            answer = await world.ask("GET", f"/v1/applications/{id}{path}")
            told.add((*kind_of(answer), answer.json()["detail"].replace(id, "…")))
        assert told == {(404, "not-found", "There is no application ….")}, path


async def test_draft_that_was_withdrawn_is_not_on_the_board(world: World) -> None:
    """Who never handed anything in is named nowhere."""
    edition = await world.edition(company := new_id())
    shy, sent = await world.candidate(company), await world.candidate(company)
    await world.done(await world.draft(edition, shy), "/withdrawal", {}, by=shy)
    await world.applied(edition, sent)
    world.clock.write_text(AFTER)
    await world.move(edition, "selection")
    assessor = [{"role": "assessor", "subsidiaries": [company]}]
    _ = [await world.person(company, roles=assessor) for _ in range(2)]
    path = (await world.create(f"{edition}/rounds", {"per_application": 2})).headers["Location"]
    await world.becomes(path, state="open")
    await world.done(path, "/closure", {"reason": REASON})

    assert [one["mentor_id"] for one in (await world.see(f"{edition}/board"))["entries"]] == [sent]


async def test_who_applied_decides_nothing_even_after_withdrawing(world: World) -> None:
    """Withdrawing does not open others' cases; nor does beginning again."""
    edition = await world.edition(company := new_id())
    person, own = await managing_applicant(world, company, edition)
    rival = await world.applied(
        edition, await world.candidate(company, birth_date="1980-01-01"), waiver_reason="I am young at heart, truly."
    )
    refused = {"decision": "refused", "reason": REASON}

    assert kind_of(await world.change(rival, "/waiver", refused, by=person)) == (403, "own-case")
    await world.done(own, "/withdrawal", {}, by=person)
    assert kind_of(await world.change(rival, "/waiver", refused, by=person)) == (403, "own-case")
    await world.done(own, "", {"manager_informed": True}, by=person, method="PATCH")
    assert kind_of(await world.change(rival, "/waiver", refused, by=person)) == (403, "own-case")
    declined = {"decision": "declined", "reason": REASON}
    assert kind_of(await world.change(rival, "/decision", declined, by=person)) == (403, "own-case")
    assert kind_of(await world.ask("POST", f"{edition}/release", {}, by=person)) == (403, "own-case")
    for path in ("/board", "/applications", "/waivers"):
        assert kind_of(await world.ask("GET", f"{edition}{path}", by=person)) == (403, "own-case"), path
    assert kind_of(await world.ask("GET", rival, by=person)) == (403, "own-case")


async def test_who_applied_changes_nothing_of_the_edition(world: World) -> None:
    """Neither rubric nor questions nor the day of acceptance; nor are the numbers of decisions told."""
    edition = await world.edition(company := new_id(), accept_by="2026-03-01")
    person, _ = await managing_applicant(world, company, edition)

    assert kind_of(await world.change(edition, "/rubric", scoring(), by=person, method="PUT")) == (403, "own-case")
    assert kind_of(await world.change(edition, "/form", asking(), by=person, method="PUT")) == (403, "own-case")
    world.clock.write_text(LATE)
    assert kind_of(await world.change(edition, "", {"accept_by": None}, by=person, method="PATCH")) == (403, "own-case")
    assert (await world.see(edition, by=person))["next"] is None


async def test_who_decided_does_not_apply(world: World) -> None:
    """A manager who refused a rival's waiver hands nothing in afterwards."""
    edition = await world.edition(company := new_id())
    person = await world.candidate(company)
    world.callers.hold(person, company, programme_manager=Scope(frozenset([company])))
    rival = await world.applied(
        edition, await world.candidate(company, birth_date="1980-01-01"), waiver_reason="I am young at heart, truly."
    )
    await world.done(rival, "/waiver", {"decision": "refused", "reason": REASON}, by=person)

    assert kind_of(await world.apply(edition, person)) == (409, "has-judged")
    own = await world.draft(edition, person)
    assert kind_of(await world.change(own, "/submission", {}, by=person)) == (409, "has-judged")


async def test_who_assessed_is_not_admitted_late(world: World) -> None:
    """An assessor whose sheets count does not become a competitor."""
    edition = await world.edition(company := new_id())
    await world.applied(edition, await world.candidate(company))
    await world.selecting(edition)
    role = [{"role": "assessor", "subsidiaries": [company]}]
    one, _ = [await world.person(company, roles=role) for _ in range(2)]
    world.callers.hold(one, company, assessor=EVERYWHERE)
    path = (await world.create(f"{edition}/rounds", {"per_application": 2})).headers["Location"]
    await world.becomes(path, state="open")
    [sheet] = await world.see(f"{edition}/sheets", by=one)
    scores = {criterion["criterion_id"]: 1 for criterion in scoring()["criteria"]}
    await world.done(f"/v1/sheets/{sheet['sheet_id']}", "", {"scores": scores}, by=one, method="PUT")
    await world.ask("POST", f"{path}/hand-in", {}, by=one)

    admission = {"person_id": one, "until": "2026-03-20T00:00:00Z", "reason": REASON}
    assert kind_of(await world.create(f"{edition}/late-admissions", admission)) == (409, "has-judged")


async def test_draft_edition_is_not_told_of(world: World) -> None:
    """Applying for somebody else is refused alike, whether there is such an edition or not."""
    edition = await world.edition(company := new_id(), opened=False)
    curious = await world.candidate(company)
    for path in (edition, f"/v1/editions/{new_id()}"):
        answer = await world.create(f"{path}/applications", {"mentor_id": new_id()}, by=curious)
        assert kind_of(answer) == (403, "not-yourself")


async def test_answer_without_a_word_is_no_answer(world: World) -> None:
    """Signs that nobody can read do not make an application complete; nor is one endless word short."""
    edition = await world.edition(company := new_id())
    for text in ("\u200d", "…", "w-" * 3900):
        person = await world.candidate(company)
        answers = {question["question_id"]: text for question in asking()["questions"]}
        assert kind_of(await world.apply(edition, person, answers=answers)) == (422, "incomplete"), text[:10]
