"""Editions: the list, a new one, and one with its set-up, its figures and what stands in the way of its next stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.http import (
    editions_applications,
    editions_call,
    editions_dates,
    editions_late,
    editions_questions,
    editions_rubric,
    editions_rules,
    editions_stage,
)
from services.portal.http.editions_dates import scope_said, scope_wrong
from services.portal.http.editions_matters import changing
from services.portal.http.editions_shown import Content, correctable, editions, in_order, shown
from services.portal.http.editions_steps import in_the_way, worth_a_thought
from services.portal.http.editions_times import read_day
from services.portal.http.forms import Form
from services.portal.http.navigation import STAFF
from services.portal.http.page import Signed, SignedPage
from services.portal.http.tasks import Task
from services.portal.pages import edition_words as words

Status = tuple[str, str]


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions", include_in_schema=False)

    @router.get("")
    async def listed(page: Signed) -> Response:
        found = await editions(page).all()
        content: Content = {"found": found, "words": words, "may_make": page.has(*STAFF)}
        return page.show("editions/list.html", as_of=page.now(), **content)

    router.include_router(_drafting())

    @router.get("/{id}")
    async def one(page: Signed, id: str) -> Response:
        content = await shown(page, id)
        edition: Edition = content["one"]
        tasks, steps = list(_set_up(page, content)), list(in_the_way(page, edition))
        warnings = list(worth_a_thought(page, edition))
        return page.show("editions/edition.html", tasks=tasks, steps=steps, warnings=warnings, **content)

    for matter in (*editions_dates.MATTERS, editions_call.MATTER):
        router.include_router(changing(matter))
    router.include_router(editions_call.routes())
    router.include_router(editions_applications.routes())
    for part in (editions_rules, editions_questions, editions_rubric, editions_stage, editions_late):
        router.include_router(part.routes())
    return router


def _drafting() -> APIRouter:
    router = APIRouter(prefix="/new")

    @router.get("")
    async def ask(page: Signed) -> Response:
        return page.show("editions/new.html", **await _new(page))

    @router.post("")
    async def draft(page: Signed) -> Response:
        form = await page.form()
        said, errors = _drafted(page, form)
        if errors:
            return page.again("editions/new.html", form, errors, **await _new(page))
        try:
            made = await editions(page).draft(form.change, said)
        except Refusal as refusal:
            if not correctable(refusal):
                raise
            return page.again("editions/new.html", form, refusal, **await _new(page))
        text = page.text("The edition is there, as a draft that only those responsible see.")
        return page.go(f"/editions/{made.value.edition_id}", said=text)

    return router


async def _new(page: SignedPage) -> Content:
    if not page.has(*STAFF):
        raise Refusal(403, "role-missing", "")
    earlier = [(one.edition_id, one.name) for one in await editions(page).all()]
    companies = await page.people.companies()
    zones = editions_dates.zones(page, page.me.zone)
    return {"earlier": earlier, "companies": companies, "words": words, "zones": zones}


def _drafted(page: SignedPage, form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    errors = scope_wrong(page, form)
    starts = read_day(page, form, "starts_on", errors, needed=True)
    ends = read_day(page, form, "ends_on", errors, needed=True)
    if starts and ends and ends < starts:
        errors["ends_on"] = page.text("Let the edition end after it starts")
    errors = in_order(errors, ("name", "starts_on", "ends_on"))
    said = {**scope_said(form), "starts_on": starts, "ends_on": ends, "zone": form["zone"]}
    return {**said, **({"template": form["template"]} if form["template"] else {})}, errors


def _set_up(page: SignedPage, content: Content) -> Iterator[Task]:
    """The parts of the set-up and how far each is."""
    one: Edition = content["one"]
    status = {"scope": _begun(page, bool(one.group_wide or one.subsidiaries))}
    status["dates"] = _begun(page, bool(one.decision_on and one.accept_by))
    status |= _call_set_up(page, one)
    told = bool(one.escalation and one.escalation.to and one.escalation.after_days)
    status["escalation"] = _begun(page, told)
    for part, (text, hint) in words.PARTS.items():
        yield Task(f"{content['here']}/{part}", page.text(text), page.text(hint), *status[part])


def _call_set_up(page: SignedPage, one: Edition) -> dict[str, Status]:
    missing = {blocker.code for blocker in one.next.blockers} if one.next else set()
    call, nothing = one.call, ("open", page.text("not begun yet"))
    dated = call is not None and bool(call.closes_at and call.reference_date)
    worded = dated and not missing & {"text-missing", "deadline-passed", "deadline-after-end"}
    rules, asked = len(call.rules) if call else 0, len(one.form.questions) if one.form else 0
    ruled = ("done", page.text("rules: %(count)s", count=rules)) if rules else ("open", page.text("no rule"))
    told = page.text("questions: %(count)s", count=asked)
    questions = ("done", told) if asked else ("open", page.text("no question"))
    scored = bool(one.rubric and one.rubric.criteria)
    return {
        "call": _begun(page, worded) if call else nothing,
        "rules": ruled if dated else ("wait", page.text("after the call")),
        "form": _begun(page, False) if "question-text-missing" in missing else questions,
        "rubric": _begun(page, "rubric-text-missing" not in missing) if scored else nothing,
    }


def _begun(page: SignedPage, done: bool) -> Status:
    return ("done", page.text("done")) if done else ("part", page.text("begun"))
