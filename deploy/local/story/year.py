"""The chapters of the story, from the roster to the seventh month of sessions; each person acts under the own login."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from deploy.local.addresses import Addresses
from deploy.local.story import calendar, stages
from deploy.local.story.applying import apply, decide_waivers
from deploy.local.story.assessing import assess, open_round
from deploy.local.story.calling import open_edition
from deploy.local.story.cast import import_roster, office
from deploy.local.story.leaving import leave, rematch
from deploy.local.story.matching import begin_matching, match
from deploy.local.story.months import hold_sessions
from deploy.local.story.portals import Acting, Portals
from deploy.local.story.selecting import accept, decide
from deploy.local.story.telling import say


async def play(addresses: Addresses, until: calendar.Stage | None = None) -> None:
    """Play the story through, or until a stage; what was played before is not repeated. Raises ``StoryFailed``."""
    async with Portals(addresses) as portals:
        officer = await office(portals, addresses)
        if await stages.reached(officer, until):
            say("the story was played before")
            return
        async with aclosing(_chapters(portals, officer)) as chapters:
            async for stage in chapters:
                if stage == until:
                    say(f"here the story stops: {stages.TOLD[stage]}; the rest is done by hand")
                    return


async def _chapters(portals: Portals, officer: Acting) -> AsyncGenerator[calendar.Stage, None]:
    """The whole story; it comes by the stages where it can be stopped."""
    portals.set_clock(calendar.CALL_OPENS)
    cast = await import_roster(portals, officer)
    say(f"roster: {len(cast.persons)} persons in {len(cast.subsidiaries)} companies")
    edition = await open_edition(cast)
    await apply(cast, edition)
    await decide_waivers(cast, edition)
    round_id = await open_round(cast, edition)
    yield "selection"
    await assess(cast, edition, round_id)
    await decide(cast, edition)
    await accept(cast, edition)
    await begin_matching(cast, edition)
    yield "matching"
    await match(cast, edition)
    await hold_sessions(cast, edition, range(calendar.MONTHS_BEFORE_LEAVING))
    await leave(cast, edition)
    yield "rematch"
    await rematch(cast, edition)
    await hold_sessions(cast, edition, range(calendar.MONTHS_BEFORE_LEAVING, len(calendar.MONTHS)))
