"""What stands in the way of an edition's next stage, and what is worth a thought before it, as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.portal.clients.edition_records import Blocker, Edition
from services.portal.http.page import SignedPage
from services.portal.http.tasks import Task
from services.portal.pages import edition_words as words

Status = tuple[str, str]
_ASSESSORS = "/people?role=assessor"


def in_the_way(page: SignedPage, one: Edition) -> Iterator[Task]:
    """What must be settled before the next stage, in the order of the set-up's parts."""
    for blocker in sorted(one.next.blockers if one.next else (), key=_place):
        by_itself = blocker.code == "call-still-open"
        status = ("wait", page.text("passes by itself")) if by_itself else ("stop", page.text("stands in the way"))
        yield _settled(page, one, blocker, words.BLOCKERS, status)


def _place(blocker: Blocker) -> int:
    """The place among the parts of the set-up of the page where a blocker is settled; the last one for all others."""
    parts, (_, below) = list(words.PARTS), words.BLOCKERS.get(blocker.code, ("", ""))
    return parts.index(below) if below in parts else len(parts)


def worth_a_thought(page: SignedPage, one: Edition) -> Iterator[Task]:
    """What does not stand in the way of the next stage but should be known before it."""
    for warning in one.next.warnings if one.next else ():
        yield _settled(page, one, warning, words.WARNINGS, ("due", page.text("worth a look")))


def _settled(page: SignedPage, one: Edition, blocker: Blocker, known: Mapping[str, Status], status: Status) -> Task:
    text, below = known.get(blocker.code, (blocker.detail or blocker.code, ""))
    number = page.formats.number(blocker.number or 0)
    path = f"/editions/{one.edition_id}/{below}" if below else _ASSESSORS
    return Task(path, page.text(text, number=number), "", *status)
