"""One executive of a proposal: why this mentor, why not another one, and laying a pair down or ruling it out."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Away, Change, Refusal
from services.portal.clients.matching_questions import Possible, WhyNot
from services.portal.clients.matching_records import ProposedPair, Report
from services.portal.http.forms import Form
from services.portal.http.matching_run import asked_again
from services.portal.http.matching_shown import (
    Content,
    Errors,
    Known,
    contradicted,
    known,
    matching,
    rows,
    sentence,
    shown_run,
)
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.pages import matching_words as words

_AT = "/runs/{run}/pairs/{mentee}"
_PAGES = {words.FORCE: "force", words.BLOCK: "forbid"}
_AGAINST = {"forced_twice": "forced_elsewhere"}  # who asks has not forced the pair, so one is forced so far
_CHOICES = 200  # mentors that one may choose from at a time, the best ones
_MOVED = 20  # executives that are named whom another pair would move


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter()
    router.include_router(_looking())
    for kind in _PAGES:
        router.include_router(_laying_down(kind))
    return router


def _looking() -> APIRouter:
    router = APIRouter(prefix=_AT)

    @router.get("")
    async def pair(page: Signed, id: str, run: str, mentee: str, mentor: str = "", q: str = "") -> Response:
        content = await _content(page, id, run, mentee, q.strip()[:100])
        chosen = mentor if mentor in dict(content["mentors"]) else ""
        try:
            found, late = await matching(page).why_not(run, mentee, chosen) if chosen else None, False
        except Away:  # the rest of the page stands without it
            found, late = None, True
        answer = await _answered(page, content, found, mentee, chosen) if found else {}
        return page.show("matching/pair.html", chosen=chosen, found=found, late=late, **{**content, **answer})

    return router


def _laying_down(kind: str) -> APIRouter:
    """The two routes of forcing a pair or ruling it out: the form, and what becomes of it."""
    router, template = APIRouter(prefix=f"{_AT}/{_PAGES[kind]}"), "matching/override.html"

    @router.get("")
    async def ask(page: Signed, id: str, run: str, mentee: str, mentor: str = "") -> Response:
        return page.show(template, **await _to_lay_down(page, id, run, mentee, mentor=mentor, kind=kind))

    @router.post("")
    async def lay_down(page: Signed, id: str, run: str, mentee: str) -> Response:
        form = await page.form()
        content = await _to_lay_down(page, id, run, mentee, mentor=form["mentor"], kind=kind)
        if errors := _wrong(page, form, content):
            return page.again(template, form, errors, **content)
        said = {"kind": kind, "mentor_id": form["mentor"], "mentee_id": mentee, "reason": form["reason"]}
        try:
            await matching(page).lay_down(id, Change(form.command_id), said)
        except Refusal as refusal:
            if refusal.status not in {409, 422} and refusal.kind != "own-case":
                raise
            return page.again(template, form, await contradicted(page, refusal, "mentor"), **content)
        return await _computed_anew(page, form, content["one"], content["there"])

    return router


async def _computed_anew(page: Signed, form: Form, before: Report, back: str) -> Response:
    """Have the matching computed with what was laid down just now; it stands even where that cannot be at once."""
    done = page.text("It is laid down.")
    if form["then"] == "stay":
        then = page.text("Compute anew to see what it brings.")
        return page.go(back, said=f"{done} {then}")
    try:
        new = await matching(page).request(Change(f"{form.command_id[:60]}-run"), asked_again(before))
    except Refusal as refusal:
        if refusal.status not in {409, LOST, 422}:
            raise
        return page.go(back, said=f"{done} {(await contradicted(page, refusal))['main']}")
    return page.go(f"/editions/{before.edition_id}/matching/runs/{new.value.run_id}", said=done)


async def _content(page: Signed, id: str, run: str, mentee: str, sought: str = "") -> Content:
    """What pages of one executive show. Raises ``Refusal`` 404 where the proposal does not name the executive."""
    content = await shown_run(page, id, run)
    one: Report = content["one"]
    pair, without = one.pair_of(mentee), next((each for each in one.uncovered if each.mentee_id == mentee), None)
    if pair is None and without is None:
        raise Refusal(404, "not-found", "")
    own = pair.mentor_id if pair else ""
    possible = [each for each in await _possible(page, run, mentee) if each.mentor_id != own]
    offered = await _sought(page, possible, sought)
    who = await known(page, [mentee, own, *(each.mentor_id for each in offered)])
    return {
        **content,
        "mentee": mentee,
        "who": who,
        "row": rows(page, one, [pair], who)[0] if pair else None,
        "without": without,
        "mentors": [(each.mentor_id, _choice(page, who, each)) for each in offered],
        "sought": sought,
        "beyond": max(0, len(possible) - _CHOICES),
        "as_of": page.now(),
    }


async def _possible(page: Signed, run: str, mentee: str) -> Sequence[Possible]:
    """All mentors for an executive; none where the run cannot be asked, and the rest of the page stands."""
    try:
        return await matching(page).mentors(run, mentee)
    except Refusal as refusal:
        if refusal.status not in {404, 409}:
            raise
        return ()


async def _sought(page: Signed, possible: Sequence[Possible], sought: str) -> Sequence[Possible]:
    """The best mentors for somebody; where a name is sought, those of this name."""
    if not sought or len(possible) <= _CHOICES:
        return possible[:_CHOICES]
    named = {one.id for one in (await page.people.search(None, q=sought)).items}
    return [one for one in possible if one.mentor_id in named][:_CHOICES]


def _choice(page: Signed, who: Known, one: Possible) -> str:
    """A mentor in a list: name, company, and the points with the executive or that there can be none."""
    named = ", ".join(part for part in (who.name(one.mentor_id), who.company(one.subsidiary)) if part)
    if one.points is None:
        return page.text("%(mentor)s: not possible", mentor=named)
    return page.text("%(mentor)s: %(points)s points", mentor=named, points=page.formats.number(round(one.points, 2)))


async def _answered(page: Signed, content: Content, found: WhyNot, mentee: str, mentor: str) -> Content:
    """The answer in words: the rules against the pair, or what changes with it."""
    moved = found.moved[:_MOVED]
    who = await known(page, [mentee, mentor, *(id for one in moved for id in (one.mentee_id, one.before, one.after))])
    return {
        "against": [sentence(page, who, _AGAINST.get(code, code), mentor, mentee) for code in found.rules],
        "moved": [
            (who.name(one.mentee_id), _mentor(page, who, one.before), _mentor(page, who, one.after)) for one in moved
        ],
        "affected": max(0, len([one for one in found.moved if one.mentee_id != mentee])),
        "more": len(found.moved) - len(moved),
    }


def _mentor(page: Signed, who: Known, id: str | None) -> str:
    return who.name(id) if id else page.text("nobody")


async def _to_lay_down(page: Signed, id: str, run: str, mentee: str, *, mentor: str, kind: str) -> Content:
    """What the form shows; the mentor of the proposal is chosen at first."""
    content = await _content(page, id, run, mentee)
    pair: ProposedPair | None = content["row"].pair if content["row"] else None
    own = [(pair.mentor_id, content["who"].name(pair.mentor_id))] if pair else []
    choices: Sequence[tuple[str, str]] = [*own, *(content["mentors"] if kind == words.FORCE or not own else [])]
    chosen = mentor if mentor in dict(choices) else (own[0][0] if own else "")
    return {**content, "kind": kind, "choices": choices, "chosen": chosen}


def _wrong(page: Signed, form: Form, content: Content) -> Errors:
    errors = {} if form["mentor"] in dict(content["choices"]) else {"mentor": page.text("Choose a mentor")}
    return errors | reason_wrong(page, form)
