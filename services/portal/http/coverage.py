"""Who takes part: executives by company and state, and what people decide on one of them, always with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Coverage, Participation
from services.portal.http.editions_shown import (
    Content,
    Errors,
    compared,
    editions,
    placed,
    refused,
    responsible,
    shown,
)
from services.portal.http.editions_times import read_day
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import names_of
from services.portal.pages import edition_words as words
from services.portal.pages.refusals import N_

_PAGE = 100  # executives on one page of the list


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be decided on an executive: the path of its page, what `applications` calls it, from which states."""

    path: str
    asked: str
    states: frozenset[str]
    read: Callable[[SignedPage, Form], tuple[dict[str, Any], Errors]]
    done: str


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions/{id}/people", include_in_schema=False)

    @router.get("")
    async def people(page: Signed, id: str, state: str = "", start: int = 0) -> Response:
        content, chosen = await shown(page, id), state if state in words.STATES else ""
        found = await editions(page).participations(id, chosen)
        content |= await _listed(page, found, content["company"], max(start, 0))
        content |= {"coverage": _by_company(await editions(page).coverage(id), content["company"])}
        content |= {"state": chosen, "decisions": DECISIONS}
        content |= {"todo": words.TO_DO, "state_names": [(code, text) for code, (_, text) in words.STATES.items()]}
        return page.show("editions/people.html", **content)

    for decision in DECISIONS:
        router.include_router(_deciding(decision))
    return router


async def _listed(page: SignedPage, found: Sequence[Participation], company: Mapping[str, str], start: int) -> Content:
    """A page of the executives, by company and name."""
    names = await names_of(page, [id for one in found for id in _named(one)])
    rows = sorted(found, key=lambda one: placed(company, names, one.subsidiary, one.mentee_id))
    more = start + _PAGE if start + _PAGE < len(rows) else None
    return {"found": rows[start : start + _PAGE], "all": len(rows), "more": more, "names": names}


def _by_company(coverage: Coverage, company: Mapping[str, str]) -> Coverage:
    """The coverage with its rows in the order of the companies' names; those one may not know come last."""
    unknown = [row for row in coverage.rows if row.subsidiary not in company]
    known = [row for row in coverage.rows if row.subsidiary in company]
    rows = (*sorted(known, key=lambda row: company[row.subsidiary].casefold()), *unknown)
    return coverage.model_copy(update={"rows": rows})


def _deciding(decision: Decision) -> APIRouter:
    """The two routes of one decision: the form, and what becomes of it."""
    router = APIRouter(prefix=f"/{{participation}}/{decision.path}")
    template = f"editions/{decision.path}.html"

    @router.get("")
    async def ask(page: Signed, id: str, participation: str) -> Response:
        return page.show(template, **await _executive(page, id, participation))

    @router.post("")
    async def decide(page: Signed, id: str, participation: str) -> Response:
        form, content = await page.form(), await _executive(page, id, participation)
        said, errors = decision.read(page, form)
        if errors:
            return page.again(template, form, errors, **content)
        try:
            await editions(page).decide(participation, decision.asked, form.change, said)
        except Refusal as refusal:
            one: Participation = content["participation"]
            stored = page.text(words.STATES.get(one.status, ("", one.status))[1])
            rows = compared(page, [(content["name"], page.text(_MINE[decision.path]))], [(content["name"], stored)])
            return refused(page, form, refusal, template, content, rows=rows)
        return page.go(f"/editions/{id}/people", said=page.text(decision.done, name=content["name"]))

    return router


async def _executive(page: SignedPage, id: str, participation: str) -> Content:
    """The page of one executive. Raises ``Refusal`` 404 where she takes part in another edition."""
    content = await shown(page, id)
    seen = await editions(page).participation(participation)
    one = seen.value
    if one.edition_id != id or not content["may_decide"]:
        raise Refusal(404, "not-found", "")
    names = await page.people.names(list(_named(one)))
    edition = content["one"]
    chosen = edition.escalation.to if edition.escalation else None
    return {
        **content,
        "here": f"/editions/{id}/people",
        "participation": one,
        "version": seen.version,
        "names": names,
        "name": names.get(one.mentee_id, page.text("somebody you do not see")),
        "responsible": await responsible(page, content["names"], chosen),
        "chosen": chosen,
    }


def _named(one: Participation) -> list[str]:
    escalation, exemption = one.escalation, one.exemption
    by = [escalation.to, escalation.by] if escalation else []
    by += [exemption.exempted_by] if exemption else []
    return [one.mentee_id, *(id for id in by if id and id != "timer")]


def _read_exemption(page: SignedPage, form: Form) -> tuple[dict[str, Any], Errors]:
    errors: Errors = {}
    if form["reason"] not in words.EXEMPTIONS:
        errors["reason"] = page.text("Choose a reason")
    until = read_day(page, form, "until", errors)
    errors |= reason_wrong(page, form, "explanation")
    said = {"reason": form["reason"], "explanation": form["explanation"]}
    return {**said, **({"until": until} if until else {})}, errors


def _read_escalation(page: SignedPage, form: Form) -> tuple[dict[str, Any], Errors]:
    errors = {} if form["to"] else {"to": page.text("Choose who hears of it")}
    return {"to": form["to"], "reason": form["reason"]}, {**errors, **reason_wrong(page, form)}


def _read_obligation(page: SignedPage, form: Form) -> tuple[dict[str, Any], Errors]:
    return {"reason": form["reason"]}, reason_wrong(page, form)


_MINE = {"exempt": N_("exempt"), "escalate": N_("escalated"), "oblige": N_("obliged again")}
DECISIONS = (
    Decision(
        "exempt",
        "exemption",
        frozenset({"obliged", "escalated"}),
        _read_exemption,
        N_("%(name)s is exempt."),
    ),
    Decision(
        "escalate",
        "escalation",
        frozenset({"obliged"}),
        _read_escalation,
        N_("%(name)s is escalated."),
    ),
    Decision(
        "oblige",
        "obligation",
        frozenset({"exempt", "escalated"}),
        _read_obligation,
        N_("%(name)s is obliged to take part again."),
    ),
)
