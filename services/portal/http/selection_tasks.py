"""What the selection wants of those who manage an edition, for the overview."""

from __future__ import annotations

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Board, Round
from services.portal.http.assessing_queue import days_left, due_words
from services.portal.http.navigation import STAFF
from services.portal.http.page import Signed
from services.portal.http.selection_board import names_of, undecided
from services.portal.http.tasks import Task
from services.portal.pages import selection_words as words

_STAGES = frozenset({"selection", "matching", "running"})
_MOST = 5  # editions looked at, the latest first


async def tasks(page: Signed) -> list[Task]:
    """Free places first, then decisions to release or to make, then rounds."""
    if not page.has(*STAFF):
        return []
    editions = [one for one in await Editions(page.applications).all() if one.stage in _STAGES][:_MOST]
    found = [task for edition in editions for task in await _of(page, edition)]
    return sorted(found, key=lambda task: task.is_ != "stop")


async def _of(page: Signed, edition: Edition) -> list[Task]:
    try:
        board = await Selection(page.applications).board(edition.edition_id)
    except Refusal:  # not hers to decide: bounded to other companies, or she takes part herself
        return []
    path = f"/editions/{edition.edition_id}/selection"
    found = await _vacancies(page, edition, board, path)
    pending = sum(1 for entry in board.entries if entry.pending)
    if pending:
        ngettext = page.language.texts.ngettext
        text = ngettext("Release %(num)s decision", "Release %(num)s decisions", pending)
        hint = page.text("%(edition)s. Nobody is told before you do.", edition=edition.name)
        told = text % {"num": page.formats.number(pending)}
        found.append(Task(f"{path}/release", told, hint, "due", page.text("not released")))
    elif board.state == "ranked" and any(undecided(one) and one.rank is not None for one in board.entries):
        hint = page.text("%(edition)s. All sheets are in: the system proposes, you decide.", edition=edition.name)
        found.append(Task(path, page.text("Select the mentors"), hint, "due", page.text("undecided")))
    found += await _without_rank(page, edition, board, path)
    found += [_round(page, edition, one, path, board) for one in board.rounds if one.state == "open"]
    if board.state == "no-round" and edition.stage == "selection":
        hint = page.text("%(edition)s. Assessors get their sheets when you open a round.", edition=edition.name)
        found.append(Task(path, page.text("Open a round of assessment"), hint, "due", page.text("open")))
    return found


async def _without_rank(page: Signed, edition: Edition, board: Board, path: str) -> list[Task]:
    """Those whom no list of proposals names, such as who is not eligible: the matching waits for them too."""
    beside = [one for one in board.entries if undecided(one) and one.rank is None]
    if board.state != "ranked" or not beside:
        return []
    hint = page.text("%(edition)s. The matching cannot begin before each has a decision.", edition=edition.name)
    if len(beside) == 1:
        name = (await names_of(page, [beside[0].mentor_id])).get(
            beside[0].mentor_id, page.text("Somebody you do not see")
        )
        text, path = page.text("Decide on %(name)s, who has no rank", name=name), f"{path}/{beside[0].application_id}"
    else:
        text = page.text("Decide on those without a rank: %(count)s", count=page.formats.number(len(beside)))
    return [Task(path, text, hint, "due", page.text("undecided"))]


async def _vacancies(page: Signed, edition: Edition, board: Board, path: str) -> list[Task]:
    mentors = {entry.application_id: entry.mentor_id for entry in board.entries}
    ids = [id for one in board.vacancies for id in (one.left, one.next) if id]
    names, unknown = await names_of(page, [mentors.get(id) for id in ids]), page.text("Somebody you do not see")
    noted, found = {entry.application_id for entry in board.entries if entry.pending}, []
    nobody = [one for one in board.vacancies if one.next is None]
    if len(nobody) > 1:
        count = page.formats.number(len(nobody))
        hint = page.text("%(edition)s. Mentors who are gone: %(count)s", edition=edition.name, count=count)
        text = page.text("Places are free, and the reserve list names nobody")
        found.append(Task(path, text, hint, "stop", page.text("places are free")))
    for one in board.vacancies:
        if one in nobody and len(nobody) > 1:
            continue
        if one.next in noted:  # the release is a task of its own
            continue
        name = names.get(mentors.get(one.left, ""), unknown)
        cause = page.text(words.CAUSES[one.cause], name=name) if one.cause in words.CAUSES else name
        following = names.get(mentors.get(one.next, ""), unknown) if one.next else ""
        text = page.text("Decide on the next reserve: %(name)s", name=following) if following else ""
        text = text or page.text("A place is free, and the reserve list names nobody")
        to = f"{path}/{one.next}?to={words.SELECTED}" if one.next else path
        found.append(Task(to, text, f"{edition.name}. {cause}.", "stop", page.text("a place is free")))
    return found


async def places_open(page: Signed, edition: Edition) -> list[Task]:
    """What of the selection is not settled when the matching begins: free places, and answers that are to come."""
    try:
        board = await Selection(page.applications).board(edition.edition_id)
    except Refusal:
        return []
    path, status = f"/editions/{edition.edition_id}/selection", ("due", page.text("worth a look"))
    ngettext, number = page.language.texts.ngettext, page.formats.number
    found = []
    if free := len(board.vacancies):
        text = ngettext(
            "%(num)s mentor is gone, and the place is free", "%(num)s mentors are gone, and places are free", free
        )
        found.append(Task(path, text % {"num": number(free)}, "", *status))
    if waiting := sum(one.status == words.SELECTED and not one.gone for one in board.entries):
        text = ngettext(
            "%(num)s selected mentor has not accepted yet", "%(num)s selected mentors have not accepted yet", waiting
        )
        found.append(Task(path, text % {"num": number(waiting)}, "", *status))
    return found


def _round(page: Signed, edition: Edition, one: Round, path: str, board: Board) -> Task:
    """A round that is open: when it is due, or that it can be closed."""
    waiting = sum(each.open for each in board.missing)
    left, due = days_left(page, one.due_at), due_words(page, one.due_at)
    ngettext = page.language.texts.ngettext
    hint = ngettext("%(num)s sheet is still open.", "%(num)s sheets are still open.", waiting)
    told = hint % {"num": page.formats.number(waiting)}
    if left is not None and left < 0:
        return Task(f"{path}/rounds/{one.round_id}/close", page.text("Close the round, or wait"), told, "stop", due)
    return Task(path, page.text("Assessors are at work: %(name)s", name=edition.name), told, "wait", due)
