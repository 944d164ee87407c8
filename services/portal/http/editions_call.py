"""The call: deadline, reference date, languages, what it says in each; once it is open only its words change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.edition_records import Call, Edition
from services.portal.http.calls import call_shown
from services.portal.http.editions_matters import UNTIL_SELECTION, Matter, Said, saved
from services.portal.http.editions_shown import Content, Errors, Told, filled, shown, whole_number
from services.portal.http.editions_times import doubled, filled_instant, read_day, read_instant
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.pages import words

_LONGEST_TITLE = 120
_LONGEST_INVITATION = 4000
_MOST_HOURS = 40
_INSTANTS = ("opens_at", "closes_at")


def call_said(call: Call) -> dict[str, Any]:
    """A call as `applications` takes it: the whole of it, rules included."""
    said = call.model_dump(mode="json", include=_FIELDS)
    return {**said, "rules": [rule_said(rule) for rule in said["rules"]]}


def rule_said(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule with the fields of its kind only."""
    return {name: value for name, value in rule.items() if value not in (None, [], ())}


def _given(page: SignedPage, content: Content) -> Form:
    one: Edition = content["one"]
    return filled([("languages", code) for code in one.languages] + list(_filled(one.call, content)))


def _filled(call: Call | None, content: Content) -> Iterator[tuple[str, object]]:
    yield "hours_a_month", call.hours_a_month if call else 2
    yield "names_hidden", "on" if call and call.names_hidden else "off"
    if call is None:
        return
    yield "reference_date", call.reference_date
    for name in _INSTANTS:
        yield from filled_instant(name, getattr(call, name), content["zone"])
    for code, text in call.texts.items():
        yield from ((f"title-{code}", text.title), (f"invitation-{code}", text.invitation))


def _read(page: SignedPage, form: Form, content: Content) -> tuple[Said, Errors]:
    one: Edition = content["one"]
    errors: Errors = {}
    if one.stage != "draft" and one.call:
        return {**call_said(one.call), "texts": _texts(page, form, one.call.languages, errors)}, errors
    said: dict[str, Any] = {name: read_instant(page, form, name, content["zone"], errors) for name in _INSTANTS}
    if said["closes_at"] is None and not any(name.startswith("closes_at") for name in errors):
        errors["closes_at-day"] = page.text("Say until when people may apply")
    said["reference_date"] = read_day(page, form, "reference_date", errors, needed=True)
    said["hours_a_month"] = whole_number(form["hours_a_month"], 1, _MOST_HOURS)
    if said["hours_a_month"] is None:
        errors["hours_a_month"] = page.text("Write a number of hours from 1 to 40")
    said["languages"] = _languages(form)
    if not said["languages"]:
        errors["languages"] = page.text("Choose at least one language")
    rules = call_said(one.call)["rules"] if one.call else []
    texts = _texts(page, form, said["languages"], errors)
    return {**said, "names_hidden": form["names_hidden"] == "on", "texts": texts, "rules": rules}, errors


def _languages(form: Form) -> list[str]:
    return list(dict.fromkeys(form.all("languages")))


def _texts(page: SignedPage, form: Form, languages: Any, errors: Errors) -> dict[str, dict[str, str]]:
    """The texts that were written; a language with neither title nor invitation has none yet."""
    found = {}
    for code in languages:
        title, invitation, spoken = form[f"title-{code}"], form[f"invitation-{code}"], page.formats.language(code)
        if not title and not invitation:
            continue
        if not 1 <= len(title) <= _LONGEST_TITLE:
            told = page.text("Write a title in %(language)s, of at most 120 characters", language=spoken)
            errors[f"title-{code}"] = told
        if not 1 <= len(invitation) <= _LONGEST_INVITATION:
            told = page.text("Write the invitation in %(language)s, in at most 4000 characters", language=spoken)
            errors[f"invitation-{code}"] = told
        found[code] = {"title": title, "invitation": invitation}
    return found


def routes() -> APIRouter:
    """The page of the call as applicants will find it, for those who prepare it."""
    router = APIRouter(prefix="/{id}/call/preview")

    @router.get("")
    async def preview(page: Signed, id: str) -> Response:
        content = await shown(page, id)
        one: Edition = content["one"]
        if one.call is None or one.call.closes_at is None:
            return page.go(
                f"{content['here']}/call", said=page.text("There is a page to see once there is a deadline.")
            )
        return page.show("calls/call.html", preview=content["here"], checked=None, **await call_shown(page, one))

    return router


async def _more(page: SignedPage, form: Form, content: Content) -> Content:
    one: Edition = content["one"]
    known = dict.fromkeys((*one.languages, *words.SPOKEN))
    chosen = _languages(form) if one.stage == "draft" else list(one.languages)
    return {
        "spoken": [(code, page.formats.language(code)) for code in known],
        "chosen": [(code, page.formats.language(code)) for code in chosen],
        "doubled": {name: doubled(page, form, name, content["zone"]) for name in _INSTANTS},
        "draft": one.stage == "draft",
    }


def _told(page: SignedPage, said: Said, content: Content) -> Told:
    if not said:
        return [(page.text("The call"), "")]
    moment, day = content["ez"].moment, page.formats.day
    languages = ", ".join(page.formats.language(code) for code in said["languages"])
    told = [
        (page.text("Opens"), moment(said["opens_at"]) or page.text("at once")),
        (page.text("Closes"), moment(said["closes_at"])),
        (page.text("Reference date"), day(said["reference_date"])),
        (page.text("Languages"), languages),
        (page.text("Hours a month"), str(said["hours_a_month"])),
        (page.text("Names of applicants"), page.text("hidden") if said["names_hidden"] else page.text("shown")),
    ]
    for code, text in said["texts"].items():
        name = page.formats.language(code)
        told += [(page.text("Title, %(language)s", language=name), text["title"])]
        told += [(page.text("Invitation, %(language)s", language=name), text["invitation"])]
    return told


def _done(page: SignedPage, one: Edition) -> tuple[str, str]:
    """Back to the edition; to this page while a chosen language has no text, or the deadline is over."""
    if one.stage == "draft" and one.call and one.call.closes_at and one.call.closes_at <= page.now():
        return f"/editions/{one.edition_id}/call", page.text("Saved. This deadline is over: choose a later one.")
    missing = [page.formats.language(code) for code in one.languages if one.call and code not in one.call.texts]
    if not missing:
        return saved(page, one)
    text = page.text("Saved. The text is missing still: %(languages)s", languages=", ".join(missing))
    return f"/editions/{one.edition_id}/call", text


_FIELDS = {
    *("reference_date", "opens_at", "closes_at", "languages", "names_hidden"),
    *("hours_a_month", "texts", "rules"),
}
MATTER = Matter(
    path="call",
    template="editions/call.html",
    part="call",
    open_in=UNTIL_SELECTION,
    given=_given,
    read=_read,
    stored=lambda one: call_said(one.call) if one.call else {},
    told=_told,
    more=_more,
    done=_done,
)
