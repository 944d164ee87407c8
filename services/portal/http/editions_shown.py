"""What all pages about one edition show, and how what a service refuses comes back to their forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import FormData
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.http.forms import Form
from services.portal.http.navigation import STAFF
from services.portal.http.page import SignedPage
from services.portal.pages import edition_words
from services.portal.pages.formats import Formats
from services.portal.pages.local_times import days_until

Content = dict[str, Any]
Errors = dict[str, str]
Told = list[tuple[str, str]]
_OTHER_CHOICE = frozenset({"outside-your-subsidiaries", "own-case"})
_READING = STAFF | {"auditor", "data_protection"}


def editions(page: SignedPage) -> Editions:
    """The editions, as far as whoever looks may know them. Raises ``Refusal`` 403 for those who run none."""
    if not page.has(*_READING):
        raise Refusal(403, "role-missing", "")
    return Editions(page.applications)


async def shown(page: SignedPage, id: str) -> Content:
    """The edition and what its pages need to tell of it."""
    seen = await editions(page).show(id)
    one = seen.value
    companies = await page.people.companies()
    known = [one.created_by, one.escalation.to if one.escalation else None]
    zone = zone_of(one.zone)
    return {
        "one": one,
        "version": seen.version,
        "companies": companies,
        "company": {company.id: company.name for company in companies},
        "names": await page.people.names([id for id in known if id]),
        "words": edition_words,
        "zone": zone,
        "ez": Formats(page.language.locale, zone),
        "days_left": _days_left(one, page.now(), zone),
        "may_change": one.next is not None,  # told to those who are responsible for all of it, until it is closed
        "runs": page.has(*STAFF),
        "may_decide": page.has(*STAFF) and one.stage not in {"draft", "closed"},
        "here": f"/editions/{one.edition_id}",
        "as_of": page.now(),
    }


def _days_left(one: Edition, now: datetime, zone: ZoneInfo) -> int | None:
    """How many days the call is open still; negative from the very moment on in which it is over."""
    closes = one.call.closes_at if one.call else None
    if closes is None:
        return None
    return days_until(closes, now, zone) if closes > now else -1


async def responsible(page: SignedPage, names: Mapping[str, str], *chosen: str | None) -> list[tuple[str, str]]:
    """Whom one may choose to hear of an executive without a mentor: those who run programmes, and who is chosen now."""
    found = {id: names.get(id, id) for id in chosen if id} | {page.me.id: page.me.name}
    for role in sorted(STAFF):
        found |= {one.id: one.name for one in (await page.people.search(None, role=role, active="true")).items}
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


def in_order(errors: Mapping[str, str], inputs: Iterable[str]) -> Errors:
    """What is wrong, in the order in which the form has its inputs; what is named otherwise comes last."""
    return {name: errors[name] for name in inputs if name in errors} | dict(errors)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC where this machine knows none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def placed(
    company: Mapping[str, str], names: Mapping[str, str], subsidiary: str, person: str
) -> tuple[str, bool, str, str]:
    """Where somebody stands in a list by company and name; who has no name that one may know stands last in it."""
    name = names.get(person, "").casefold()
    return company.get(subsidiary, "").casefold(), not name, name, person


def filled(pairs: Iterable[tuple[str, object]]) -> Form:
    """A form as if these had been sent: what a page shows before anybody wrote anything."""
    return Form(FormData([(name, "" if value is None else str(value)) for name, value in pairs]))


def compared(page: SignedPage, mine: Told, stored: Told) -> Sequence[tuple[str, str, str]]:
    """What somebody wrote beside what is stored, item by item, where the two differ."""
    theirs, mine_by = dict(stored), dict(mine)
    labels = [*mine_by, *(label for label in theirs if label not in mine_by)]
    nothing = page.text("none")
    rows = [(label, mine_by.get(label) or nothing, theirs.get(label) or nothing) for label in labels]
    return [row for row in rows if row[1] != row[2]] or rows[:1]


def refused(
    page: SignedPage,
    form: Form,
    refusal: Refusal,
    template: str,
    content: Mapping[str, Any],
    *,
    rows: Sequence[Any] = (),
) -> Response:
    """The conflict page, or the form again with what to correct. Raises what is no matter of this form."""
    one: Edition = content["one"]
    if refusal.status == LOST:
        stage = page.text(edition_words.STAGES.get(one.stage, ("", one.stage))[1])
        told = list(rows) or [(page.text("Edition"), page.text("your input"), stage)]
        return page.conflict(form, told, content["version"], back=(content["here"], one.name))
    if not correctable(refusal):
        raise refusal
    return page.again(template, form, refusal, **{**content, "given": form})


def correctable(refusal: Refusal) -> bool:
    """Whether the form itself can say what is wrong: another choice or other words may do."""
    return refusal.status in {409, 422} or refusal.kind in _OTHER_CHOICE


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that was written, if it lies between these two."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return int(text) if least <= int(text) <= most else None
