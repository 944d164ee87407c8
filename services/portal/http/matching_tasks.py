"""What the matching wants of people, for the overview: of members to look at their tandem, of managers to go on."""

from __future__ import annotations

from collections.abc import Mapping

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.matching_records import Run, Shown
from services.portal.http import proposals
from services.portal.http.editions_shown import zone_of
from services.portal.http.matching_apart import Apart, apart
from services.portal.http.matching_kept import Kept, kept_back
from services.portal.http.matching_shown import in_days_to_object, matching, numbers
from services.portal.http.navigation import STAFF
from services.portal.http.page import SignedPage
from services.portal.http.tasks import Task
from services.portal.pages.local_times import days_until

_STAGES = frozenset({"matching", "running"})
_MOST = 5  # editions looked at


async def tasks(page: SignedPage) -> list[Task]:
    """One's own tandem to look at first, then what managers have to decide. Raises ``Away``."""
    own = [await _own(page, one) for one in await _shown(page) if not one.vetoed]
    return [*own, *await _managing(page)]


async def _shown(page: SignedPage) -> list[Shown]:
    try:
        return await proposals.shown(page)
    except Refusal:  # an older matching, which shows nothing
        return []


async def _own(page: SignedPage, one: Shown) -> Task:
    partner, _ = proposals.partner_of(page, one)
    name = (await page.people.names([partner])).get(partner, "")
    text = page.text("Look at your proposed tandem: %(name)s", name=name) if name else ""
    text = text or page.text("Look at your proposed tandem")
    path = f"/proposals/{one.run_id}/{one.mentee_id}"
    if one.until and one.until <= page.now():
        hint = page.text("The days to object are over. When it is published, you learn it by mail.")
        return Task(path, text, hint, "wait", page.text("nothing to do"))
    hint = page.text("You may object, with a reason. If it suits you, there is nothing to do.")
    until = page.text("until %(moment)s", moment=page.formats.moment(one.until))
    return Task(path, text, hint, "due", until)


async def _managing(page: SignedPage) -> list[Task]:
    """What editions in their matching wait for; nothing for those who run none."""
    if not page.has(*STAFF):
        return []
    every = [one for one in await Editions(page.applications).all() if one.stage in _STAGES]
    ours = [one for one in every if one.escalation is not None][:_MOST]  # told to those responsible for all of it
    return [task for one in ours for task in await _of(page, one)]


async def _of(page: SignedPage, edition: Edition) -> list[Task]:
    client = matching(page)
    try:
        every = await client.runs(edition.edition_id)
        candidates = await client.candidates(edition.edition_id)
    except Refusal:  # not known there yet, or not hers
        return []
    runs = [run for run in every if not run.trial]
    drafts = [run for run in runs if run.draft]
    if any(run.busy for run in runs):
        return []
    kept = await kept_back(page, runs)
    waiting = [_publish_too(page, edition, kept)] if kept and not in_days_to_object(drafts, page.now()) else []
    if drafts:
        looked_at = [run for run in drafts[:-1] if run.state != "proposed"] + drafts[-1:]  # shown, approved, the newest
        return [*[await _draft(page, edition, run, numbers(every)) for run in looked_at], *waiting]
    left = candidates.executives - (kept.lacking if kept else 0)
    return [*waiting, _without(page, edition, runs, left)] if left > 0 else waiting


def _publish_too(page: SignedPage, edition: Edition, kept: Kept) -> Task:
    """Tandems that the last publication kept back."""
    ngettext = page.language.texts.ngettext
    text = ngettext("%(num)s tandem is kept back", "%(num)s tandems are kept back", kept.count)
    hint = page.text("%(edition)s. They are not published yet: publish them too.", edition=edition.name)
    path = f"/editions/{edition.edition_id}/matching/runs/{kept.run_id}/publish"
    return Task(path, text % {"num": page.formats.number(kept.count)}, hint, "due", page.text("waits for you"))


def _without(page: SignedPage, edition: Edition, runs: list[Run], left: int) -> Task:
    """No proposal yet; or executives who have no mentor, after one was published."""
    there, ngettext = f"/editions/{edition.edition_id}/matching", page.language.texts.ngettext
    if not any(run.state == "published" for run in runs):
        hint = page.text("%(edition)s. Nobody hears of a proposal before you show or publish it.", edition=edition.name)
        return Task(there, page.text("Compute a proposal of tandems"), hint, "open", page.text("open"))
    text = ngettext("%(num)s executive is without a mentor", "%(num)s executives are without a mentor", left)
    hint = page.text("%(edition)s. Compute a new order, or escalate.", edition=edition.name)
    return Task(there, text % {"num": page.formats.number(left)}, hint, "stop", page.text("open"))


async def _draft(page: SignedPage, edition: Edition, run: Run, numbered: Mapping[str, int]) -> Task:
    """A draft: what stands against it, changes since, days to object that run, or that it can be decided on."""
    here = f"/editions/{edition.edition_id}/matching/runs/{run.run_id}"
    ngettext, number = page.language.texts.ngettext, page.formats.number
    report = (await matching(page).run(run.run_id)).value
    sides = await apart(page, report)
    if sides.stopped:
        hint = page.text("%(edition)s. Compute anew to find them others.", edition=edition.name)
        return Task(here, _stopped(page, sides), hint, "stop", page.text("open"))
    if concerned := await _concerned(page, run):
        text = ngettext(
            "Of %(num)s proposed tandem something else is known",
            "Of %(num)s proposed tandems something else is known",
            concerned,
        )
        hint = page.text("%(edition)s. Compute anew, then see the difference.", edition=edition.name)
        return Task(here, text % {"num": number(concerned)}, hint, "due", page.text("worth a look"))
    if (until := run.shown_until) and until > page.now():
        left = days_until(until, page.now(), zone_of(edition.zone))
        told = ngettext("%(days)s day left", "%(days)s days left", left) % {"days": number(left)}
        text = page.text("The tandems are shown to their members")
        return Task(
            here, text, page.text("%(edition)s. Nobody has objected so far.", edition=edition.name), "wait", told
        )
    called = page.text("Proposal %(number)s", number=number(numbered.get(run.run_id, 0)))
    return Task(here, _to_decide(page, run), f"{edition.name}. {called}.", "due", page.text("waits for you"))


def _stopped(page: SignedPage, sides: Apart) -> str:
    """What stands against tandems of a draft: objections before what was ruled out, and that before all else."""
    ngettext, number = page.language.texts.ngettext, page.formats.number
    if count := len(sides.objected):
        text = ngettext("%(num)s objection to a tandem", "%(num)s objections to tandems", count)
    elif count := len(sides.ruled_out):
        text = ngettext(
            "%(num)s tandem of this proposal is ruled out since",
            "%(num)s tandems of this proposal are ruled out since",
            count,
        )
    else:
        count = len(sides.impossible)
        text = ngettext(
            "%(num)s tandem of this proposal cannot be any more",
            "%(num)s tandems of this proposal cannot be any more",
            count,
        )
    return text % {"num": number(count)}


def _to_decide(page: SignedPage, run: Run) -> str:
    """What is to be done about a draft against which nothing speaks."""
    if run.unchosen:
        return page.text("Choose one of the new orders")
    return (
        page.text("Decide on the proposal of tandems") if run.state == "proposed" else page.text("Publish the tandems")
    )


async def _concerned(page: SignedPage, run: Run) -> int:
    """How many proposed tandems something new is known about."""
    if run.certificate is None:
        return 0
    return len({mentee for one in await matching(page).changes(run.run_id) for mentee in one.mentee_ids})
