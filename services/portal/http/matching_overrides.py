"""What people laid down for an edition's matching: seeing all of it, laying more down, withdrawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.matching_records import Override
from services.portal.clients.selection import Selection
from services.portal.http.editions_shown import whole_number
from services.portal.http.forms import Form
from services.portal.http.matching_shown import (
    Content,
    Errors,
    Known,
    contradicted,
    edition_of,
    known,
    laid_down,
    last_change,
    matching,
)
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.pages import matching_words as words

CONFLICT, PLACE = "conflict", "place"
_KINDS = (words.BLOCK, words.FORCE, PLACE)
_MOST_PLACES = 3
_CHOICES = 200  # people in one select; others are found by name
_SELECTED = ("selected", "accepted")  # whose places the matching counts
_OPEN = frozenset({"obliged", "escalated", "paired"})
Line = tuple[Override, str, str, str]  # what is laid down, in words, by whom, withdrawn by whom


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter(prefix="/overrides")

    @router.get("")
    async def overrides(page: Signed, id: str) -> Response:
        return page.show("matching/overrides.html", **await _content(page, id))

    router.include_router(_laying_down())
    router.include_router(_withdrawing())
    return router


def _laying_down() -> APIRouter:
    router, template = APIRouter(prefix="/new"), "matching/lay_down.html"

    @router.get("")
    async def ask(page: Signed, id: str, kind: str = words.BLOCK, q: str = "") -> Response:
        return page.show(template, **await _to_lay_down(page, id, kind, q.strip()[:100]))

    @router.post("")
    async def lay_down(page: Signed, id: str) -> Response:
        form = await page.form()
        content = await _to_lay_down(page, id, form["kind"], form["q"][:100])
        if errors := _wrong(page, form, content):
            return page.again(template, form, errors, **content)
        try:
            await matching(page).lay_down(id, Change(form.command_id), _said(form))
        except Refusal as refusal:
            if refusal.status not in {409, 422} and refusal.kind != "own-case":
                raise
            return page.again(template, form, await contradicted(page, refusal, "mentor"), **content)
        said = page.text("It is laid down. The next computation goes by it.")
        return page.go(content["here"], said=said)

    return router


def _withdrawing() -> APIRouter:
    router, template = APIRouter(prefix="/{override}/withdraw"), "matching/withdraw.html"

    @router.get("")
    async def ask(page: Signed, id: str, override: str) -> Response:
        return page.show(template, **await _one(page, id, override))

    @router.post("")
    async def withdraw(page: Signed, id: str, override: str) -> Response:
        form, content = await page.form(), await _one(page, id, override)
        if content["one"].kind == CONFLICT and (errors := reason_wrong(page, form)):
            return page.again(template, form, errors, **content)
        try:
            await matching(page).withdraw(id, override, form.change, form["reason"])
        except Refusal as refusal:
            if refusal.status == LOST:
                said = page.text("Somebody laid down something else meanwhile. Nothing was done.")
                return page.go(f"{content['here']}/{override}/withdraw", said=said)
            if refusal.status not in {409, 422} and refusal.kind != "own-case":
                raise
            return page.again(template, form, await contradicted(page, refusal), **content)
        return page.go(content["here"], said=page.text("It is withdrawn. The next computation goes without it."))

    return router


async def _content(page: Signed, id: str) -> Content:
    """All that is laid down, what stands first, the newest first; and all that was withdrawn."""
    edition = await edition_of(page, id)
    seen = await matching(page).overrides(id)
    items = list(reversed(seen.value))
    who = await known(page, _people(items))
    there = f"/editions/{id}/matching"
    return {
        "edition": edition,
        "standing": [_line(page, who, one) for one in items if one.stands],
        "withdrawn": [_line(page, who, one) for one in items if not one.stands],
        "undoable": next((last_change(page, who, one) for one in items if one.undone_next), ""),
        "version": seen.version,
        "open": edition.stage != "closed",
        "back": there,
        "here": f"{there}/overrides",
        "as_of": page.now(),
    }


async def _one(page: Signed, id: str, override: str) -> Content:
    """The page of one override that stands. Raises ``Refusal`` 404."""
    content = await _content(page, id)
    line = next((each for each in content["standing"] if each[0].override_id == override), None)
    if line is None:
        raise Refusal(404, "not-found", "")
    return {**content, "one": line[0], "line": line, "conflict": line[0].kind == CONFLICT}


async def _to_lay_down(page: Signed, id: str, kind: str, sought: str) -> Content:
    """What the form shows: the mentors and executives of the edition, of many those of a name."""
    if kind not in _KINDS:
        raise Refusal(404, "not-found", "")
    edition = await edition_of(page, id)
    selection = Selection(page.applications)
    mentors = [one.mentor_id for state in _SELECTED for one in await selection.applications(id, state)]
    executives = [one.mentee_id for one in await Editions(page.applications).participations(id) if one.status in _OPEN]
    many = len(mentors) > _CHOICES or (kind != PLACE and len(executives) > _CHOICES)
    named = {one.id for one in (await page.people.search(None, q=sought)).items} if sought and many else None
    shown = [_shown(mentors, named), _shown(executives if kind != PLACE else [], named)]
    who = await known(page, [id for part in shown for id in part])
    there = f"/editions/{id}/matching"
    return {
        "edition": edition,
        "kind": kind,
        "mentors": _choices(who, shown[0]),
        "executives": _choices(who, shown[1]),
        "many": many,
        "sought": sought,
        "words": words,
        "most": _MOST_PLACES,
        "back": there,
        "here": f"{there}/overrides",
    }


def _shown(people: Sequence[str], named: set[str] | None) -> list[str]:
    """As many as a select takes; of more than that those of the name that is sought."""
    ids = sorted(set(people))
    return [id for id in ids if named is None or len(ids) <= _CHOICES or id in named][:_CHOICES]


def _choices(who: Known, ids: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((id, who.name(id)) for id in ids), key=lambda pair: pair[1].casefold())


def _wrong(page: Signed, form: Form, content: Content) -> Errors:
    errors: Errors = {}
    if form["mentor"] not in dict(content["mentors"]):
        errors["mentor"] = page.text("Choose a mentor")
    if content["kind"] != PLACE and form["mentee"] not in dict(content["executives"]):
        errors["mentee"] = page.text("Choose an executive")
    if content["kind"] == PLACE and whole_number(form["places"], 0, _MOST_PLACES) is None:
        errors["places"] = page.text("Choose how many")
    return errors | reason_wrong(page, form)


def _said(form: Form) -> dict[str, object]:
    """What is sent to lay it down."""
    said: dict[str, object] = {"kind": form["kind"], "mentor_id": form["mentor"], "reason": form["reason"]}
    return said | ({"places": int(form["places"])} if form["kind"] == PLACE else {"mentee_id": form["mentee"]})


def _people(items: Iterable[Override]) -> list[str | None]:
    return [id for one in items for id in (one.mentor_id, one.mentee_id, one.by, one.withdrawn_by)]


def _line(page: Signed, who: Known, one: Override) -> Line:
    return one, laid_down(page, who, one), who.name(one.by), who.name(one.withdrawn_by) if one.withdrawn_by else ""
