"""When what happens in the story: pure, the same at every playing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Stage = Literal["selection"]  # where the story can be stopped, to go on by hand

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
MONTHS = tuple(datetime(2026, month, 1, 6, tzinfo=UTC) for month in range(5, 12))  # seven, May to November
APPLICANTS, OVER_LIMIT, WAIVED = 26, 3, 1
ASSESSORS, SHEETS_EACH = 6, 3
RANKED = APPLICANTS - OVER_LIMIT + WAIVED
SELECTED, PLACES, RESERVES = 18, 20, 4  # at the end, when one has withdrawn and the first of the reserves has followed
EXECUTIVES, EXEMPT = 20, 1
STAYED = 8  # pairs that are still active at the end, as in the report the story is taken from


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one pair does in one month."""

    pair: int
    month: int
    planned_for: datetime
    cancelled: bool

    @property
    def over_at(self) -> datetime:
        """When it is certainly over."""
        return self.planned_for + timedelta(hours=2)


def meetings(month: int) -> Iterator[Meeting]:
    """The meetings of a month (0 to 6), one for each pair that has not fallen asleep yet."""
    for pair in range(EXECUTIVES - EXEMPT):
        if month < months_active(pair):
            planned_for = MONTHS[month] + timedelta(days=2 + (pair * 5 + month) % 24, hours=2 + pair % 6)
            yield Meeting(pair, month, planned_for, cancelled=(pair * 3 + month) % 11 == 4)


def months_active(pair: int) -> int:
    """For how many months a pair goes on: the first eight for all seven, the others from two to five."""
    return len(MONTHS) if pair < STAYED else 2 + pair % 4


def sessions_held() -> int:
    """How many sessions the whole story holds."""
    return sum(not meeting.cancelled for month in range(len(MONTHS)) for meeting in meetings(month))
