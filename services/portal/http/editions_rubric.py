"""The rubric: criteria, weights that make a hundred together, and what each level means, in every language of the call.

One form for all of it, since weights only hold together. Its lesser buttons add, move and drop parts of the form
and save nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition, Rubric
from services.portal.http.editions_matters import UNTIL_SELECTION
from services.portal.http.editions_shown import (
    Content,
    Errors,
    Told,
    compared,
    editions,
    in_order,
    refused,
    shown,
    whole_number,
)
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.pages.edition_words import PARTS

_ALL = 100
_MOST_CRITERIA, _FEWEST_LEVELS, _MOST_LEVELS, _LEVELS = 12, 2, 7, 4
_LONGEST_TITLE, _LONGEST_LEVEL = 120, 300
Wording = dict[str, str]
_PAGE = "editions/rubric.html"


@dataclass(slots=True)
class Drafted:
    """A criterion as it stands in the form, whatever is wrong with it."""

    id: str
    weight: str = ""
    title: Wording = field(default_factory=dict)
    levels: list[Wording] = field(default_factory=lambda: [{} for _ in range(_LEVELS)])


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/rubric")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        content = await shown(page, id)
        one: Edition = content["one"]
        if one.stage not in UNTIL_SELECTION or not content["may_change"]:
            title, hint = (page.text(text) for text in PARTS["rubric"])
            facts = _told(page, _stored(one.rubric)) if one.rubric else []
            return page.show("editions/frozen.html", title=title, hint=hint, facts=facts, **content)
        rubric = one.rubric or Rubric()
        drafted = [_drafted(one) for one in _stored(rubric)["criteria"]] or [Drafted("c-1")]
        return page.show(_PAGE, **_content(page, content, drafted, str(rubric.spread), str(rubric.sheets)))

    @router.post("")
    async def state(page: Signed, id: str) -> Response:
        form, content = await page.form(), await shown(page, id)
        drafted = _written(form, content["one"].languages)
        if form["do"]:
            _rearrange(drafted, form)
            return page.show(_PAGE, form=form, **_content(page, content, drafted, form["spread"], form["sheets"]))
        content = _content(page, content, drafted, form["spread"], form["sheets"])
        said, errors = _read(page, form, drafted, content["one"].languages)
        if errors:
            return page.again(_PAGE, form, errors, **content)
        return await _put(page, form, content, said)

    return router


async def _put(page: SignedPage, form: Form, content: Content, said: dict[str, Any]) -> Response:
    one: Edition = content["one"]
    try:
        await editions(page).put(one.edition_id, "rubric", form.change, said)
    except Refusal as refusal:
        stored = _told(page, _stored(one.rubric)) if one.rubric else []
        return refused(page, form, refusal, _PAGE, content, rows=compared(page, _told(page, said), stored))
    return page.go(content["here"], said=page.text("Saved."))


def _content(page: SignedPage, content: Content, drafted: list[Drafted], spread: str, sheets: str) -> Content:
    together = sum(whole_number(one.weight, 1, _ALL) or 0 for one in drafted)
    return {
        **content,
        "criteria": drafted,
        "spread": spread,
        "sheets": sheets,
        "languages": [(code, page.formats.language(code)) for code in content["one"].languages],
        "sum_told": _sum_told(page, together),
        "may_add": len(drafted) < _MOST_CRITERIA,
        "most_levels": _MOST_LEVELS,
    }


def _sum_told(page: SignedPage, together: int) -> str:
    if together == _ALL:
        return page.text("The weights make 100 together.")
    if together < _ALL:
        return page.text("The weights make %(sum)s together; %(off)s are missing", sum=together, off=_ALL - together)
    return page.text("The weights make %(sum)s together; that is %(off)s too many", sum=together, off=together - _ALL)


def _stored(rubric: Rubric | None) -> dict[str, Any]:
    return rubric.model_dump(mode="json") if rubric else {"criteria": []}


def _drafted(said: dict[str, Any]) -> Drafted:
    levels = [dict(one) for one in said["levels"]]
    return Drafted(said["criterion_id"], str(said["weight"]), dict(said["title"]), levels)


def _written(form: Form, languages: Sequence[str]) -> list[Drafted]:
    """The criteria as they were sent."""
    found = []
    for id in dict.fromkeys(form.all("criterion")):
        count = whole_number(form[f"levels-{id}"], 0, _MOST_LEVELS) or 0
        levels = [{code: form[f"level-{id}-{n}-{code}"] for code in languages} for n in range(1, count + 1)]
        title = {code: form[f"title-{id}-{code}"] for code in languages}
        found.append(Drafted(id, form[f"weight-{id}"], title, levels))
    return found[:_MOST_CRITERIA]


def _rearrange(drafted: list[Drafted], form: Form) -> None:
    """What the lesser buttons do."""
    what, _, id = form["do"].partition(":")
    at = next((place for place, one in enumerate(drafted) if one.id == id), None)
    if what == "add":
        drafted.append(Drafted(_new_id(drafted, form)))
    elif at is None:
        return
    elif what == "level":
        drafted[at].levels.append({})
    elif what == "drop":
        drafted.pop(at)
    elif what in {"up", "down"}:
        drafted.insert(max(0, at + (-1 if what == "up" else 1)), drafted.pop(at))


def _new_id(drafted: list[Drafted], form: Form) -> str:
    taken = {one.id for one in drafted}
    ids = (hashlib.sha256(f"{form.command_id}:{n}".encode()).hexdigest()[:10] for n in range(_MOST_CRITERIA + 1))
    return next(f"c-{id}" for id in ids if f"c-{id}" not in taken)


def _read(
    page: SignedPage, form: Form, drafted: list[Drafted], languages: Sequence[str]
) -> tuple[dict[str, Any], Errors]:
    errors: Errors = {}
    criteria = [_criterion(page, one, place, languages, errors) for place, one in enumerate(drafted, 1)]
    if not criteria:
        errors["weights"] = page.text("Add at least one criterion")
    together = sum(one["weight"] or 0 for one in criteria)
    if together != _ALL and not any(one["weight"] is None for one in criteria):
        errors.setdefault("weights", _sum_told(page, together))
    spread, sheets = whole_number(form["spread"], 5, 100), whole_number(form["sheets"], 2, 5)
    if sheets is None:
        errors["sheets"] = page.text("Write a number of assessors from 2 to 5")
    if spread is None:
        errors["spread"] = page.text("Write a number of points from 5 to 100, such as 25")
    return {"criteria": criteria, "spread": spread, "sheets": sheets}, in_order(errors, ("weights",))


def _criterion(page: SignedPage, one: Drafted, place: int, languages: Sequence[str], errors: Errors) -> dict[str, Any]:
    """The criterion as `applications` takes it; levels without a word in any language are none."""
    weight, spoken = whole_number(one.weight, 1, _ALL), {code: page.formats.language(code) for code in languages}
    if weight is None:
        errors[f"weight-{one.id}"] = page.text("Criterion %(place)s: write a weight from 1 to 100", place=place)
    for code in languages:
        if not 1 <= len(one.title.get(code, "")) <= _LONGEST_TITLE:
            errors[f"title-{one.id}-{code}"] = page.text(
                "Criterion %(place)s, %(language)s: name it, in at most 120 characters",
                place=place,
                language=spoken[code],
            )
    worded = [(n, level) for n, level in enumerate(one.levels, 1) if any(level.values())]
    for n, level in worded:
        for code in languages:
            if not 1 <= len(level.get(code, "")) <= _LONGEST_LEVEL:
                errors[f"level-{one.id}-{n}-{code}"] = page.text(
                    "Criterion %(place)s, level %(level)s, %(language)s: word it, in at most 300 characters",
                    place=place,
                    level=n,
                    language=spoken[code],
                )
    if len(worded) < _FEWEST_LEVELS:
        told = page.text("Criterion %(place)s: word at least two levels", place=place)
        errors.setdefault(f"level-{one.id}-{min(len(worded) + 1, len(one.levels))}-{languages[0]}", told)
    levels = [level for _, level in worded]
    return {"criterion_id": one.id, "title": one.title, "weight": weight, "levels": levels}


def _told(page: SignedPage, said: dict[str, Any]) -> Told:
    """Each criterion with its weight and levels, in the reader's language where it has it."""
    code = page.language.locale.language

    def in_words(wording: Wording) -> str:
        return wording.get(code) or next(iter(wording.values()), "")

    def levels(one: dict[str, Any]) -> str:
        return "; ".join(f"{page.formats.number(n)} {in_words(level)}" for n, level in enumerate(one["levels"], 1))

    def told(one: dict[str, Any]) -> str:
        return page.text("Weight %(weight)s; levels: %(levels)s", weight=one["weight"] or 0, levels=levels(one))

    return [(in_words(one["title"]), told(one)) for one in said["criteria"]]
