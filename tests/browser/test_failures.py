"""Promises of pages about failures: each says what is the matter and the way out, and signs nobody out."""

from __future__ import annotations

import pytest

from tests.support.page_checks import lacking, untranslated
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


async def at_home(visitors: Visitors) -> bool:
    """Whether Lena is still signed in."""
    async with visitors.visit("hoff") as lena:
        return await lena.open("/me") == 200


@either_way
async def test_service_that_is_away_asks_for_minutes(visitors: Visitors, beside: Visitors, screen: Screen) -> None:
    """While `people` is away a page says so and offers to try again; the session stays."""
    assert await at_home(visitors)
    async with beside.visit("hoff", screen) as lena:
        assert await lena.open("/me") == 503
        assert await lena.heading() == "In a few minutes, please"
        assert await lacking(lena) == []
        await lena.press("Try again")
        assert lena.path == "/me"
        await lena.speak("en-XA")
        await lena.open("/me")
        assert await untranslated(lena.page) == []
    assert await at_home(visitors)


@either_way
async def test_bug_is_a_page_with_a_number(beside: Visitors, screen: Screen) -> None:
    """A fault of ours is a page in the reader's language, with the number under which the log has it."""
    async with beside.visit(screen=screen, language="de") as somebody:
        assert await somebody.open("/broken") == 500
        assert await somebody.page.locator("html").get_attribute("lang") == "de"
        assert len(await somebody.page.locator("main .code").inner_text()) == 36
        assert await lacking(somebody) == []


async def test_form_of_a_foreign_page_does_nothing(visitors: Visitors) -> None:
    """A page elsewhere that sends a form in somebody's name reaches a page that says no, and nothing is done."""
    async with visitors.visit("hoff") as lena:
        form = f'<form method="post" action="{lena.origin}/sign-out"><button>Win a prize</button></form>'
        await lena.page.set_content(form)
        async with lena.page.expect_navigation():
            await lena.page.get_by_role("button").click()
        assert await lena.heading() == "This did not come from a page of Tandem"
        assert await lacking(lena) == []
    assert await at_home(visitors)


async def test_part_of_a_page_after_the_session_leads_to_sign_in(visitors: Visitors) -> None:
    """Who narrows a list after the session has ended is led to the sign-in page, not to an empty list."""
    async with visitors.visit("kurz") as jana:
        await jana.open("/people")
        await jana.page.context.clear_cookies(name="__Host-tandem")
        await jana.write("Name", "hoff")
        await jana.page.keyboard.press("Enter")
        await jana.page.wait_for_url("**/sign-in?next=**")
        assert await jana.heading()
