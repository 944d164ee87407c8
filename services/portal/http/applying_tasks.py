"""What waits for an applicant: a call, a draft, a place to accept; and what became of an application."""

from __future__ import annotations

from textwrap import shorten

from services.portal.clients.application_records import Application
from services.portal.clients.edition_records import Edition
from services.portal.http.applying_case import Case
from services.portal.http.calls import Listed, listed
from services.portal.http.page import SignedPage
from services.portal.http.tasks import Task
from services.portal.pages import applying_words

_URGENT = ("stop", "due", "open", "wait", "done")
_UNDECIDED = frozenset({"draft", "applied"})
_REASON = 160  # characters of a reason; all of it stands on the page of the application
_OUTCOMES = frozenset({"reserved", "declined", "accepted"})


async def tasks(page: SignedPage) -> list[Task]:
    """What waits for the reader as an applicant; executives get a mentor and are none."""
    if page.me.executive:
        return []
    rows = await listed(page)
    found = [*(_waiver(page, row) for row in rows), *(_task(page, row) for row in rows)]
    return sorted((task for task in found if task), key=lambda task: _URGENT.index(task.is_))


def _task(page: SignedPage, row: Listed) -> Task | None:
    if row.mine is None:
        return _apply(page, row) if row.state == "open" and not _too_old(page, row.edition) else None
    case = Case(page, row.edition, row.mine, None, page.now())
    if row.mine.status == "draft":
        return _draft(case) if case.open else None
    if row.mine.status == "selected":
        return _accept(case)
    if row.mine.status == "applied":
        return _sent(case)
    return _outcome(case, row.mine) if row.mine.status in _OUTCOMES else None


def _waiver(page: SignedPage, row: Listed) -> Task | None:
    """What was decided on the waiver, with its reason, until the application itself is decided."""
    one = row.mine
    if one is None or one.waiver is None or one.status not in _UNDECIDED:
        return None
    case = Case(page, row.edition, one, None, page.now())
    is_, state = applying_words.WAIVERS.get(one.waiver.decision, ("", one.waiver.decision))
    reason = page.text("Reason: %(reason)s", reason=shorten(one.waiver.reason, _REASON, placeholder=" …"))
    if one.waiver.decision == "granted" and one.eligibility == "waived":
        text = page.text("You may take part with a waiver: %(call)s", call=case.title.text)
        return Task(case.path, text, reason, is_, page.text(state))
    if one.waiver.decision == "granted" or not case.needs_waiver:
        return None
    text = page.text("The waiver was refused: %(call)s", call=case.title.text)
    hint = page.text("You can keep the application or withdraw it; without a waiver it cannot be selected.")
    return Task(case.path, text, f"{reason} {hint}", is_, page.text(state))


def _too_old(page: SignedPage, edition: Edition) -> bool:
    """Whether somebody misses the age rule for certain; the call itself counts exactly, and offers the waiver."""
    call, born = edition.call, page.me.profile.birth_date
    limits = [rule.maximum for rule in call.rules if rule.kind == "age" and rule.maximum is not None] if call else []
    if call is None or call.reference_date is None or born is None or not limits:
        return False
    day = call.reference_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) > min(limits)


def _apply(page: SignedPage, row: Listed) -> Task:
    text = page.text("Apply as a mentor: %(call)s", call=row.title.text)
    hint = page.text("Ten minutes. Until %(moment)s.", moment=row.deadline.text)
    return Task(f"/calls/{row.edition.edition_id}", text, hint, "open", row.deadline.left, optional=True)


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
