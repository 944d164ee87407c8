"""The checks of pages find what they are for: each is shown a page with one fault."""

from __future__ import annotations

import pytest

from tests.support.page_checks import barriers, sideways, unreached, untranslated, without_way
from tests.support.walking import PHONE, Visitors, Watched

SOUND = """<!doctype html><html lang="en"><head><title>Sound</title>
<meta name="viewport" content="width=device-width">
<style>
  :focus { outline: 3px solid #000 } body { background: #fff; color: #000 }
  a, button { display: block; min-height: 2rem; margin: 1rem }
</style></head>
<body><main><h1>[Sound]</h1><form action="/x"><button>[Go on]</button></form><a href="/y">Link</a>%s</main></body>
</html>"""


async def faults(seen: Watched) -> dict[str, list[str]]:
    """What each check finds on the page, where it finds something."""
    found = {
        "barriers": await barriers(seen.page),
        "sideways": await sideways(seen.page),
        "without_way": await without_way(seen.page),
        "untranslated": await untranslated(seen.page),
        "unreached": await unreached(seen),
    }
    return {name: told for name, told in found.items() if told}


async def test_sound_page_passes(visitors: Visitors) -> None:
    """A page without fault has none."""
    async with visitors.visit(screen=PHONE) as seen:
        await seen.page.set_content(SOUND % "")
        assert await faults(seen) == {}


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ("barriers", '<img src="data:,">'),
        ("barriers", '<p><span style="color: #bbb">Pale words that nobody can read</span></p>'),
        ("sideways", '<div style="width: 900px">Wide</div>'),
        ("without_way", '<form hx-post="/x"><button>[Send]</button></form>'),
        ("without_way", '<div hx-get="/x">More</div>'),
        ("untranslated", "<button>Save</button>"),
        ("unreached", '<button tabindex="-1">[Out of reach]</button>'),
        ("unreached", '<a href="/z" style="outline: none">No outline</a>'),
        ("unreached", '<a href="/z" tabindex="2">Too early</a>'),
        ("unreached", '<div style="position: fixed; inset: 0; background: #fff; opacity: .01"></div>'),
    ],
)
async def test_fault_is_found(visitors: Visitors, check: str, fault: str) -> None:
    """The check that is for it tells it."""
    async with visitors.visit(screen=PHONE) as seen:
        await seen.page.set_content(SOUND % fault)
        assert check in await faults(seen)


@pytest.mark.parametrize(
    "wrong",
    [
        "document.body.setAttribute('style', 'color: red')",
        "console.error('something is wrong')",
        "setTimeout(() => { setTimeout(done); throw new Error('broken') })",
        "Object.assign(new Image(), {src: '/static/none.png', onerror: done})",
    ],
    ids=["policy", "console", "script", "resource"],
)
async def test_complaint_of_the_browser_fails_the_visit(visitors: Visitors, wrong: str) -> None:
    """What breaks the policy, the console's errors, scripts and resources that fail: none passes unnoticed."""
    with pytest.raises(AssertionError, match=r"\w"):
        await _wrong(visitors, wrong)


async def _wrong(visitors: Visitors, wrong: str) -> None:
    async with visitors.visit() as seen:
        await seen.open("/accessibility")
        await seen.page.evaluate(f"new Promise(done => {{ {wrong}; setTimeout(done, 1000) }})")
