"""How facts of persons are read into what matching counts with: lines, languages, clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.matching.domain.people import LanguageLevel
from services.matching.domain.policy import level_number

_NAMED = level_number("B2")  # what a language counts that is named without a level: a profile names those from B2 on
_OWN = level_number("C2")


def line_above(person_id: str, manager_of: Mapping[str, str | None]) -> tuple[str, ...]:
    """Everybody above ``person_id``, the nearest first; a circle in the roster ends the walk before the person."""
    above: dict[str, None] = {}
    manager = manager_of.get(person_id)
    while manager is not None and manager != person_id and manager not in above:
        above[manager] = None
        manager = manager_of.get(manager)
    return tuple(above)


def languages(named: Iterable[str], declared: Iterable[LanguageLevel], own: str) -> dict[str, int]:
    """The languages somebody speaks, each with its level 1 to 6, by the tag without script and region in lower case.

    A declared level counts. A language that is only named counts as B2, the own one of the directory as C2; that one
    stands in where none is named. Who speaks de-AT and who speaks de-CH understand each other.
    """
    spoken: dict[str, int] = {}
    for one in declared:
        tag = _primary(one.language)
        spoken[tag] = max(level_number(one.level), spoken.get(tag, 0))
    for tag in map(_primary, tuple(named) or (own,)):
        spoken.setdefault(tag, _OWN if tag == _primary(own) else _NAMED)
    spoken.pop("", None)
    return spoken


@cache
def clock_of(zone: str) -> str:
    """What the clocks of a time zone show against UTC in winter and in summer; empty for one that is not known."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return "/".join(f"{datetime(2026, month, 15, tzinfo=UTC).astimezone(where):%z}" for month in (1, 7))


def _primary(tag: str) -> str:
    return tag.partition("-")[0].strip().casefold()
