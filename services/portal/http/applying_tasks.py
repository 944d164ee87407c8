"""What waits for an applicant: a call, a draft, a place to accept; and what became of an application."""

from __future__ import annotations

from services.portal.clients.application_records import Application
from services.portal.http.applying_case import Case
from services.portal.http.calls import Listed, listed
from services.portal.http.page import SignedPage
from services.portal.http.tasks import Task
from services.portal.pages import applying_words

_URGENT = ("due", "open", "wait", "done")
_OUTCOMES = frozenset({"reserved", "declined", "accepted"})


async def tasks(page: SignedPage) -> list[Task]:
    """What waits for the reader as an applicant; executives get a mentor and are none."""
    if page.me.executive:
        return []
    found = [_task(page, row) for row in await listed(page) if row.edition.stage != "closed"]
    return sorted((task for task in found if task), key=lambda task: _URGENT.index(task.is_))


def _task(page: SignedPage, row: Listed) -> Task | None:
    if row.mine is None:
        return _apply(page, row) if row.state == "open" else None
    case = Case(page, row.edition, row.mine, None, page.now())
    if row.mine.status == "draft":
        return _draft(case) if case.open else None
    if row.mine.status == "selected":
        return _accept(case)
    if row.mine.status == "applied":
        return _sent(case)
    return _outcome(case, row.mine) if row.mine.status in _OUTCOMES else None


def _apply(page: SignedPage, row: Listed) -> Task:
    text = page.text("Apply as a mentor: %(call)s", call=row.title.text)
    hint = page.text("Ten minutes. Until %(moment)s.", moment=row.deadline.text)
    return Task(f"/calls/{row.edition.edition_id}", text, hint, "open", row.deadline.left)


def _draft(case: Case) -> Task:
    text = case.page.text("Finish your application: %(call)s", call=case.title.text)
    number = case.page.formats.number
    hint = case.page.text(
        "%(done)s of %(all)s sections are done. Nobody reads it before you send it.",
        done=number(case.done),
        all=number(len(applying_words.PARTS)),
    )
    return Task(case.path, text, hint, "due", case.deadline.left if case.deadline else "")


def _sent(case: Case) -> Task:
    text = case.page.text("Your application is there: %(call)s", call=case.title.text)
    day = case.edition.decision_on
    hint = case.page.text("You hear of the decision by %(day)s.", day=case.page.formats.day(day)) if day else ""
    return Task(case.path, text, hint, "done", case.status)


def _accept(case: Case) -> Task:
    text = case.page.text("Accept your place as a mentor: %(call)s", call=case.title.text)
    by = case.accept_by
    hint = case.page.text("Please accept by %(day)s.", day=by.text) if by else ""
    return Task(f"{case.path}/accept", text, hint, "due", by.left if by else case.status)


def _outcome(case: Case, mine: Application) -> Task:
    text = case.page.text("See what became of your application: %(call)s", call=case.title.text)
    is_ = "wait" if mine.status == "reserved" else "done"
    return Task(case.path, text, "", is_, case.status)
