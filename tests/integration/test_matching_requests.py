"""Promises of what is asked of matching, on a real database: refused it changes nothing, repeated it says the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis import directory, mongo
from services.chassis.aggregate import Command, Contended, KeyReused
from services.chassis.errors import Refused
from services.chassis.ids import random_id
from services.matching.domain import run
from services.matching.domain.candidates import Edition
from services.matching.domain.overrides import Override
from services.matching.domain.policies import Owner
from services.matching.domain.policy import Policy, Rules
from services.matching.handlers import Asked, EditionOver, Handlers, RunOpen, UnknownPolicy
from services.matching.handlers.overrides import EditionOverrides
from services.matching.projections import CANDIDATES
from tests.support.matching_rooms import NOW, handlers_over, write_edition

MANAGER = Command(actor="manager")
ALLOWS_NOTHING = Rules(meeting="same_place")  # nobody's place is known


@pytest.fixture
def handlers(database: mongo.Database) -> Handlers:
    """The commands, by the clock of this machine."""
    return handlers_over(database)


async def a_policy(handlers: Handlers, rules: Rules | None = None) -> Policy:
    """A policy of the group that no run has used."""
    said = {"name": f"P {random_id()[:8]}", "rules": rules or Rules()}
    made = await handlers.policies.create(random_id(), MANAGER, said, based_on="standard", owner=Owner((), True))
    return made.state.policy


async def is_used(handlers: Handlers, policy: Policy) -> bool:
    """Whether it stays as it is from now on."""
    return (await handlers.policies.kept(policy.policy_id)).state.used_by is not None


async def close(database: mongo.Database, edition_id: str) -> None:
    """Have people close an edition."""
    closed = Edition(edition_id, NOW.date() + timedelta(days=400), closed=True)
    state = CANDIDATES.state.dump_python(closed, mode="json")
    await database[CANDIDATES.collection].update_one({"_id": edition_id}, {"$set": {"state": state}})


async def forced(handlers: Handlers, edition_id: str, *, key: str | None = None) -> Override:
    """A pair that somebody lays down, perhaps once more."""
    facts = await handlers.candidates.facts(edition_id)
    mentor, mentee = min(facts.mentors), min(facts.mentees)
    wanted = Override(key or random_id(), "force", mentor, mentee, None, "They asked for it.", "manager", NOW)
    await handlers.overrides.lay_down(edition_id, wanted, replace(MANAGER, key=key, fingerprint="force"))
    return wanted


async def test_refused_request_leaves_the_policy_open(handlers: Handlers, database: mongo.Database) -> None:
    """Whatever is in the way: its rules, another run, or an edition that is closed; it can be worded anew."""
    edition_id = await write_edition(database, mentors=1, executives=1)
    nothing, policy = await a_policy(handlers, ALLOWS_NOTHING), await a_policy(handlers)
    with pytest.raises(Refused, match="forbids every pair"):
        await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(nothing.policy_id))
    await handlers.runs.request(busy := random_id(), edition_id, MANAGER)
    with pytest.raises(RunOpen, match=busy):
        await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(policy.policy_id))
    await handlers.runs.cancel(busy, MANAGER)
    await close(database, edition_id)
    with pytest.raises(EditionOver):
        await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(policy.policy_id))

    for one in (nothing, policy):
        assert not await is_used(handlers, one)
        changed = await handlers.policies.change(one.policy_id, MANAGER, {"veto_days": 9})
        assert changed.state.policy.veto_days == 9


async def test_request_that_contradicts_leaves_the_policy_open(handlers: Handlers, database: mongo.Database) -> None:
    """The forced pair breaks a rule of this policy alone."""
    edition_id = await write_edition(database, mentors=2, executives=1)
    policy = await a_policy(handlers, replace(Rules(), language_level="C2", subsidiary="must_differ"))
    await forced(handlers, edition_id)

    with pytest.raises(Refused):
        await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(policy.policy_id))

    assert not await is_used(handlers, policy)


async def test_accepted_request_freezes_the_policy_and_a_trial_does_not(
    handlers: Handlers, database: mongo.Database
) -> None:
    """From the request on; who names no policy there is, is told so."""
    edition_id = await write_edition(database, mentors=1, executives=1)
    policy, trial = await a_policy(handlers), random_id()
    with pytest.raises(UnknownPolicy):
        await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(random_id()))
    await handlers.runs.request(trial, edition_id, MANAGER, Asked(policy.policy_id, trial=True))
    await handlers.runs.cancel(trial, MANAGER)
    assert not await is_used(handlers, policy)

    await handlers.runs.request(random_id(), edition_id, MANAGER, Asked(policy.policy_id))

    with pytest.raises(Refused, match="has used this policy"):
        await handlers.policies.change(policy.policy_id, MANAGER, {"veto_days": 9})


async def test_policy_that_changes_at_this_moment_is_not_used_as_it_was(handlers: Handlers) -> None:
    """What was looked at is what is frozen, or nothing is."""
    policy = await a_policy(handlers)
    await handlers.policies.change(policy.policy_id, MANAGER, {"veto_days": 9})

    with pytest.raises(Contended):
        await handlers.policies.used(policy, random_id(), MANAGER)

    assert not await is_used(handlers, policy)


async def test_repeated_request_is_answered_alike_whatever_has_changed(
    handlers: Handlers, database: mongo.Database
) -> None:
    """The two speak no common language since, another run goes on, the edition is closed; another body is refused."""
    edition_id, run_id = await write_edition(database, mentors=1, executives=1), random_id()
    command = replace(MANAGER, key=random_id(), fingerprint="run")
    policy = await a_policy(handlers)
    asked = Asked(policy.policy_id)
    await handlers.runs.request(run_id, edition_id, command, asked)
    await handlers.runs.cancel(run_id, MANAGER)
    await handlers.runs.request(random_id(), edition_id, MANAGER)
    [mentor] = (await handlers.candidates.facts(edition_id)).mentors
    await database[directory.COLLECTION].update_one({"_id": mentor}, {"$set": {"entry.language": "fr"}})
    await close(database, edition_id)

    again = await handlers.runs.request(run_id, edition_id, command, asked)

    assert (again.replayed, again.id, again.state.state) == (True, run_id, run.State.CANCELLED)
    with pytest.raises(KeyReused):
        await handlers.runs.request(run_id, edition_id, replace(command, fingerprint="another"), Asked(seed=7))


async def test_request_that_comes_twice_at_one_moment_is_one_run(handlers: Handlers, database: mongo.Database) -> None:
    """Neither is told that the other one stands in its way."""
    edition_id, run_id = await write_edition(database, mentors=1, executives=1), random_id()
    command = replace(MANAGER, key=random_id(), fingerprint="run")
    asked = Asked((await a_policy(handlers)).policy_id)

    answers = await asyncio.gather(*(handlers.runs.request(run_id, edition_id, command, asked) for _ in range(4)))

    assert {(one.id, one.version, one.state.number) for one in answers} == {(run_id, 1, 1)}


async def test_repeated_override_is_answered_alike_whatever_has_changed(
    handlers: Handlers, database: mongo.Database
) -> None:
    """Laid down, withdrawn or undone, then the edition was closed; a new one is refused."""
    edition_id, key = await write_edition(database, mentors=1, executives=1), random_id()
    of_edition, overrides = handlers.overrides.overrides, handlers.overrides
    one = await forced(handlers, edition_id, key=key)
    withdrawing = await _seen(of_edition, edition_id)
    await overrides.withdraw(edition_id, one.override_id, withdrawing, reason=None)
    undoing = await _seen(of_edition, edition_id)
    await overrides.undo(edition_id, undoing)
    before = await of_edition.get(edition_id)
    await close(database, edition_id)

    await forced(handlers, edition_id, key=key)
    await overrides.withdraw(edition_id, one.override_id, withdrawing, reason=None)
    await overrides.undo(edition_id, undoing)

    assert await of_edition.get(edition_id) == before
    with pytest.raises(EditionOver):
        await forced(handlers, edition_id)


async def _seen(overrides: EditionOverrides, edition_id: str) -> Command:
    """A command under a key of its own, of somebody who saw the overrides as they are."""
    return replace(MANAGER, key=random_id(), fingerprint="x", expected=(await overrides.get(edition_id)).version)
