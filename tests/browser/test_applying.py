"""Promises of applying as a mentor and of deciding on waivers, by keyboard alone, with scripts and without."""

from __future__ import annotations

import uuid

import pytest

from tests.browser.applying_records import WHOLE, applicant, open_call
from tests.support.front_door import FrontDoor
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])
LONG = " ".join(["word"] * 201)


def named() -> str:
    """A call's name of its own."""
    return f"Mentors {uuid.uuid4().hex[:6]}"


@either_way
async def test_application_is_written_checked_and_sent(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """From the list of calls to the number of the application, one page after the other."""
    name = named()
    call = await open_call(door, "Services", name=name)
    mine = f"/calls/{call}/application"
    async with visitors.visit("ruge", screen) as jan:
        await jan.open("/calls")
        await jan.press(name)
        assert await jan.heading() == name
        assert "At most 28 years old" in await jan.facts()
        await jan.press("Begin the application")
        assert jan.path == mine
        await say_everything(jan)
        assert "5 of 5 sections are done" in await jan.facts()
        await jan.press("Check my answers")
        assert "TikTok" in await jan.facts()
        assert await lacking(jan) == []
        await jan.press("Send the application")
        assert jan.path == f"{mine}/sent"
        assert await lacking(jan) == []
        await jan.press("To my application")
        assert "What you change now counts at once" in await jan.facts()
        await jan.open("/me")
        assert "TikTok" in await jan.facts()


async def say_everything(jan: Watched) -> None:
    """Fill in all parts, from the list of them and back to it."""
    await jan.press("Platforms and how well I know them")
    await jan.select("TikTok", "3")
    await jan.press("Save and continue")
    await jan.press("My answers")
    await jan.write("Why?", "I would ask which post was shared last.")
    await jan.press("Save and continue")
    await jan.press("Places, time, place and languages")
    await jan.choose("Two")
    if not await jan.page.get_by_label("German", exact=True).is_checked():
        await jan.tick("German")
    if not await jan.page.get_by_label("Monday morning", exact=True).is_checked():
        await jan.tick("Monday morning")
    await jan.write("Where can you meet in person?", "Bremen")
    await jan.press("Save and continue")
    await jan.press("My line manager knows")
    await jan.tick("My line manager knows that I apply")
    await jan.press("Save and continue")


@either_way
async def test_missing_parts_are_named_before_anything_is_sent(
    visitors: Visitors, door: FrontDoor, screen: Screen
) -> None:
    """Sending a draft that is not done leads to each part that is missing; a change leads back to the check."""
    call = await open_call(door, "Services", name=named())
    async with applicant(door, "timm") as yara:
        await yara.apply(call, **{**WHOLE, "manager_informed": False})
    async with visitors.visit("timm", screen) as yara:
        await yara.open(f"/calls/{call}/application/check")
        await yara.press("Send the application")
        assert (await yara.page.title()).startswith("Error:")
        assert await yara.page.evaluate("document.activeElement.className") == "error-summary"
        links = yara.page.locator(".error-summary a")
        assert [await link.get_attribute("href") for link in await links.all()] == ["#manager"]
        assert await lacking(yara) == []
        await yara.press("Change: My line manager knows")
        await yara.tick("My line manager knows that I apply")
        await yara.press("Save and continue")
        assert yara.path == f"/calls/{call}/application/check"


@either_way
async def test_answer_that_is_too_long_says_by_how_much(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """The page comes back with the text in it; shortened, it is saved."""
    call = await open_call(door, "Services", name=named())
    async with applicant(door, "timm") as yara:
        await yara.apply(call)
    async with visitors.visit("timm", screen) as yara:
        await yara.open(f"/calls/{call}/application/answers")
        await yara.page.get_by_label("Why?").fill(LONG)
        await yara.press("Save and continue")
        assert "it has 201 words, and 200 at most fit" in await yara.facts()
        assert await yara.page.get_by_label("Why?").input_value() == LONG
        assert await lacking(yara) == []
        await yara.page.get_by_label("Why?").fill(LONG.removeprefix("word "))
        await yara.press("Save and continue")
        assert yara.path == f"/calls/{call}/application"


@either_way
async def test_waiver_is_asked_for_granted_and_told(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """Who is too old sees how that was counted, asks, and reads the decision with its reason."""
    name = named()
    call = await open_call(door, "Messen", name=name)
    reason, word = f"I teach this already, {uuid.uuid4().hex[:4]}.", f"Her courses show it, {uuid.uuid4().hex[:4]}."
    async with visitors.visit("gramm", screen) as pia:
        await pia.open(f"/calls/{call}")
        await pia.press("Begin the application")
        assert await pia.heading() == "One requirement is not met"
        assert "1\u00a0Apr\u00a01990" in await pia.facts()
        assert await lacking(pia) == []
        await pia.write("Why should there be a waiver for you?", reason)
        await pia.press("Ask for a waiver")
        assert "waits for a decision" in await pia.facts()
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"/editions/{call}/waivers")
        await ada.press("Pia Gramm")
        assert reason in await ada.facts()
        assert "1\u00a0Apr\u00a01990" not in await ada.facts()
        await ada.choose("granted")
        await ada.write("Why?", word)
        await ada.press("Decide")
        assert word in await ada.facts()
        assert await lacking(ada) == []
    async with visitors.visit("gramm", screen) as pia:
        await pia.open(f"/calls/{call}/application")
        assert "A waiver was granted" in await pia.facts()
        assert word in await pia.facts()


@either_way
async def test_withdrawn_application_begins_again_with_what_was_written(
    visitors: Visitors, door: FrontDoor, screen: Screen
) -> None:
    """Withdrawing asks once; until the end of the call one can begin again."""
    call = await open_call(door, "Services", name=named())
    async with applicant(door, "timm") as yara:
        await yara.apply(call, **WHOLE, submit=True)
    async with visitors.visit("timm", screen) as yara:
        await yara.open(f"/calls/{call}/application")
        await yara.press("Withdraw this application")
        await yara.press("Withdraw")
        assert "You withdrew" in await yara.facts()
        assert await lacking(yara) == []
        await yara.press("Begin again")
        assert "5 of 5 sections are done" in await yara.facts()


@either_way
async def test_older_page_of_an_application_keeps_the_input(
    visitors: Visitors, door: FrontDoor, screen: Screen
) -> None:
    """Two windows of one person: the older one sees both answers and can save its own after all."""
    call = await open_call(door, "Services", name=named())
    async with applicant(door, "timm") as yara:
        await yara.apply(call)
    where = f"/calls/{call}/application/answers"
    async with visitors.visit("timm", screen) as here, visitors.visit("timm", screen) as there:
        await here.open(where)
        await there.open(where)
        await there.write("Why?", "Since I like to explain.")
        await there.press("Save and continue")
        await here.write("Why?", "Since I know it well.")
        await here.press("Save and continue")
        assert "changed this" in await here.heading()
        assert {"Since I like to explain.", "Since I know it well."} <= set(
            (await here.facts()).replace("\t", "\n").split("\n")
        )
        await here.press("Save my input")
        assert here.path == f"/calls/{call}/application"


@pytest.mark.parametrize(("login", "screen"), [("gramm", DESK), ("haddad", SCRIPTLESS)], ids=["scripts", "no scripts"])
async def test_place_is_accepted(visitors: Visitors, found: dict[str, str], login: str, screen: Screen) -> None:
    """Who is selected accepts by one button; afterwards the application says so, and nobody asks again."""
    mine = f"/calls/{found['decided']}/application"
    async with visitors.visit(login, screen) as mentor:
        await mentor.open(mine)
        await mentor.press("Accept the place")
        assert await mentor.heading() == "You are selected as a mentor"
        await mentor.press("Accept the place")
        assert mentor.path == mine
        assert "You are a mentor of this edition" in await mentor.facts()
        assert await lacking(mentor) == []
        await mentor.open(f"{mine}/accept")
        assert mentor.path == mine
