"""When what happens in the story: pure, the same at every playing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Stage = Literal["selection", "matching", "rematch"]  # where the story can be stopped, to go on by hand

EDITION = "Reverse mentoring 2026/27"
STARTS, ENDS = date(2026, 4, 1), date(2027, 3, 31)
REFERENCE = date(2026, 3, 31)
DECISION_ON, ACCEPT_BY, RESERVE_UNTIL = date(2026, 3, 27), date(2026, 3, 31), date(2027, 1, 31)
CALL_OPENS = datetime(2026, 3, 2, 8, tzinfo=UTC)
APPLYING = datetime(2026, 3, 10, 9, tzinfo=UTC)
CALL_CLOSES = datetime(2026, 3, 20, 16, tzinfo=UTC)
WAIVERS = datetime(2026, 3, 23, 8, tzinfo=UTC)
ASSESSING = datetime(2026, 3, 23, 10, tzinfo=UTC)
SHEETS_DUE = datetime(2026, 3, 26, 16, tzinfo=UTC)
DECISIONS = datetime(2026, 3, 27, 9, tzinfo=UTC)
ACCEPTING = datetime(2026, 3, 29, 9, tzinfo=UTC)
WITHDRAWAL = datetime(2026, 3, 30, 7, tzinfo=UTC)
MATCHING = datetime(2026, 4, 1, 9, tzinfo=UTC)
LEAVING = datetime(2026, 7, 29, 9, tzinfo=UTC)  # a mentor, whose executive gets another one the next day
REMATCH = datetime(2026, 7, 30, 9, tzinfo=UTC)
MONTHS = tuple(datetime(2026, month, 1, 6, tzinfo=UTC) for month in range(5, 12))  # seven, May to November
APPLICANTS, OVER_LIMIT, WAIVED = 26, 3, 1
ASSESSORS, SHEETS_EACH = 6, 3
RANKED = APPLICANTS - OVER_LIMIT + WAIVED
SELECTED, PLACES, RESERVES = 18, 20, 4  # at the end, when one has withdrawn and the first of the reserves has followed
EXECUTIVES, COVERED_AT_FIRST = 20, 19  # two executives speak English alone, and one place is open to them
MONTHS_BEFORE_LEAVING = 3
STAYED = 8  # pairs that are still active at the end, as in the report the story is taken from


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one executive and the mentor do in one month; ``executive`` counts from 0, by the employee numbers."""

    executive: int
    month: int
    planned_for: datetime
    cancelled: bool

    @property
    def over_at(self) -> datetime:
        """When it is certainly over."""
        return self.planned_for + timedelta(hours=2)


def meetings(month: int) -> Iterator[Meeting]:
    """The meetings of a month (0 to 6), one for each executive whose pair has not fallen asleep yet."""
    for executive in range(EXECUTIVES):
        if month < months_active(executive):
            days, hours = 2 + (executive * 5 + month) % 24, 2 + executive % 6
            planned_for = MONTHS[month] + timedelta(days=days, hours=hours)
            yield Meeting(executive, month, planned_for, cancelled=(executive * 3 + month) % 11 == 4)


def months_active(executive: int) -> int:
    """For how many months an executive goes on: the first eight for all seven, the others from two to five."""
    return len(MONTHS) if executive < STAYED else 2 + executive % 4


def sessions_held() -> int:
    """How many sessions the whole story holds."""
    return sum(not meeting.cancelled for month in range(len(MONTHS)) for meeting in meetings(month))
