"""Promises of objections to proposed pairs, on a real database: each counts until it is withdrawn itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from services.chassis import mongo
from services.chassis.aggregate import Command, KeyReused
from services.chassis.errors import NotFound, Refused
from services.chassis.ids import derived_id, random_id
from services.matching import store
from services.matching.domain import run
from services.matching.domain.inputs import inputs
from services.matching.domain.overrides import Override, OverrideKind, Overrides
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import propose
from services.matching.handlers import Handlers
from services.matching.handlers.overrides import TooManyOverrides
from services.matching.http.proposed_views import shown_to
from services.matching.worker import Publisher
from tests.support.clocks import HandClock
from tests.support.matching_rooms import NOW, handlers_over, write_edition

MANAGER = Command(actor="manager")


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal of one pair that is shown to its two members."""

    handlers: Handlers
    clock: HandClock
    database: mongo.Database
    edition_id: str
    run_id: str
    mentor: str
    mentee: str

    async def objects(self, by: str, reason: str, key: str | None = None) -> run.Run:
        """Have a member object; the run."""
        command = Command(actor=by, key=key, fingerprint=reason)
        return (await self.handlers.runs.veto(self.run_id, self.mentee, reason, command)).state

    async def another(self) -> Shown:
        """The same pair in a new proposal, which is shown in place of any other one."""
        known = inputs(await self.handlers.candidates.facts(self.edition_id))
        run_id = random_id()
        await self.handlers.runs.request(run_id, self.edition_id, MANAGER)
        await self.handlers.runs.propose(run_id, run.Found(propose([(self.mentor, self.mentee)], known, STANDARD)))
        await self.handlers.runs.preview(run_id, MANAGER)
        return replace(self, run_id=run_id)

    async def conflicts(self) -> list[Override]:
        """The declared conflicts, oldest first."""
        return [one for one in (await self.stated()).items if one.kind == "conflict"]

    async def stated(self) -> Overrides:
        """What was laid down for the edition."""
        return await self.handlers.overrides.of_edition(self.edition_id)

    async def withdrawn(self, one: Override) -> None:
        """Have the manager withdraw a conflict."""
        await self.handlers.overrides.withdraw(self.edition_id, one.override_id, MANAGER, reason="Settled.")

    async def published(self) -> str:
        """Publish after the days; what became of the pair."""
        self.clock.instant = NOW + timedelta(days=10)
        runs = self.handlers.runs
        await runs.review(self.run_id, MANAGER, decision="approved", note=None)
        await runs.publish(self.run_id, MANAGER)
        await Publisher(self.handlers).work()
        proposal = (await runs.runs.get(self.run_id)).state.proposal
        assert proposal is not None
        [pair] = proposal.pairs
        return pair.outcome


@pytest.fixture
async def shown(database: mongo.Database) -> Shown:
    """A proposal that its members see."""
    clock = HandClock(NOW)
    handlers = handlers_over(database, clock)
    edition_id = await write_edition(database, mentors=1, executives=1, places=1)
    known = inputs(await handlers.candidates.facts(edition_id))
    [mentor], [mentee] = known.mentors, known.mentees
    return await Shown(handlers, clock, database, edition_id, "", mentor, mentee).another()


async def test_objection_after_the_others_was_withdrawn_is_heard(shown: Shown) -> None:
    """What settled the one says nothing about the other."""
    await shown.objects(shown.mentor, "We share a flat.")
    await shown.withdrawn((await shown.conflicts())[0])

    await shown.objects(shown.mentee, "I would rather not say it to him.")

    assert [(one.by, one.stands) for one in await shown.conflicts()] == [(shown.mentor, False), (shown.mentee, True)]
    assert await shown.published() == "conflict"


@pytest.mark.parametrize("kind", ["block", "conflict"])
async def test_pair_that_was_forbidden_otherwise_is_shown_to_nobody(shown: Shown, kind: OverrideKind) -> None:
    """Whoever looks at a proposal sees no pair of which nothing will come; once it is allowed again they do."""

    async def seen() -> list[bool]:
        state, stated = (await shown.handlers.runs.runs.get(shown.run_id)).state, await shown.stated()
        return [one.vetoed for id in (shown.mentor, shown.mentee) for one in shown_to(state, id, {}, stated)]

    against = Override(random_id(), kind, shown.mentor, shown.mentee, None, "They are related.", "manager", NOW)
    await shown.handlers.overrides.lay_down(shown.edition_id, against, MANAGER)
    hidden = await seen()
    await shown.withdrawn(against)
    again = await seen()
    await shown.objects(shown.mentee, "I would rather not say it to him.")

    assert (hidden, again, await seen()) == ([], [False, False], [False, True])


