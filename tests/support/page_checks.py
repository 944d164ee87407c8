"""What every page of the portal owes its readers, looked at in the browser."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from playwright.async_api import Page, Response, ViewportSize

from tests.support.walking import Watched

HEAVIEST = 60_000  # bytes, compressed, of a page with all that it loads
_NARROW = ViewportSize(width=320, height=640)
_NARROWEST_OUTLINE = 2  # CSS pixels
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()

_TO_STOP = """() => {
  const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
  const groups = new Set();
  window.stops = [...all].filter(element => {
    if (element.disabled || !element.checkVisibility({visibilityProperty: true})) return false;
    if (element.tabIndex < 0 && element.ariaHidden === "true") return false; // told to nobody, e.g. what Enter presses
    if (element.type !== "radio") return true;
    const group = [...document.getElementsByName(element.name)];
    const chosen = group.find(one => one.checked) || group[0];
    return element === chosen;
  });
  return stops.map(element => element.outerHTML.slice(0, 120));
}"""
_STOPPED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getClientRects()[0];
  const framed = [here, here.parentElement].map(one => getComputedStyle(one));
  const outline = Math.max(...framed.map(one => one.outlineStyle === "none" ? 0 : parseFloat(one.outlineWidth)));
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const above = document.elementFromPoint(x, y);
  const free = !!above && (here.contains(above) || above.contains(here) || above.closest("label")?.control === here);
  return {index: window.stops.indexOf(here), outline, free, html: here.outerHTML.slice(0, 120)};
}"""
_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - width;
  if (over <= 0) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > width + 1);
  return [`${over} px`, ...wide.slice(0, 5).map(one => one.outerHTML.slice(0, 120))];
}"""
_WITHOUT_WAY = """() => [
  ...[...document.forms].filter(form => !form.hasAttribute("action") || !form.querySelector("button")),
  ...[...document.querySelectorAll("[hx-get], [hx-post]")].filter(one => !one.matches("form[action], a[href]") &&
    !one.querySelector("a[href]")),
].map(one => one.outerHTML.slice(0, 160))"""
_UNTRANSLATED = """() => [...document.querySelectorAll("button, caption, legend, th[scope=col], .lede, nav.nav a")]
  .filter(one => one.innerText.trim() && !one.innerText.includes("["))
  .map(one => one.outerHTML.slice(0, 120))"""


async def barriers(page: Page) -> list[str]:
    """What axe finds against the page, as it is coloured now."""
    await page.evaluate(_AXE)
    found = await page.evaluate(f"axe.run({json.dumps({'runOnly': _TAGS, 'resultTypes': ['violations']})})")
    told: list[str] = []
    for violation in found["violations"]:
        told += [f"{violation['id']}: {node['html'][:160]} ({violation['help']})" for node in violation["nodes"]]
    return told


async def sideways(page: Page) -> list[str]:
    """By how much one must scroll sideways, and the elements that stick out; empty where one need not."""
    found: list[str] = await page.evaluate(_SIDEWAYS)
    return found


async def without_way(page: Page) -> list[str]:
    """Forms and htmx elements that do nothing without scripts."""
    found: list[str] = await page.evaluate(_WITHOUT_WAY)
    return found


async def untranslated(page: Page) -> list[str]:
    """Elements that hold words of the portal outside its catalogues; for a page in the pseudo-language."""
    found: list[str] = await page.evaluate(_UNTRANSLATED)
    return found


async def words(page: Page) -> str:
    """What the page says in its main part, whatever the time is."""
    return _CLOCK.sub("0:00", await page.locator("main").inner_text())


async def lacking(watched: Watched) -> list[str]:
    """What a page that only a command leads to owes its readers still; axe looks where scripts run."""
    await watched.heading()
    found = await barriers(watched.page) if watched.scripts else []
    size = watched.page.viewport_size
    assert size
    await watched.page.set_viewport_size(_NARROW)
    found += await sideways(watched.page)
    await watched.page.set_viewport_size(size)
    return found + await unreached(watched)


async def unreached(watched: Watched) -> list[str]:
    """What is wrong with going through the page by the tabulator key alone; empty where nothing is.

    Every control is reached, in the order of the document, in view, with an outline, and nothing lies above it.
    """
    expected: Sequence[str] = await watched.page.evaluate(_TO_STOP)
    at_top = await watched.page.evaluate("document.activeElement === document.body")
    seen = await _gone_through(watched.page, len(expected))
    wrong = [f"no outline: {stop['html']}" for stop in seen if stop["outline"] < _NARROWEST_OUTLINE]
    wrong += [f"covered: {stop['html']}" for stop in seen if not stop["free"]]
    order = [stop["index"] for stop in seen]
    wrong += [f"not reached: {html}" for index, html in enumerate(expected) if index not in order]
    start = 0 if at_top or 0 not in order else order.index(0)  # some pages set the focus to begin with
    order = order[start:] + order[:start]
    return wrong + ([f"out of order: {order}"] if not wrong and order != list(range(len(expected))) else [])


async def _gone_through(page: Page, controls: int) -> list[dict[str, Any]]:
    """The stops of the tabulator key from where the focus is, once around."""
    seen: list[dict[str, Any]] = []
    for _ in range(controls * 4 + 4):  # fields of dates and times hold several stops
        await page.keyboard.press("Tab")
        stop = await page.evaluate(_STOPPED)
        if stop is None or (seen and stop["index"] == seen[-1]["index"]):
            continue
        if seen and stop["index"] == seen[0]["index"]:
            break
        seen.append(stop)
    return seen


@dataclass(slots=True)
class Scales:
    """Weighs what a page makes the browser fetch, as it travels compressed."""

    bytes: int = 0

    async def add(self, responses: Sequence[Response]) -> int:
        """The weight with these answers; what the portal sends uncompressed is compressed here, as a proxy does.

        The browser keeps no body of an answer that leads elsewhere.
        """
        for response in responses:
            sizes = await response.request.sizes()
            packed = "content-encoding" in await response.all_headers() or 300 <= response.status < 400
            body = sizes["responseBodySize"] if packed else len(gzip.compress(await response.body(), 6))
            self.bytes += body + sizes["responseHeadersSize"]
        return self.bytes
