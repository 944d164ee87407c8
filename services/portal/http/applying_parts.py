"""The five parts of an application, one page each; what is said here of oneself goes into one's profile too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.records import Me, Term
from services.portal.http.applying_case import Asked, Case, Mine, Opened, applying
from services.portal.http.forms import Form
from services.portal.http.page import Rows
from services.portal.pages import applying_words, words

_ENOUGH = frozenset({"B2", "C1", "C2"})  # levels from which on a language counts in a session
_LEVELS = frozenset("01234")
_REMOTE = {"yes": True, "no": False}
_LONGEST_PLACE = 100  # characters
Said = dict[str, Any]


def routes() -> APIRouter:
    """The router of the parts, below the application's page."""
    router = APIRouter()

    @router.get("/data")
    async def data(case: Mine) -> Response:
        company = await case.page.people.company(case.page.me.subsidiary) if case.page.me.subsidiary else None
        return case.page.show("applying/data.html", **await case.content(company=company and company.value))

    router.include_router(_platforms())
    router.include_router(_answers())
    router.include_router(_availability())
    router.include_router(_manager())
    return router


def _platforms() -> APIRouter:
    router, template = APIRouter(prefix="/platforms"), "applying/platforms.html"

    @router.get("")
    async def ask(case: Opened) -> Response:
        return case.page.show(template, **await _platform_form(case))

    @router.post("")
    async def save(case: Mine) -> Response:
        form = await case.page.form()
        known = [
            {"platform": name[3:], "level": int(level)}
            for name, level in form.pairs()
            if name[:3] == "on-" and level in _LEVELS
        ]
        skills = {one.platform: one.level for one in case.page.me.profile.skills}
        profile = {} if skills == {one["platform"]: one["level"] for one in known} else {"skills": known}
        terms = await case.page.people.catalogue("platforms", case.page.language.code)
        names = {term.code: term.name for term in terms}
        rows = [(case.page.text("Platforms"), _levels(known, names), _levels(_stored(case), names))]
        return await _saved(case, form, {"offer": {"platforms": known}}, template, rows=rows, profile=profile)

    return router


async def _platform_form(case: Case) -> Said:
    chosen = {one.platform: str(one.level) for one in case.offer.platforms or case.page.me.profile.skills}
    terms = await case.page.people.catalogue("platforms", case.page.language.code)
    shown = [term for term in terms if not term.retired or term.code in chosen]
    known = {term.code for term in shown}
    shown += [Term(code=code, name=code) for code in chosen if code not in known]
    return await case.content(choices=shown, chosen=chosen)


def _stored(case: Case) -> list[Said]:
    return [one.model_dump() for one in case.offer.platforms]


def _levels(platforms: list[Said], names: Mapping[str, str]) -> str:
    return ", ".join(sorted(f"{names.get(one['platform'], one['platform'])} {one['level']}" for one in platforms))


def _answers() -> APIRouter:
    router, template = APIRouter(prefix="/answers"), "applying/answers.html"

    @router.get("")
    async def ask(case: Opened) -> Response:
        return case.page.show(template, **await case.content())

    @router.post("")
    async def save(case: Mine) -> Response:
        form = await case.page.form()
        if errors := {one.name: told for one in case.questions if (told := _too_long(case, one, form[one.name]))}:
            return case.page.again(template, form, errors, **await case.content())
        given = {one.id: form[one.name] for one in case.questions if form[one.name]}
        rows = [(one.text.text, given.get(one.id, ""), one.answer) for one in case.questions]
        return await _saved(case, form, {"answers": given}, template, rows=rows)

    return router


def _too_long(case: Case, asked: Asked, answer: str) -> str:
    """What is wrong with the length of an answer; empty where nothing is."""
    written = len(answer.split())
    if written <= asked.most_words:
        return ""
    number = case.page.formats.number
    return case.page.text(
        "Shorten this answer: it has %(words)s words, and %(most)s at most fit",
        words=number(written),
        most=number(asked.most_words),
    )


def _availability() -> APIRouter:
    router, template = APIRouter(prefix="/availability"), "applying/availability.html"

    @router.get("")
    async def ask(case: Opened) -> Response:
        return case.page.show(template, **await _availability_form(case))

    @router.post("")
    async def save(case: Mine) -> Response:
        form = await case.page.form()
        if errors := _availability_wrong(case, form):
            return case.page.again(template, form, errors, **await _availability_form(case))
        said: Said = {
            "places": int(form["places"]),
            "languages": form.all("languages"),
            "availability": form.all("availability"),
            "place": form["place"],
            "remote": _REMOTE.get(form["remote"]),
        }
        stored = case.offer.model_dump()
        labels = _labels(case)
        rows = [
            (labels[name], _told(case, name, value), _told(case, name, stored.get(name)))
            for name, value in said.items()
        ]
        profile = _profile(case.page.me, said)
        return await _saved(case, form, {"offer": said}, template, rows=rows, profile=profile)

    return router


