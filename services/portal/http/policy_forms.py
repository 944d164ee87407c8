"""Making a policy, wording one anew that no proposal was computed by, and making its next version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.matching_records import BUILT_IN, Policy, PolicyText
from services.portal.http.editions_shown import compared, filled, in_order, whole_number
from services.portal.http.forms import Form
from services.portal.http.matching_shown import Content, Errors, matching
from services.portal.http.page import Signed
from services.portal.pages import matching_words, words
from services.portal.pages import policy_words as of_policies

_TEMPLATE = "policies/form.html"
_LONGEST_NAME, _MOST_WEIGHT, _MOST_DAYS = 80, 100, 30
_CHOICES = {
    "subsidiary": of_policies.SUBSIDIARY,
    "language_level": words.CEFR,
    "meeting": of_policies.MEETING,
    "same_manager": of_policies.FORBIDDEN,
    "earlier_pairs": of_policies.FORBIDDEN,
    "priority": of_policies.PRIORITY,
}
_WISHES = ("wish-1", "wish-2", "wish-3")
Said = dict[str, Any]


def making() -> APIRouter:
    """The routes of a policy of one's own."""
    router = APIRouter(prefix="/new")

    @router.get("")
    async def ask(page: Signed, based_on: str = BUILT_IN) -> Response:
        base = (await matching(page).policy(based_on)).value
        return page.show(_TEMPLATE, **_content(base, "new", _given(base, name="")))

    @router.post("")
    async def make(page: Signed) -> Response:
        form = await page.form()
        base = (await matching(page).policy(form["based_on"] or BUILT_IN)).value
        return await _saved(page, form, base, "new", None)

    return router


def changing() -> APIRouter:
    """The routes of a policy that is there: wording it anew, and its next version."""
    router = APIRouter(prefix="/{id}")

    @router.get("/edit")
    async def ask(page: Signed, id: str) -> Response:
        seen = await matching(page).policy(id)
        _must_be_open(seen.value)
        return page.show(_TEMPLATE, **_content(seen.value, "edit", _given(seen.value)), version=seen.version)

    @router.post("/edit")
    async def change(page: Signed, id: str) -> Response:
        form, seen = await page.form(), await matching(page).policy(id)
        _must_be_open(seen.value)
        return await _saved(page, form, seen.value, "edit", seen.version)

    @router.get("/version")
    async def ask_version(page: Signed, id: str) -> Response:
        base = (await matching(page).policy(id)).value
        _must_be_own(base)
        return page.show(_TEMPLATE, **_content(base, "version", _given(base)))

    @router.post("/version")
    async def add_version(page: Signed, id: str) -> Response:
        form, base = await page.form(), (await matching(page).policy(id)).value
        _must_be_own(base)
        return await _saved(page, form, base, "version", None)

    return router


async def _saved(page: Signed, form: Form, base: Policy, what: str, version: int | None) -> Response:
    said, errors = _read(page, form, named=what != "version")
    content = {**_content(base, what, form), "version": version}
    if errors:
        return page.again(_TEMPLATE, form, in_order(errors, ["name", *_CHOICES, *base.weights]), **content)
    try:
        done = await _sent(page, form, base, what, said)
    except Refusal as refusal:
        if refusal.status == LOST:
            stored = _told(page, filled(_pairs(base)))
            rows = compared(page, _told(page, form), stored)
            return page.conflict(form, rows, version, back=(f"/policies/{base.policy_id}", base.name))
        if refusal.status not in {409, 422} and refusal.kind != "outside-your-subsidiaries":
            raise
        mixed = refusal.kind == "policy-malformed" and "/name" in refusal.fields
        wrong = {"name": page.text("Write each word in the letters of one script")} if mixed else refusal
        return page.again(_TEMPLATE, form, wrong, **content)
    return page.go(f"/policies/{done.policy_id}", said=page.text("The policy is saved. Try it before you use it."))


async def _sent(page: Signed, form: Form, base: Policy, what: str, said: Said) -> Policy:
    client, change = matching(page), form.change
    if what == "edit":
        return (await client.change_policy(base.policy_id, change, said)).value
    if what == "version":
        return (await client.add_version(base.policy_id, Change(change.command_id), said)).value
    return (await client.make_policy(Change(change.command_id), {**said, "based_on": base.policy_id})).value


