"""Promises of what people do in the portal, each by keyboard alone, with scripts and without."""

from __future__ import annotations

import uuid

import pytest

from tests.support.front_door import FrontDoor
from tests.support.page_checks import lacking
from tests.support.walking import DESK, SCRIPTLESS, Screen, Visitors

either_way = pytest.mark.parametrize("screen", [DESK, SCRIPTLESS], ids=["scripts", "no scripts"])


@either_way
async def test_languages_are_stated(visitors: Visitors, screen: Screen) -> None:
    """Somebody states her languages; the page of what is known of her says so at once."""
    async with visitors.visit("haddad", screen) as noor:
        await noor.open("/me/languages")
        await noor.select("Dutch", "B1")
        await noor.press("Save")
        assert noor.path == "/me"
        assert "Saved" in await noor.said()
        assert "Dutch B1" in await noor.facts()


@either_way
async def test_older_form_leads_to_a_page_that_keeps_the_input(visitors: Visitors, screen: Screen) -> None:
    """A form filled from an older state is not saved; the page keeps what was written, and can save it after all."""
    async with visitors.visit("albers", screen) as here, visitors.visit("albers", screen) as there:
        await here.open("/me/meeting")
        await there.open("/me/meeting")
        place, other = f"Bremen {uuid.uuid4().hex[:4]}", f"Kiel {uuid.uuid4().hex[:4]}"
        await there.write("Where can you meet in person?", other)
        await there.press("Save")
        await here.write("Where can you meet in person?", place)
        await here.press("Save")
        assert "changed this" in await here.heading()
        assert {place, other} <= set((await here.facts()).replace("\t", "\n").split("\n"))
        assert await lacking(here) == []
        await here.press("Save my input")
        assert here.path == "/me"
        assert place in await here.facts()


@either_way
async def test_role_is_given_after_a_look_and_ended(
    visitors: Visitors, found: dict[str, str], door: FrontDoor, screen: Screen
) -> None:
    """A role counts once it was checked; the person's page says who gave it and why, and it can be ended."""
    reason, noor = f"She scores fairly, {uuid.uuid4().hex[:4]}", f"/people/{found['haddad']}"
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(noor)
        await ada.press("Give a role")
        await ada.choose("Assessor")
        await ada.tick(door.company("Messen"))
        await ada.write("Why?", reason)
        await ada.press("Continue")
        assert await ada.heading() == "Check before the role counts"
        assert await lacking(ada) == []
        await ada.press("Give the role")
        assert ada.path == noor
        assert reason in await ada.facts()
        await ada.press("End: Assessor")
        await ada.write("Why?", "The round is over now")
        await ada.press("End the role")
        assert ada.path == noor
        assert "No role at present" in await ada.facts()


@either_way
async def test_form_with_mistakes_says_them_first(visitors: Visitors, found: dict[str, str], screen: Screen) -> None:
    """The summary of what to correct comes first, has the focus, and leads to each field; nothing is lost."""
    async with visitors.visit("okafor", screen) as ada:
        await ada.open(f"/people/{found['haddad']}/roles/new")
        await ada.choose("Auditor")
        await ada.write("Why?", "short")
        await ada.press("Continue")
        assert (await ada.page.title()).startswith("Error:")
        assert await ada.page.evaluate("document.activeElement.className") == "error-summary"
        assert await ada.page.get_by_label("Why?").input_value() == "short"
        assert await ada.page.get_by_label("Auditor", exact=True).is_checked()
        links = ada.page.locator(".error-summary a")
        targets = [await link.get_attribute("href") for link in await links.all()]
        assert targets == ["#subsidiaries", "#reason"]
        for target in targets:
            assert await ada.page.locator(target or "").count() == 1
        assert await lacking(ada) == []


async def test_own_role_cannot_be_given(visitors: Visitors, door: FrontDoor) -> None:
    """Nobody is offered to give roles to herself."""
    async with visitors.visit("okafor") as ada:
        await ada.open("/people?q=okafor")
        await ada.page.locator("main").get_by_role("link", name="Ada Okafor").click()
        assert await ada.heading() == "Ada Okafor"
        assert await ada.page.get_by_role("link", name="Give a role").count() == 0


