"""An edition from its draft to its matching, in which every command of it is sent once; ``everybody`` plays it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.chassis import directory
from services.chassis.wire import rfc3339
from tests.support.editions import asking, calling, scoring
from tests.support.everybody import Everybody
from tests.support.waiting import until_async

SERVICE = "applications"
CLOSES = datetime(2026, 4, 1, tzinfo=UTC)
PARTS: Mapping[str, Any] = {
    "offer": {
        "places": 1,
        "platforms": [{"platform": "tiktok", "level": 4}],
        "languages": ["de"],
        "availability": ["mon_am"],
    },
    "answers": {"why": "Weil ich es kann."},
    "manager_informed": True,
}
_REASON = "Because all have agreed on it."


async def an_edition(world: Everybody, company: str, persons: Mapping[str, str]) -> str:
    """Its call, an application that is selected and two that are not, and an executive who is exempt; the id.

    ``persons`` are the ids of E1 and E2, M1 to M3 (M2 is over the age limit), and of the assessors A1 to A3.
    """
    edition = await _prepared(world, company, persons)
    path = f"/v1/editions/{edition}"
    applications = {number: await _sent(world, path, persons[number]) for number in ("M1", "M2")}
    await _changed(world, applications["M1"], persons["M1"])
    await _waived(world, applications["M2"], persons["M2"])
    world.at(CLOSES)
    applications["M3"] = await _late(world, path, persons["M3"])
    await moved_on(world, edition, "selection")
    await _assessed(world, path, persons)
    await _decided(world, path, applications)
    await _answered(world, applications, persons)
    await _executives(world, path, persons)
    await moved_on(world, edition, "matching")
    return edition


async def moved_on(world: Everybody, edition: str, stage: str) -> None:
    """Move the edition on, as soon as nothing blocks it."""
    path = f"/v1/editions/{edition}"

    async def free() -> bool:
        following = (await world.get(SERVICE, path))["next"]
        return bool(following["stage"] == stage and not following["blockers"])

    await until_async(free, f"nothing keeps the edition from {stage}")
    await world.command(SERVICE, f"{path}/stage", {"to": stage}, subject=edition, seen=path)


async def _heard_of(world: Everybody, person: str) -> None:
    """Wait until the service knows a person by the directory."""
    people = world.databases[SERVICE][directory.COLLECTION]

    async def known() -> bool:
        return await people.find_one({"_id": person}) is not None

    await until_async(known, f"{SERVICE} has heard of {person}")


async def _prepared(world: Everybody, company: str, persons: Mapping[str, str]) -> str:
    body = {"name": "2026", "starts_on": "2026-04-01", "ends_on": "2027-02-28", "subsidiaries": [company]}
    edition = (await world.command(SERVICE, "/v1/editions", body, subject="edition_id")).json()["edition_id"]
    path = f"/v1/editions/{edition}"
    said = partial(world.command, SERVICE, subject=edition, seen=path)
    terms = {"accept_by": "2026-04-10", "escalation": {"to": persons["A1"], "after_days": 10}}
    await _heard_of(world, persons["A1"])
    await said(path, terms, method="PATCH")
    call = calling(closes_at=rfc3339(CLOSES))
    for part, written in (("call", call), ("form", asking()), ("rubric", scoring(sheets=2))):
        await said(f"{path}/{part}", written, method="PUT")
    await moved_on(world, edition, "call_open")
    return str(edition)


async def _sent(world: Everybody, path: str, person: str) -> str:
    body = {"mentor_id": person, "submit": True, **PARTS}
    sent = await world.accepts(SERVICE, f"{path}/applications", body, subject="application_id", actor=person)
    return str(sent.json()["application_id"])


async def _changed(world: Everybody, application: str, person: str) -> None:
    path, body = f"/v1/applications/{application}", {"answers": {"why": "Weil ich es gern tue."}}
    await world.command(SERVICE, path, body, subject=application, seen=path, actor=person, method="PATCH")


async def _waived(world: Everybody, application: str, person: str) -> None:
    path = f"/v1/applications/{application}"
    said = partial(world.command, SERVICE, subject=application, seen=path)
    await said(f"{path}/waiver-request", {"reason": _REASON}, actor=person)
    await said(f"{path}/waiver", {"decision": "granted", "reason": _REASON})


async def _late(world: Everybody, path: str, person: str) -> str:
    """Somebody who is admitted after the deadline, fills in what is asked and hands it in."""
    body = {"person_id": person, "until": "2026-04-05T00:00:00Z", "reason": _REASON}
    admitted = await world.command(SERVICE, f"{path}/late-admissions", body, subject="application_id")
    application = str(admitted.json()["application_id"])
    place = f"/v1/applications/{application}"
    seen = (await world.http[SERVICE].get(place, headers={"Tandem-Actor": person})).headers["ETag"]
    saved = await world.http[SERVICE].patch(place, json=PARTS, headers={"Tandem-Actor": person, "If-Match": seen})
    assert saved.status_code == 200, saved.text  # a draft is private: nothing tells of it
    await world.command(SERVICE, f"{place}/submission", {}, subject=application, seen=place, actor=person)
    return application


async def _assessed(world: Everybody, path: str, persons: Mapping[str, str]) -> None:
    """A round in which one assessor declares a conflict, one locks, one hands in, and which is closed early."""
    opened = await world.command(SERVICE, f"{path}/rounds", {"per_application": 2}, subject="round_id")
    place = f"/v1/rounds/{opened.json()['round_id']}"

    async def assigned() -> bool:
        return bool((await world.get(SERVICE, place))["state"] == "open")

    await until_async(assigned, "the sheets are assigned")
    first, second, third = (persons[number] for number in ("A1", "A2", "A3"))
    sheet = await _sheet(world, path, first)
    await _on_sheet(world, sheet, first, "/conflict", {"reason": _REASON})
    sheet = await _sheet(world, path, second)
    await _on_sheet(
        world, sheet, second, "", {"scores": {"explains": 2, "knows": 3}, "comment": "Kann es."}, method="PUT"
    )
    await _on_sheet(world, sheet, second, "/lock", {})
    sheet = await _sheet(world, path, third)
    await _on_sheet(world, sheet, third, "", {"scores": {"explains": 1, "knows": 1}}, method="PUT")
    await world.command(SERVICE, f"{place}/hand-in", {}, subject=sheet, actor=third)
    await world.command(SERVICE, f"{place}/closure", {"reason": _REASON}, subject="round_id", seen=place)

    async def closed() -> bool:
        return bool((await world.get(SERVICE, place))["state"] == "closed")

    await until_async(closed, "the round is closed")


async def _sheet(world: Everybody, path: str, assessor: str) -> str:
    """An open sheet of this assessor."""
    sheets = await world.get(SERVICE, f"{path}/sheets", actor=assessor)
    return str(next(sheet["sheet_id"] for sheet in sheets if sheet["state"] == "open"))


async def _on_sheet(world: Everybody, sheet: str, assessor: str, step: str, body: Any, *, method: str = "POST") -> None:
    place = f"/v1/sheets/{sheet}"
    await world.command(SERVICE, f"{place}{step}", body, subject=sheet, seen=place, actor=assessor, method=method)


async def _decided(world: Everybody, path: str, applications: Mapping[str, str]) -> None:
    """One by one, many together, and all of it told."""
    one = applications["M1"]
    place = f"/v1/applications/{one}"
    selected = {"decision": "selected", "reason": _REASON}
    await world.command(SERVICE, f"{place}/decision", selected, subject=one, seen=place)
    others = [("M2", "selected"), ("M3", "declined")]
    each = [{"application_id": applications[number], "decision": decision} for number, decision in others]
    body = {"decisions": each, "reason": _REASON}
    await world.command(SERVICE, f"{path}/decisions", body, subject=applications["M3"])
    await world.command(SERVICE, f"{path}/release", {}, subject=applications["M3"])


async def _answered(world: Everybody, applications: Mapping[str, str], persons: Mapping[str, str]) -> None:
    """One accepts, one gets more time and withdraws all the same."""
    yes, no = (f"/v1/applications/{applications[number]}" for number in ("M1", "M2"))
    said = partial(world.command, SERVICE)
    await said(f"{yes}/acceptance", {}, subject=applications["M1"], seen=yes, actor=persons["M1"])
    more = {"until": "2026-04-20", "reason": _REASON}
    await said(f"{no}/acceptance-extension", more, subject=applications["M2"], seen=no)
    body = {"reason": "I found another position."}
    await said(f"{no}/withdrawal", body, subject=applications["M2"], seen=no, actor=persons["M2"])


async def _executives(world: Everybody, path: str, persons: Mapping[str, str]) -> None:
    """One of the two is escalated, taken back, and exempted at last."""
    ids: dict[str, str] = {}

    async def both_there() -> bool:
        found = await world.get(SERVICE, f"{path}/participations")
        ids.update({one["mentee_id"]: one["participation_id"] for one in found})
        return len(ids) == 2

    await until_async(both_there, "both executives take part")
    place = f"/v1/participations/{ids[persons['E2']]}"
    said = partial(world.command, SERVICE, subject=ids[persons["E2"]], seen=place)
    await said(f"{place}/escalation", {"to": persons["A1"], "reason": _REASON})
    await said(f"{place}/obligation", {"reason": _REASON})
    await said(f"{place}/exemption", {"reason": "leaving", "explanation": "Retires in the summer."})
