"""An assessor's own sheets, round by round, and what of them waits: for her pages and for the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import OPEN, Round, Sheet
from services.portal.http.page import Signed
from services.portal.http.tasks import Task
from services.portal.pages.local_times import days_until

_BEFORE = frozenset({"draft", "call_open"})  # stages in which nobody has a sheet


@dataclass(frozen=True, slots=True)
class Queue:
    """One's own sheets of one round of an edition, in the order in which they are to be read."""

    edition: Edition
    round: Round
    sheets: tuple[Sheet, ...]
    days_left: int | None
    due: str  # in words

    @property
    def open(self) -> list[Sheet]:
        """What is still to be handed in."""
        return [sheet for sheet in self.sheets if sheet.state == OPEN]

    @property
    def unscored(self) -> list[Sheet]:
        """What still misses something."""
        return [sheet for sheet in self.open if not sheet.complete]

    def number(self, id: str) -> int:
        """The place of a sheet in this round, from 1; 0 where it is none of these."""
        return next((place for place, sheet in enumerate(self.sheets, 1) if sheet.sheet_id == id), 0)

    def after(self, id: str) -> Sheet | None:
        """The next sheet that misses something, from the start again after the last one."""
        place = self.number(id)
        behind = [*self.sheets[place:], *self.sheets[: max(place - 1, 0)]]
        return next((sheet for sheet in behind if sheet in self.unscored), None)


async def queues(page: Signed, edition: Edition) -> list[Queue]:
    """One's own sheets of an edition, round by round, the newest round first."""
    if edition.stage in _BEFORE:
        return []
    selection = Selection(page.applications)
    sheets = [sheet for sheet in await selection.sheets(edition.edition_id) if sheet.counts]
    if not sheets:
        return []
    rounds = await selection.rounds(edition.edition_id)
    found = []
    for one in reversed(rounds):
        own = tuple(sheet for sheet in sheets if sheet.round_id == one.round_id)
        if own:
            found.append(Queue(edition, one, own, days_left(page, one.due_at), due_words(page, one.due_at)))
    return found


def days_left(page: Signed, due: datetime | None) -> int | None:
    """How many midnights of the reader's zone lie between now and then; None where nothing is due."""
    return None if due is None else days_until(due, page.now(), zone_of(page))


async def tasks(page: Signed) -> list[Task]:
    """The rounds in which she has sheets to hand in, what is due first."""
    if not page.has("assessor"):
        return []
    editions = await Editions(page.applications).all()
    found = [one for edition in editions if edition.stage == "selection" for one in await queues(page, edition)]
    waiting = [one for one in found if one.round.state == "open" and one.open]
    return [_task(page, one) for one in sorted(waiting, key=lambda one: (one.days_left is None, one.days_left))]


def _task(page: Signed, queue: Queue) -> Task:
    numbers = {"open": page.formats.number(len(queue.open)), "all": page.formats.number(len(queue.sheets))}
    text = page.text("Assess applications: %(open)s of %(all)s still to hand in", **numbers)
    left = queue.days_left
    late = left is not None and left < 0
    return Task(
        "/assessments", text, queue.edition.name, "stop" if late else "due", due_words(page, queue.round.due_at)
    )


def due_words(page: Signed, due: datetime | None) -> str:
    """Until when something is due, and how many days that leaves."""
    left = days_left(page, due)
    if due is None or left is None:
        return page.text("no date set")
    day = page.formats.day(due.astimezone(zone_of(page)).date())
    if left < 0:
        return page.text("was due on %(day)s", day=day)
    if left == 0:
        return page.text("due today, %(time)s", time=page.formats.clock(due))
    ngettext = page.language.texts.ngettext
    told = ngettext("due on %(day)s, %(num)s day left", "due on %(day)s, %(num)s days left", left)
    return told % {"day": day, "num": page.formats.number(left)}


def zone_of(page: Signed) -> ZoneInfo:
    """The reader's zone; UTC where nobody knows it."""
    try:
        return ZoneInfo(page.me.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