@either_way
async def test_key_is_shown_once(visitors: Visitors, screen: Screen) -> None:
    """An account is made, then a key; its secret stands on that one page and never again."""
    name = f"Payroll {uuid.uuid4().hex[:6]}"
    async with visitors.visit("okafor", screen) as ada:
        await ada.open("/accounts/new")
        await ada.write("What is the program called?", name)
        await ada.write("Who answers for it?", "Mr Weiss, extension 7")
        await ada.tick("HR integration")
        await ada.choose("In the whole group")
        await ada.press("Make it")
        assert await ada.heading() == name
        await ada.press("Make a key")
        secret = await ada.page.locator(".notice .code").inner_text()
        assert secret.startswith("tdm_")
        assert await lacking(ada) == []
        await ada.page.reload()
        assert secret not in await ada.facts()
        assert "shown already" in await ada.facts()
        await ada.press("To the account")
        assert secret not in await ada.page.content()
        assert secret[:16] in await ada.facts()


async def test_form_sent_twice_is_one_command(visitors: Visitors) -> None:
    """A form that an impatient hand sends twice at once does its work once."""
    name = f"Twice {uuid.uuid4().hex[:6]}"
    async with visitors.visit("okafor") as ada:
        await ada.open("/accounts/new")
        await ada.write("What is the program called?", name)
        await ada.write("Who answers for it?", "Nobody in particular")
        await ada.tick("Auditor")
        await ada.choose("In the whole group")
        ends = await ada.page.evaluate(_SENT_TWICE)
        assert ends[0] == ends[1]
        await ada.open("/accounts")
        assert await ada.page.get_by_role("link", name=name).count() == 1


@either_way
async def test_switch_of_a_company_is_turned(
    visitors: Visitors, found: dict[str, str], door: FrontDoor, screen: Screen
) -> None:
    """The settings page says what a switch does; turned, it says what holds now."""
    async with visitors.visit("kurz", screen) as jana:
        for word, holds in (("Yes", "people of other companies may see"), ("No", "only those responsible")):
            await jana.open(f"/companies/{found['messen']}/switches")
            await jana.choose(word)
            await jana.press("Save")
            assert jana.path == f"/companies/{found['messen']}"
            assert holds in await jana.facts()


async def test_list_is_narrowed_in_place(visitors: Visitors) -> None:
    """With scripts the list changes where it stands: the page stays, its address says what is shown, and is told."""
    async with visitors.visit("kurz") as jana:
        await jana.open("/people")
        await jana.page.evaluate("window.same = true")
        await jana.write("Name", "haddad")
        await jana.page.keyboard.press("Enter")
        await jana.page.wait_for_url("**/people?q=haddad**")
        await jana.page.get_by_role("link", name="Lena Hoff").wait_for(state="detached")
        assert await jana.page.evaluate("window.same")
        assert await jana.said() == "1 person found on this page"
        assert await jana.page.evaluate("document.activeElement.id") == "q"
        await jana.page.reload()
        assert await jana.page.get_by_role("link", name="Noor Haddad").count() == 1


async def test_list_is_narrowed_without_scripts(visitors: Visitors) -> None:
    """Without scripts the same form leads to the same list."""
    async with visitors.visit("kurz", SCRIPTLESS) as jana:
        await jana.open("/people")
        await jana.write("Name", "haddad")
        await jana.press("Show")
        assert await jana.page.get_by_role("link", name="Noor Haddad").count() == 1
        assert await jana.page.get_by_role("link", name="Lena Hoff").count() == 0


async def test_injected_markup_stays_dead(visitors: Visitors) -> None:
    """What somebody smuggles into a page neither runs nor fetches: the policy and htmx's nonce both hold."""
    async with visitors.visit("kurz") as jana:
        await jana.open("/people")
        jana.expected = [
            "Content Security Policy",
            "[hx-csp]",
            "script-src",
            "TrustedScript",
            "trusted-types",
            "report:",
        ]
        asked: list[str] = []
        jana.page.on("request", lambda request: asked.append(request.url))
        await jana.page.evaluate(_SMUGGLED)
        await jana.page.keyboard.press("Tab")
        assert not await jana.page.evaluate("window.smuggled")
        assert [url for url in asked if "smuggled" in url] == []


_SMUGGLED = """() => {
  const added = document.createElement("div");
  added.setAttribute("hx-get", "/smuggled");
  added.setAttribute("hx-trigger", "load");
  document.querySelector("main").append(added);
  const script = document.createElement("script");
  try { script.text = "window.smuggled = true"; document.body.append(script); } catch { /* refused, as it should be */ }
  window.htmx?.process?.(added);
}"""
_SENT_TWICE = """async () => {
  const form = document.querySelector("main form");
  const send = () => fetch(form.action, {method: "POST", body: new FormData(form)});
  return (await Promise.all([send(), send()])).map(answer => answer.url);
}"""
