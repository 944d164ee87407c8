"""Deciding: one application with its reason, many along the cut line, and the release of what is pending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Application, Board, Entry, Refused, Scored
from services.portal.http.applying_case import deadlines_of
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import choice_of, companies_of, names_of
from services.portal.pages import selection_words as words
from services.portal.pages import words as plain
from services.portal.pages.refusals import told
from services.portal.pages.rule_words import RULES

_MANY = 500  # decisions of one request
_CHOICE, _SEEN = "on-", "seen-"


def routes() -> APIRouter:
    """The router, below the selection of an edition."""
    router = APIRouter()
    router.include_router(_many())
    router.include_router(_releasing())
    router.include_router(_one())
    return router


def _many() -> APIRouter:
    router, template = APIRouter(prefix="/decide"), "selection/decide.html"

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        return page.show(template, moved=(), **await _open_decisions(page, id))

    @router.post("")
    async def decide(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _open_decisions(page, id)
        chosen, moved = _chosen(page, form, content["board"]), _moved(form, content["board"])
        if errors := _wrong(page, form, chosen) | _overtaken_by(page, moved, content["by_application"]):
            return page.again(template, form, errors, **content, moved=moved)
        decisions = [{"application_id": one, "decision": decision} for one, decision in chosen]
        said = {"decisions": decisions, "reason": form["reason"]}
        try:
            done = await Selection(page.applications).decide(id, Change(form.command_id), said)
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, refusal, moved=(), **content)
        if done.refused:
            refused = _refused(page, done.refused, content["by_application"])
            return page.show("selection/refused.html", done=done.decided, refused=refused, edition=content["edition"])
        ngettext = page.language.texts.ngettext
        text = ngettext("%(num)s decision is noted.", "%(num)s decisions are noted.", done.decided)
        told_next = page.text("Nobody is told before you release them.")
        said_now = f"{text % {'num': page.formats.number(done.decided)}} {told_next}"
        return page.go(f"/editions/{id}/selection", said=said_now)

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
            refused = _refused(page, done.refused, content["by_application"])
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
        said = page.text("The decision is noted. Nobody is told before you release it.")
        return page.go(f"/editions/{id}/selection", said=said)

    return router


async def _open_decisions(page: Signed, id: str) -> dict[str, Any]:
    """The applications that can be decided now, in the order of their ranks, each with what is proposed."""
    edition = (await Editions(page.applications).show(id)).value
    board = await Selection(page.applications).board(id)
    waiting = [one for one in board.entries if one.rank is not None and one.status in {"applied", "reserved"}]
    shown = [one for one in waiting if one.status == "applied" or one.pending][:_MANY]
    companies = await companies_of(page)
    names = await names_of(page, [one.mentor_id for one in shown])
    return {
        "edition": edition,
        "board": board,
        "shown": shown,
        "left": len(waiting) - len(shown) if len(shown) == _MANY else 0,
        "choices": {one.application_id: choice_of(one) for one in shown},
        "names": names,
        "by_application": {one.application_id: names.get(one.mentor_id, "") for one in shown},
        "companies": companies,
        "words": words,
    }


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

    Who does not meet the rules, and has no waiver, can be declined only.
    """
    if one.status in {"applied", words.RESERVED} and one.eligibility == "unmet":
        return {words.DECLINED: words.DECISIONS[words.DECLINED]}
    if one.status == "applied":
        return words.DECISIONS
    if one.status == words.RESERVED:
        return {code: said for code, said in words.DECISIONS.items() if code != words.RESERVED}
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


def _chosen(page: Signed, form: Form, board: Board) -> list[tuple[str, str]]:
    """What was chosen, by application; what is left open, or noted already by another's word or reason, stays."""
    own = (page.me.id, form["reason"])
    noted = {one.application_id: one.pending for one in board.entries if one.pending}
    stay = {(id, one.decision) for id, one in noted.items() if (one.decided_by, one.reason) != own}
    return [one for one in _choices(form) if one not in stay][:_MANY]


def _choices(form: Form) -> list[tuple[str, str]]:
    choices = [(name.removeprefix(_CHOICE), form[name]) for name in form.data if name.startswith(_CHOICE)]
    return [one for one in choices if one[1] in words.DECISIONS]


def _moved(form: Form, board: Board) -> tuple[str, ...]:
    """Applications on which something else is noted by now than what was seen, and than what was chosen."""
    noted = {one.application_id: one.pending.decision for one in board.entries if one.pending}
    return tuple(id for id, choice in _choices(form) if noted.get(id, "") not in {"", choice, form[_SEEN + id]})


def _wrong(page: Signed, form: Form, chosen: list[tuple[str, str]]) -> dict[str, str]:
    none = page.text("Nothing is decided differently. A reason alone is changed on the page of the application.")
    errors = {} if chosen else {"main": none if _choices(form) else page.text("Decide on at least one application")}
    return errors | reason_wrong(page, form)


def _overtaken_by(page: Signed, moved: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Whose decision somebody else noted meanwhile: nothing is done before it was seen."""
    who = ", ".join(names.get(one) or page.text("Somebody you do not see") for one in moved)
    told = page.text(
        "Another decision was noted meanwhile. Look at it again, then send this once more: %(names)s", names=who
    )
    return {"main": told} if moved else {}


def _refused(page: Signed, refused: Sequence[Refused], names: dict[str, str]) -> list[tuple[str, str]]:
    """Of whom nothing was done, and why."""
    unknown = page.text("Somebody you do not see")
    return [(names.get(one.application_id) or unknown, told(one, page.language)) for one in refused]


def _overtaken(page: Signed, form: Form, content: dict[str, Any]) -> Response:
    """The conflict page: what somebody decided beside what is stored now."""
    one: Application = content["one"]
    stored = one.pending or one.decision
    chosen = form["decision"]
    mine = page.text(words.DECISIONS[chosen])
    theirs = page.text(words.DECISIONS.get(stored.decision, stored.decision)) if stored else page.text("undecided")
    rows = [
        (page.text("Decision"), mine, theirs),
        (page.text("Reason"), form["reason"], (stored.reason if stored else "") or page.text("none")),
    ]
    back = (f"/editions/{one.edition_id}/selection/{one.application_id}", content["name"])
    return page.conflict(form, rows, content["version"], back=back)
