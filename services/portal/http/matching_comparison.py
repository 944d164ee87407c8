"""Two proposals side by side: their figures, and the executives whose mentor is another one. Trials are among them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.matching_questions import Comparison, Difference
from services.portal.clients.matching_records import Run
from services.portal.http.matching_shown import Content, Known, edition_of, known, matching, numbers
from services.portal.http.page import Signed
from services.portal.pages import matching_words as words

_PAGE = 50  # executives on one page


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter(prefix="/comparison")

    @router.get("")
    async def compare(page: Signed, id: str, a: str = "", b: str = "", start: int = 0) -> Response:
        content = await _content(page, id, a, b, max(start, 0))
        if page.request.headers.get("hx-request") and not content["waiting"]:
            return Response(headers={"HX-Refresh": "true"})  # the trial is there: the page changes as a whole
        return page.show("matching/comparison.html", **content)

    return router


async def _content(page: Signed, id: str, a: str, b: str, start: int) -> Content:
    """What the page shows; without two proposals a choice of them."""
    edition, runs = await edition_of(page, id), await matching(page).runs(id)
    by_id = {run.run_id: run for run in runs}
    if any(one and one not in by_id for one in (a, b)):
        raise Refusal(404, "not-found", "")
    comparable = [run for run in reversed(runs) if run.coverage is not None and not run.unchosen]
    waiting = next((run for run in (by_id.get(a), by_id.get(b)) if run and run.busy and run.coverage is None), None)
    first, second = _two(by_id.get(a), by_id.get(b), comparable)
    there = f"/editions/{id}/matching"
    content: Content = {
        "edition": edition,
        "numbers": numbers(runs),
        "words": words,
        "here": there,
        "this": f"{there}/comparison?a={a}&b={b}",
        "waiting": waiting,
        "ended": next(
            (run for run in (by_id.get(a), by_id.get(b)) if run and run.state in {"failed", "cancelled"}), None
        ),
        "choices": [(run.run_id, _called(page, run, numbers(runs))) for run in comparable],
        "first": first,
        "second": second,
        "as_of": page.now(),
    }
    if waiting or first is None or second is None or first is second:
        return {**content, "found": None}
    found = await matching(page).comparison(first.run_id, second.run_id)
    names = {run.run_id: _called(page, run, numbers(runs)) for run in (first, second)}
    return {**content, "names": names, **await _differences(page, found, start)}


async def _differences(page: Signed, found: Comparison, start: int) -> Content:
    """A part of the executives whose mentor differs, those first who have none in one of the two."""
    ordered = sorted(found.differences, key=lambda one: all(_mentors(one)))
    part = ordered[start : start + _PAGE]
    who = await known(page, [id for one in part for id in (one.mentee_id, *_mentors(one))])
    return {
        "found": found,
        "rows": [_row(page, one, who) for one in part],
        "start": start,
        "of": len(ordered),
        "following": start + _PAGE if start + _PAGE < len(ordered) else None,
    }


def _two(a: Run | None, b: Run | None, comparable: Sequence[Run]) -> tuple[Run | None, Run | None]:
    """The two that are compared; of one that is not named the newest other one."""
    first = a if a and a.coverage else next((run for run in comparable if run is not b), None)
    second = b if b and b.coverage else next((run for run in comparable if run is not first), None)
    return first, second


def other_of(runs: Sequence[Run], one: Run) -> Run | None:
    """What a proposal is best compared with: the newest other one about the same people, first by the same policy."""
    found = [run for run in reversed(runs) if _comparable(run, one) and not _published_between(runs, run, one)]
    alike = [run for run in found if run.policy_version == one.policy_version and run.kind == one.kind]
    return next(iter([*alike, *found]), None)


def _comparable(other: Run, one: Run) -> bool:
    proposed = other.coverage is not None and not other.unchosen and other.state != "rejected"
    return proposed and not other.trial and other.run_id != one.run_id


def _published_between(runs: Sequence[Run], other: Run, one: Run) -> bool:
    """Whether tandems were published between the two requests, whose members the later one leaves alone."""
    asked = sorted(run.requested_at for run in (other, one) if run.requested_at)
    published = [run.published_at for run in runs if run.published_at]
    return len(asked) == 2 and any(asked[0] < at <= asked[1] for at in published)


def _called(page: Signed, run: Run, by_id: dict[str, int]) -> str:
    """What a proposal is called in a list."""
    policy = run.policy
    version = page.formats.number(policy.version) if policy else ""
    name = page.text("Standard") if policy and policy.policy_id == "standard" else policy.name if policy else ""
    rules = page.text("%(policy)s, version %(version)s", policy=name, version=version) if policy else ""
    if run.trial:
        return page.text("Trial of %(policy)s", policy=rules)
    number = page.text("Proposal %(number)s", number=page.formats.number(by_id.get(run.run_id, 0)))
    return f"{number}: {rules}" if rules else number


def _mentors(one: Difference) -> tuple[str | None, str | None]:
    """Whom an executive would have by the one and by the other."""
    first, second = one.first, one.second
    return (
        first.mentor_id if first else one.first_mentor_id,
        second.mentor_id if second else one.second_mentor_id,
    )


def _row(page: Signed, one: Difference, who: Known) -> tuple[str, str, float | None, str, float | None]:
    """Executive, mentor and points of the one, mentor and points of the other; no points of pairs that stand."""
    first, second = (who.name(id) if id else page.text("nobody") for id in _mentors(one))
    return (
        who.name(one.mentee_id),
        first,
        one.first.points if one.first else None,
        second,
        one.second.points if one.second else None,
    )
