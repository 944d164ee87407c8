"""Dates, times and numbers as a language writes them, with spaces that do not break."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_decimal, format_percent

_NBSP = "\u00a0"
_UNIVERSAL = frozenset({"UTC", "Etc/UTC"})


class Formats:
    """How one language writes things; instants come in UTC and are shown in the reader's ``zone``."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        self._locale = locale
        self._zone = zone

    def day(self, value: date | str | None) -> str:
        """A day, such as "25 Nov 2026"; empty for none."""
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return _bound(format_date(day, "medium", self._locale)) if day else ""

    def long_day(self, value: date) -> str:
        """A day with its weekday in full."""
        return _bound(format_date(value, "full", self._locale))

    def clock(self, value: datetime | str) -> str:
        """The time of day of an instant, such as "10:42"."""
        return _bound(format_time(self._local(value), "short", locale=self._locale))

    def moment(self, value: datetime | str | None) -> str:
        """An instant, with day and time; empty for none."""
        if not value:
            return ""
        local = self._local(value)
        return f"{self.day(local.date())}, {self.clock(local)}"

    def language(self, code: str) -> str:
        """What a language is called; its code where it has no name here."""
        try:
            name = Locale.parse(code, sep="-").get_display_name(self._locale)
        except (UnknownLocaleError, ValueError):
            return code
        return str(name) if name else code

    def zone_name(self) -> str:
        """What people call the reader's zone."""
        if self._zone.key in _UNIVERSAL:  # a standard, not a region with a name
            return "UTC"
        return get_timezone_name(self._zone, width="long", locale=self._locale)

    def half_hour(self, minutes: int) -> str:
        """A time of day, given in minutes after midnight."""
        return _bound(format_time(time(minutes // 60 % 24, minutes % 60), "short", locale=self._locale))

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with the language's separators; with so many decimals, as a column of numbers wants them."""
        if decimals is None:
            return format_decimal(value, locale=self._locale)
        return format_decimal(value, f"#,##0.{'0' * decimals}", locale=self._locale)

    def percent(self, share: float) -> str:
        """A share of 1 as whole per cent."""
        return _bound(format_percent(share, locale=self._locale))

    def _local(self, value: datetime | str) -> datetime:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return instant.astimezone(self._zone)


def _bound(text: str) -> str:
    return text.replace(" ", _NBSP).replace("\u202f", _NBSP)
