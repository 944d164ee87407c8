"""One request for a page: who looks, in which language, and how her page is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.chassis.clock import Clock
from services.portal.clients.answers import Refusal
from services.portal.clients.calling import Caller
from services.portal.clients.people import People
from services.portal.clients.records import Me
from services.portal.http.forms import Form, read_form
from services.portal.pages.formats import Formats
from services.portal.pages.rendering import Look, Renderer, Viewer
from services.portal.pages.translations import Language, preferred
from services.portal.sign_in.browser import Browser
from services.portal.sign_in.issuer import Partner
from services.portal.sign_in.keeping import Keeping

LANGUAGE = "__Host-language"
Rows = Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Portal:
    """What all routes work with."""

    renderer: Renderer
    partner: Partner
    keeping: Keeping
    people: Any
    applications: Any
    matching: Any
    origin: str


class SignInFirst(Exception):
    """The page needs somebody who is signed in; ``back`` is where to go on afterwards."""

    def __init__(self, back: str) -> None:
        self.back = back
        super().__init__(back)


class Elsewhere(Exception):
    """What was asked for is seen on another page of ours: ``path``."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


@dataclass(slots=True)
class Page:
    """A page in the making; ``show`` and ``go`` answer the request."""

    request: Request
    portal: Portal
    browser: Browser
    language: Language
    viewer: Viewer | None = None

    def text(self, message: str, **values: object) -> str:
        """A message in the reader's language, with its values."""
        translated = self.language.text(message)
        return translated % values if values else translated

    def show(self, template: str, status: int = 200, **content: Any) -> Response:
        """The page, with what was said on the way to it."""
        said = self.browser.pop("said", None) if self.browser.get("said") else None
        html = self.portal.renderer.page(template, self._look(), {"said": said, **content})
        return HTMLResponse(html, status)

    def go(self, path: str, said: str | None = None) -> Response:
        """Go on to a page of ours, which will say ``said``; a reload there repeats nothing."""
        if said:
            self.browser["said"] = said
        return RedirectResponse(path, 303)

    def _look(self) -> Look:
        return Look(
            self.language,
            self.request.state.nonce,
            self.request.url.path,
            self.request.url.query,
            viewer=self.viewer,
            signed_in=self.browser.signed_in,
        )


@dataclass(slots=True)
class SignedPage(Page):
    """A page for somebody who is signed in: ``me`` is she, in ``version``; the services are asked in her name."""

    me: Me = field(kw_only=True)
    version: int | None = field(kw_only=True, default=None)
    people: People = field(kw_only=True)
    applications: Caller = field(kw_only=True)
    matching: Caller = field(kw_only=True)

    @property
    def formats(self) -> Formats:
        """Dates and numbers in the reader's language and zone."""
        return self._look().formats

    def now(self) -> datetime:
        """The present instant, by the clock that the services go by: what "as of" says."""
        clock: Clock = self.request.app.state.runtime.clock
        return clock.now()

    def has(self, *roles: str) -> bool:
        """Whether she holds one of these roles anywhere."""
        return any(role.role in roles for role in self.me.roles)

    async def form(self) -> Form:
        """What was sent with the request."""
        return await read_form(self.request)

    def again(self, template: str, form: Form, refusal: Refusal | Mapping[str, str], **content: Any) -> Response:
        """The form's page again, 422, with its input and what to correct."""
        errors = refusal if isinstance(refusal, Mapping) else form.errors_of(refusal, self.language)
        return self.show(template, 422, form=form, errors=errors, **content)

    def conflict(self, form: Form, rows: Rows, version: int | None, *, back: tuple[str, str]) -> Response:
        """The page for a form that was filled from an older state, 409: nothing is saved, and the input stays.

        ``rows`` are item, input and what is stored now, in words; ``version`` is the stored state's; ``back`` is the
        path and the name of the page where the stored state is seen. Its form repeats the command on that state.
        """
        kept = form.pairs("command_id", "seen")
        action = self.request.url.path
        return self.show("errors/conflict.html", 409, rows=rows, version=version, back=back, kept=kept, action=action)


async def any_page(request: Request) -> Page:
    """A page for everybody."""
    return Page(request, request.app.state.portal, browser_of(request), language_of(request))


async def signed_page(request: Request) -> SignedPage:
    """A page for who is signed in. Raises ``SignInFirst``, and what asking `people` for her raises."""
    portal: Portal = request.app.state.portal
    browser = browser_of(request)
    if not browser.signed_in:
        raise SignInFirst(_back(request))

    async def token() -> str:
        return await portal.keeping.access(browser)

    async def renewed() -> str:
        return await portal.keeping.fresh(browser)

    people = People(Caller(portal.people, token, renewed))
    applications = Caller(portal.applications, token, renewed)
    matching = Caller(portal.matching, token, renewed)
    seen = await people.me()
    me = seen.value
    viewer = Viewer(me.id, me.name, me.zone, await _company(browser, people, me), frozenset(_roles(me)), me.executive)
    request.state.viewer = viewer
    if "language" in me.profile.declared:  # whatever HR wrote is not what she chose
        request.state.language = me.language
    language = language_of(request)
    page = SignedPage(
        *(request, portal, browser, language, viewer),
        me=me,
        people=people,
        applications=applications,
        matching=matching,
    )
    page.version = seen.version
    return page


Open = Annotated[Page, Depends(any_page)]
Signed = Annotated[SignedPage, Depends(signed_page)]


def browser_of(request: Request) -> Browser:
    """The session of the request's browser; an empty one where a middleware answered before it was found."""
    found = request.scope.get("session")
    return found if isinstance(found, Browser) else Browser()


def language_of(request: Request) -> Language:
    """What this browser has chosen, else what the person has, else what the browser accepts."""
    offered = request.app.state.portal.renderer.languages
    chosen = request.cookies.get(LANGUAGE) or getattr(request.state, "language", None)
    found: Language = offered.get(chosen) or offered[preferred(request.headers.get("accept-language", ""))]
    return found


def _roles(me: Me) -> Iterator[str]:
    return (role.role for role in me.roles)


async def _company(browser: Browser, people: People, me: Me) -> str:
    """What her company is called; asked once a session, and again when she moves."""
    if browser.get("company_id") != me.subsidiary:
        try:
            called = (await people.company(me.subsidiary)).value.name if me.subsidiary else ""
        except Refusal:
            called = ""
        browser.update(company_id=me.subsidiary, company=called)
    name: str = browser["company"]
    return name


def _back(request: Request) -> str:
    """Where to go on: the page that was asked for, or the overview after a form that cannot be sent again."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
