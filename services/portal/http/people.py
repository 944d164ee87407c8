"""People and their roles: a list with a filter, a person, giving and taking a role with a look before it counts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.records import Company, Person, Role, Seen
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.pages import words

_GRANTING = ("group_office", "programme_manager")
_SOUGHT = ("q", "subsidiary", "role", "active")


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/people", include_in_schema=False)

    @router.get("")
    async def people(page: Signed, after: str | None = None) -> Response:
        sought = {name: page.request.query_params.get(name, "").strip()[:100] for name in _SOUGHT}
        sought["active"] = sought["active"] if sought["active"] in {"true", "false"} else ""
        found = await page.people.search(after, **sought)
        more = urlencode({**sought, "after": found.next}) if found.next else None
        companies = await page.people.companies()
        content: dict[str, Any] = {
            "found": found.items,
            "more": more,
            "companies": companies,
            "company": _names(companies),
        }
        return page.show("people/list.html", sought=sought, words=words, as_of=page.now(), **content)

    @router.get("/{id}")
    async def person(page: Signed, id: str) -> Response:
        return page.show("people/person.html", **await _person(page, id))

    router.include_router(_giving())
    router.include_router(_taking())
    return router


def _giving() -> APIRouter:
    router = APIRouter(prefix="/{id}/roles/new")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        return page.show("people/give.html", **await _person(page, id))

    @router.post("/check")
    async def check(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _person(page, id)
        if errors := _wrong(page, form):
            return page.again("people/give.html", form, errors, **content)
        return page.show("people/give_check.html", form=form, given=_role_of(form), **content)

    @router.post("")
    async def give(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _person(page, id)
        if errors := _wrong(page, form):
            return page.again("people/give.html", form, errors, **content)
        try:
            await page.people.grant(id, form.change, _role_of(form), form["reason"])
        except Refusal as refusal:
            return _refused(page, form, refusal, "people/give.html", content)
        return page.go(f"/people/{id}", said=page.text("The role is given. It counts at once."))

    return router


def _taking() -> APIRouter:
    router = APIRouter(prefix="/{id}/roles/{role}/end")

    @router.get("")
    async def ask(page: Signed, id: str, role: str) -> Response:
        return page.show("people/take.html", role=_known(role), **await _person(page, id))

    @router.post("")
    async def take(page: Signed, id: str, role: str) -> Response:
        _known(role)
        form, content = await page.form(), await _person(page, id)
        if errors := reason_wrong(page, form):
            return page.again("people/take.html", form, errors, role=role, **content)
        taken = Role(role=role, subsidiaries=tuple(form.all("subsidiaries")))
        try:
            await page.people.revoke(id, form.change, taken, form["reason"])
        except Refusal as refusal:
            return _refused(page, form, refusal, "people/take.html", {**content, "role": role})
        return page.go(f"/people/{id}", said=page.text("The role has ended; open pages notice at their next step."))

    return router


def _known(role: str) -> str:
    """The role of an address. Raises ``Refusal`` 404 for one that there is not."""
    if role not in words.ROLES:
        raise Refusal(404, "not-found", "")
    return role


async def _person(page: Signed, id: str) -> dict[str, Any]:
    """What all pages about a person show."""
    seen: Seen[Person] = await page.people.person(id)
    person = seen.value
    companies = await page.people.companies()
    deciding = [one.decided_by for one in person.holdings if one.decided_by]
    names = await page.people.names([*deciding, *([person.manager_id] if person.manager_id else [])])
    return {
        "person": person,
        "version": seen.version,
        "companies": companies,
        "company": _names(companies),
        "names": names,
        "words": words,
        "grantable": _grantable(page),
        "may_grant": page.has(*_GRANTING) and person.id != page.me.id and person.active,
    }


def _grantable(page: Signed) -> list[tuple[str, str]]:
    """The roles whose giving is open to her; for which companies, `people` decides."""
    codes = words.ROLES if page.has("group_office") else {"assessor": words.ROLES["assessor"]}
    return [(code, page.text(text)) for code, text in codes.items()]


def _names(companies: list[Company]) -> dict[str, str]:
    return {company.id: company.name for company in companies}


def _role_of(form: Form) -> Role:
    bounded = () if form["where"] == "group" else tuple(form.all("subsidiaries"))
    return Role(role=form["role"], subsidiaries=bounded)


def _wrong(page: Signed, form: Form) -> dict[str, str]:
    errors = {}
    if form["role"] not in words.ROLES:
        errors["role"] = page.text("Choose a role")
    if form["where"] != "group" and not form.all("subsidiaries"):
        errors["subsidiaries"] = page.text("Choose at least one company, or the whole group")
    return errors | reason_wrong(page, form)


def _refused(page: Signed, form: Form, refusal: Refusal, template: str, content: dict[str, Any]) -> Response:
    person: Person = content["person"]
    if refusal.status == LOST:
        mine = page.text(words.ROLES.get(form["role"] or content.get("role", ""), ""))
        stored = ", ".join(sorted({page.text(words.ROLES.get(one.role, one.role)) for one in person.roles}))
        rows = [(page.text("Roles"), mine, stored or page.text("none"))]
        return page.conflict(form, rows, content["version"], back=(f"/people/{person.id}", person.name))
    if refusal.status == 404:
        raise refusal
    return page.again(template, form, refusal, **content)
