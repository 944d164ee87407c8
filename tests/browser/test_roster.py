"""Promises of importing a roster through the portal, with scripts and without."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest

from tests.browser.records import faulty_roster, row, small_roster
from tests.support.front_door import FrontDoor
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors, Watched

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])
MANY = "How many people leave? Write the number."


async def send(watched: Watched, name: str, body: bytes, *, feed: str = "") -> None:
    """Choose a file, say that it holds everybody, send it, and wait for its dry run."""
    await watched.open("/roster/new")
    await choose_file(watched, name, body)
    await watched.choose("Everybody: whoever is missing has left")
    if feed:
        await watched.write("Name of this feed", feed)
    await watched.press("Show what would change")
    await settled(watched)


async def choose_file(watched: Watched, name: str, body: bytes) -> None:
    """Choose a file as the browser's dialogue does."""
    await watched.page.set_input_files("#roster", {"name": name, "mimeType": "text/csv", "buffer": body})


async def follow(watched: Watched, name: str) -> None:
    """Press the button of this name and wait for the page that it leads to."""
    async with watched.page.expect_navigation():
        await watched.page.get_by_role("button", name=name).click()


async def settled(watched: Watched) -> None:
    """Wait until the import has come to a rest: the page changes by itself, or by its link where scripts are off."""
    again = watched.page.get_by_role("link", name="Look again")
    if watched.scripts:
        await again.wait_for(state="detached")
        await watched.page.wait_for_load_state()
    while await again.count():
        await again.click()


def text_of(file: Path) -> str:
    """What a file says, without the mark that spreadsheets need."""
    return file.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("screen", "number", "login", "name"),
    [(DESK, "M6", "uhlig", "Tom Uhlig"), (SCRIPTLESS, "M7", "sand", "Rieke Sand")],
    ids=["scripts", "no scripts"],
)
async def test_leaver_is_out_of_an_open_browser_within_seconds(
    visitors: Visitors, door: FrontDoor, screen: Screen, number: str, login: str, name: str
) -> None:
    """HR imports a roster without somebody who is at her browser; her next click leads to a page without access."""
    async with visitors.visit(login) as leaver, visitors.visit("weiss", screen) as ulf:
        assert await leaver.open("/me") == 200
        await send(ulf, "roster.csv", door.roster(number).encode())
        assert await ulf.heading() == "Check the import before it counts"
        assert name in await ulf.page.locator("#leavers").inner_text()
        await follow(ulf, "Apply")
        await settled(ulf)
        assert await ulf.heading() == "roster.csv is applied"
        since, status = time.monotonic(), 200
        while status == 200 and time.monotonic() - since < 10:
            status = await leaver.open("/me/skills")
        assert status == 403
        assert "not open to you" in await leaver.heading()


