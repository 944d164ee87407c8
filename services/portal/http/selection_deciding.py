"""Deciding: one application with its reason, and the release of what is pending; many at once: `selection_cutline`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Application, Board, Entry, Scored
from services.portal.http import selection_cutline
from services.portal.http.applying_case import deadlines_of
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import companies_of, names_of, refused_named
from services.portal.pages import selection_words as words
from services.portal.pages import words as plain
from services.portal.pages.rule_words import RULES


def routes() -> APIRouter:
    """The router, below the selection of an edition."""
    router = APIRouter()
    router.include_router(selection_cutline.routes())
    router.include_router(_releasing())
    router.include_router(_one())
    return router


def _releasing() -> APIRouter:
    router, template = APIRouter(prefix="/release"), "selection/release.html"

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        content = await _pending(page, id)
        if not content["count"]:
            return page.go(f"/editions/{id}/selection", said=_nothing(page, content["board"]))
        return page.show(template, **content)

    @router.post("")
    async def release(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _pending(page, id)
        done = await Selection(page.applications).release(id, Change(form.command_id))
        if done.refused:
            refused = refused_named(page, done.refused, content["by_application"])
            return page.show("selection/refused.html", done=done.released, refused=refused, edition=content["edition"])
        ngettext = page.language.texts.ngettext
        text = ngettext("%(num)s decision is released.", "%(num)s decisions are released.", done.released)
        said = text % {"num": page.formats.number(done.released)}
        if done.remaining:
            left = ngettext("%(num)s is left: release again.", "%(num)s are left: release again.", done.remaining)
            said = f"{said} {left % {'num': page.formats.number(done.remaining)}}"
        return page.go(f"/editions/{id}/selection", said=said)

    return router


def _one() -> APIRouter:
    router, template = APIRouter(prefix="/{application}"), "selection/application.html"

    @router.get("")
    async def one(page: Signed, id: str, application: str, to: str = "") -> Response:
        proposed = to if to in words.DECISIONS else ""
        return page.show(template, proposed=proposed, **await _application(page, id, application))

    @router.post("")
    async def decide(page: Signed, id: str, application: str) -> Response:
        form, content = await page.form(), await _application(page, id, application)
        errors = {} if form["decision"] in words.DECISIONS else {"decision": page.text("Choose a decision")}
        errors |= reason_wrong(page, form)
        if errors:
            return page.again(template, form, errors, proposed="", **content)
        try:
            await Selection(page.applications).decide_on(application, form.change, form["decision"], form["reason"])
        except Refusal as refusal:
            if refusal.status == LOST:
                return _overtaken(page, form, content)
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, refusal, proposed="", **content)
        return page.go(f"/editions/{id}/selection", said=_said(page, content["one"], form["decision"]))

    return router


def _said(page: Signed, one: Application, decision: str) -> str:
    """What became of a decision on one application."""
    if one.status == decision:
        return page.text("What was noted is taken back. The reserve list stands as it was released.")
    return page.text("The decision is noted. Nobody is told before you release it.")


async def _pending(page: Signed, id: str) -> dict[str, Any]:
    """What a release would carry out."""
    edition = (await Editions(page.applications).show(id)).value
    board = await Selection(page.applications).board(id)
    pending = [one for one in board.entries if one.pending]
    names = await names_of(page, [one.mentor_id for one in pending])
    counts = {code: _count(pending, code) for code in words.DECISIONS}
    over = edition.accept_by is not None and deadlines_of(page, edition).day(edition.accept_by).passed
    return {
        "edition": edition,
        "board": board,
        "count": len(pending),
        "counts": counts,
        "acceptance_over": over,
        "by_application": {one.application_id: names.get(one.mentor_id, "") for one in pending},
        "words": words,
    }


def _nothing(page: Signed, board: Board) -> str:
    """Why nothing can be released; while a round is open what is noted is hidden with all the rest."""
    if board.state == "round-open":
        return page.text("A round is open. What is noted can be seen and released when it is closed.")
    return page.text("There is nothing to release.")


def _count(entries: Sequence[Entry], decision: str) -> int:
    return sum(1 for one in entries if one.pending and one.pending.decision == decision)


async def _application(page: Signed, id: str, application: str) -> dict[str, Any]:
    """What the page of one application shows: what was asked and answered, all its sheets, what was decided."""
    edition = (await Editions(page.applications).show(id)).value
    seen = await Selection(page.applications).application(application)
    one: Application = seen.value
    sheets = await _sheets(page, application)
    board, entry = await _ranked(page, id, application)
    decided = [each.decided_by for each in (one.pending, one.decision) if each]
    conflicts = [each.assessor_id for each in entry.conflicts] if entry else []
    names = await names_of(page, [one.mentor_id, *decided, *conflicts, *(each.assessor_id for each in sheets)])
    blind = next((each for each in board.rounds if one.waits_for(each)), None) if board else None
    catalogue = await page.people.catalogue("platforms", page.language.locale.language)
    choices = _decisions_on(page, edition, one)
    return {
        "edition": edition,
        "one": one,
        "version": seen.version,
        "name": names.get(one.mentor_id, page.text("Somebody you do not see")),
        "company": (await companies_of(page)).get(one.subsidiary, ""),
        "questions": {each.question_id: each.text for each in edition.form.questions} if edition.form else {},
        "sheets": sheets,
        "board": board,
        "entry": entry,
        "names": names,
        "platforms": {term.code: term.name for term in catalogue},
        "may_extend": one.status == words.SELECTED and one.accept_by is not None and edition.stage != "closed",
        "may_decide": bool(choices) and blind is None and edition.stage in {"selection", "matching", "running"},
        "blind": blind,
        "lapsed": one.status == words.SELECTED and bool(choices),
        "choices": choices,
        "rules": RULES,
        "words": words,
        "plain": plain,
    }


def _decisions_on(page: Signed, edition: Edition, one: Application) -> Mapping[str, str]:
    """What can be decided: all while it is open, no new place where one was not accepted in time, else nothing.

    Who does not meet the rules, and has no waiver, can be declined only. The reserve list, where it was released
    before, takes back what is noted since.
    """
    if one.status in {"applied", words.RESERVED} and one.eligibility == "unmet":
        return {words.DECLINED: words.DECISIONS[words.DECLINED]}
    if one.status == "applied":
        return words.DECISIONS
    if one.status == words.RESERVED:
        return {code: said for code, said in words.DECISIONS.items() if one.pending or code != words.RESERVED}
    if one.status != words.SELECTED or one.accept_by is None:
        return {}
    passed = deadlines_of(page, edition).day(one.accept_by).passed
    return {code: said for code, said in words.DECISIONS.items() if code != words.SELECTED} if passed else {}


async def _sheets(page: Signed, application: str) -> Sequence[Scored]:
    """The sheets of closed rounds; none where there is no such round yet."""
    try:
        return await Selection(page.applications).sheets_of(application)
    except Refusal as refusal:
        if refusal.status not in {404, 409}:
            raise
        return []


async def _ranked(page: Signed, edition: str, application: str) -> tuple[Board | None, Entry | None]:
    """The board and the application's place on it; nothing while there is none that one may see."""
    try:
        board = await Selection(page.applications).board(edition)
    except Refusal:
        return None, None
    return board, next((one for one in board.entries if one.application_id == application), None)


def _overtaken(page: Signed, form: Form, content: dict[str, Any]) -> Response:
    """The conflict page: what somebody decided beside what is stored now."""
    one: Application = content["one"]
    stored = one.word
    chosen = form["decision"]
    mine = page.text(words.DECISIONS[chosen])
    theirs = page.text(words.DECISIONS.get(stored.decision, stored.decision)) if stored else page.text("undecided")
    rows = [
        (page.text("Decision"), mine, theirs),
        (page.text("Reason"), form["reason"], (stored.reason if stored else "") or page.text("none")),
    ]
    back = (f"/editions/{one.edition_id}/selection/{one.application_id}", content["name"])
    return page.conflict(form, rows, content["version"], back=back)