@pytest.mark.parametrize("kind", ["block", "conflict"])
async def test_pair_that_is_shown_to_nobody_cannot_be_objected_to(shown: Shown, kind: OverrideKind) -> None:
    """An objection would tell its member of it, and show it to the other one again: it is not there."""
    if kind == "conflict":
        await shown.objects(shown.mentee, "We are related.")
        shown = await shown.another()
    else:
        against = Override(random_id(), kind, shown.mentor, shown.mentee, None, "They are related.", "manager", NOW)
        await shown.handlers.overrides.lay_down(shown.edition_id, against, MANAGER)

    for member in (shown.mentor, shown.mentee, "stranger"):
        with pytest.raises(NotFound, match=f"^There is no run {shown.run_id}.$"):
            await shown.objects(member, "No.")

    state, stated = (await shown.handlers.runs.runs.get(shown.run_id)).state, await shown.stated()
    assert [shown_to(state, id, {}, stated) for id in (shown.mentor, shown.mentee)] == [[], []]
    assert (state.vetoes, len(stated.items)) == ((), 1)


async def test_word_of_a_member_counts_once_however_often_it_is_said_at_once(shown: Shown) -> None:
    """Twelve requests with keys of their own leave one conflict of each of the two, and one objection."""
    members = [shown.mentor, shown.mentee] * 6
    await asyncio.gather(*(shown.objects(by, "No.", random_id()) for by in members))

    state = (await shown.handlers.runs.runs.get(shown.run_id)).state
    conflicts = await shown.conflicts()
    assert {one.by for one in conflicts} == {one.by for one in state.vetoes} == set(members)
    assert len(conflicts) == len(state.vetoes) == len(run.standing(state, await shown.stated())) == 2


async def test_both_objections_are_kept_and_both_must_be_withdrawn(shown: Shown) -> None:
    """Each with its own reason; the pair is free when none of them stands any more."""
    await shown.objects(shown.mentor, "We share a flat.")
    state = await shown.objects(shown.mentee, "I would rather not say it to him.")

    first, second = await shown.conflicts()
    assert [(one.by, one.reason) for one in (first, second)] == [
        (shown.mentor, "We share a flat."),
        (shown.mentee, "I would rather not say it to him."),
    ]
    await shown.withdrawn(first)
    stated = await shown.stated()
    assert stated.conflicts == {(shown.mentor, shown.mentee)}
    assert [one.by for one in run.standing(state, stated)] == [shown.mentee]
    await shown.withdrawn(second)
    assert (await shown.stated()).conflicts == frozenset()
    assert await shown.published() == "published"


async def test_member_whose_objection_was_withdrawn_may_object_again(shown: Shown) -> None:
    """While the days last; it counts like the first one, and while it stands a further one adds nothing."""
    await shown.objects(shown.mentee, "No.")
    await shown.withdrawn((await shown.conflicts())[0])
    [pair] = shown_to((await shown.handlers.runs.runs.get(shown.run_id)).state, shown.mentee, {}, await shown.stated())
    assert not pair.vetoed

    for reason in ("No, I mean it.", "No."):
        await shown.objects(shown.mentee, reason)

    assert [(one.reason, one.stands) for one in await shown.conflicts()] == [("No.", False), ("No, I mean it.", True)]
    assert await shown.published() == "conflict"


async def test_repeated_objection_is_none_of_its_own(shown: Shown) -> None:
    """The same request comes twice, the second time after the conflict was withdrawn."""
    key = random_id()
    first = await shown.objects(shown.mentee, "No.", key)
    await shown.withdrawn((await shown.conflicts())[0])

    again = await shown.objects(shown.mentee, "No.", key)
    with pytest.raises(KeyReused):
        await shown.objects(shown.mentee, "Something else.", key)

    assert again.vetoes == first.vetoes
    assert [one.stands for one in await shown.conflicts()] == [False]