def _read(page: Signed, form: Form, *, named: bool) -> tuple[Said, Errors]:
    """What the form says of a policy, and what is wrong with it by the ids of inputs."""
    errors: Errors = dict(_wrong(page, form, named=named))
    weights = {name: whole_number(form[name], 0, of_policies.FULL_MARKS) for name in matching_words.CRITERIA}
    wishes = [whole_number(form[name], 1, _MOST_WEIGHT) for name in _WISHES]
    given = [each for each in weights.values() if each is not None]
    if len(given) == len(weights) and sum(given) != of_policies.FULL_MARKS:
        errors["weights"] = page.text(
            "The weights make %(sum)s together. They must make 100", sum=page.formats.number(sum(given))
        )
    counts = [each for each in wishes if each is not None]
    if len(counts) == len(wishes) and counts != sorted(counts, reverse=True):
        errors[_WISHES[0]] = page.text("An earlier wish must not count less than a later one")
    said = {
        "rules": {
            "subsidiary": form["subsidiary"],
            "language_level": form["language_level"],
            "meeting": form["meeting"],
            "same_manager": form["same_manager"] == "yes",
            "earlier_pairs": form["earlier_pairs"] == "yes",
        },
        "weights": weights,
        "priority_weights": wishes,
        "veto_days": whole_number(form["veto_days"], 0, _MOST_DAYS),
        "priority": form["priority"],
    }
    return said | ({"name": form["name"]} if named else {}), errors


def _wrong(page: Signed, form: Form, *, named: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with each input alone."""
    if named and not 1 <= len(form["name"]) <= _LONGEST_NAME:
        yield "name", page.text("Give the policy a name of 1 to 80 characters")
    for name, choices in _CHOICES.items():
        if form[name] not in dict(choices):
            yield name, page.text("Choose one")
    numbers = [
        *((name, 0, of_policies.FULL_MARKS) for name in matching_words.CRITERIA),
        *((name, 1, _MOST_WEIGHT) for name in _WISHES),
        ("veto_days", 0, _MOST_DAYS),
    ]
    for name, least, most in numbers:
        if whole_number(form[name], least, most) is None:
            yield name, page.text("Write a number from %(least)s to %(most)s", least=least, most=most)


def _content(base: Policy, what: str, given: Form) -> Content:
    """What the form shows; ``what`` is new, edit or version."""
    path = "/policies/new" if what == "new" else f"/policies/{base.policy_id}/{what}"
    return {
        "base": base,
        "what": what,
        "given": given,
        "path": path,
        "choices": _CHOICES,
        "criteria": matching_words.CRITERIA,
        "wishes": _WISHES,
        "words": of_policies,
    }


def _given(base: PolicyText, **instead: str) -> Form:
    return filled(_pairs(base, **instead))


def _pairs(base: PolicyText, **instead: str) -> Sequence[tuple[str, object]]:
    """A policy as the form's inputs."""
    rules = base.rules
    found: dict[str, object] = {
        "name": base.name,
        "subsidiary": rules.subsidiary,
        "language_level": rules.language_level,
        "meeting": rules.meeting,
        "same_manager": "yes" if rules.same_manager else "no",
        "earlier_pairs": "yes" if rules.earlier_pairs else "no",
        "priority": base.priority,
        "veto_days": base.veto_days,
        **{name: base.weights.get(name, 0) for name in matching_words.CRITERIA},
        **dict(zip(_WISHES, base.priority_weights, strict=False)),
    }
    return list((found | instead).items())


def _told(page: Signed, form: Form) -> list[tuple[str, str]]:
    """What a form says, in words, for the conflict page."""
    labels = {
        "name": page.text("Name"),
        "subsidiary": page.text("Companies"),
        "language_level": page.text("Language in common, at least"),
        "meeting": page.text("Meeting"),
        "same_manager": page.text(of_policies.SAME_MANAGER),
        "earlier_pairs": page.text(of_policies.EARLIER_PAIRS),
        "priority": page.text("Who comes first"),
    }
    chosen = [(labels[name], page.text(dict(_CHOICES[name]).get(form[name], form[name]))) for name in _CHOICES]
    points = [(page.text(label), form[name]) for name, label in matching_words.CRITERIA.items()]
    wishes = " / ".join(form[name] for name in _WISHES)
    more = [(page.text("What a wish counts"), wishes), (page.text("Days to object"), form["veto_days"])]
    return [(labels["name"], form["name"]), *chosen, *points, *more]


def _must_be_open(one: Policy) -> None:
    """Raises ``Refusal`` 404 for a policy that stays as it is."""
    if one.used or one.built_in:
        raise Refusal(404, "not-found", "")


def _must_be_own(one: Policy) -> None:
    """Raises ``Refusal`` 404 for a policy that comes with Tandem, which has no further versions."""
    if one.built_in:
        raise Refusal(404, "not-found", "")
