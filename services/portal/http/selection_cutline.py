"""Deciding many applications along the cut line: a page of all that are open, and what is noted of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Board, Decided, DecidedMany, Entry
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import choice_of, companies_of, names_of, refused_named
from services.portal.pages import selection_words as words

_MANY = 500  # decisions of one request
_CHOICE, _SEEN = "on-", "seen-"
_TEMPLATE = "selection/decide.html"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the form: what was chosen, the mark of the decision that was seen, and the decision that stands."""

    application: str
    choice: str
    seen: str
    stands: Decided | None

    def means(self, author: str, reason: str) -> bool:
        """Whether it is to be noted: it changes what was seen, or repeats this author's own form word for word."""
        if self._agrees and self.stands:
            return self._moved and (self.stands.decided_by, self.stands.reason) == (author, reason)
        return not self._moved

    @property
    def overtaken(self) -> bool:
        """Whether another decision stands by now than the one that was seen, and than the one chosen.

        Where none stands any more, the applicant withdrew: the service says so.
        """
        return self._moved and not self._agrees

    @property
    def _agrees(self) -> bool:
        return self.stands is not None and self.stands.decision == self.choice

    @property
    def _moved(self) -> bool:
        return self.stands is not None and self.seen != self.stands.mark


def routes() -> APIRouter:
    """The router, below the selection of an edition."""
    router = APIRouter(prefix="/decide")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        return page.show(_TEMPLATE, **await _open_decisions(page, id))

    @router.post("")
    async def decide(page: Signed, id: str) -> Response:
        form = await page.form()
        content = await _open_decisions(page, id, form)
        rows = content["rows"]
        chosen = [one for one in rows if one.means(page.me.id, form["reason"])][:_MANY]
        if errors := _wrong(page, form, rows, chosen) | _overtaken(page, rows, content["by_application"]):
            return page.again(_TEMPLATE, form, errors, **content)
        decisions = [{"application_id": one.application, "decision": one.choice} for one in chosen]
        said = {"decisions": decisions, "reason": form["reason"]}
        try:
            done = await Selection(page.applications).decide(id, Change(form.command_id), said)
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.again(_TEMPLATE, form, refusal, **content)
        if done.refused:
            refused = refused_named(page, done.refused, content["by_application"])
            return page.show("selection/refused.html", done=done.decided, refused=refused, edition=content["edition"])
        return page.go(f"/editions/{id}/selection", said=_noted(page, done))

    return router


async def _open_decisions(page: Signed, id: str, form: Form | None = None) -> dict[str, Any]:
    """The applications that can be decided now, in the order of their ranks, each with its choice."""
    edition = (await Editions(page.applications).show(id)).value
    board = await Selection(page.applications).board(id)
    waiting = [one for one in board.entries if one.rank is not None and one.status in {"applied", "reserved"}]
    shown = [one for one in waiting if one.status == "applied" or one.pending][:_MANY]
    rows = _rows(form, board) if form else []
    chosen, overtaken = {one.application for one in rows}, {one.application for one in rows if one.overtaken}
    named = [*shown, *(one for one in board.entries if one.application_id in chosen)]
    names = await names_of(page, [one.mentor_id for one in named])
    return {
        "edition": edition,
        "board": board,
        "rows": rows,
        "shown": shown,
        "left": len(waiting) - len(shown) if len(shown) == _MANY else 0,
        "choices": {one.application_id: _choice(form, one, overtaken) for one in shown},
        "names": names,
        "by_application": {one.application_id: names.get(one.mentor_id, "") for one in named},
        "companies": await companies_of(page),
        "words": words,
    }


def _choice(form: Form | None, entry: Entry, overtaken: Collection[str]) -> str:
    """What is chosen on the page: what the form said, unless another decision stands; at first what is proposed."""
    if not form or entry.application_id in overtaken:
        return choice_of(entry)
    said = form[_CHOICE + entry.application_id]
    return choice_of(entry) if entry.pending and not said else said


def _rows(form: Form, board: Board) -> list[_Row]:
    """The rows of which something was chosen; what is left open is none."""
    stands = {one.application_id: one.word for one in board.entries}
    named = [(name.removeprefix(_CHOICE), form[name]) for name in form.data if name.startswith(_CHOICE)]
    return [_Row(id, said, form[_SEEN + id], stands.get(id)) for id, said in named if said in words.DECISIONS]


def _wrong(page: Signed, form: Form, rows: Sequence[_Row], chosen: Sequence[_Row]) -> dict[str, str]:
    none = page.text("Nothing is decided differently. A reason alone is changed on the page of the application.")
    errors = {} if chosen else {"main": none if rows else page.text("Decide on at least one application")}
    return errors | reason_wrong(page, form)


def _overtaken(page: Signed, rows: Sequence[_Row], names: Mapping[str, str]) -> dict[str, str]:
    """Of whom somebody decided otherwise meanwhile: nothing is done before that was seen."""
    unknown = page.text("Somebody you do not see")
    who = ", ".join(names.get(one.application) or unknown for one in rows if one.overtaken)
    told = page.text(
        "Somebody decided otherwise meanwhile: %(names)s. What is noted stands below, what is released on the "
        "page of the selection. Look at it, then send this once more.",
        names=who,
    )
    return {"main": told} if who else {}


def _noted(page: Signed, done: DecidedMany) -> str:
    text = page.language.texts.ngettext("%(num)s decision is noted.", "%(num)s decisions are noted.", done.decided)
    told_next = page.text("Nobody is told before you release them.")
    return f"{text % {'num': page.formats.number(done.decided)}} {told_next}"
