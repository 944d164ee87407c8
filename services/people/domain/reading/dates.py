"""A cell with a date, in the forms that HR systems write. Which order day and month have is said, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Order = Literal["unsaid", "day-first", "month-first"]
_ISO = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[T ](.*))?", re.ASCII)
_MIDNIGHT = re.compile(r"00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DOTTED = re.compile(r"(\d\d?)\. ?(\d\d?)\. ?(\d{4}|\d\d)", re.ASCII)
_SLASHED = re.compile(r"(\d\d?)[/-](\d\d?)[/-](\d{4}|\d\d)", re.ASCII)
_SERIAL = re.compile(r"\d{4,5}", re.ASCII)
_SERIALS = range(7306, 73051)  # 1920-01-01 to 2099-12-31, as spreadsheet programs count days
_DAY_ZERO = date(1899, 12, 30)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)
NO_SUCH_DAY = "no such day"


class BadDate(Exception):
    """A cell has no date; the message says why."""


@dataclass(frozen=True, slots=True)
class DateForm:
    """Which dates a file has: ISO and dotted German ones always, slashed ones in the order that is said.

    ``serials``: days counted from 1900, as spreadsheet programs store them. ``today`` is the day after which a
    two-digit year would be in the future.
    """

    today: date
    order: Order = "unsaid"
    serials: bool = True

    def read(self, cell: str) -> tuple[date, str | None]:
        """The date in a cell, and what is worth a warning. Raises ``BadDate``."""
        found, note = self._read(cell)
        if not _EARLIEST <= found <= _LATEST:
            raise BadDate("write a date from 1900 on")
        return found, note

    def _read(self, cell: str) -> tuple[date, str | None]:
        if match := _ISO.fullmatch(cell):
            if match[4] and not _MIDNIGHT.fullmatch(match[4]):
                raise BadDate("write a date without a time of day")
            return _day(match[1], match[2], match[3]), None
        if match := _DOTTED.fullmatch(cell):
            if self.order == "month-first":
                raise BadDate("dots stand between day, month and year, but this file's dates begin with the month")
            return self._with_year(match[1], match[2], match[3])
        if match := _SLASHED.fullmatch(cell):
            return self._slashed(match[1], match[2], match[3])
        if self.serials and _SERIAL.fullmatch(cell) and int(cell) in _SERIALS:
            return _DAY_ZERO + timedelta(days=int(cell)), None
        raise BadDate("not a date: write it as YYYY-MM-DD")

    def _slashed(self, first: str, second: str, year: str) -> tuple[date, str | None]:
        if self.order == "day-first":
            return self._with_year(first, second, year)
        if self.order == "month-first":
            return self._with_year(second, first, year)
        if first != second and int(first) <= 12 and int(second) <= 12:
            raise BadDate(
                "day and month cannot be told apart: choose a mapping that says their order, or write YYYY-MM-DD"
            )
        return self._with_year(first, second, year) if int(second) <= 12 else self._with_year(second, first, year)

    def _with_year(self, day: str, month: str, year: str) -> tuple[date, str | None]:
        if len(year) == 4:
            return _day(year, month, day), None
        century = self.today.year // 100
        for full in (f"{century}{year}", f"{century - 1}{year}"):
            if (found := _date(full, month, day)) and found <= self.today:
                return found, f"two-digit year read as {found.year}"
        raise BadDate(NO_SUCH_DAY)


def _day(year: str, month: str, day: str) -> date:
    if found := _date(year, month, day):
        return found
    raise BadDate(NO_SUCH_DAY)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
