"""What stands in `applications` before generated requests: editions at every stage, each for something to succeed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.applications import store
from services.applications.domain.application import Application, Decision, Offer, Platform
from services.applications.domain.edition import Edition, Stage
from services.applications.domain.eligibility import RuleChecked
from services.applications.domain.participation import Participation
from services.applications.domain.round import Round
from services.applications.domain.sheet import Sheet
from services.applications.handlers import application_id
from services.chassis.aggregate import AggregateKind
from services.chassis.ids import derived_id
from tests.support.editions import CALL, edition

PAST, FUTURE = datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2098, 1, 1, 9, tzinfo=UTC)
LAST_DAY = date(2099, 12, 31)
FEW, MANY = 6, 20
_MISSED = (RuleChecked("age", met=False, calculation="36 years"),)
_DONE = {"explains": 3, "knows": 2}
_OFFER = Offer(1, (Platform("tiktok", 3),), ("de",), ("mon_am",))
Made = tuple[AggregateKind[Any, Any], str, Any]


def programme(who: str, company: str) -> Iterator[Made]:
    """Kind, id and state of each; ``who`` assesses, applies and manages, each where it does not hinder the other."""
    yield from _editions(company)
    for number in range(MANY):
        yield _made(store.APPLICATIONS, _others(number, company, "selection"))
        yield _made(store.PARTICIPATIONS, _participation(number, company))
    for name in ("assessing", "handing in", "closing"):
        for number in range(FEW):
            yield _made(store.APPLICATIONS, replace(_others(number, company, name), eligibility="met", rules=()))
    yield from _round("assessing", who)
    yield from _round("handing in", who)
    yield from _round("closing", ids("assessor", 0))
    yield from _own(who, company)


def ids(what: str, number: int) -> str:
    """The id of one of several."""
    return derived_id(what, str(number))


def chosen(number: int) -> str:
    """The id of an application on which something can be decided."""
    return _application_id("selection", number % MANY)


def aims() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By operation what it must be asked about to succeed, by the name of the path parameter."""
    drafts = [ids("draft", number) for number in range(FEW)]
    application = "/v1/applications/{application_id}"
    waiting = [_application_id("selection", number) for number in range(MANY)]
    sheets = [ids("sheet assessing", number) for number in range(FEW)]
    return {
        "PATCH /v1/editions/{edition_id}": {"edition_id": drafts},
        "PUT /v1/editions/{edition_id}/call": {"edition_id": drafts[3:]},
        "PUT /v1/editions/{edition_id}/form": {"edition_id": drafts},
        "PUT /v1/editions/{edition_id}/rubric": {"edition_id": drafts},
        "POST /v1/editions/{edition_id}/stage": {"edition_id": drafts[:3]},
        "POST /v1/editions/{edition_id}/late-admissions": {"edition_id": [ids("selection", 0)]},
        "POST /v1/editions/{edition_id}/applications": {"edition_id": [ids("call_open", 0)]},
        "GET /v1/editions/{edition_id}/my-application": {"edition_id": [ids("own one", 0)]},
        "POST /v1/editions/{edition_id}/rounds": {"edition_id": [ids("unread", 0)]},
        "POST /v1/editions/{edition_id}/decisions": {"edition_id": [ids("selection", 0)]},
        "POST /v1/editions/{edition_id}/release": {"edition_id": [ids("selection", 0)]},
        "GET /v1/editions/{edition_id}/board": {"edition_id": [ids("selection", 0)]},
        f"PATCH {application}": {"application_id": _mine("draft")},
        f"POST {application}/submission": {"application_id": _mine("draft")},
        f"POST {application}/withdrawal": {"application_id": _mine("applied")},
        f"POST {application}/waiver-request": {"application_id": _mine("applied")},
        f"POST {application}/acceptance": {"application_id": _mine("selected")},
        f"GET {application}/feedback": {"application_id": _mine("selected")},
        f"GET {application}/sheets": {"application_id": waiting},
        f"POST {application}/waiver": {"application_id": waiting},
        f"POST {application}/decision": {"application_id": waiting},
        f"POST {application}/acceptance-extension": {"application_id": [_application_id("chosen", 0)]},
        "GET /v1/sheets/{sheet_id}": {"sheet_id": sheets},
        "PUT /v1/sheets/{sheet_id}": {"sheet_id": sheets[:2]},
        "POST /v1/sheets/{sheet_id}/lock": {"sheet_id": sheets[2:4]},
        "POST /v1/sheets/{sheet_id}/conflict": {"sheet_id": sheets[4:]},
        "POST /v1/rounds/{round_id}/hand-in": {"round_id": [ids("round handing in", 0)]},
        "POST /v1/rounds/{round_id}/closure": {"round_id": [ids("round closing", 0)]},
    }


