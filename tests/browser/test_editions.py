"""Promises of what those who run programmes do about editions, by keyboard alone, with scripts and without."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from tests.browser.edition_records import prepared
from tests.support.front_door import FrontDoor
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


def the_day(ahead: int) -> date:
    """A day that is still to come."""
    return datetime.now(UTC).date() + timedelta(days=ahead)


async def put(watched: Watched, name: str, value: str) -> None:
    """Fill a field of a date or a time, whose keys depend on the browser's own language."""
    await watched.page.locator(f'[name="{name}"]').fill(value)


@pytest.fixture
async def draft(door: FrontDoor, found: dict[str, str]) -> str:
    """The path of a draft of a test's own, ready to be opened."""
    headers = {"Authorization": f"Bearer {door.issuer.minter.token('okafor')}"}
    async with httpx2.AsyncClient(base_url=door.applications, headers=headers, timeout=30) as office:
        return f"/editions/{await prepared(office, found['holding'], name=f'Own {uuid.uuid4().hex[:6]}')}"


@either_way
async def test_edition_is_prepared_from_nothing_to_its_open_call(
    visitors: Visitors, door: FrontDoor, screen: Screen
) -> None:
    """Somebody makes a draft, sees what is missing, says it page by page, and opens the call knowing what it means."""
    name = f"Whole {uuid.uuid4().hex[:6]}"
    async with visitors.visit("okafor", screen) as ada:
        await ada.open("/editions")
        await ada.press("Prepare an edition")
        await ada.write("What is the edition called?", name)
        await put(ada, "starts_on", the_day(30).isoformat())
        await put(ada, "ends_on", the_day(300).isoformat())
        await ada.tick(door.company("Holding"))
        await ada.press("Make the draft")
        assert await ada.heading() == name
        assert "The call has no dates and texts yet" in await ada.facts()
        edition = ada.path
        await _say_the_call(ada)
        assert "There is no rubric yet" in await ada.facts()
        await ada.open(f"{edition}/rules/age")
        await ada.write("How old may one be on the reference date, at most?", "28")
        await ada.write("Legal ground", "The works agreement, clause 4")
        await ada.press("Save the rule")
        assert "At most 28 years old" in await ada.facts()
        await _ask_and_score(ada, edition)
        assert "Nothing stands in the way." in await ada.facts()
        await ada.press("Open the call")
        assert "the first and the last day, the rules and the deadline" in await ada.facts()
        assert await lacking(ada) == []
        await ada.press("Open the call")
        assert ada.path == edition
        assert "call open" in await ada.facts()


async def _say_the_call(ada: Watched) -> None:
    await ada.press("The call has no dates and texts yet")
    await put(ada, "closes_at-day", the_day(20).isoformat())
    await put(ada, "closes_at-time", "12:00")
    await put(ada, "reference_date", the_day(30).isoformat())
    for language, title in (("German", "Zeig es uns"), ("English", "Show us")):
        await ada.write(f"Title, {language}", title)
        await ada.write(f"Invitation, {language}", "Ten minutes.")
    await ada.press("Save")


async def _ask_and_score(ada: Watched, edition: str) -> None:
    await ada.open(f"{edition}/form/new")
    await ada.write("Question in German", "Warum?")
    await ada.write("Question in English", "Why?")
    await ada.press("Save")
    assert "Why?" in await ada.facts()
    await ada.open(f"{edition}/rubric")
    await ada.write("Weight of criterion 1", "60")
    for language in ("German", "English"):
        await ada.write(f"Name of criterion 1, {language}", "Explains")
        for level in (1, 2):
            await ada.write(f"Criterion 1, level {level}, {language}", f"Level {level}")
    await ada.press("Save")
    assert "The weights make 60 together; 40 are missing" in await ada.facts()
    assert await lacking(ada) == []
    await ada.write("Weight of criterion 1", "100")
    await ada.press("Save")


