"""Promises of the way in and out, gone by keyboard alone."""

from __future__ import annotations

import pytest

from tests.support.front_door import FrontDoor
from tests.support.page_checks import barriers, sideways, unreached
from tests.support.walking import DESK, PHONE, SCRIPTLESS, Screen, Visitors

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


@either_way
async def test_keyboard_alone_leads_in_and_out(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """From a page to the sign-in page, through the issuer, back to that page, and out again; then one is out."""
    async with visitors.visit(screen=screen) as lena:
        await lena.open("/me/skills")
        assert lena.path == "/sign-in?next=%2Fme%2Fskills"
        await lena.press("Continue to the company's sign-in page")
        assert lena.page.url.startswith(door.issuer.url)
        await lena.press("Continue as Lena Hoff")
        await lena.page.wait_for_url(f"{door.portal}/me/skills")
        await lena.press("Sign out")
        await lena.page.wait_for_url(f"{door.portal}/signed-out")
        assert await lena.heading() == "You are signed out"
        await lena.open("/me")
        assert lena.path == "/sign-in?next=%2Fme"


async def test_demo_names_itself_and_offers_persons(visitors: Visitors, door: FrontDoor) -> None:
    """Where the issuer is a demo's, the sign-in page says so."""
    async with visitors.visit() as nobody:
        await nobody.open("/sign-in")
        assert "Demo issuer, loopback only" in await nobody.page.locator("main").inner_text()


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_issuer_page_has_no_barrier(visitors: Visitors, door: FrontDoor, screen: Screen) -> None:
    """The demo issuer's page is as usable as the portal's own."""
    async with visitors.visit(screen=screen) as nobody:
        await nobody.open("/sign-in/start")
        assert nobody.page.url.startswith(door.issuer.url)
        assert await barriers(nobody.page) == []
        assert await sideways(nobody.page) == []
        assert await unreached(nobody) == []


async def test_unlinked_login_is_told_whom_to_ask_and_can_leave(visitors: Visitors) -> None:
    """Who signs in but stands in no roster gets a page that names whom to ask, and a way out."""
    async with visitors.visit("nobody") as stranger:
        assert await stranger.open("/") == 403
        assert "Ms Kurz, extension 2140" in await stranger.page.locator("main").inner_text()
        assert await stranger.page.get_by_role("button", name="Sign out").count() == 1


async def test_session_cookie_stays_with_the_portal(visitors: Visitors, door: FrontDoor) -> None:
    """The issuer, on another name of this machine, is never sent the portal's session."""
    async with visitors.visit("hoff") as lena:
        cookies = await lena.page.context.cookies()
        [session] = [one for one in cookies if one["name"] == "__Host-tandem"]
        assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
        sent = await lena.page.context.cookies(door.issuer.url)
        assert "__Host-tandem" not in {one["name"] for one in sent}


async def test_language_is_changed_on_every_page_and_stays(visitors: Visitors) -> None:
    """The link to the other language leads back to the same page, and later pages keep to it."""
    async with visitors.visit("hoff") as lena:
        await lena.open("/me/wishes")
        await lena.press("Deutsch")
        assert lena.path == "/me/wishes"
        assert await lena.page.locator("html").get_attribute("lang") == "de"
        await lena.open("/me")
        assert await lena.page.locator("html").get_attribute("lang") == "de"
