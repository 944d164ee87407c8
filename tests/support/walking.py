"""People at their browsers: Chromium, who is signed in, what the browser complains of meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    async_playwright,
)

from tests.support import chromium

PATIENCE = 30_000  # milliseconds for anything in a browser; the machine may be busy
_OUT = re.compile(r"/(sign-in|signed-out)")
_STATUS = "Failed to load resource: the server responded with a status of"  # said of pages with an error status too
_VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", e =>
    violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""


_NAME = r"""() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "";
  const said = here.labels?.length ? here.labels[0].querySelector("span") || here.labels[0] : here;
  return said.textContent.trim().replace(/[ \n\t]+/g, " ");
}"""
_GROUPED = """name => {
  const here = document.activeElement;
  if (!here || here.type !== "radio") return false;
  const group = [...document.getElementsByName(here.name)];
  return group.some(one => (one.labels[0].querySelector("span") || one.labels[0]).innerText.trim() === name);
}"""
_MOST_STOPS = 300


@dataclass(frozen=True, slots=True)
class Screen:
    """What somebody looks at: CSS pixels, their scale, colours, and whether scripts run."""

    width: int = 1280
    height: int = 900
    scale: float = 1
    scheme: Literal["light", "dark"] = "light"
    scripts: bool = True


DESK = Screen()
PHONE = Screen(320, 640)
ZOOMED = Screen(320, 225, scale=4)  # 1280 by 900 at 400 %
SCRIPTLESS = Screen(scripts=False)


@dataclass(slots=True)
class Watched:
    """A page, and all that its browser complained of: the console, the content policy, failed requests."""

    page: Page
    origin: str
    scripts: bool = True  # whether they run here
    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of complaints that are no complaints in this test

    @property
    def path(self) -> str:
        """Where the browser is, without the origin."""
        return self.page.url.removeprefix(self.origin)

    async def open(self, path: str) -> int:
        """Go to a path of the portal; the status of where it ended."""
        answer = await self.page.goto(f"{self.origin}{path}")
        assert answer is not None, path
        return answer.status

    async def speak(self, language: str) -> None:
        """Let the portal speak this language from the next page on."""
        secure = self.origin.replace("http:", "https:")
        await self.page.context.add_cookies(
            [{"name": "__Host-language", "value": language, "url": secure, "secure": True}]
        )

    async def reach(self, name: str) -> None:
        """Press the tabulator key until the control of this name has the focus."""
        seen: list[str] = []
        for _ in range(_MOST_STOPS):
            await self.page.keyboard.press("Tab")
            seen.append(await self.page.evaluate(_NAME))
            if seen[-1] == name:
                return
        raise AssertionError(f"the tabulator does not reach {name!r} on {self.path}, only {sorted(set(seen))}")

    async def press(self, name: str) -> None:
        """Press the button or follow the link of this name by keyboard, and wait for the page it leads to."""
        await self.reach(name)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def write(self, label: str, text: str) -> None:
        """Write into the field of this label, by keyboard, instead of what stands there."""
        await self.reach(label)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def tick(self, name: str) -> None:
        """Tick or untick the box of this name by keyboard."""
        await self.reach(name)
        await self.page.keyboard.press("Space")

    async def choose(self, name: str) -> None:
        """Choose one of a group of choices by keyboard: go into the group, then by arrow keys."""
        for _ in range(_MOST_STOPS):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(_GROUPED, name):
                break
        await self.page.keyboard.press("Space")
        for _ in range(_MOST_STOPS):
            if await self.page.evaluate(_NAME) == name:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"there is no choice {name!r} on {self.path}")

    async def select(self, label: str, option: str) -> None:
        """Choose from a list by its first letters, by keyboard."""
        await self.reach(label)
        await self.page.keyboard.type(option)

    async def heading(self) -> str:
        """The page's one heading of the first order, once the page is there: its path may be so before it is."""
        await self.page.wait_for_load_state("domcontentloaded")
        headings = await self.page.locator("h1").all_inner_texts()
        assert len(headings) == 1, f"{self.path} has {len(headings)} headings of the first order: {headings}"
        return headings[0]

    async def facts(self) -> str:
        """What the page says in its main part."""
        return await self.page.locator("main").inner_text()

    async def said(self) -> str:
        """What the live region says."""
        return await self.page.locator(".live").inner_text()

    async def complaints(self) -> list[str]:
        """Everything that the browser complained of so far."""
        violations = await self.page.evaluate("window.violations || []")
        return [one for one in [*self.heard, *violations] if not any(part in one for part in self.expected)]


def _listen(watched: Watched) -> None:
    """Note what the browser says of the page."""

    def said(message: ConsoleMessage) -> None:
        if (message.type in {"error", "warning"} or "[hx-csp]" in message.text) and _STATUS not in message.text:
            watched.heard.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if "/csp-reports" in request.url:
            watched.heard.append(f"report: {request.post_data}")

    def answered(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type in {"stylesheet", "script", "image", "other"}:
            watched.heard.append(f"{response.status}: {response.url}")

    watched.page.on("console", said)
    watched.page.on("pageerror", lambda error: watched.heard.append(f"script: {error}"))
    watched.page.on("request", asked)
    watched.page.on("response", answered)


@dataclass(slots=True)
class Visitors:
    """Browsers at the portal; each login signs in once, through both pages, and is remembered."""

    browser: Browser
    origin: str
    remembered: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def visit(self, login: str = "", screen: Screen = DESK, language: str = "en") -> AsyncIterator[Watched]:
        """A window of a browser of its own, nobody signed in without ``login``; at its end nothing may be wrong."""
        if login and login not in self.remembered:
            self.remembered[login] = await self._signed_in(login)
        async with self._context(self.remembered.get(login), screen) as context:
            watched = Watched(await context.new_page(), self.origin, screen.scripts)
            await watched.speak(language)
            _listen(watched)
            yield watched
            complaints = await watched.complaints()
            assert not complaints, complaints

    async def _signed_in(self, login: str) -> Any:
        async with self._context(None, DESK) as context:
            await sign_in(Watched(await context.new_page(), self.origin), login)
            return await context.storage_state()

    @asynccontextmanager
    async def _context(self, state: Any, screen: Screen) -> AsyncIterator[BrowserContext]:
        context = await self.browser.new_context(
            storage_state=state,
            viewport={"width": screen.width, "height": screen.height},
            device_scale_factor=screen.scale,
            color_scheme=screen.scheme,
            java_script_enabled=screen.scripts,
            locale="en-GB",
        )
        try:
            context.set_default_timeout(PATIENCE)
            await context.add_init_script(_VIOLATIONS)
            yield context
        finally:
            await context.close()


async def sign_in(watched: Watched, login: str, back: str = "/") -> None:
    """Come in by the company's sign-in page, from a page of ours and back to it."""
    await watched.open(back)
    await watched.page.locator("main a.button").first.click()
    await watched.page.locator(f'button[name="persona"][value="{login}"]').click()
    await watched.page.wait_for_url(lambda url: url.startswith(watched.origin) and not _OUT.search(url))


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window. Raises ``AssertionError`` where it is not installed."""
    program = chromium.path()
    assert program, "Chromium is not on the path: make test-browser installs it"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to shut root in
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield started
        finally:
            await started.close()
