"""The companies of the group: the switches of each one's works agreement, periods of keeping, whom to ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.records import Company, Seen
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.pages import words

_CHANGING = ("group_office", "programme_manager", "data_protection")
_LONGEST = 36_500  # days
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")
Errors = dict[str, str]


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/companies", include_in_schema=False)

    @router.get("")
    async def companies(page: Signed) -> Response:
        listed = await page.people.companies()
        return page.show("companies/list.html", companies=listed, company=_names(listed), as_of=page.now())

    @router.get("/{id}")
    async def company(page: Signed, id: str) -> Response:
        return page.show("companies/company.html", **await _company(page, id))

    for matter, (wrong, said) in _MATTERS.items():
        router.include_router(_changing(matter, wrong, said))
    return router


def _changing(
    matter: str, wrong: Callable[[Signed, Form], Errors], said: Callable[[Form], Mapping[str, Any]]
) -> APIRouter:
    """The two routes of one matter: the form, and what becomes of it."""
    router, template = APIRouter(prefix=f"/{{id}}/{matter}"), f"companies/{matter}.html"

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        return page.show(template, **await _company(page, id))

    @router.post("")
    async def change(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _company(page, id)
        if errors := wrong(page, form):
            return page.again(template, form, errors, **content)
        try:
            await page.people.change_company(id, form.change, said(form))
        except Refusal as refusal:
            if refusal.status == LOST:
                rows = _rows(page, said(form), content["one"])
                return page.conflict(form, rows, content["version"], back=(f"/companies/{id}", content["one"].name))
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, refusal, **content)
        return page.go(f"/companies/{id}", said=page.text("Saved. It counts at once."))

    return router


async def _company(page: Signed, id: str) -> dict[str, Any]:
    seen: Seen[Company] = await page.people.company(id)
    listed = await page.people.companies()
    return {
        "one": seen.value,
        "version": seen.version,
        "company": _names(listed),
        "words": words,
        "may_change": page.has(*_CHANGING),
    }


def _names(companies: list[Company]) -> dict[str, str]:
    return {company.id: company.name for company in companies}


def _no_switch_wrong(page: Signed, form: Form) -> Errors:
    names = ("names_shown", "outcomes_counted")
    return {name: page.text("Choose one of the two") for name in names if form[name] not in {"on", "off"}}


def _switches(form: Form) -> dict[str, Any]:
    return {name: form[name] == "on" for name in ("names_shown", "outcomes_counted")}


def _period_wrong(page: Signed, form: Form) -> Errors:
    told = page.text("Write a number of days from 1 to 36500, such as 180")
    return {kind: told for kind in words.RETENTION if not _days(form[kind])}


def _days(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LONGEST else 0


def _periods(form: Form) -> dict[str, Any]:
    return {"retention": {kind: _days(form[kind]) for kind in words.RETENTION}}


def _contact_wrong(page: Signed, form: Form) -> Errors:
    errors: Errors = {}
    for body in words.CONTACTS:
        name, address = form[f"{body}-name"], form[f"{body}-email"]
        if address and not name:
            errors[f"{body}-name"] = page.text("Give the name too, or leave both empty")
        if name and not _ADDRESS.fullmatch(address):
            errors[f"{body}-email"] = page.text("Write an e-mail address, such as council@example.com")
    return errors


def _contacts(form: Form) -> dict[str, Any]:
    given = {body: (form[f"{body}-name"], form[f"{body}-email"]) for body in words.CONTACTS}
    return {"contacts": {body: {"name": name, "email": at} if name else None for body, (name, at) in given.items()}}


def _rows(page: Signed, said: Mapping[str, Any], stored: Company) -> list[tuple[str, str, str]]:
    """What somebody wrote beside what is stored, by item."""
    kept = stored.model_dump()
    labels = {**words.RETENTION, **words.CONTACTS, **SWITCHES}
    mine, theirs = _flat(said), _flat({name: kept[name] for name in said})
    return [
        (page.text(labels[name]), _told(page, value), _told(page, theirs.get(name))) for name, value in mine.items()
    ]


def _flat(said: Mapping[str, Any]) -> dict[str, Any]:
    inner = next(iter(said.values()))
    return dict(inner) if isinstance(inner, Mapping) else dict(said)


def _told(page: Signed, value: Any) -> str:
    if isinstance(value, bool):
        return page.text("yes") if value else page.text("no")
    if isinstance(value, Mapping):
        return f"{value['name']}, {value['email']}"
    return page.text("none") if value is None else str(value)


SWITCHES = {"names_shown": words.NAMES_SHOWN, "outcomes_counted": words.OUTCOMES_COUNTED}
_MATTERS: Mapping[str, tuple[Callable[[Signed, Form], Errors], Callable[[Form], Mapping[str, Any]]]] = {
    "switches": (_no_switch_wrong, _switches),
    "periods": (_period_wrong, _periods),
    "contacts": (_contact_wrong, _contacts),
}
