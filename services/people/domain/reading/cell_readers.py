"""How the cells of each field are read; what a cell once meant is remembered, since columns repeat themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.people.domain import cells
from services.people.domain.profile import Contract
from services.people.domain.reading.dates import BadDate, DateForm
from services.people.domain.reading.mapping import Layout

Read = Callable[[str], Any]
_YES = frozenset(["true", "yes", "y", "1", "ja", "j", "wahr", "x", "oui", "vrai", "si", "sí", "sì", "tak", "ano"])
_NO = frozenset(["false", "no", "n", "0", "nein", "falsch", "non", "faux", "nie", "ne"])
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # with which a spreadsheet program takes a text for a formula
_REWRITTEN = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_PLAIN: Mapping[str, re.Pattern[str]] = {  # cells that mean themselves, of columns in which every cell is another
    **dict.fromkeys(("employee_number", "external_id", "manager_number"), re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")),
    "email": re.compile(r"[0-9A-Za-z][\w.-]{0,63}@(?:[0-9A-Za-z-]{1,40}\.){1,3}[0-9A-Za-z-]{1,40}", re.ASCII),
}
_CONSTANT = re.compile('="[^"]+"')  # how spreadsheet programs are made to keep leading zeros
_ERRORS = frozenset(
    ["#NAME?", "#REF!", "#VALUE!", "#N/A", "#NUM!", "#NULL!", "#DIV/0!", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!"]
)
_TEXTS: Mapping[str, int] = {  # longest, in characters
    "employee_number": 64,
    "external_id": 128,
    "first_name": 100,
    "last_name": 100,
    "subsidiary": 120,
    "manager_number": 64,
    "manager_external_id": 128,
    "manager_email": 254,
    "manager_name": 201,
    "job_level": 40,
    "place": 120,
}
_EMPTY: Mapping[str, Any] = {  # what an empty cell means, None where nothing else does
    "first_name": "",
    "last_name": "",
    "executive": False,
    "language": "en",
    "zone": "UTC",
    "place": "",
    "capacity": 1,
    **dict.fromkeys(("roles", "languages", "skills", "wishes"), ()),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell that cannot be read, or (``fatal`` false) whose ``value`` is worth a warning."""

    reason: str
    value: Any = None
    fatal: bool = False


class Memory(dict[str, Any]):
    """What the cells of one column mean, by their raw text: a value, or a ``Trouble``."""

    def __init__(self, read: Read, empty: Any, plain: re.Pattern[str] | None = None) -> None:
        self._read = read
        self._empty = empty
        self._plain = plain
        self.troubled = False

    def __missing__(self, raw: str) -> Any:
        if self._plain and self._plain.fullmatch(raw):
            self[raw] = raw
            return raw
        value = self[raw] = self._found(raw)
        self.troubled = self.troubled or type(value) is Trouble
        return value

    def _found(self, raw: str) -> Any:
        text = " ".join(raw.split())
        if not text:
            return self._empty
        if text[0] in "=#":
            text = text[2:-1] if _CONSTANT.fullmatch(text) else text
            if text in _ERRORS:
                return Trouble("the error value of a spreadsheet program", fatal=True)
        try:
            return self._read(text)
        except (cells.BadCell, BadDate) as error:
            return Trouble(str(error), fatal=True)


def memory(field: str, layout: Layout, today: date, issuers: tuple[str, ...]) -> Memory:
    """A fresh memory for the column of a field."""
    plain = None if field == "manager_number" and layout.nobody else _PLAIN.get(field)
    return Memory(_reader(field, layout, today, issuers), _EMPTY.get(field), plain)


def _reader(field: str, layout: Layout, today: date, issuers: tuple[str, ...]) -> Read:
    if field in ("birth_date", "hire_date", "termination_date"):
        return _date(DateForm(today, layout.dates, layout.serials), field)
    if field == "login":
        return _login(issuers)
    if field == "full_name":
        return _names(layout)
    if field == "status":
        return _status(layout)
    if field == "contract":
        return _contract(layout)
    if field in ("active", "executive", "on_leave"):
        return _truth(layout.executive if field == "executive" else ())
    if field.startswith("manager_"):
        return _manager(_text(_TEXTS[field]), layout)
    if field == "employee_number":
        return _number(_text(_TEXTS[field]))
    return _text(_TEXTS[field]) if field in _TEXTS else _OTHERS[field]


def _text(longest: int) -> Read:
    def read(text: str) -> Any:
        if len(text) > longest:
            raise cells.BadCell(f"use at most {longest} characters")
        return (
            Trouble(f"begins with {text[0]}: kept as text, never evaluated", text)
            if text.startswith(_FORMULA)
            else text
        )

    return read


def _number(within: Read) -> Read:
    def read(text: str) -> Any:
        if not text.isdecimal() and _REWRITTEN.fullmatch(text):
            raise cells.BadCell("a spreadsheet program rewrote this number; export the column as text")
        return within(text)

    return read


def _date(form: DateForm, field: str) -> Read:
    def read(text: str) -> Any:
        found, note = form.read(text)
        if note and field == "termination_date":
            raise cells.BadCell("write the year of a last day with four digits")
        return Trouble(note, found) if note else found

    return read


def _login(issuers: tuple[str, ...]) -> Read:
    within = cells.text(255)

    def read(text: str) -> str:
        known = text.partition(":")[0] in issuers
        return within(text) if known else f"{issuers[0]}:{within(text)}"

    return read


def _names(layout: Layout) -> Read:
    def read(text: str) -> Any:
        last, comma, first = map(str.strip, text.rpartition(","))
        if not comma and layout.full_name == "last-first":
            last, _, first = text.partition(" ")
        elif not comma:
            first, _, last = text.rpartition(" ")
        found = _text(_TEXTS["manager_name"])(f"{first} {last}".strip())
        return Trouble(found.reason, (first, last)) if isinstance(found, Trouble) else (first, last)

    return read


def _status(layout: Layout) -> Read:
    words = {
        word.casefold(): meaning
        for meaning, listed in (
            ("active", layout.statuses.active),
            ("on_leave", layout.statuses.on_leave),
            ("left", layout.statuses.left),
        )
        for word in listed
    }

    def read(text: str) -> str:
        if (found := words.get(text.casefold())) is None:
            raise cells.BadCell(f"the mapping {layout.name} has no status {text[:40]!r}; add the word to it")
        return found

    return read


def _contract(layout: Layout) -> Read:
    """A word of the mapping, or one of the codes themselves; any other is no reason to refuse somebody."""
    words: dict[str, Contract] = {code.value: code for code in Contract}
    words |= {word.casefold(): code for code, listed in layout.contracts.items() for word in listed}

    def read(text: str) -> Any:
        if found := words.get(text.casefold()):
            return found
        told = f"the mapping {layout.name} has no contract {text[:40]!r}: taken as not known; add the word to it"
        return Trouble(told)

    return read


def _truth(more: tuple[str, ...]) -> Read:
    yes = _YES | {word.casefold() for word in more}

    def read(text: str) -> bool:
        word = text.casefold()
        if word not in yes and word not in _NO and not more:
            raise cells.BadCell("write true or false")
        return word in yes

    return read


def _manager(read: Read, layout: Layout) -> Read:
    nobody = {word.casefold() for word in layout.nobody}
    return lambda text: None if text.casefold() in nobody else read(text)


_OTHERS: Mapping[str, Read] = {
    "email": cells.email,
    "roles": cells.roles,
    "language": cells.language,
    "zone": cells.zone,
    "languages": cells.languages,
    "capacity": cells.number(0, 3),
    "skills": cells.skills,
    "wishes": cells.wishes,
}
