"""Publishing a proposal: how many messages to how many people, all tandems or some, and what keeps others back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.matching_records import ProposedPair, Report
from services.portal.http.forms import Form
from services.portal.http.matching_apart import Apart, apart
from services.portal.http.matching_shown import (
    Content,
    contradicted,
    in_days_to_object,
    known,
    matching,
    people_of,
    shown_run,
)
from services.portal.http.page import Elsewhere, Signed
from services.portal.pages.refusals import told

_BY_NAME = 100  # tandems that are chosen one by one; of more, by company
_NAMED = 20  # tandems that are named


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tandems are published: those of these executives and those of executives of these companies, or all."""

    mentees: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()

    @property
    def some(self) -> bool:
        """Whether others are kept back."""
        return bool(self.mentees or self.companies)

    def of(self, pairs: Sequence[ProposedPair]) -> list[ProposedPair]:
        """The tandems that it names."""
        return [one for one in pairs if not self.some or self._names(one)]

    def _names(self, one: ProposedPair) -> bool:
        return one.mentee_id in self.mentees or one.mentee_subsidiary in self.companies


def routes() -> APIRouter:
    """The router, below one run."""
    router, template = APIRouter(prefix="/publish"), "matching/publish.html"

    @router.get("")
    async def ask(page: Signed, id: str, run: str) -> Response:
        sent = page.request.query_params
        choice = Choice(frozenset(sent.getlist("mentee")), frozenset(sent.getlist("company")))
        content = await _content(page, id, run, choice)
        if "some" in sent and not choice.some:
            return page.go(f"{content['there']}/publish/some?none=1")
        return page.show(template, **content)

    @router.get("/some")
    async def choose(page: Signed, id: str, run: str, none: str = "") -> Response:
        content = await _content(page, id, run, Choice())
        if not content["named"]:
            return page.go(f"{content['there']}/publish")
        errors = {"mentee" if content["by_name"] else "company": page.text("Choose at least one")} if none else {}
        return page.show("matching/publish_some.html", 422 if none else 200, errors=errors, **content)

    @router.post("")
    async def publish(page: Signed, id: str, run: str) -> Response:
        form = await page.form()
        choice = Choice(frozenset(form.all("mentee")), frozenset(form.all("company")))
        content = await _content(page, id, run, choice)
        try:
            await _publish(page, form, content)
        except Refusal as refusal:
            if refusal.status == LOST:
                return page.go(content["there"], said=told(refusal, page.language))
            if refusal.status not in {409, 422}:
                raise
            again = await _content(page, id, run, choice, _needed(refusal))
            return page.again(template, form, await contradicted(page, refusal), **again)
        return page.go(content["there"], said=page.text("The tandems are being published."))

    return router


async def _publish(page: Signed, form: Form, content: Content) -> None:
    """Have the proposal carried out, and approved by it where nobody has yet. Raises ``Refusal``."""
    one: Report = content["one"]
    choice: Choice = content["choice"]
    named = [pair.mentee_id for pair in content["chosen"]] if choice.some else None
    await matching(page).do(one.run_id, "publication", form.change, {"mentee_ids": named, "approve": True})


def _needed(refusal: Refusal) -> frozenset[str]:
    """The executives whose tandems must go along with those that were chosen."""
    named = refusal.members.get("mentee_ids")
    return frozenset(map(str, named)) if refusal.kind == "run-needs-others" and isinstance(named, list) else frozenset()


async def _content(page: Signed, id: str, run: str, choice: Choice, needed: frozenset[str] = frozenset()) -> Content:
    """What publishing would do; ``needed`` are executives whose tandems must go along.

    Raises ``Elsewhere`` where there is nothing to publish, or not yet.
    """
    content = await shown_run(page, id, run)
    one: Report = content["one"]
    if one.kind == "rematch" and one.chosen is None and one.draft:
        raise Elsewhere(f"{content['there']}/rematch")
    sides = await apart(page, one)
    if not (sides.others or sides.stopped):
        raise Elsewhere(content["there"])
    going = choice.of(sides.others)
    not_going = [choice.of(pairs)[:_NAMED] for pairs in (sides.objected, sides.ruled_out, sides.impossible)]
    named = sides.others[:_BY_NAME]
    along = [pair for pair in one.open_pairs if pair.mentee_id in needed]
    companies = sorted({pair.mentee_subsidiary for pair in sides.others})
    aside = [each for each in content["runs"] if each.draft and each.run_id != run]
    who = await known(page, people_of([*named, *chain(*not_going), *along[:_NAMED]]))
    return {
        **content,
        "choice": choice,
        "chosen": [*going, *choice.of(sides.stopped)],
        "going": len(going),
        "executives": len({pair.mentee_id for pair in going}),
        "mentors": len({pair.mentor_id for pair in going}),
        "giving_way": sum(pair.ends is not None for pair in going),
        "kept": len(sides.others) - len(going),
        "objections": len(sides.objected),
        "without": _without(one, sides),
        "not_going": [[(pair, sides.why(page, who, pair)) for pair in pairs] for pairs in not_going],
        "along": along,
        "named_along": along[:_NAMED],
        "changed": await _changed(page, one, {pair.mentee_id for pair in going}),
        "early": in_days_to_object([one], page.now()) is not None,
        "aside": aside,
        "shown_now": in_days_to_object(aside, page.now()),
        "by_name": len(sides.others) <= _BY_NAME,
        "named": named,
        "by_company": [(company, who.company(company) or company) for company in companies],
        "who": who,
        "as_of": page.now(),
    }


def _without(one: Report, sides: Apart) -> int:
    """How many executives get no mentor by what does not come about, and by a draft that covers not all."""
    return len(sides.lacking) + (one.coverage.lacking if one.draft and one.coverage else 0)


async def _changed(page: Signed, one: Report, mentees: set[str]) -> int:
    """How many of these executives' tandems something new is known about since the proposal was computed."""
    if not one.draft or one.certificate is None:
        return 0
    changes = await matching(page).changes(one.run_id)
    return len({mentee for each in changes for mentee in each.mentee_ids} & mentees)
