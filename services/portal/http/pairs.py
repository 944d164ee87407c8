"""Published tandems of an edition: those that go on, those that could not be, those that have ended; ending one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.matching_records import Pair, ProposedPair, Report
from services.portal.http.forms import Form
from services.portal.http.matching_kept import kept_in, last_published
from services.portal.http.matching_shown import Content, Errors, Known, edition_of, known, matching, sentence
from services.portal.http.page import Signed
from services.portal.pages import matching_words, pair_words

_PAGE = 50  # tandems on one page
_NAMED = 20  # tandems that were not published, and are named
_LONGEST = 1000  # characters of a note


@dataclass(frozen=True, slots=True)
class Line:
    """A published tandem with names."""

    pair: Pair
    mentor: str
    executive: str
    companies: str
    by: str = ""


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions/{id}/pairs", include_in_schema=False)

    @router.get("")
    async def pairs(page: Signed, id: str, ended: str = "", start: int = 0) -> Response:
        return page.show("pairs/list.html", **await _content(page, id, bool(ended), max(start, 0)))

    router.include_router(_ending())
    return router


def _ending() -> APIRouter:
    router, template = APIRouter(prefix="/{pair}/end"), "pairs/end.html"

    @router.get("")
    async def ask(page: Signed, id: str, pair: str) -> Response:
        return page.show(template, **await _one(page, id, pair))

    @router.post("")
    async def end(page: Signed, id: str, pair: str) -> Response:
        form, content = await page.form(), await _one(page, id, pair)
        if errors := _wrong(page, form):
            return page.again(template, form, errors, **content)
        try:
            said = {"reason": form["reason"], "note": form["note"] or None}
            await matching(page).end_pair(pair, form.change, said)
        except Refusal as refusal:
            if refusal.status == LOST:
                return page.go(content["here"], said=page.text("Somebody changed this tandem meanwhile."))
            if refusal.status not in {409, 422} and refusal.kind != "own-case":
                raise
            return page.again(template, form, refusal, **content)
        said_now = page.text("The tandem has ended. The executive can get another mentor by the next proposal.")
        return page.go(content["here"], said=said_now)

    return router


async def _content(page: Signed, id: str, ended: bool, start: int) -> Content:
    """A part of the tandems by the executive's company, and what the last publication left out."""
    edition = await edition_of(page, id)
    every = await matching(page).pairs(id)
    active, over = [one for one in every if one.active], [one for one in every if not one.active]
    shown = _in_order(over if ended else active)
    part = shown[start : start + _PAGE]
    last = await _last(page, edition)
    left = [one for one in last.pairs if one.outcome == "conflict"] if last else []
    who = await known(page, [*_people(part), *(id for one in left[:_NAMED] for id in (one.mentor_id, one.mentee_id))])
    return {
        "edition": edition,
        "ended": ended,
        "counts": (len(active), len(over)),
        "lines": [_line(page, who, one) for one in part],
        "start": start,
        "of": len(shown),
        "following": start + _PAGE if start + _PAGE < len(shown) else None,
        "last": last,
        "left": [_left(page, who, one) for one in left[:_NAMED]],
        "left_more": max(0, len(left) - _NAMED),
        "kept": await kept_in(page, last) if last else None,
        "reasons": pair_words.REASONS,
        "there": f"/editions/{id}/matching",
        "here": f"/editions/{id}/pairs",
        "as_of": page.now(),
    }


async def _last(page: Signed, edition: Edition) -> Report | None:
    """The run that was published last, where the reader is responsible for all of the edition."""
    if edition.next is None:  # what comes next is told to those responsible for all of it
        return None
    try:
        runs = await matching(page).runs(edition.edition_id)
    except Refusal:
        return None
    newest = last_published(runs)
    return (await matching(page).run(newest.run_id)).value if newest else None


async def _one(page: Signed, id: str, pair: str) -> Content:
    """The page of one tandem that goes on. Raises ``Refusal`` 404."""
    seen = await matching(page).pair(pair)
    one: Pair = seen.value
    if one.edition_id != id or not one.active:
        raise Refusal(404, "not-found", "")
    who = await known(page, _people([one]))
    return {
        "edition": await edition_of(page, id),
        "one": one,
        "line": _line(page, who, one),
        "version": seen.version,
        "reasons": list(pair_words.GIVEN.items()),
        "here": f"/editions/{id}/pairs",
    }


def _wrong(page: Signed, form: Form) -> Errors:
    errors = {} if form["reason"] in pair_words.GIVEN else {"reason": page.text("Choose a reason")}
    if form["reason"] == pair_words.OTHER and not form["note"]:
        errors["note"] = page.text("Write why the tandem ends")
    elif len(form["note"]) > _LONGEST:
        errors["note"] = page.text("Write at most 1000 characters")
    return errors


def _in_order(pairs: Sequence[Pair]) -> list[Pair]:
    """Those that ended last first; the others by company, the newest first."""
    newest = sorted(pairs, key=lambda one: str((one.ended and one.ended.ended_at) or one.matched_at), reverse=True)
    return sorted(newest, key=lambda one: one.mentee_subsidiary if one.active else "")


def _people(pairs: Sequence[Pair]) -> list[str | None]:
    return [id for one in pairs for id in (one.mentor_id, one.mentee_id, one.ended.by if one.ended else None)]


def _line(page: Signed, who: Known, one: Pair) -> Line:
    companies = (who.company(id) for id in (one.mentor_subsidiary, one.mentee_subsidiary))
    by = one.ended.by if one.ended else None
    called = page.text("Tandem itself") if by == pair_words.BY_ITSELF else who.name(by) if by else ""
    return Line(one, who.name(one.mentor_id), who.name(one.mentee_id), ", ".join(filter(None, companies)), called)


def _left(page: Signed, who: Known, one: ProposedPair) -> tuple[str, str, str]:
    """A tandem that could not be published, and why."""
    code = one.conflict.reason if one.conflict else ""
    if code in matching_words.RULES:
        said = sentence(page, who, code, one.mentor_id, one.mentee_id)
    else:
        said = page.text(pair_words.CONFLICTS[code]) if code in pair_words.CONFLICTS else code
    return who.name(one.mentor_id), who.name(one.mentee_id), said
