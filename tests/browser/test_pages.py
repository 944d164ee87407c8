"""Promises of every page of the portal, looked at by those it is for and in every way it may be looked at."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import iter_route_contexts
from playwright.async_api import Response

from services.portal.main import SERVICE
from tests.browser.visits import NO_PAGES, VISITS, Visit
from tests.support.page_checks import HEAVIEST, Scales, barriers, sideways, unreached, untranslated, without_way, words
from tests.support.walking import DESK, PHONE, SCRIPTLESS, ZOOMED, Screen, Visitors

LANGUAGES = ("en", "de", "en-XA")
each_page = pytest.mark.parametrize("visit", VISITS, ids=str)


@each_page
async def test_page_opens_without_complaint_or_barrier(visitors: Visitors, found: dict[str, str], visit: Visit) -> None:
    """Each page has its status and one heading; neither the browser nor axe has anything to say, in light or dark."""
    async with visitors.visit(visit.login) as seen:
        assert await seen.open(visit.path.format_map(found)) == visit.status
        assert await seen.heading()
        assert await barriers(seen.page) == []
        await seen.page.emulate_media(color_scheme="dark")
        assert await barriers(seen.page) == []


@each_page
async def test_page_is_light(visitors: Visitors, found: dict[str, str], weights: dict[str, int], visit: Visit) -> None:
    """A browser that was never here fetches at most 60 kB for a page, compressed, with style, scripts and icon."""
    answers: list[Response] = []
    async with visitors.visit(visit.login) as seen:
        seen.page.on("response", lambda answer: answers.append(answer))
        await seen.open(visit.path.format_map(found))
        await seen.page.wait_for_load_state("networkidle")
        weights[str(visit)] = await Scales().add(answers)
    assert weights[str(visit)] <= HEAVIEST


@each_page
@pytest.mark.parametrize("screen", [PHONE, ZOOMED], ids=["phone", "zoomed"])
async def test_page_fits_narrow_screens(
    visitors: Visitors, found: dict[str, str], visit: Visit, screen: Screen
) -> None:
    """At 320 px, and at 1280 px enlarged four times, nobody scrolls sideways, in no language."""
    async with visitors.visit(visit.login, screen) as seen:
        for language in LANGUAGES:
            await seen.speak(language)
            await seen.open(visit.path.format_map(found))
            assert await seen.page.locator("html").get_attribute("lang") == language
            assert await sideways(seen.page) == []
        assert await untranslated(seen.page) == []
        assert await barriers(seen.page) == []


@each_page
async def test_page_says_the_same_without_scripts(visitors: Visitors, found: dict[str, str], visit: Visit) -> None:
    """Without scripts a page has the same words, and each of its forms and buttons a way that needs none."""
    path = visit.path.format_map(found)
    async with visitors.visit(visit.login) as scripted, visitors.visit(visit.login, SCRIPTLESS) as plain:
        await scripted.open(path)
        assert await plain.open(path) == visit.status
        assert await words(plain.page) == await words(scripted.page)
        assert await without_way(plain.page) == []


@each_page
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_page_is_gone_through_by_keyboard(
    visitors: Visitors, found: dict[str, str], visit: Visit, screen: Screen
) -> None:
    """The tabulator reaches all that can be used, in order; one sees where one is."""
    async with visitors.visit(visit.login, screen) as seen:
        await seen.open(visit.path.format_map(found))
        assert await unreached(seen) == []


def test_every_page_is_visited(door: object) -> None:
    """A page that no visit opens is missing from the table."""
    pages = {context.path for context in iter_route_contexts(SERVICE.app().routes) if "GET" in (context.methods or ())}
    assert "/me" in pages
    assert [path for path in pages - NO_PAGES if path and not any(_opens(visit, path) for visit in VISITS)] == []


def _opens(visit: Visit, path: str) -> bool:
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
    return re.fullmatch(pattern, visit.path.partition("?")[0]) is not None