def _availability_wrong(case: Case, form: Form) -> dict[str, str]:
    errors = {}
    if form["places"] not in {value for value, _ in applying_words.PLACES}:
        errors["places"] = case.page.text("Say how many executives you can take")
    if len(form["place"]) > _LONGEST_PLACE:
        errors["place"] = case.page.text("Name the place in at most 100 characters")
    if not form.all("languages"):
        errors["languages"] = case.page.text("Choose at least one language")
    if not form.all("availability"):
        errors["availability"] = case.page.text("Choose at least one half day")
    return errors


async def _availability_form(case: Case) -> Said:
    """The form, filled with what is offered, else with what the profile says: nothing is asked twice."""
    profile, offer = case.page.me.profile, case.offer
    spoken = [code for code, level in profile.languages.items() if level in _ENOUGH] or profile.spoken
    begun = offer.places is not None
    capacity = profile.capacity if "capacity" in profile.declared else None
    given = {
        "places": offer.places if begun else capacity,
        "languages": offer.languages if begun else spoken,
        "availability": offer.availability if begun else profile.availability,
        "place": offer.place if begun else profile.place,
        "remote": offer.remote if begun else profile.remote,
    }
    codes = dict.fromkeys([*words.SPOKEN, *case.edition.languages, *(offer.languages if begun else spoken)])
    name = case.page.formats.language
    offered = sorted(((code, name(code)) for code in codes), key=lambda pair: pair[1].casefold())
    return await case.content(
        given=given, languages=offered, hours=case.edition.call.hours_a_month if case.edition.call else 2
    )


def _labels(case: Case) -> Mapping[str, str]:
    return {
        "places": case.page.text("Places"),
        "languages": case.page.text("Languages"),
        "availability": case.page.text("When I have time"),
        "place": case.page.text("Place"),
        "remote": case.page.text("Sessions by video"),
    }


def _told(case: Case, name: str, value: Any) -> str:
    """A part of an offer in words that both sides of the conflict page share."""
    if isinstance(value, bool):
        return case.page.text("possible") if value else case.page.text("not possible")
    if name == "languages":
        return ", ".join(sorted(case.page.formats.language(code) for code in value))
    if name == "availability":
        return ", ".join(case.page.text(text) for code, text in words.HALF_DAYS if code in value)
    return "" if value is None else str(value)


def _profile(me: Me, said: Said) -> Said:
    """What of this the profile does not say yet."""
    profile = me.profile
    new: Said = {"place": said["place"], "remote": said["remote"], "capacity": said["places"]}
    found = {name: value for name, value in new.items() if value != getattr(profile, name)}
    if set(said["availability"]) != set(profile.availability):
        found["availability"] = said["availability"]
    spoken = {code for code, level in profile.languages.items() if level in _ENOUGH} or set(profile.spoken)
    if more := [code for code in said["languages"] if code not in spoken]:
        kept = profile.languages or dict.fromkeys(profile.spoken, "B2")
        found["languages"] = {**kept, **dict.fromkeys(more, "B2")}  # enough for a conversation, as the form says
    return found


def _manager() -> APIRouter:
    router, template = APIRouter(prefix="/manager"), "applying/manager.html"

    @router.get("")
    async def ask(case: Opened) -> Response:
        return case.page.show(template, **await case.content())

    @router.post("")
    async def save(case: Mine) -> Response:
        form = await case.page.form()
        informed = form["informed"] == "yes"
        said = {True: case.page.text("yes"), False: case.page.text("no")}
        rows = [(case.page.text("My line manager knows"), said[informed], said[case.application.manager_informed])]
        return await _saved(case, form, {"manager_informed": informed}, template, rows=rows)

    return router


async def _saved(
    case: Case, form: Form, parts: Said, template: str, *, rows: Rows, profile: Mapping[str, Any] | None = None
) -> Response:
    """Save parts of the application, then of the profile; go back to where the page was opened from."""
    try:
        await applying(case.page).save(case.application.application_id, form.change, parts)
    except Refusal as refusal:
        content = await (_CONTENTS[template](case) if template in _CONTENTS else case.content())
        return case.refused(form, refusal, template, content, rows)
    told = case.page.text("Saved.")
    if profile and not await _declared(case, form, profile):
        told = case.page.text("Saved in your application. Your profile could not be changed and stays as it is.")
    return case.page.go(f"{case.path}/check" if form["from"] == "check" else case.path, said=told)


async def _declared(case: Case, form: Form, profile: Mapping[str, Any]) -> bool:
    """Whether the profile says it now."""
    try:
        await case.page.people.declare(Change(form.command_id, case.page.version), profile)
    except Refusal as refusal:
        if refusal.status in {409, 412, 422}:
            return False
        raise
    return True


_CONTENTS = {"applying/platforms.html": _platform_form, "applying/availability.html": _availability_form}
