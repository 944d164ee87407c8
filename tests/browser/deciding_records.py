"""Editions of one company, Asia, whose tandems are shown, published, ended and put in a new order.

Its two executives may have any of its three mentors. Runs go by a policy that allows tandems of before, since the
same people become tandems in several editions.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.browser.edition_records import changed
from tests.browser.matching_records import Matched, Matchmaking, matched, matchmaking
from tests.support.front_door import FrontDoor
from tests.support.waiting import until_async

MENTORS, EXECUTIVES = ("tan", "goh", "ong"), ("lim", "chen")
_COMPANY = "Asia"
_RULES = {"earlier_pairs": False, "same_manager": False}


@dataclass(frozen=True, slots=True)
class Deciding:
    """An edition of Asia in its matching, and the policies to go by: with days to object, and without."""

    matched: Matched
    policy: str
    hasty: str

    @property
    def office(self) -> Matchmaking:
        """The group office."""
        return self.matched.office

    @property
    def path(self) -> str:
        """Where the portal shows the matching."""
        return self.matched.path

    @property
    def edition(self) -> str:
        """The edition's id."""
        return self.matched.edition

    async def proposed(self, *, hasty: bool = False, **said: Any) -> str:
        """A proposal; the run's id."""
        policy = self.hasty if hasty else self.policy
        return await self.office.proposed(self.edition, policy_id=policy, **said)

    async def published(self) -> str:
        """A run whose tandems are published, all of them."""
        run = await self.proposed()
        path = f"/v1/runs/{run}"
        await self.office.do(f"{path}/review", {"decision": "approved"}, at=path)
        await self.office.do(f"{path}/publication", {}, at=path)
        await self.office.run_is(run, "published")
        return run

    async def pairs(self) -> list[dict[str, Any]]:
        """The published tandems that go on."""
        return list(await self.office.get(f"/v1/pairs?edition_id={self.edition}&active=true"))

    async def end(self, pair: str) -> None:
        """End a tandem, and wait until its executive can be matched again."""
        path = f"/v1/pairs/{pair}"
        await self.office.do(f"{path}/end", {"reason": "mentor_withdrawn"}, at=path)

        async def free() -> bool:
            found = await self.office.get(f"/v1/candidates?edition_id={self.edition}")
            return bool(found["executives"])

        await until_async(free, "the executive can be matched again", seconds=60)


@asynccontextmanager
async def deciding(door: FrontDoor, number: int) -> AsyncIterator[list[Deciding]]:
    """So many editions, which wait for their calls together."""
    await _show_names(door)
    async with matchmaking(door, MENTORS, EXECUTIVES) as office:
        policy, hasty = await _policy(office, 3), await _policy(office, 0)
        more = {"companies": (_COMPANY,), "executives": len(EXECUTIVES)}
        made = await asyncio.gather(*(matched(office, "Undecided", *MENTORS, **more) for _ in range(number)))
        yield [Deciding(one, policy, hasty) for one in made]


async def decidings(door: FrontDoor) -> dict[str, str]:
    """Tandems that are published, with one that has ended and a new order; tandems that are shown; ids for paths."""
    async with deciding(door, 2) as (done, shown):
        await done.published()
        first, second = await done.pairs()
        await done.end(second["pair_id"])
        barred = {"kind": "block", "reason": "The two of them are related.", "mentee_id": first["mentee_id"]}
        path = f"/v1/editions/{done.edition}/overrides"
        laid_down = await done.office.do(path, {**barred, "mentor_id": second["mentor_id"]})
        rematch = await done.proposed(kind="rematch")
        run = await shown.proposed()
        await shown.office.do(f"/v1/runs/{run}/preview", {}, at=f"/v1/runs/{run}")
        return {
            "publishing": done.edition,
            "tandem": first["pair_id"],
            "rematch": rematch,
            "override": laid_down["override_id"],
            "policy": await _policy(done.office, 2),
            "shown": shown.edition,
            "previewed": run,
            "member": shown.office.people["lim"],
        }


async def _policy(office: Matchmaking, veto_days: int) -> str:
    said = {"name": f"Asia {uuid.uuid4().hex[:6]}", "rules": _RULES, "veto_days": veto_days}
    return str((await office.do("/v1/policies", said))["policy_id"])


async def _show_names(door: FrontDoor) -> None:
    """Have the company show names, so that members of a tandem learn them before it is published."""
    headers = {"Authorization": f"Bearer {door.issuer.minter.token('okafor')}"}
    async with httpx2.AsyncClient(base_url=door.people, headers=headers, timeout=30) as people:
        listed = (await people.get("/v1/subsidiaries")).json()
        id = next(one["id"] for one in listed if one["name"] == door.company(_COMPANY))
        await changed(people, f"/v1/subsidiaries/{id}", "PATCH", "", {"names_shown": True})
