"""Who may apply: the rules of a call, one a page; an age rule states its legal ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition, Rule
from services.portal.http.editions_call import call_said, rule_said
from services.portal.http.editions_shown import (
    Content,
    Errors,
    compared,
    editions,
    filled,
    refused,
    shown,
    whole_number,
)
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.pages import rule_words, words

_SHORTEST_GROUND, _LONGEST_TEXT = 10, 500
Said = dict[str, Any]


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/rules")

    @router.get("")
    async def rules(page: Signed, id: str) -> Response:
        content = await shown(page, id)
        return page.show("editions/rules.html", **content, **_list(page, content))

    @router.get("/{kind}")
    async def ask(page: Signed, id: str, kind: str) -> Response:
        content = await _rule(page, id, kind)
        return page.show("editions/rule.html", given=_given(content["rule"]), **content)

    @router.post("/{kind}")
    async def state(page: Signed, id: str, kind: str) -> Response:
        form, content = await page.form(), await _rule(page, id, kind)
        said, errors = _read(page, form, kind)
        if errors:
            return page.again("editions/rule.html", form, errors, **{**content, "given": form})
        return await _put(page, form, content, said, page.text("Saved."))

    @router.post("/{kind}/removal")
    async def remove(page: Signed, id: str, kind: str) -> Response:
        form, content = await page.form(), await _rule(page, id, kind)
        return await _put(page, form, content, None, page.text("The rule is gone."))

    return router


def _list(page: SignedPage, content: Content) -> Content:
    """The six kinds, each with what it asks for; ``dated`` where the call has the dates that rules need.

    ``groundless`` is an age rule that an earlier release kept without its legal ground, which may still be stated.
    """
    one: Edition = content["one"]
    call = one.call
    speaks = rule_words.RuleWords(page.language, page.formats, content["company"])
    day = call.reference_date if call else None
    told = {rule.kind: speaks.requirement(rule, day) for rule in call.rules} if call and day else {}
    kept = call.rules if call and one.stage == "call_open" and content["may_change"] else ()
    return {
        "groundless": next((rule for rule in kept if rule.kind == "age" and not rule.legal_ground), None),
        "kinds": [(kind, page.text(text), told.get(kind, "")) for kind, text in rule_words.RULES.items()],
        "rules": call.rules if call else (),
        "dated": bool(day and call and call.closes_at),
        "open": one.stage == "draft" and content["may_change"],
    }


async def _rule(page: SignedPage, id: str, kind: str) -> Content:
    """The page of one kind. Raises ``Refusal`` 404 where there is no such kind, or rules cannot be changed."""
    content = await shown(page, id)
    content |= _list(page, content)
    rule = next((one for one in content["rules"] if one.kind == kind), None)
    may = content["open"] or (rule is not None and rule == content["groundless"])
    if kind not in rule_words.RULES or not may or not content["dated"]:
        raise Refusal(404, "not-found", "")
    spoken = [(code, page.formats.language(code)) for code in words.SPOKEN]
    contracts = list(rule_words.CONTRACTS.items())
    title = page.text(rule_words.RULES[kind])
    return {**content, "kind": kind, "title": title, "rule": rule, "spoken": spoken, "contracts": contracts}


def _given(rule: Rule | None) -> Form:
    if rule is None:
        return filled([])
    names = ("maximum", "legal_ground", "aim", "maximum_years", "minimum_months")
    one = [(name, getattr(rule, name)) for name in names]
    many = [(name, code) for name in ("subsidiaries", "contracts", "languages") for code in getattr(rule, name)]
    return filled([*one, *many])


async def _put(page: SignedPage, form: Form, content: Content, said: Said | None, text: str) -> Response:
    """State the call with this rule instead of the one of its kind, in its place; without it where ``said`` is None."""
    one: Edition = content["one"]
    assert one.call is not None  # pages of rules are there only when the call is
    whole, kind = call_said(one.call), content["kind"]
    kinds, instead = [rule["kind"] for rule in whole["rules"]], [said] if said else []
    at = kinds.index(kind) if kind in kinds else len(kinds)
    whole["rules"][at : at + 1] = instead
    try:
        await editions(page).put(one.edition_id, "call", form.change, whole)
    except Refusal as refusal:
        stored = rule_said(content["rule"].model_dump(mode="json")) if content["rule"] else None
        rows = compared(page, _told(page, said, content), _told(page, stored, content))
        return refused(page, form, refusal, "editions/rule.html", content, rows=rows)
    return page.go(f"{content['here']}/rules", said=text)


def _told(page: SignedPage, said: Said | None, content: Content) -> list[tuple[str, str]]:
    if said is None:
        return [(content["title"], page.text("no rule"))]
    speaks = rule_words.RuleWords(page.language, page.formats, content["company"])
    asked = speaks.requirement(Rule.model_validate(said), content["one"].call.reference_date)
    ground = said.get("legal_ground")
    return [(content["title"], asked), *([(page.text("Legal ground"), ground)] if ground else [])]


def _read(page: SignedPage, form: Form, kind: str) -> tuple[Said, Errors]:
    said, errors = _READ[kind](page, form)
    return {"kind": kind, **said}, errors


def _read_age(page: SignedPage, form: Form) -> tuple[Said, Errors]:
    errors: Errors = {}
    maximum = whole_number(form["maximum"], 16, 99)
    if maximum is None:
        errors["maximum"] = page.text("Write an age from 16 to 99")
    if not _SHORTEST_GROUND <= len(form["legal_ground"]) <= _LONGEST_TEXT:
        errors["legal_ground"] = page.text("State the legal ground, from 10 to 500 characters")
    if len(form["aim"]) > _LONGEST_TEXT:
        errors["aim"] = page.text("Write at most 500 characters")
    aim = {"aim": form["aim"]} if form["aim"] else {}
    return {"maximum": maximum, "legal_ground": form["legal_ground"], **aim}, errors


def _number(name: str, least: int, most: int) -> Callable[[SignedPage, Form], tuple[Said, Errors]]:
    def read(page: SignedPage, form: Form) -> tuple[Said, Errors]:
        found = whole_number(form[name], least, most)
        told = page.text("Write a number from %(least)s to %(most)s", least=least, most=most)
        return {name: found}, {} if found is not None else {name: told}

    return read


def _codes(name: str) -> Callable[[SignedPage, Form], tuple[Said, Errors]]:
    def read(page: SignedPage, form: Form) -> tuple[Said, Errors]:
        found = list(dict.fromkeys(form.all(name)))
        return {name: found}, {} if found else {name: page.text("Choose at least one")}

    return read


_READ: dict[str, Callable[[SignedPage, Form], tuple[Said, Errors]]] = {
    "age": _read_age,
    "entry": _number("maximum_years", 0, 50),
    "tenure": _number("minimum_months", 1, 600),
    "subsidiary": _codes("subsidiaries"),
    "contract": _codes("contracts"),
    "language": _codes("languages"),
}
