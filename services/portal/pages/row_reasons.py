"""What `people` says is wrong with a roster and its rows, in the reader's words: it writes English prose only.

Each text is a reason as `people` writes it, with names where values stand. What fits none of them, such as the words
of a mapping of the customer's own, stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.portal.pages.refusals import N_
from services.portal.pages.translations import Language

_CELLS = (
    N_("use at most %(number)s characters"),
    N_("write one e-mail address, e.g. ada@example.com"),
    N_("write a whole number from %(lowest)s to %(highest)s"),
    N_("write a language tag such as en, de or pt-BR"),
    N_("write a time zone such as Europe/Berlin or UTC"),
    N_("write a role out of %(roles)s, e.g. auditor@North|South"),
    N_("write platforms as name:number, e.g. LinkedIn:2; a name has letters a-z, digits and .-_ only"),
    N_("name at most %(number)s"),
    N_("name %(twice)s once"),
    N_("write true or false"),
    N_("the mapping %(mapping)s has no status %(status)s; add the word to it"),
    N_("a spreadsheet program rewrote this number; export the column as text"),
    N_("the error value of a spreadsheet program"),
    N_("begins with %(sign)s: kept as text, never evaluated"),
    N_("no such day"),
    N_("write a date from 1900 on"),
    N_("write a date without a time of day"),
    N_("not a date: write it as YYYY-MM-DD"),
    N_("dots stand between day, month and year, but this file's dates begin with the month"),
    N_("day and month cannot be told apart: choose a mapping that says their order, or write YYYY-MM-DD"),
    N_("write the year of a last day with four digits"),
    N_("two-digit year read as %(year)s"),
    N_("born in the future"),
    N_("born after the first day of work"),
)
_ROWS = (
    N_("no employee number"),
    N_("no external id"),
    N_("no name"),
    N_("no given name and surname (service account)"),
    N_("guest, not an employee"),
    N_("birth date missing: age rule cannot be decided, not the same as eligible"),
    N_("layout has no birth date and no manager: age rule and reporting-line rule cannot be checked from this file"),
    N_("layout has no birth date: age rule cannot be checked from this file"),
    N_("layout has no manager: reporting-line rule cannot be checked from this file"),
    N_("same employee number as line %(line)s"),
    N_("same external id as line %(line)s"),
    N_("same mail as line %(line)s when letter case is ignored"),
    N_("same login as line %(line)s"),
    N_("same key as line %(line)s, which is refused; keep one"),
    N_("manager name %(name)s is ambiguous and one candidate is the person herself"),
    N_("manager name %(name)s is ambiguous (%(keys)s)"),
    N_("manager %(name)s is ambiguous and one candidate is the person herself"),
    N_("manager %(name)s is ambiguous (%(keys)s)"),
    N_("the row has %(cells)s cells, the header %(columns)s; an empty cell needs its delimiter too"),
    N_("control or direction characters, which nobody sees: remove them"),
    N_("this is no row of a CSV file: %(error)s; mind its quotes"),
)
_PEOPLE = (
    N_("you may not import this person; check number and company, or ask the group office"),
    N_("roles, and logins of those who hold one, are changed by the group office, and never by oneself"),
    N_("the login of somebody known is changed by HR's integrator or the group office"),
    N_("this person comes from no roster yet; an import for the whole group takes them over"),
    N_("this person holds a role beyond your companies; the group office says when they leave"),
    N_("its two ids belong to two known people; correct one of them"),
    N_("nobody works in a subsidiary %(names)s; correct the name"),
    N_("somebody new needs a subsidiary; the file has no such column, so name one"),
    N_("same mail as a known person (%(key)s); is it the same one?"),
    N_("this person comes from the source %(source)s; change them there"),
    N_("somebody else has this login; correct it"),
    N_("the file would deactivate %(share)s %% of the known people; a person must confirm"),
    N_("the file has a header and nobody below it; a person must confirm"),
    N_("the file has nobody of a company whose people it had before; a person must confirm"),
    N_("%(rows)s rows name nobody, so %(people)s may be taken for leavers; correct them"),
)
_FILES = (
    N_("The file is empty; send it with a header and the people in it."),
    N_("The file has more than %(number)s rows; split it."),
    N_("No mapping knows this header: %(header)s."),
    N_("%(mapping)s needs %(columns)s besides."),
    N_("The header fits %(mappings)s alike; name the mapping."),
    N_("The column %(name)s stands in the header twice; keep one."),
    N_("There is no mapping %(mapping)s; there are %(known)s."),
    N_("The file has NUL bytes: if it is UTF-16, name that encoding (utf-16-le)."),
    N_("The file cannot be read as %(encoding)s: there is no such encoding; %(choices)s."),
    N_(
        "The file cannot be read as %(encoding)s: it has bytes that this encoding lacks, the first on line %(line)s; "
        "%(choices)s."
    ),
    N_("Line %(line)s is not UTF-8, though other lines are; %(choices)s."),
    N_("Line %(line)s is neither UTF-8 nor Windows-1252; %(choices)s."),
    N_("name the encoding, e.g. cp1252 (Western European) or cp1250 (Polish, Czech), or save the file as CSV UTF-8"),
    N_("This file could not be read; tell the operators its id."),
    N_("People changed since this dry run; look at it again."),
)
_VALUE = re.compile(r"%\((\w+)\)s")
_NEEDS = re.compile(r"\S+ needs .+? besides\.")


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as readers see it; ``foreign`` where it is the English of `people`, or a customer's words."""

    text: str
    foreign: bool = False


def told(reason: str, language: Language) -> Told:
    """The reason in the reader's language."""
    head, *needs = [reason] if not (at := _NEEDS.search(reason)) else [reason[: at.start()], *_NEEDS.findall(reason)]
    parts = [_told(part.strip(), language) for part in (head, *needs) if part.strip()]
    if None in parts:
        return Told(reason, foreign=True)
    return Told(" ".join(part for part in parts if part))


def _told(reason: str, language: Language) -> str | None:
    for pattern, message in _PATTERNS:
        if found := pattern.fullmatch(reason):
            values = {name: _told(value, language) or value for name, value in found.groupdict().items()}
            return language.text(message) % values
    return None


def _pattern(message: str) -> re.Pattern[str]:
    """Finds a text with any values in it."""
    parts = _VALUE.split(message.replace("%%", "%"))
    told = "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(told, re.DOTALL)


_PATTERNS = tuple((_pattern(message), message) for message in (*_CELLS, *_ROWS, *_PEOPLE, *_FILES))
