"""The workers of matching are killed while they solve, publish, and re-match: each executive has one active pair."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from tests.chaos.fleet import Seat
from tests.chaos.load import guarded, programme
from tests.chaos.programme import Programme, Size
from tests.chaos.stage import Stage

_SIZE = Size(executives=40, applicants=56, sessions=0)  # about one applicant in eight is not selected
_PROGRAMMES, _ENDED, _CHANGES = 2, 6, 3


@dataclass(slots=True)
class Large:
    """A large programme; ``run`` is the path of the run that is worked on."""

    programme: Programme
    run: str = ""
    ended: list[str] = field(default_factory=list)

    async def prepare(self) -> None:
        """Everything before the first run."""
        await self.programme.enrol()
        await self.programme.select(await self.programme.applications())
        await self.programme.all_known()

    async def solve(self) -> None:
        """Ask for a run, and wait for its proposal."""
        self.run = await self.programme.matching.proposed()

    async def publish(self) -> None:
        """Publish half of the pairs, and then the other half."""
        matching = self.programme.matching
        await matching.approve(self.run)
        pairs = (await matching.reaches(self.run, "approved"))["pairs"]
        await matching.publish(self.run, [pair["mentee_id"] for pair in pairs[::2]])
        await matching.publish(self.run)

    async def part(self) -> None:
        """Some pairs end, and a re-match is proposed that finds others for their executives."""
        matching = self.programme.matching
        for pair in (await matching.pairs())[:_ENDED]:
            self.ended.append(pair["pair_id"])
            await matching.end(pair["pair_id"])
        self.run = await matching.proposed("rematch")
        await matching.choose(self.run, _CHANGES)
        await matching.approve(self.run)

    async def rematch(self) -> None:
        """Publish the re-match, by which some further pairs give way."""
        await self.programme.matching.publish(self.run)


_Act = Callable[[Large], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is done in all programmes at once while both workers are killed so many times."""

    name: str
    act: _Act
    kills: int
    pause: float = 1.0  # seconds before a kill, at most


_CHAPTERS = (
    Chapter("runs are solved", Large.solve, 2),
    Chapter("pairs are published", Large.publish, 3),
    Chapter("pairs end", Large.part, 1),
    Chapter("others give way", Large.rematch, 2, pause=0.4),
)


async def killed_publications(on: Stage, rng: Random) -> None:
    """Match large programmes while both workers of matching are killed again and again; then look at the pairs."""
    on.closing = False
    large = [Large(programme(on, _SIZE, Random(rng.random()))) for _ in range(_PROGRAMMES)]
    before = len(on.ledger.failures)
    await asyncio.gather(*(guarded(on, partial(Large.prepare, one)) for one in large))
    for chapter in _CHAPTERS:
        if len(on.ledger.failures) > before:
            return
        acting = asyncio.gather(*(guarded(on, partial(chapter.act, one)) for one in large))
        killed_at = await _kill(on, rng, acting, large, chapter)
        await acting
        on.say(f"killed while {chapter.name}: active pairs at the kills {killed_at}")
    pairs = sum([await _exactly_one_pair_each(on, one) for one in large])
    changed = sum([await _none_without_a_successor(on, one) for one in large])
    on.say(f"killed publications: programmes={_PROGRAMMES} pairs={pairs} changed={changed}")


async def _kill(on: Stage, rng: Random, acting: asyncio.Future[Any], large: list[Large], chapter: Chapter) -> list[int]:
    """How many active pairs there were at each kill."""
    seats = [seat for seat in on.fleet.seats if seat.service == "matching"]
    killed_at: list[int] = []
    for _ in range(chapter.kills):
        await asyncio.sleep(rng.uniform(0.0, chapter.pause))
        if acting.done():
            break
        for seat in seats:
            on.fleet.kill(seat)
        for seat in seats:
            on.fleet.start(seat)
        await on.fleet.ready([Seat("matching", 1)])
        killed_at.append(sum([len(await _active(one)) for one in large]))
    await on.fleet.ready(seats)
    return killed_at


async def _active(one: Large) -> list[dict[str, Any]]:
    return [pair for pair in await one.programme.matching.pairs() if pair["active"]]


async def _exactly_one_pair_each(on: Stage, one: Large) -> int:
    """The number of active pairs, which the board must show too."""
    active = Counter(pair["mentee_id"] for pair in await _active(one))
    edition = one.programme.edition
    taking_part = await on.caller.every("applications", f"/v1/editions/{edition}/participations")
    obliged = {each["mentee_id"] for each in taking_part if each["status"] != "exempt"}
    wrong = {mentee: times for mentee, times in active.items() if times != 1 or mentee not in obliged}
    if wrong or set(active) != obliged:
        without = len(obliged - set(active))
        on.ledger.failures.append(
            f"{one.programme.name}: pairs per executive {wrong}, {without} executives without one"
        )
    one.programme.must_show(len(active))
    return len(active)


async def _none_without_a_successor(on: Stage, one: Large) -> int:
    """How many pairs the re-match changed: at most as many as were chosen, each of them by the run itself."""
    ended = [pair for pair in await one.programme.matching.pairs() if not pair["active"]]
    changed = [pair for pair in ended if pair["pair_id"] not in one.ended]
    reasons = {pair["ended"]["reason"] for pair in changed}
    if len(ended) - len(changed) != _ENDED or len(changed) > _CHANGES or not reasons <= {"rematched"}:
        on.ledger.failures.append(f"{one.programme.name}: {len(ended)} pairs have ended, for {reasons}")
    return len(changed)
