"""What may stand in a cell of a roster, and what it means. Each function reads one cell's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from services.people.domain.person import Role, RoleName, Skill, Wish

T = TypeVar("T")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


class BadCell(Exception):
    """A cell cannot be read; the message says what must stand there."""


def text(longest: int) -> Callable[[str], str]:
    """Reads text of up to so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise BadCell(f"use at most {longest} characters")
        return cell

    return read


def email(cell: str) -> str:
    """One e-mail address."""
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        raise BadCell("write one e-mail address, e.g. ada@example.com")
    return cell


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(cell: str) -> int:
        if not (cell.isascii() and cell.isdigit() and lowest <= int(cell) <= highest):
            raise BadCell(f"write a whole number from {lowest} to {highest}")
        return int(cell)

    return read


def language(cell: str) -> str:
    """A language as BCP 47 tag."""
    primary, dash, rest = cell.replace("_", "-").partition("-")
    tag = primary.lower() + dash + rest
    if not _LANGUAGE.fullmatch(tag):
        raise BadCell("write a language tag such as en, de or pt-BR")
    return tag


def languages(cell: str) -> tuple[str, ...]:
    """Languages separated by ``;``, each once."""
    return tuple(dict.fromkeys(listed(cell, language, most=40)))


def zone(cell: str) -> str:
    """A name of the time zone database."""
    if cell not in _zones():
        raise BadCell("write a time zone such as Europe/Berlin or UTC")
    return cell


def skills(cell: str) -> tuple[Skill, ...]:
    """Platforms and levels 0 to 4: ``LinkedIn:4;TikTok:3``."""
    found = tuple(Skill(*pair) for pair in _rated(cell, number(0, 4)))
    return _each_once(found, [skill.platform for skill in found])


def wishes(cell: str) -> tuple[Wish, ...]:
    """Platforms and priorities 1 to 3: ``LinkedIn:1``."""
    found = tuple(Wish(*pair) for pair in _rated(cell, number(1, 3)))
    return _each_once(found, [wish.platform for wish in found])


def roles(cell: str) -> tuple[Role, ...]:
    """Roles with the names of their subsidiaries: ``programme_manager@North|South;auditor``."""
    found = listed(cell, _role, most=len(RoleName))
    return _each_once(found, [role.role for role in found])


def listed(cell: str, read: Callable[[str], T], *, most: int, separator: str = ";") -> tuple[T, ...]:
    """Reads what is separated; empty members are left out."""
    members = [member for part in cell.split(separator) if (member := part.strip())]
    if len(members) > most:
        raise BadCell(f"name at most {most}")
    return tuple(read(member) for member in members)


def _role(member: str) -> Role:
    name, _, bounds = member.partition("@")
    try:
        role = RoleName(name.strip())
    except ValueError:
        raise BadCell(f"write a role out of {', '.join(RoleName)}, e.g. auditor@North|South") from None
    return Role(role, tuple(dict.fromkeys(listed(bounds, text(120), most=150, separator="|"))))


def _rated(cell: str, rating: Callable[[str], int]) -> tuple[tuple[str, int], ...]:
    def read(member: str) -> tuple[str, int]:
        name, _, value = member.rpartition(":")
        return platform(name), rating(value.strip())

    return listed(cell, read, most=200)


def platform(name: str) -> str:
    """The code of a platform: its name in lower case, ``-`` for spaces."""
    code = "-".join(name.lower().split())
    if not _PLATFORM.fullmatch(code):
        raise BadCell("write platforms as name:number, e.g. LinkedIn:2; a name has letters a-z, digits and .-_ only")
    return code


def _each_once(found: tuple[T, ...], names: Sequence[str]) -> tuple[T, ...]:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadCell(f"name {twice} once")
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
