"""Me: how Tandem writes to me, and what I say of myself, one matter a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.records import Me, Term
from services.portal.http.forms import Form
from services.portal.http.page import LANGUAGE, Rows, Signed
from services.portal.pages import words


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/me", include_in_schema=False)

    @router.get("")
    async def me(page: Signed) -> Response:
        return page.show("me/me.html", me=page.me, **await _names(page))

    router.include_router(_preferences())
    router.include_router(_platforms())
    router.include_router(_meeting())
    return router


def _preferences() -> APIRouter:
    router = APIRouter(prefix="/messages")

    @router.get("")
    async def ask(page: Signed) -> Response:
        return page.show("me/messages.html", me=page.me, version=page.version)

    @router.post("")
    async def choose(page: Signed) -> Response:
        form = await page.form()
        if errors := _hours_wrong(page, form):
            return page.again("me/messages.html", form, errors, me=page.me, version=page.version)
        hours = {"start": form["start"], "end": form["end"]} if form["hours"] == "some" else None
        try:
            await page.people.prefer(form.change, {"language": form["language"], "sending_hours": hours})
        except Refusal as refusal:
            rows = [(page.text("Language"), form["language"], page.me.language)]
            again = page.again("me/messages.html", form, refusal, me=page.me, version=page.version)
            return _refused(page, form, refusal, rows) or again
        answer = page.go("/me", said=page.text("Saved."))
        answer.set_cookie(LANGUAGE, form["language"], path="/", secure=True, httponly=True, samesite="lax")
        return answer

    return router


def _hours_wrong(page: Signed, form: Form) -> Mapping[str, str]:
    if form["hours"] == "some" and not form["start"] < form["end"]:
        return {"end": page.text("Let the hours end after they start, on the same day")}
    return {}


def _platforms() -> APIRouter:
    router = APIRouter()

    @router.get("/skills")
    async def skills(page: Signed) -> Response:
        return page.show("me/skills.html", **await _platform_form(page, _skills(page.me)))

    @router.post("/skills")
    async def say_skills(page: Signed) -> Response:
        form = await page.form()
        chosen = _chosen(form, "01234")
        said = {"skills": [{"platform": platform, "level": int(level)} for platform, level in chosen.items()]}
        return await _declared(page, form, said, "me/skills.html", await _platform_form(page, _skills(page.me)))

    @router.get("/wishes")
    async def wishes(page: Signed) -> Response:
        return page.show("me/wishes.html", **await _platform_form(page, _wishes(page.me)))

    @router.post("/wishes")
    async def say_wishes(page: Signed) -> Response:
        form = await page.form()
        chosen = _chosen(form, "123")
        said = {"wishes": [{"platform": platform, "priority": int(one)} for platform, one in chosen.items()]}
        return await _declared(page, form, said, "me/wishes.html", await _platform_form(page, _wishes(page.me)))

    return router


def _meeting() -> APIRouter:
    router = APIRouter()

    @router.get("/languages")
    async def languages(page: Signed) -> Response:
        return page.show("me/languages.html", **_language_form(page))

    @router.post("/languages")
    async def say_languages(page: Signed) -> Response:
        form = await page.form()
        levels = {code for code, _ in words.CEFR}
        said = {
            name.removeprefix("in-"): level for name, level in form.pairs() if level in levels and name[:3] == "in-"
        }
        return await _declared(page, form, {"languages": said}, "me/languages.html", _language_form(page))

    @router.get("/meeting")
    async def meeting(page: Signed) -> Response:
        return page.show("me/meeting.html", me=page.me, version=page.version, words=words)

    @router.post("/meeting")
    async def say_meeting(page: Signed) -> Response:
        form = await page.form()
        said = {
            "place": form["place"],
            "remote": {"yes": True, "no": False}.get(form["remote"]),
            "availability": form.all("availability"),
            "capacity": int(form["capacity"]) if form["capacity"] in {"0", "1", "2", "3"} else page.me.profile.capacity,
        }
        content = {"me": page.me, "version": page.version, "words": words}
        return await _declared(page, form, said, "me/meeting.html", content)

    return router


async def _declared(
    page: Signed, form: Form, said: Mapping[str, Any], template: str, content: Mapping[str, Any]
) -> Response:
    """Say it, and go back to what is known of me."""
    try:
        await page.people.declare(form.change, said)
    except Refusal as refusal:
        stored = page.me.profile.model_dump()
        rows = [(page.text("What you say"), _told(value), _told(stored.get(name))) for name, value in said.items()]
        return _refused(page, form, refusal, rows) or page.again(template, form, refusal, **content)
    return page.go("/me", said=page.text("Saved. No roster overwrites this any more."))


def _refused(page: Signed, form: Form, refusal: Refusal, rows: Rows) -> Response | None:
    """The conflict page where somebody was faster; None where the form can be corrected. Raises the refusal else."""
    if refusal.status == LOST:
        return page.conflict(form, rows, page.version, back=("/me", page.text("Me")))
    if refusal.status not in {409, 422}:
        raise refusal
    return None


def _told(value: Any) -> str:
    """A part of a profile in words that both sides of the conflict page share."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {level}" for key, level in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(sorted(_told(one) for one in value))
    return "" if value is None else str(value)


def _chosen(form: Form, values: str) -> dict[str, str]:
    """What was chosen for each platform; a platform without a choice is left out."""
    return {name[3:]: value for name, value in form.pairs() if name[:3] == "on-" and value and value in values}


def _skills(me: Me) -> dict[str, str]:
    return {one.platform: str(one.level) for one in me.profile.skills}


def _wishes(me: Me) -> dict[str, str]:
    return {one.platform: str(one.priority) for one in me.profile.wishes}


async def _platform_form(page: Signed, chosen: Mapping[str, str]) -> dict[str, Any]:
    terms = await page.people.catalogue("platforms", page.language.code)
    offered = [term for term in terms if not term.retired or term.code in chosen]
    known = {term.code for term in offered}
    offered += [Term(code=code, name=code) for code in chosen if code not in known]
    return {"platforms": offered, "chosen": chosen, "version": page.version, "words": words}


def _language_form(page: Signed) -> dict[str, Any]:
    declared = page.me.profile.languages
    codes = [*words.SPOKEN, *(code for code in declared if code not in words.SPOKEN)]
    offered = sorted(((code, page.formats.language(code)) for code in codes), key=lambda pair: pair[1].casefold())
    return {"offered": offered, "declared": declared, "version": page.version, "words": words}


async def _names(page: Signed) -> dict[str, Any]:
    """What the codes of my profile are called."""
    terms = {term.code: term.name for term in await page.people.catalogue("platforms", page.language.code)}
    profile = page.me.profile
    levels = profile.languages or dict.fromkeys(profile.spoken, "")  # HR knows languages without levels
    spoken: Sequence[str] = [f"{page.formats.language(code)} {level}".strip() for code, level in sorted(levels.items())]
    return {
        "platforms": terms,
        "spoken": spoken,
        "words": words,
        "language_name": page.formats.language(page.me.language),
    }
