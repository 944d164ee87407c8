"""The matching of an edition: which editions are matched, what is missing before, proposals, and starting one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.matching_records import BUSY, DRAFTS, Candidates, Policy, Run
from services.portal.http import matching_pair, matching_proof, matching_relaxing, matching_run
from services.portal.http.forms import Form
from services.portal.http.matching_kept import kept_back, last_published
from services.portal.http.matching_shown import Content, contradicted, edition_of, known, matching, numbers
from services.portal.http.navigation import STAFF
from services.portal.http.page import Signed
from services.portal.http.tasks import Task
from services.portal.pages import edition_words
from services.portal.pages import matching_words as words

_STAGES = frozenset({"matching", "running"})
_KINDS = frozenset({"full", "rematch"})


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(include_in_schema=False)
    router.include_router(_editions())
    router.include_router(_overview())
    below = APIRouter(prefix="/editions/{id}/matching")
    for part in (matching_run, matching_proof, matching_pair, matching_relaxing):
        below.include_router(part.routes())
    router.include_router(below)
    return router


def _editions() -> APIRouter:
    router = APIRouter(prefix="/matching")

    @router.get("")
    async def all_editions(page: Signed) -> Response:
        if not page.has(*STAFF):
            raise Refusal(404, "not-found", "")
        found = [one for one in await Editions(page.applications).all() if one.stage != "draft"]
        current = [one for one in found if one.stage in _STAGES]
        if len(current) == 1:
            return page.go(f"/editions/{current[0].edition_id}/matching")
        return page.show("matching/list.html", found=found, stages=edition_words.STAGES, as_of=page.now())

    return router


def _overview() -> APIRouter:
    router, template = APIRouter(prefix="/editions/{id}/matching"), "matching/overview.html"

    @router.get("")
    async def overview(page: Signed, id: str) -> Response:
        return page.show(template, **await _content(page, id))

    @router.post("")
    async def start(page: Signed, id: str) -> Response:
        form = await page.form()
        kind = form["kind"] if form["kind"] in _KINDS else "full"
        said = {"edition_id": id, "policy_id": form["policy"], "kind": kind}
        try:
            run = (await matching(page).request(Change(form.command_id), said)).value
        except Refusal as refusal:
            return await _refused(page, id, form, refusal, template)
        return page.go(f"/editions/{id}/matching/runs/{run.run_id}")

    return router


async def _refused(page: Signed, id: str, form: Form, refusal: Refusal, template: str) -> Response:
    if refusal.status not in {409, 422}:
        raise refusal
    field = "policy" if "/policy_id" in refusal.fields else "main"
    return page.again(template, form, await contradicted(page, refusal, field), **await _content(page, id))


async def _content(page: Signed, id: str) -> Content:
    """What the overview shows. Raises ``Refusal`` 404 for those who are not responsible for all of the edition."""
    edition = await edition_of(page, id)
    candidates = await _candidates(page, edition)
    runs = await matching(page).runs(id)
    shown = [run for run in reversed(runs) if not run.trial]
    policies = await matching(page).policies()
    who = await known(page, [run.requested_by for run in shown])
    return {
        "edition": edition,
        "candidates": candidates,
        "missing": list(_missing(page, edition, candidates)),
        "can_start": edition.stage in _STAGES and candidates is not None and candidates.executives > 0,
        "busy": next((run for run in shown if run.state in BUSY), None),
        "drafts": [run for run in shown if run.state in DRAFTS],
        "runs": shown,
        "kept": await kept_back(page, shown),
        "published": any(run.state == "published" for run in shown),
        "numbers": numbers(runs),
        "policies": _offered(policies),
        "policy": _usual(shown or await _last_year(page, edition), policies),
        "laid_down": await _laid_down(page, id) if candidates else None,
        "who": who,
        "here": f"/editions/{id}/matching",
        "words": words,
        "as_of": page.now(),
    }


async def _laid_down(page: Signed, id: str) -> int:
    """How much of what people laid down counts."""
    return sum(one.stands and one.counts for one in (await matching(page).overrides(id)).value)


async def _candidates(page: Signed, edition: Edition) -> Candidates | None:
    """Who could be matched; None while the matching has not heard of the edition."""
    try:
        return await matching(page).candidates(edition.edition_id)
    except Refusal as refusal:
        if refusal.status != 404 or edition.next is None:  # what comes next is told to those responsible for all of it
            raise
        return None


def _missing(page: Signed, edition: Edition, found: Candidates | None) -> Iterator[Task]:
    """What is missing before everybody can get a mentor."""
    there, way = f"/editions/{edition.edition_id}", ("stop", page.text("stands in the way"))
    look, number = ("due", page.text("worth a look")), page.formats.number
    ngettext = page.language.texts.ngettext
    if edition.stage not in _STAGES and edition.stage != "closed":
        hint = page.text("Mentors are selected first. The stage after that is the matching.")
        yield Task(f"{there}/stage", page.text("Begin the stage of matching"), hint, *way)
    if found is None:
        hint = page.text("Its opening arrives here within seconds, once its call is open.")
        yield Task(there, page.text("The matching does not know this edition yet"), hint, *way)
        return
    if not found.mentors:
        hint = page.text("Whoever is selected and released counts, with the places offered.")
        yield Task(f"{there}/selection", page.text("Select mentors: nobody has a free place"), hint, *way)
    elif found.places < found.executives:
        text = ngettext("%(num)s place is short", "%(num)s places are short", found.executives - found.places)
        text %= {"num": number(found.executives - found.places)}
        hint = page.text("Not everybody can get a mentor. Ask for more places, or select from the reserve list.")
        yield Task(f"{there}/selection", text, hint, *look)
    if found.unknown:
        text = ngettext("HR's roster misses %(num)s person", "HR's roster misses %(num)s people", found.unknown)
        yield Task("/roster", text % {"num": number(found.unknown)}, page.text("They cannot be matched."), *look)
    if found.without_profile:
        text = ngettext(
            "%(num)s executive has said nothing yet", "%(num)s executives have said nothing yet", found.without_profile
        )
        hint = page.text("They are matched without wishes and half days. They state them under “Me”.")
        yield Task(f"{there}/people", text % {"num": number(found.without_profile)}, hint, *look)


def _offered(policies: Sequence[Policy]) -> list[tuple[str, str, int]]:
    """The policies to choose from: the newest version of each first, of every family."""
    newest = sorted(policies, key=lambda one: (not one.built_in, one.name.casefold(), -one.version))
    return [(one.policy_id, one.name, one.version) for one in newest]


async def _last_year(page: Signed, edition: Edition) -> list[Run]:
    """The run that was carried out in the edition this one began with, where the reader may know of it."""
    if edition.template is None:
        return []
    try:
        last = last_published(await matching(page).runs(edition.template))
    except Refusal:
        return []
    return [last] if last else []


def _usual(runs: Sequence[Run], policies: Sequence[Policy]) -> str:
    """The policy chosen at first: that of the newest of these runs, else the standard."""
    used = runs[0].policy.policy_id if runs and runs[0].policy else ""
    return used if any(one.policy_id == used for one in policies) else (policies[0].policy_id if policies else "")