@either_way
async def test_blocked_stage_says_why_and_leads_there(
    visitors: Visitors, found: dict[str, str], screen: Screen
) -> None:
    """A step that is not possible yet names what is in the way, and has no button."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"/editions/{found['opened']}/stage")
        assert await ada.heading() == "Begin the selection"
        assert "This is not possible yet." in await ada.facts()
        assert await ada.page.locator("main form").count() == 0
        await ada.press("The deadline of the call lies ahead")
        assert ada.path == f"/editions/{found['opened']}/call"


@either_way
async def test_hour_that_comes_twice_is_asked_back(visitors: Visitors, draft: str, screen: Screen) -> None:
    """A deadline in the hour that the clocks show twice is asked back with both choices, and one of them is kept."""
    doubled = _last_sunday(10)
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{draft}/dates")
        await put(ada, "ends_on", doubled.replace(month=12).isoformat())
        await ada.press("Save")
        await ada.open(f"{draft}/call")
        await put(ada, "closes_at-day", doubled.isoformat())
        await put(ada, "closes_at-time", "02:30")
        await ada.press("Save")
        assert "The clocks show this time twice" in await ada.facts()
        assert await lacking(ada) == []
        await ada.page.get_by_text("the second time, after that").click()
        await ada.press("Save")
        assert ada.path == draft
        await ada.open(f"{draft}/call")
        assert await ada.page.locator('[name="closes_at-which"][value="second"]').is_checked()
        await put(ada, "closes_at-day", _last_sunday(3).isoformat())
        await ada.press("Save")
        assert "Choose 01:59 or earlier, or 03:00 or later" in await ada.facts()


def _last_sunday(month: int) -> date:
    """The last Sunday of a month of next year, on which Berlin's clocks change in March and October."""
    last = date(datetime.now(UTC).year + 1, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


@either_way
async def test_questions_are_put_in_order_and_removed(visitors: Visitors, draft: str, screen: Screen) -> None:
    """A question is added, moved before the first one and removed, each by a button of its own."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{draft}/form/new")
        await ada.write("Question in German", "Was?")
        await ada.write("Question in English", "What?")
        await ada.press("Save")
        await ada.press("Move up: What?")
        assert await ada.page.locator("main .said").all_inner_texts() == ["What?", "Why?"]
        await ada.press("Change: What?")
        await ada.press("Remove the question")
        assert await ada.page.locator("main .said").all_inner_texts() == ["Why?"]


@either_way
async def test_rubric_grows_without_being_saved(visitors: Visitors, draft: str, screen: Screen) -> None:
    """A criterion is added and moved in the form; leaving it saves nothing."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{draft}/rubric")
        await ada.press("Add a criterion")
        assert await ada.page.locator("main h2").count() == 3
        await ada.write("Weight of criterion 3", "10")
        await ada.press("Move up: 3")
        assert await ada.page.get_by_label("Weight of criterion 2").input_value() == "10"
        assert "that is 10 too many" in await ada.facts()
        assert await lacking(ada) == []
        await ada.open(f"{draft}/rubric")
        assert await ada.page.locator("main h2").count() == 2


@either_way
async def test_enter_in_the_rubric_saves(visitors: Visitors, draft: str, screen: Screen) -> None:
    """Whoever presses Enter in a field has saved, and no level was added."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{draft}/rubric")
        levels = await ada.page.get_by_label("Criterion 1, level").count()
        await ada.page.get_by_label("Weight of criterion 1").press("Enter")
        await ada.page.wait_for_url(f"**{draft}")
        assert "Saved." in await ada.said()
        await ada.open(f"{draft}/rubric")
        assert await ada.page.get_by_label("Criterion 1, level").count() == levels


@either_way
async def test_executive_is_escalated_exempted_and_obliged_again(
    visitors: Visitors, found: dict[str, str], screen: Screen
) -> None:
    """Each decision has its page and reason, and the list says at once how she stands and why."""
    people, reason = f"/editions/{found['opened']}/people", f"Away until May, {uuid.uuid4().hex[:4]}"
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(people)
        await ada.press("Escalate: Petra Winter")
        await ada.write("Why?", "Nobody fits her dates so far")
        await ada.press("Escalate")
        assert await ada.said() == "Petra Winter is escalated."
        await ada.press("Exempt for a reason: Petra Winter")
        await ada.choose("Away for a long time")
        await ada.write("In a sentence", reason)
        await ada.press("Exempt for this reason")
        assert reason in await ada.facts()
        await ada.press("Oblige again: Petra Winter")
        await ada.write("Why?", "She is back earlier than planned")
        await ada.press("Oblige again")
        assert ada.path == people
        assert reason not in await ada.facts()


async def test_list_of_executives_is_narrowed_in_place(visitors: Visitors, found: dict[str, str]) -> None:
    """With scripts only the list changes, and what it holds is told; the address says what is shown."""
    async with visitors.visit("okafor") as ada:
        await ada.open(f"/editions/{found['opened']}/people")
        await ada.page.evaluate("window.same = true")
        await ada.select("State", "exempt")
        await ada.reach("Show")
        await ada.page.keyboard.press("Enter")
        await ada.page.wait_for_url("**/people?state=exempt")
        await ada.page.get_by_text("Nobody is in this state").wait_for()
        assert await ada.page.evaluate("window.same")
        assert await ada.said() == "0 executives"


@either_way
async def test_somebody_is_admitted_late(visitors: Visitors, draft: str, screen: Screen) -> None:
    """A person is found by name and admitted until a time, with a reason, in an edition that is open."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"{draft}/stage")
        await ada.press("Open the call")
        await ada.press("Admit somebody late")
        await ada.write("Name", "weiss")
        await ada.press("Find")
        await ada.choose("Ulf Weiss")
        await put(ada, "until-day", the_day(40).isoformat())
        await put(ada, "until-time", "18:00")
        await ada.press("Admit")
        assert (await ada.page.title()).startswith("Error:")
        assert await lacking(ada) == []
        await ada.write("Why?", "He was ill in the last week")
        await ada.press("Admit")
        assert ada.path == draft
        assert await ada.said() == "Admitted. The application is open again for this one person."