@pytest.mark.parametrize("same", [True, False], ids=["same key", "another key"])
async def test_objection_is_heard_where_its_conflict_was_kept_and_the_run_was_not(shown: Shown, same: bool) -> None:
    """The service went away between the two; whoever tries again objects once, and so can the other one."""
    key = random_id()
    before = await shown.database["runs"].find_one({"_id": shown.run_id})
    await shown.objects(shown.mentee, "No.", key)
    await shown.database["runs"].replace_one({"_id": shown.run_id}, before)

    await shown.objects(shown.mentor, "We share a flat.")
    state = await shown.objects(shown.mentee, "No.", key if same else random_id())

    assert [one.by for one in state.vetoes] == [shown.mentor, shown.mentee]
    assert len(await shown.conflicts()) == len(run.standing(state, await shown.stated())) == 2


async def test_too_late_objection_leaves_nothing_behind(shown: Shown) -> None:
    """Neither in the run nor among the overrides."""
    shown.clock.instant = NOW + timedelta(days=10)
    with pytest.raises(Refused, match="are over"):
        await shown.objects(shown.mentee, "No.")
    assert await shown.conflicts() == []


async def test_objections_of_before_count_as_long_as_their_conflict_stands(shown: Shown) -> None:
    """They had one conflict for both members, which the runs did not name."""
    old = Override(
        derived_id("veto", shown.run_id, shown.mentee), "conflict", shown.mentor, shown.mentee, None, "No.", "x", NOW
    )
    await shown.handlers.overrides.lay_down(shown.edition_id, replace(old, by=shown.mentor), Command())
    vetoes = [{"mentee_id": shown.mentee, "mentor_id": shown.mentor, "by": shown.mentor, "at": "2026-03-02T09:00:00Z"}]
    await shown.database["runs"].update_one({"_id": shown.run_id}, {"$set": {"state.vetoes": vetoes}})

    state = await shown.objects(shown.mentor, "No.")

    assert len(state.vetoes) == len(run.standing(state, await shown.stated())) == 1
    await shown.withdrawn((await shown.conflicts())[0])
    assert run.standing(state, await shown.stated()) == ()
    state = await shown.objects(shown.mentor, "Still no.")
    assert [one.by for one in run.standing(state, await shown.stated())] == [shown.mentor]


async def test_objection_is_heard_where_no_override_fits_any_more(shown: Shown) -> None:
    """Objections do not count to the most that an edition keeps."""
    of_mentor = Override(random_id(), "place", shown.mentor, None, 2, "She agrees.", "manager", NOW)
    items = tuple(replace(of_mentor, override_id=random_id(), withdrawn_at=NOW) for _ in range(1000))
    await shown.handlers.overrides.lay_down(shown.edition_id, of_mentor, MANAGER)
    full = store.OVERRIDES.state.dump_python(Overrides(shown.edition_id, items), mode="json")
    await shown.database["overrides"].update_one({"_id": shown.edition_id}, {"$set": {"state": full}})
    with pytest.raises(TooManyOverrides):
        await shown.handlers.overrides.lay_down(
            shown.edition_id, replace(of_mentor, override_id=random_id(), places=3), MANAGER
        )

    await shown.objects(shown.mentee, "No.")

    assert [one.by for one in await shown.conflicts()] == [shown.mentee]


async def test_forced_pair_names_all_objections_against_it(shown: Shown) -> None:
    """Whoever is to decide learns of both."""
    await shown.objects(shown.mentor, "We share a flat.")
    await shown.objects(shown.mentee, "No.")
    force = Override(random_id(), "force", shown.mentor, shown.mentee, None, "They asked for it.", "manager", NOW)
    with pytest.raises(Refused) as caught:
        await shown.handlers.overrides.lay_down(shown.edition_id, force, MANAGER)
    told = {"code": "forced_and_conflict", "mentor_id": shown.mentor, "mentee_id": shown.mentee}
    ids = [force.override_id, *(one.override_id for one in await shown.conflicts())]
    assert caught.value.members == {"contradictions": [{**told, "override_ids": ids}]}
