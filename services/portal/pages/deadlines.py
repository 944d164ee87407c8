"""Deadlines: an instant in the zone of whoever set it, how many days are left, and the reader's own time beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.portal.pages.formats import Formats
from services.portal.pages.refusals import N_
from services.portal.pages.translations import Language


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline in words: ``text`` with its zone, ``left`` until then, ``own`` where the reader's clock differs."""

    text: str
    left: str
    own: str
    passed: bool

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Says deadlines of one zone; ``reader`` are the formats of who looks, in her own zone."""

    language: Language
    reader: Formats
    zone: str
    now: datetime

    @property
    def formats(self) -> Formats:
        """Dates and times in the zone."""
        return Formats(self.language.locale, self._zone)

    def until(self, at: datetime) -> Deadline:
        """A deadline at an instant."""
        text = self._say(N_("%(moment)s (%(zone)s)"), moment=self.formats.moment(at), zone=self.formats.zone_name())
        own = self.reader.moment(at)
        differs = own != self.formats.moment(at)
        return Deadline(
            text=text,
            left=self._left(at.astimezone(self._zone).date(), passed=at <= self.now),
            own=self._say(N_("That is %(moment)s where you are."), moment=own) if differs else "",
            passed=at <= self.now,
        )

    def day(self, day: date) -> Deadline:
        """A deadline at the end of a day."""
        passed = day < self.today
        return Deadline(self.formats.day(day), self._left(day, passed=passed), "", passed)

    @property
    def today(self) -> date:
        """The present day in the zone."""
        return self.now.astimezone(self._zone).date()

    @property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")

    def _left(self, day: date, *, passed: bool) -> str:
        days = (day - self.today).days
        if passed:
            return self._say(N_("over"))
        if days == 0:
            return self._say(N_("ends today"))
        text = self.language.texts.ngettext("%(days)s day left", "%(days)s days left", days)
        return text % {"days": self.reader.number(days)}

    def _say(self, message: str, **values: object) -> str:
        text = self.language.text(message)
        return text % values if values else text
