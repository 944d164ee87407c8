"""The questions to applicants: a list that is added to, changed, put in order and cut, one question a page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition, Question
from services.portal.http.editions_matters import UNTIL_SELECTION
from services.portal.http.editions_shown import (
    Content,
    Errors,
    Told,
    compared,
    editions,
    filled,
    refused,
    shown,
    whole_number,
)
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage

MOST = 10  # questions
_LONGEST = 300
Asked = list[dict[str, Any]]


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/form")

    @router.get("")
    async def questions(page: Signed, id: str) -> Response:
        return page.show("editions/questions.html", **await _questions(page, id))

    @router.get("/{question}")
    async def ask(page: Signed, id: str, question: str) -> Response:
        content = await _question(page, id, question)
        return page.show("editions/question.html", given=_given(content["question"]), **content)

    @router.post("/{question}")
    async def state(page: Signed, id: str, question: str) -> Response:
        form, content = await page.form(), await _question(page, id, question)
        said, errors = _read(page, form, content)
        if errors:
            return page.again("editions/question.html", form, errors, **{**content, "given": form})
        asked = content["asked"]
        at = next((place for place, one in enumerate(asked) if one["question_id"] == said["question_id"]), len(asked))
        return await _put(page, form, content, [*asked[:at], said, *asked[at + 1 :]], page.text("Saved."))

    router.include_router(_arranging())
    return router


def _arranging() -> APIRouter:
    router = APIRouter(prefix="/{question}")

    @router.post("/moving")
    async def move(page: Signed, id: str, question: str) -> Response:
        form, content = await page.form(), await _questions(page, id)
        places = _moved(form.all("order"), question, -1 if form["to"] == "up" else 1)
        known = {one: place for place, one in enumerate(places)}
        asked = sorted(content["asked"], key=lambda one: known.get(one["question_id"], len(known)))
        return await _put(page, form, content, asked, page.text("The order has changed."))

    @router.post("/removal")
    async def remove(page: Signed, id: str, question: str) -> Response:
        form, content = await page.form(), await _questions(page, id)
        kept = [one for one in content["asked"] if one["question_id"] != question]
        return await _put(page, form, content, kept, page.text("The question is gone."))

    return router


def _moved(order: list[str], question: str, by: int) -> list[str]:
    """The order that the sender saw, with one question moved by a place: the same for a form that is sent twice."""
    if question in order:
        at = order.index(question)
        order.insert(max(0, at + by), order.pop(at))
    return order


async def _questions(page: SignedPage, id: str) -> Content:
    content = await shown(page, id)
    one: Edition = content["one"]
    asked = one.form.questions if one.form else ()
    open_ = one.stage in UNTIL_SELECTION and content["may_change"]
    return {
        **content,
        "questions": asked,
        "asked": [question.model_dump(mode="json") for question in asked],
        "languages": [(code, page.formats.language(code)) for code in one.languages],
        "open": open_,
        "may_add": open_ and len(asked) < MOST,
        "most": MOST,
        "asked_on": "editions/questions.html",
    }


async def _question(page: SignedPage, id: str, question: str) -> Content:
    """The page of one question, or of a new one. Raises ``Refusal`` 404 where there is none or none can be changed."""
    content = await _questions(page, id)
    found = next((one for one in content["questions"] if one.question_id == question), None)
    if not content["open"] or (found is None and question != "new"):
        raise Refusal(404, "not-found", "")
    return {**content, "question": found, "asked_on": "editions/question.html"}


def _given(question: Question | None) -> Form:
    if question is None:
        return filled([("most_words", 150)])
    texts = [(f"text-{code}", text) for code, text in question.text.items()]
    return filled([("most_words", question.most_words), *texts])


def _read(page: SignedPage, form: Form, content: Content) -> tuple[dict[str, Any], Errors]:
    errors: Errors = {}
    found: Question | None = content["question"]
    text, spoken = {code: form[f"text-{code}"] for code, _ in content["languages"]}, dict(content["languages"])
    for code, written in text.items():
        if not 1 <= len(written) <= _LONGEST:
            told = page.text("Write the question in %(language)s, in at most 300 characters", language=spoken[code])
            errors[f"text-{code}"] = told
    most = whole_number(form["most_words"], 20, 500)
    if most is None:
        errors["most_words"] = page.text("Write a number of words from 20 to 500, such as 150")
    return {"question_id": found.question_id if found else id_of(form), "text": text, "most_words": most}, errors


def id_of(form: Form, place: str = "q") -> str:
    """The id of something new: the same for a form that is sent twice."""
    return f"{place}-{hashlib.sha256(form.command_id.encode()).hexdigest()[:10]}"


async def _put(page: SignedPage, form: Form, content: Content, asked: Asked, text: str) -> Response:
    one: Edition = content["one"]
    try:
        await editions(page).put(one.edition_id, "form", form.change, {"questions": asked})
    except Refusal as refusal:
        rows = compared(page, _told(page, asked), _told(page, content["asked"]))
        return refused(page, form, refusal, content["asked_on"], content, rows=rows)
    return page.go(f"{content['here']}/form", said=text)


def _told(page: SignedPage, asked: Sequence[dict[str, Any]]) -> Told:
    """The questions by their places, in the reader's language where they have it."""
    code = page.language.locale.language
    return [
        (page.text("Question %(place)s", place=place), one["text"].get(code) or next(iter(one["text"].values()), ""))
        for place, one in enumerate(asked, 1)
    ]