@either_way
async def test_faulty_rows_are_told_and_given_as_a_file(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """Each refused row has its line, column and reason, on the page and in a file without formulas."""
    feed = f"faults-{uuid.uuid4().hex[:6]}"
    async with visitors.visit("weiss", screen) as ulf:
        await send(ulf, "faulty.csv", faulty_roster(door), feed=feed)
        refused = await ulf.page.locator("#rejected").inner_text()
        assert "birth_date" in refused
        assert "no such day" in refused
        async with ulf.page.expect_download() as download:
            await ulf.page.get_by_role("link", name="Download refused rows").click()
        text = text_of(await (await download.value).path())
        assert text.splitlines()[0] == "row,key,column,reason"
        assert f"4,P6-{door.tag},birth_date,no such day" in text
        assert not [cell for line in text.splitlines() for cell in line.split(",") if cell[:1] in "=+-@" and cell]
        await ulf.press("Discard this import")
        assert ulf.path == "/roster"
        assert "discarded" in await ulf.said()


@either_way
async def test_many_leavers_need_their_number(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """Where many would leave, a page of its own asks for their number; another number, or none, applies nothing."""
    feed = f"many-{uuid.uuid4().hex[:6]}"
    numbers = [f"{feed}-{count}" for count in range(4)]
    async with visitors.visit("weiss", screen) as ulf:
        await send(ulf, "all.csv", small_roster(door, *numbers), feed=feed)
        await follow(ulf, "Apply 4 changes")
        await settled(ulf)
        await send(ulf, "few.csv", small_roster(door, *numbers[:1]), feed=feed)
        await ulf.press("Continue")
        assert await ulf.heading() == "3 people leave by this import"
        assert await lacking(ulf) == []
        for wrong in ("", "2"):
            await ulf.page.get_by_label(MANY).fill(wrong)
            await follow(ulf, "Apply 3 changes")
            assert (await ulf.page.title()).startswith("Error:")
            assert await ulf.page.get_by_label(MANY).input_value() == wrong
        assert await lacking(ulf) == []
        await ulf.write(MANY, "3")
        await ulf.press("Apply 3 changes")
        await settled(ulf)
        assert await ulf.heading() == "few.csv is applied"
        assert "Left\n3" in (await ulf.facts()).replace("\t", "\n")


@either_way
async def test_file_that_says_nothing_is_refused_with_a_reason(visitors: Visitors, screen: Screen) -> None:
    """A file that no mapping fits, or no file at all, changes nothing and says what to do."""
    async with visitors.visit("weiss", screen) as ulf:
        await send(ulf, "other.csv", b"a,b\n1,2\n")
        assert await ulf.heading() == "other.csv cannot be read"
        assert await ulf.page.locator(".notice").count() == 1
        await ulf.open("/roster/new")
        await ulf.press("Show what would change")
        assert (await ulf.page.title()).startswith("Error:")
        assert "Choose the file" in await ulf.facts()
        assert await lacking(ulf) == []


async def test_names_with_letters_of_their_own_can_be_read_anew(visitors: Visitors, door: FrontDoor) -> None:
    """Names that a wrong reading would spoil are shown; the way to another reading keeps what was said of the file."""
    feed = f"letters-{uuid.uuid4().hex[:6]}"
    body = small_roster(door) + row(door, feed, "Ji\u0159\u00ed Dvo\u0159\u00e1k").encode("cp1250") + b"\n"
    async with visitors.visit("weiss") as ulf:
        await send(ulf, "cz.csv", body, feed=feed)
        assert "Ji\u00f8\u00ed Dvo\u00f8\u00e1k" in await ulf.page.locator(".notice").inner_text()
        await ulf.press("No: read it as Polish or Czech")
        assert await ulf.page.get_by_label("Letters").input_value() == "cp1250"
        assert await ulf.page.get_by_label("Name of this feed").input_value() == feed
        await choose_file(ulf, "cz.csv", body)
        await ulf.press("Show what would change")
        await settled(ulf)
        assert "Ji\u0159\u00ed Dvo\u0159\u00e1k" in await ulf.page.locator("#joiners").inner_text()


@either_way
async def test_import_that_moved_on_says_so(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """Who applies an import that was discarded in another window is told, and nothing is applied."""
    feed = f"twice-{uuid.uuid4().hex[:6]}"
    async with visitors.visit("weiss", screen) as here, visitors.visit("weiss", screen) as there:
        await send(here, "twice.csv", small_roster(door, feed), feed=feed)
        await there.open(here.path)
        await there.press("Discard this import")
        await here.press("Apply 1 change")
        assert await here.heading() == "twice.csv was discarded"
        assert "moved on meanwhile" in await here.said()


async def test_file_that_is_too_large_is_a_page(visitors: Visitors) -> None:
    """A file over the limit is refused by a page that names the limit, in the reader's language."""
    async with visitors.visit("weiss") as ulf:
        await ulf.open("/roster/new")
        await choose_file(ulf, "large.csv", b"a" * (17 * 1024 * 1024 + 1))
        await follow(ulf, "Show what would change")
        assert await ulf.heading() == "This is too large"
        assert await lacking(ulf) == []
