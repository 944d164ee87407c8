"""Promises of deciding in the browser: showing tandems and objecting, publishing, ending, a new order, policies."""

from __future__ import annotations

import uuid

import pytest

from tests.browser.deciding_records import Deciding
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])
_MOST_LOOKS = 500


async def settled(ada: Watched, waiting: str) -> None:
    """Look until the page does not say any more that something is under way."""
    for _ in range(_MOST_LOOKS):
        if waiting not in await ada.page.locator("main").inner_text():
            return
        await ada.page.reload()
    raise AssertionError(f"it does not end: {await ada.facts()}")


@either_way
async def test_member_objects_to_a_tandem_that_is_shown(
    visitors: Visitors, undecided: list[Deciding], screen: Screen
) -> None:
    """Shown to its members, a tandem is objected to with a reason; the manager reads it; nothing is published."""
    edition = undecided.pop()
    run = await edition.proposed()
    async with visitors.visit("okafor", screen) as ada, visitors.visit("chen", screen) as grace:
        await ada.open(f"{edition.path}/runs/{run}")
        await ada.press("Show it to the pairs")
        assert await ada.heading() == "Show 2 tandems to their members"
        assert await lacking(ada) == []
        await ada.press("Show it to the pairs")
        assert "The tandems are shown to their members now." in await ada.said()
        await grace.open(f"/proposals/{run}/{edition.office.people['chen']}")
        told = await grace.facts()
        assert any(name in told for name in ("Wei Tan", "Joy Goh", "Ben Ong"))
        assert "points" not in told
        assert await lacking(grace) == []
        await grace.press("Object to this tandem")
        assert (await grace.page.title()).startswith("Error:")
        assert await lacking(grace) == []
        await grace.write("What speaks against it?", "The two of us are related.")
        await grace.press("Object to this tandem")
        assert "You have objected" in await grace.facts()
        await ada.open(f"{edition.path}/runs/{run}/publish")
        assert "The tandems can be published from" in await ada.heading()
        assert "1 objection so far." in await ada.facts()
        await ada.press("Read the reasons")
        assert "The two of us are related." in await ada.facts()
        assert await lacking(ada) == []


@either_way
async def test_some_tandems_are_published_then_the_rest_and_one_ends_for_a_new_order(
    visitors: Visitors, undecided: list[Deciding], screen: Screen
) -> None:
    """One of two is published, then the other; one ends with a reason; a new order is chosen among proposals."""
    edition = undecided.pop()
    run = await edition.proposed(hasty=True)
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{edition.path}/runs/{run}/publish")
        assert await ada.heading() == "4 messages to 4 people"
        assert await lacking(ada) == []
        await ada.press("Publish only some of them")
        await ada.press("Go on")
        assert (await ada.page.title()).startswith("Error:")
        assert await lacking(ada) == []
        await ada.page.locator('input[type="checkbox"]').first.check()
        await ada.press("Go on")
        assert await ada.heading() == "2 messages to 2 people"
        assert "1 tandem is kept back." in await ada.facts()
        await ada.press("Publish")
        await edition.office.run_is(run, "published")
        assert len(await edition.pairs()) == 1
        await ada.open(f"/editions/{edition.edition}/pairs")
        assert "1 tandem is kept back" in await ada.facts()
        assert await lacking(ada) == []
        await ada.press("Publish them too")
        await ada.press("Publish")
        await edition.office.run_is(run, "published")
        assert len(await edition.pairs()) == 2
        await ada.open(f"/editions/{edition.edition}/pairs")
        await ada.page.get_by_role("link", name="End it").first.click()
        assert await lacking(ada) == []
        await ada.press("End the tandem")
        assert (await ada.page.title()).startswith("Error:")
        await ada.choose("The mentor gives it up")
        await ada.press("End the tandem")
        assert "The tandem has ended." in await ada.said()
        assert "1 has ended" in await ada.facts()
        rematch = await edition.proposed(kind="rematch")
        await ada.open(f"{edition.path}/runs/{rematch}")
        assert await ada.heading() == "A new order after changes"
        assert await lacking(ada) == []
        await ada.press("Choose this: No other tandem changes")
        assert "Matching proposal" in await ada.heading()
        await ada.open(f"{edition.path}/runs/{rematch}/publish")
        assert "learn by mail" in await ada.facts()
        await ada.press("Publish")
        await edition.office.run_is(rematch, "published")
        assert len(await edition.pairs()) == 2


@either_way
async def test_policy_is_made_tried_and_its_trial_compared(
    visitors: Visitors, undecided: list[Deciding], screen: Screen
) -> None:
    """Weights that make no hundred are told; the policy is saved and tried on an edition, beside its proposal."""
    edition = undecided.pop()
    await edition.proposed()
    name = f"Languages first {uuid.uuid4().hex[:4]}"
    async with visitors.visit("okafor", screen) as ada:
        await ada.open("/policies")
        await ada.press("Make a policy")
        await ada.write("Name", name)
        await ada.write("Learning wishes", "20")
        await ada.press("Save")
        assert (await ada.page.title()).startswith("Error:")
        assert "The weights make 60 together." in await ada.facts()
        assert await lacking(ada) == []
        await ada.write("Language", "50")
        await ada.press("Save")
        assert await ada.heading() == f"{name}, version 1"
        assert await lacking(ada) == []
        await ada.page.locator("#edition").select_option(edition.edition)
        await ada.press("Try it and compare")
        await settled(ada, "The other proposal is not there yet.")
        told = await ada.facts()
        assert f"Trial of {name}, version 1" in told
        assert "The two go by different policies" in told
        assert await lacking(ada) == []


async def test_pair_is_ruled_out_and_that_is_withdrawn(visitors: Visitors, undecided: list[Deciding]) -> None:
    """Before anything is computed a pair is ruled out with a reason, and it is withdrawn again."""
    edition = undecided.pop()
    async with visitors.visit("okafor") as ada:
        await ada.open(f"{edition.path}/overrides")
        await ada.press("Rule a pair out")
        await ada.press("Lay it down")
        assert (await ada.page.title()).startswith("Error:")
        await ada.select("Mentor", "Wei Tan")
        await ada.select("Executive", "Marcus Lim")
        await ada.write("Why?", "They have worked together for years.")
        await ada.press("Lay it down")
        assert "Wei Tan and Marcus Lim are ruled out" in await ada.facts()
        assert await lacking(ada) == []
        await ada.page.get_by_role("link", name="Withdraw").first.click()
        assert await lacking(ada) == []
        await ada.press("Withdraw it")
        assert "Nothing is laid down" in await ada.facts()
        assert "1 was withdrawn" in await ada.facts()


async def test_members_find_none_of_the_decisions(visitors: Visitors, found: dict[str, str]) -> None:
    """A mentor and an executive reach neither choice nor publication nor others' tandems."""
    here = f"/editions/{found['publishing']}"
    paths = (
        f"{here}/pairs",
        f"{here}/pairs/{found['tandem']}/end",
        f"{here}/matching/overrides",
        f"{here}/matching/runs/{found['rematch']}/rematch",
        "/policies",
    )
    for login in ("tan", "lim"):
        async with visitors.visit(login) as one:
            for path in paths:
                assert await one.open(path) == 404
