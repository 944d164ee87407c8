"""Promises of the selection in the browser: from the first round to a release and the next reserve."""

from __future__ import annotations

import csv
import io

import pytest

from tests.browser.selection_records import ASSESSORS, Selecting
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


@either_way
async def test_selection_is_run_from_the_first_round_to_the_next_reserve(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """A round is opened, ranked, decided along the cut line and released; who withdraws makes room for the reserve."""
    edition = unused.pop()
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(edition.path)
        await ada.press("Open a round")
        assert await lacking(ada) == []
        await ada.tick("Bodo Arndt")
        await ada.press("Open the round")
        assert "The round is open." in await ada.said()
        [round] = await edition.office.get(f"/v1/editions/{edition.edition}/rounds")
        await edition.round_is(round["round_id"], "open")
        await ada.page.reload()
        assert "Gesa Mohr\t2" in await ada.facts()
        assert "Yara Timm" not in await ada.facts()
        for login in ASSESSORS:
            await edition.score(login, lambda who: 3 if who == "ruge" else 2)
        await edition.hand_in(round["round_id"], *ASSESSORS)
        await edition.round_is(round["round_id"], "closed")
        await ada.page.reload()
        before, after = (await ada.facts()).split("Cut line: 1 place is needed.")
        assert "Jan Ruge" in before
        assert "Yara Timm" in after
        await ada.press("Decide by the cut line")
        assert await lacking(ada) == []
        await ada.press("Note these decisions")
        assert (await ada.page.title()).startswith("Error:")
        await ada.write("Why?", "In the order of the ranks.")
        await ada.press("Note these decisions")
        assert "2 decisions are noted." in await ada.said()
        await ada.press("Release 2 decisions")
        assert await ada.heading() == "Release 2 decisions"
        assert await lacking(ada) == []
        await ada.press("Release")
        assert "2 decisions are released." in await ada.said()
        withdrawn = f"/v1/applications/{edition.applications['ruge']}"
        await edition.office.do("POST", f"{withdrawn}/withdrawal", {}, "ruge", at=withdrawn)
        await ada.open(edition.path)
        assert "Jan Ruge has withdrawn" in await ada.facts()
        await ada.press("Decide on Yara Timm")
        assert await ada.page.get_by_label("Selected", exact=True).is_checked()
        await ada.write("Why?", "Next on the reserve list.")
        await ada.press("Note the decision")
        await ada.press("Release 1 decision")
        await ada.press("Release")
        assert "Yara Timm" in (await ada.facts()).split("Not ranked")[0]
        assert await lacking(ada) == []


@either_way
async def test_tie_at_the_cut_is_shown_and_left_open(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """Two with the same median for one place: nobody of them is proposed, whoever decides must say."""
    edition = unused.pop()
    async with visitors.visit("okafor", screen) as ada:
        await edition.ranked("timm", apart=0)
        await ada.open(edition.path)
        assert "1 place is needed, and several share rank 1" in await ada.facts()
        await ada.open(f"{edition.path}/decide")
        chosen = [await one.input_value() for one in await ada.page.locator("select").all()]
        assert chosen == ["", ""]
        await ada.write("Why?", "Nobody is chosen yet.")
        await ada.press("Note these decisions")
        assert "Decide on at least one application" in await ada.facts()


@either_way
async def test_going_back_to_a_decision_shows_what_is_noted(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """Of many or of one: a browser puts nothing back that was chosen on an older page, to be sent as if it was seen."""
    edition = unused.pop()
    async with visitors.visit("okafor", screen) as ada:
        await edition.ranked("timm")
        await ada.open(f"{edition.path}/decide")
        assert await lacking(ada) == []
        await ada.page.get_by_label("Decision: Yara Timm").select_option("reserved")
        await ada.press("Back without deciding")
        timm = f"/v1/applications/{edition.applications['timm']}"
        noted = {"decision": "declined", "reason": "Leaves in May."}
        await edition.office.do("POST", f"{timm}/decision", noted, at=timm)
        await ada.page.go_back()
        assert "noted: Leaves in May." in await ada.facts()
        assert await ada.page.get_by_label("Decision: Yara Timm").input_value() == "declined"
        await ada.open(f"{edition.path}/{edition.applications['timm']}")
        await ada.page.get_by_label("Reserve list", exact=True).check()
        await ada.write("Why?", "By rank.")
        await ada.open(edition.path)
        await ada.page.go_back()
        assert await ada.page.get_by_label("Not this time", exact=True).is_checked()


@either_way
async def test_another_sheet_is_asked_for_where_assessors_disagree(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """The figure of those who disagree leads to a round for them; who read them already is no help there, and named."""
    edition = unused.pop()
    async with visitors.visit("okafor", screen) as ada:
        round = await edition.open_round()
        await edition.score("albers", lambda _: 3)
        await edition.score("mohr", lambda who: 1 if who == "timm" else 3)
        await edition.hand_in(round, *ASSESSORS)
        await edition.round_is(round, "closed")
        await ada.open(edition.path)
        await ada.press("Ask for another sheet")
        assert await lacking(ada) == []
        await ada.write("Why another round?", "The totals lie far apart.")
        await ada.press("Open the round")
        assert "Too few independent assessors" in await ada.facts()
        assert "Yara Timm" in await ada.page.locator(".notice").inner_text()
        assert await lacking(ada) == []


@either_way
async def test_round_is_closed_early_and_the_board_says_why(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """Closing before everything is in is a page of its own; complete sheets count, and the reason stays."""
    edition = unused.pop()
    async with visitors.visit("okafor", screen) as ada:
        await edition.open_round()
        await edition.score("albers", lambda _: 3)
        await ada.open(edition.path)
        await ada.press("Close the round early")
        assert await lacking(ada) == []
        await ada.press("Close the round")
        assert (await ada.page.title()).startswith("Error:")
        await ada.write("Why?", "Gesa is ill until spring.")
        await ada.press("Close the round")
        assert "The round is closed." in await ada.said()
        assert "Gesa is ill until spring." in await ada.facts()
        assert "2 applications by rank" in await ada.facts()


async def test_list_for_the_panel_is_a_file(visitors: Visitors, found: dict[str, str]) -> None:
    """What the board shows can be taken along, once the round is closed."""
    async with visitors.visit("okafor") as ada:
        await ada.open(f"/editions/{found['ranked']}/selection")
        async with ada.page.expect_download() as download:
            await ada.page.get_by_role("link", name="Download the list").click()
        text = (await (await download.value).path()).read_text("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row["Name"] for row in rows] == ["Yara Timm", "Jan Ruge"]
        assert [row["State"] for row in rows] == ["selected", "reserve list, not released"]


async def test_assessor_sees_no_board(visitors: Visitors, found: dict[str, str]) -> None:
    """Who assesses and manages nothing has no way to the ranks."""
    async with visitors.visit("mohr") as gesa:
        assert await gesa.open(f"/editions/{found['ranked']}/selection") == 403
