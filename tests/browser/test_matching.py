"""Promises of the matching workbench in the browser: from the first proposal to a forced pair and back."""

from __future__ import annotations

import json
import re

import pytest

from services.matching.verification import verify
from tests.browser.matching_records import Matched
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])
_MOST_LOOKS = 500
_PATIENCE = 120_000  # milliseconds until a proposal is there; kernels may have to be compiled first


async def proposed(ada: Watched) -> str:
    """Wait on the page of a run until its proposal is there; the number that it has."""
    for _ in range(_MOST_LOOKS):
        heading = await ada.heading()
        if found := re.fullmatch(r"Matching proposal (\d+)", heading):
            return found[1]
        assert "is being computed" in heading, await ada.facts()
        if ada.scripts:
            waiting = ada.page.get_by_role("heading", name="is being computed")
            await waiting.wait_for(state="detached", timeout=_PATIENCE)
        else:
            await ada.press("Look again")
    raise AssertionError(f"no proposal came: {await ada.facts()}")


@either_way
async def test_proposal_is_computed_questioned_forced_and_taken_back(
    visitors: Visitors, unmatched: list[Matched], screen: Screen
) -> None:
    """A proposal is computed, asked why not another mentor, a pair is forced with a reason, and that is taken back."""
    edition = unmatched.pop()
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(edition.path)
        assert "Executives without a mentor" in await ada.facts()
        await ada.press("Compute")
        assert await proposed(ada) == "1"
        told = await ada.facts()
        assert "2 of 3" in told
        assert "1 executive would stay without a tandem" in told
        assert "Learning wishes" in told
        assert await lacking(ada) == []
        await ada.page.get_by_role("link", name="Why not with somebody else?").first.click()
        await ada.page.get_by_role("button", name="Compute").click()
        await ada.page.locator("#answer b").wait_for()
        assert "With " in await ada.page.locator("#answer").inner_text()
        assert await lacking(ada) == []
        await ada.page.get_by_role("link", name="Force this pair all the same").click()
        await ada.press("Force this pair")
        assert (await ada.page.title()).startswith("Error:")
        assert await lacking(ada) == []
        await ada.write("Why?", "The board asked for these two.")
        await ada.press("Force this pair")
        assert await proposed(ada) == "2"
        told = await ada.facts()
        assert "forced by somebody" in told
        await ada.press("Take the last change back")
        assert "The last change is taken back." in await ada.said()
        assert "Take the last change back" not in await ada.facts()
        await ada.open(edition.path)
        assert "Compare proposals 2 and 1" in await ada.facts()
        assert await lacking(ada) == []


@either_way
async def test_executive_without_a_place_gets_one_by_the_cheapest_change(
    visitors: Visitors, unmatched: list[Matched], screen: Screen
) -> None:
    """Two compete for one place; one place more, with a reason, is applied by a button and computed."""
    edition = unmatched.pop()
    said = {"kind": "place", "mentor_id": edition.office.people["gramm"], "places": 0, "reason": "Is away this year."}
    for login in ("gramm", "fromm"):
        laid_down = {**said, "mentor_id": edition.office.people[login]}
        await edition.office.do(f"/v1/editions/{edition.edition}/overrides", laid_down)
    run = await edition.office.proposed(edition.edition)
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{edition.path}/runs/{run}/without")
        assert await ada.heading() == "2 executives would stay without a tandem"
        told = await ada.facts()
        assert "2 executives, 1 place" in told
        assert "only Noor Haddad is possible for them" in told
        assert "one reporting line" in told
        assert await lacking(ada) == []
        await ada.press("Apply with a reason: Noor Haddad takes one place more")
        assert "Noor Haddad then has 2 places." in await ada.facts()
        assert await lacking(ada) == []
        await ada.press("Apply and compute anew")
        assert (await ada.page.title()).startswith("Error:")
        await ada.write("Why?", "Agreed by phone on Monday.")
        await ada.press("Apply and compute anew")
        await proposed(ada)
        told = await ada.facts()
        assert "2 of 3" in told
        assert "1 executive would stay without a tandem" in told


async def test_pair_against_the_reporting_line_is_named_and_not_forced(
    visitors: Visitors, found: dict[str, str]
) -> None:
    """For somebody above everybody each mentor is answered by the rule, and forcing one is refused at the field."""
    async with visitors.visit("okafor") as ada:
        there = f"/editions/{found['matched']}/matching/runs/{found['proposal']}/pairs/{found['winter']}"
        await ada.open(f"{there}?mentor={found['other']}")
        assert "stand in one reporting line." in await ada.page.locator("#answer").inner_text()
        await ada.open(f"{there}/force?mentor={found['other']}")
        await ada.write("Why?", "The board asked for these two.")
        await ada.press("Force this pair")
        assert (await ada.page.title()).startswith("Error:")
        assert "stand in one reporting line." in await ada.page.locator(".error-summary").inner_text()
        assert await lacking(ada) == []


async def test_proof_is_taken_along_and_accepted_by_the_checker(visitors: Visitors, found: dict[str, str]) -> None:
    """The file that the page hands over is accepted by the independent checker; one changed figure is refused."""
    async with visitors.visit("okafor") as ada:
        await ada.open(f"/editions/{found['matched']}/matching/runs/{found['proposal']}/proof")
        async with ada.page.expect_download() as download:
            await ada.page.get_by_role("link", name="Download the proof").click()
        document = json.loads((await (await download.value).path()).read_text())
        assert verify(document).accepted
        document["claim"]["total"] += 1
        assert not verify(document).accepted


async def test_member_finds_no_matching(visitors: Visitors, found: dict[str, str]) -> None:
    """Mentors and executives have no way to points before and after a publication, by whatever address."""
    for login in ("haddad", "lenz"):
        async with visitors.visit(login) as one:
            for path in ("", f"/runs/{found['proposal']}", f"/runs/{found['proposal']}/certificate.json"):
                assert await one.open(f"/editions/{found['matched']}/matching{path}") == 404
            assert "Matching" not in await one.page.locator("nav.nav").inner_text()
