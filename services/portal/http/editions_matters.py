"""The parts of an edition's set-up that have a page each: one form, one command, the same way for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.http.editions_shown import Content, Errors, Told, compared, editions, refused, shown
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.pages.edition_words import PARTS

Said = Mapping[str, Any]
DRAFT = frozenset({"draft"})
UNTIL_SELECTION = DRAFT | {"call_open"}
UNTIL_CLOSED = UNTIL_SELECTION | {"selection", "matching", "running"}


async def nothing_more(page: SignedPage, form: Form, content: Content) -> Content:
    """For templates that need nothing beside the edition."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One part of the set-up.

    ``path`` lies below the edition; ``part`` is what is stated whole (call, form, rubric), empty for the edition
    itself. ``given`` fills the form from what is stored, ``read`` makes of a form what is sent and what is wrong.
    ``stored`` is what is stored, shaped like what is sent; ``told`` says either in words, item by item.
    ``more`` is what its template needs beside the edition, given the form as it will be shown. In other stages than
    ``open_in`` the page only shows what is stored.
    """

    path: str
    template: str
    part: str = ""
    open_in: frozenset[str]
    given: Callable[[SignedPage, Content], Form]
    read: Callable[[SignedPage, Form, Content], tuple[Said, Errors]]
    stored: Callable[[Edition], Said]
    told: Callable[[SignedPage, Said, Content], Told]
    more: Callable[[SignedPage, Form, Content], Awaitable[Content]] = nothing_more
    done: Callable[[SignedPage, Edition], tuple[str, str]]


def saved(page: SignedPage, one: Edition) -> tuple[str, str]:
    """Back to the edition, which says that it is saved."""
    return f"/editions/{one.edition_id}", page.text("Saved.")


def changing(matter: Matter) -> APIRouter:
    """The two routes of one matter: the form, and what becomes of it."""
    router = APIRouter(prefix=f"/{{id}}/{matter.path}")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        content = await shown(page, id)
        one: Edition = content["one"]
        if one.stage not in matter.open_in or not content["may_change"]:
            return _frozen(page, matter, content)
        given = matter.given(page, content)
        return page.show(matter.template, given=given, **content, **await matter.more(page, given, content))

    @router.post("")
    async def change(page: Signed, id: str) -> Response:
        form, content = await page.form(), await shown(page, id)
        content |= await matter.more(page, form, content)
        said, errors = matter.read(page, form, content)
        if errors:
            return page.again(matter.template, form, errors, given=form, **content)
        try:
            seen = await _sent(page, matter, id, form, said)
        except Refusal as refusal:
            one: Edition = content["one"]
            mine, stored = matter.told(page, said, content), matter.told(page, matter.stored(one), content)
            return refused(page, form, refusal, matter.template, content, rows=compared(page, mine, stored))
        path, text = matter.done(page, seen)
        return page.go(path, said=text)

    return router


def _frozen(page: SignedPage, matter: Matter, content: Content) -> Response:
    one: Edition = content["one"]
    title, hint = (page.text(text) for text in PARTS[matter.path])
    facts = matter.told(page, matter.stored(one), content)
    return page.show("editions/frozen.html", title=title, hint=hint, facts=facts, **content)


async def _sent(page: SignedPage, matter: Matter, id: str, form: Form, said: Said) -> Edition:
    if matter.part:
        return (await editions(page).put(id, matter.part, form.change, said)).value
    return (await editions(page).amend(id, form.change, said)).value
