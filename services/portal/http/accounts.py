"""Service accounts and their API keys; a key is shown once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.records import Account, Company, Seen
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.pages import words

_DAYS = ("30", "90", "180", "365")
_SOON = timedelta(days=14)
_MAKING = ("group_office",)
_LOGIN = re.compile(r"[a-z0-9-]+:\S+")


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/accounts", include_in_schema=False)

    @router.get("")
    async def accounts(page: Signed, after: str | None = None) -> Response:
        found = await page.people.accounts(after)
        more = f"/accounts?after={found.next}" if found.next else None
        content: dict[str, Any] = {"found": found.items, "more": more, "words": words, "now": page.now()}
        return page.show("accounts/list.html", as_of=page.now(), may_make=page.has(*_MAKING), **content)

    router.include_router(_making())

    @router.get("/{id}")
    async def account(page: Signed, id: str) -> Response:
        return page.show("accounts/account.html", **await _account(page, id))

    router.include_router(_keys())
    router.include_router(_ending())
    return router


def _making() -> APIRouter:
    router = APIRouter(prefix="/new")

    @router.get("")
    async def ask(page: Signed) -> Response:
        return page.show("accounts/new.html", **await _making_form(page))

    @router.post("")
    async def make(page: Signed) -> Response:
        form = await page.form()
        if errors := _wrong(page, form):
            return page.again("accounts/new.html", form, errors, **await _making_form(page))
        bounded = [] if form["where"] == "group" else form.all("subsidiaries")
        roles = [{"role": role, "subsidiaries": bounded} for role in form.all("roles")]
        said = {"name": form["name"], "owner": form["owner"], "roles": roles, "login": form["login"] or None}
        try:
            made = await page.people.create_account(form.change, said)
        except Refusal as refusal:
            return _refused(page, form, refusal, "accounts/new.html", await _making_form(page))
        return page.go(
            f"/accounts/{made.value.id}", said=page.text("The account is there. It needs a key, or a login.")
        )

    return router


def _keys() -> APIRouter:
    router = APIRouter(prefix="/{id}/keys")

    @router.post("")
    async def add(page: Signed, id: str) -> Response:
        form = await page.form()
        days = int(form["days"]) if form["days"] in _DAYS else 90
        ends = (page.now() + timedelta(days=days)).strftime("%Y-%m-%dT23:59:59Z")  # the same for a form sent again
        try:
            made = await page.people.add_key(id, Change(form.command_id), ends)
        except Refusal as refusal:
            return _refused(page, form, refusal, "accounts/account.html", await _account(page, id))
        return page.show("accounts/key.html", made=made, **await _account(page, id))

    @router.get("/{key}/end")
    async def ask(page: Signed, id: str, key: str) -> Response:
        return page.show("accounts/end_key.html", key=key, **await _account(page, id))

    @router.post("/{key}/end")
    async def end(page: Signed, id: str, key: str) -> Response:
        form = await page.form()
        try:
            await page.people.revoke_key(id, key, form.change)
        except Refusal as refusal:
            content = {**await _account(page, id), "key": key}
            return _refused(page, form, refusal, "accounts/end_key.html", content)
        return page.go(
            f"/accounts/{id}", said=page.text("The key has ended. Programs that use it are out within seconds.")
        )

    return router


def _ending() -> APIRouter:
    router = APIRouter(prefix="/{id}/end")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        return page.show("accounts/end.html", **await _account(page, id))

    @router.post("")
    async def end(page: Signed, id: str) -> Response:
        form = await page.form()
        try:
            await page.people.end_account(id, form.change)
        except Refusal as refusal:
            return _refused(page, form, refusal, "accounts/end.html", await _account(page, id))
        return page.go(f"/accounts/{id}", said=page.text("The account and all its keys have ended."))

    return router


async def _account(page: Signed, id: str) -> dict[str, Any]:
    seen: Seen[Account] = await page.people.account(id)
    companies = await page.people.companies()
    return {
        "account": seen.value,
        "version": seen.version,
        "company": {company.id: company.name for company in companies},
        "words": words,
        "now": page.now(),
        "soon": page.now() + _SOON,
        "days": _DAYS,
        "may_make": page.has(*_MAKING),
    }


async def _making_form(page: Signed) -> dict[str, Any]:
    companies: list[Company] = await page.people.companies()
    return {"companies": companies, "words": words}


def _wrong(page: Signed, form: Form) -> dict[str, str]:
    errors = {}
    if not form["name"]:
        errors["name"] = page.text("Name the program, such as HR feed")
    if not form["owner"]:
        errors["owner"] = page.text("Say who answers for it")
    if not set(form.all("roles")) & set(words.ROLES):
        errors["roles"] = page.text("Choose at least one role")
    if form["where"] != "group" and not form.all("subsidiaries"):
        errors["subsidiaries"] = page.text("Choose at least one company, or the whole group")
    if form["login"] and not _LOGIN.fullmatch(form["login"]):
        errors["login"] = page.text("Write the issuer, a colon and the login, such as idp:payroll")
    return errors


def _refused(page: Signed, form: Form, refusal: Refusal, template: str, content: dict[str, Any]) -> Response:
    if refusal.status == LOST:
        account: Account = content["account"]
        state = page.text("in force") if account.active else page.text("ended")
        rows = [(page.text("Account"), page.text("ended"), state)]
        return page.conflict(form, rows, content["version"], back=(f"/accounts/{account.id}", account.name))
    if refusal.status not in {409, 422}:
        raise refusal
    return page.again(template, form, refusal, **content)


def expiring(accounts: tuple[Account, ...], now: datetime) -> list[tuple[Account, datetime]]:
    """The accounts whose newest key ends within two weeks, and when."""
    found = []
    for account in accounts:
        ends = [key.expires_at for key in account.keys if key.revoked_at is None]
        if account.active and ends and now < max(ends) < now + _SOON:
            found.append((account, max(ends)))
    return found