def _made(kind: AggregateKind[Any, Any], state: Any) -> Made:
    return kind, str(getattr(state, f"{kind.name}_id")), state


def _editions(company: str) -> Iterator[Made]:
    for number in range(FEW):
        yield _made(store.EDITIONS, _edition(ids("draft", number), company, "draft"))
    stages: Sequence[tuple[str, Stage]] = (
        ("call_open", "call_open"),
        ("selection", "selection"),
        ("unread", "selection"),
        ("assessing", "selection"),
        ("handing in", "selection"),
        ("closing", "selection"),
        ("chosen", "selection"),
        *((f"own {status}", "call_open") for status in ("draft", "applied")),
        ("own selected", "selection"),
        ("own one", "call_open"),
    )
    for name, stage in stages:
        yield _made(store.EDITIONS, _edition(ids(name, 0), company, stage))


def _edition(id: str, company: str, stage: Stage) -> Edition:
    call = replace(CALL, closes_at=FUTURE, opened_at=None if stage == "draft" else PAST)
    return edition(stage, edition_id=id, subsidiaries=(company,), ends_on=LAST_DAY, call=call)


def _application_id(edition: str, number: int) -> str:
    return derived_id("application", edition, str(number))


def _others(number: int, company: str, edition: str) -> Application:
    return Application(
        _application_id(edition, number),
        ids(edition, 0),
        ids("mentor", number),
        company,
        "applied",
        PAST,
        PAST,
        "in",
        "unmet",
        _MISSED,
        offer=_OFFER,
        answers={"why": "Because."},
        form_version=1,
        manager_informed=True,
        applied_at=PAST,
    )


def _mine(status: str) -> list[str]:
    return [_application_id(f"own {status}", number) for number in range(FEW)]


def _own(who: str, company: str) -> Iterator[Made]:
    """Applications of their own, more of each kind than anybody can have, and a stranger's who was selected."""
    told = Decision("selected", "By rank.", "somebody", PAST, PAST)
    for number in range(FEW):
        draft = replace(_others(number, company, "own draft"), mentor_id=who, status="draft", applied_at=None)
        yield _made(store.APPLICATIONS, draft)
        yield _made(store.APPLICATIONS, replace(_others(number, company, "own applied"), mentor_id=who))
        chosen = replace(_others(number, company, "own selected"), status="selected", decision=told)
        yield _made(store.APPLICATIONS, replace(chosen, mentor_id=who, eligibility="met", rules=()))
    one = replace(_others(0, company, "own one"), application_id=application_id(ids("own one", 0), who))
    yield _made(store.APPLICATIONS, replace(one, mentor_id=who))
    chosen = replace(_others(0, company, "chosen"), status="selected", decision=told, eligibility="met", rules=())
    yield _made(store.APPLICATIONS, chosen)
    yield _made(store.APPLICATIONS, replace(_others(0, company, "unread"), eligibility="met", rules=()))
    yield from _closed_round("own selected")


def _round(name: str, assessor: str) -> Iterator[Made]:
    """A round that is open, of which this assessor has a complete sheet for each application."""
    yield _made(store.ROUNDS, _a_round(name, assessor))
    for number in range(FEW):
        yield _made(store.SHEETS, _sheet(name, number, assessor))


def _closed_round(name: str) -> Iterator[Made]:
    """A round that is over, with two sheets that count for each application."""
    closed = replace(_a_round(name, ids("assessor", 0)), state="closed", unfinished=False, cause="complete")
    yield _made(store.ROUNDS, replace(closed, closed_at=PAST))
    for number in range(FEW):
        for reader in range(2):
            sheet = _sheet(name, number, ids("assessor", reader))
            id = ids(f"sheet {name} {reader}", number)
            yield _made(store.SHEETS, replace(sheet, sheet_id=id, state="locked", locked_at=PAST))


def _a_round(name: str, assessor: str) -> Round:
    return Round(
        ids(f"round {name}", 0),
        ids(name, 0),
        1,
        "open",
        2,
        None,
        (assessor,),
        None,
        seed="a seed",
        opened_by="somebody",
        opened_at=PAST,
    )


def _sheet(name: str, number: int, assessor: str) -> Sheet:
    return Sheet(
        ids(f"sheet {name}", number),
        ids(f"round {name}", 0),
        ids(name, 0),
        _application_id(name, number),
        ids("mentor", number),
        assessor,
        "open",
        _DONE,
        saved_at=PAST,
    )


def _participation(number: int, company: str) -> Participation:
    return Participation(
        ids("participation", number), ids("selection", 0), ids("mentee", number), company, obliged_at=PAST
    )
