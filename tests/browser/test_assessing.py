"""Promises of assessing in the browser: by keyboard alone, with scripts and without."""

from __future__ import annotations

import pytest

from tests.browser.selection_records import ASSESSORS, TOO_CLOSE, Selecting, office, selecting
from tests.support.front_door import FrontDoor
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


async def score(watched: Watched, level: str) -> None:
    """Choose the same level for each criterion that has none yet."""
    for group in await watched.page.locator("fieldset").all():
        await group.get_by_label(level).check()


@either_way
async def test_sheets_are_scored_one_after_the_other_and_handed_in(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """Saving leads to the next application, says what is missing, and ends at the list; handing in is for good."""
    edition = unused.pop()
    async with visitors.visit("albers", screen) as tim:
        await edition.open_round()
        await _open_first(tim, edition)
        assert await tim.heading() == "Application 1 of 2"
        await tim.choose("3: very well")
        await tim.write("Comment for the panel", "He explains by asking.")
        await tim.press("Save and next")
        assert await tim.heading() == "Application 2 of 2"
        assert "Application 1 is saved. Not scored yet: Knows." in await tim.said()
        await tim.choose("2: well")
        await tim.choose("1: hardly")
        await tim.press("Save")
        assert "2 of 2 criteria scored, 53.3 of 100 points so far." in await tim.facts()
        await tim.press("Skip without saving")
        assert await tim.page.get_by_label("3: very well").first.is_checked()
        await tim.press("Declare a conflict")
        assert await lacking(tim) == []
        await tim.press("Back to the application")
        await tim.choose("3: very well")
        await tim.choose("3: very well")
        await tim.press("Save and next")
        assert tim.path == "/assessments"
        assert "Application 1 is saved and complete." in await tim.said()
        await tim.press(f"Hand in: {edition.name}")
        assert await tim.heading() == "Hand in 2 sheets"
        await tim.press("Hand in")
        assert "2 sheets are handed in." in await tim.said()
        await _open_first(tim, edition)
        assert await tim.page.get_by_role("radio").count() == 0
        assert "100 of 100 points" in await tim.facts()


@either_way
async def test_same_sheet_in_two_windows_is_a_conflict_that_keeps_the_input(
    visitors: Visitors, unused: list[Selecting], screen: Screen
) -> None:
    """Who saved a sheet in another window sees both scores, and can save the older window's after all."""
    edition = unused.pop()
    async with visitors.visit("mohr", screen) as here, visitors.visit("mohr", screen) as elsewhere:
        await edition.open_round()
        await _open_first(here, edition, "mohr")
        await _open_first(elsewhere, edition, "mohr")
        await elsewhere.choose("1: hardly")
        await elsewhere.press("Save")
        await here.choose("3: very well")
        await here.press("Save")
        assert "changed this" in await here.heading()
        assert await lacking(here) == []
        await here.press("Save my input")
        [first, _] = await edition.sheets("mohr")
        saved = await edition.office.get(f"/v1/sheets/{first['sheet_id']}", "mohr")
        assert saved["scores"] == {"explains": 3}


async def test_conflict_leaves_the_list(visitors: Visitors, door: FrontDoor) -> None:
    """A declared conflict takes the application off the list, for good."""
    async with office(door) as there, visitors.visit("mohr") as gesa:
        edition = await selecting(there, "Conflict", TOO_CLOSE)
        await edition.open_round()
        await _open_first(gesa, edition, "mohr")
        gone = gesa.path
        await gesa.press("Declare a conflict")
        await gesa.write("Why?", "close")
        await gesa.press("Declare the conflict")
        assert (await gesa.page.title()).startswith("Error:")
        assert await lacking(gesa) == []
        await gesa.write("Why?", "We have shared a flat since March.")
        await gesa.press("Declare the conflict")
        assert "Somebody else reads this application now." in await gesa.said()
        await gesa.open(gone)
        assert "You do not see this application any more." in await gesa.facts()


async def test_others_are_hidden_until_everybody_has_handed_in(visitors: Visitors, unused: list[Selecting]) -> None:
    """One's own sheet stands alone while another assessor has one open; afterwards all stand side by side."""
    edition = unused.pop()
    async with visitors.visit("albers") as tim:
        round = await edition.open_round()
        for login, level in zip(ASSESSORS, (3, 1), strict=True):
            await edition.score(login, lambda _, given=level: given)
        await edition.hand_in(round, "albers")
        await _open_first(tim, edition)
        assert "Another assessor" not in await tim.facts()
        await edition.hand_in(round, "mohr")
        await edition.round_is(round, "closed")
        await tim.page.reload()
        assert "Another assessor" in await tim.facts()
        assert "1 of 3" in await tim.facts()
        assert await lacking(tim) == []


async def _open_first(watched: Watched, edition: Selecting, login: str = "albers") -> None:
    """Open the first sheet of an edition, as its list has it."""
    first, *_ = await edition.sheets(login)
    await watched.open(f"/assessments/{first['sheet_id']}")
