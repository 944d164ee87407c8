"""Times of day as people write them, in a zone: which instants they mean where clocks are put forward or back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_LONGEST_GAP = 24 * 60  # minutes; a whole day was left out once, in Samoa


def instants(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants that the clocks of ``zone`` show so, the earlier first.

    One as a rule, none where the clocks are put forward over it, two where they are put back; in the zone's offset.
    """
    written = datetime.combine(day, clock)
    found: list[datetime] = []
    for fold in (0, 1):
        instant = written.replace(tzinfo=zone, fold=fold)
        if instant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == written:
            found.append(instant)
    return tuple(found) if len({one.utcoffset() for one in found}) > 1 else tuple(found[:1])


def beside_gap(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The last minute before and the first one after a time that the clocks of ``zone`` leave out."""
    written = datetime.combine(day, clock)
    before = _first((written - _MINUTE * step for step in range(_LONGEST_GAP)), zone)
    after = _first((written + _MINUTE * step for step in range(_LONGEST_GAP)), zone)
    return before, after


def days_until(instant: datetime, now: datetime, zone: ZoneInfo) -> int:
    """How many midnights of ``zone`` lie between now and the instant; negative once it is over by days."""
    return (instant.astimezone(zone).date() - now.astimezone(zone).date()).days


def _first(written: Iterable[datetime], zone: ZoneInfo) -> datetime:
    return next(found[0] for one in written if (found := instants(one.date(), one.time(), zone)))
