"""Records that pages show, made over the API before anybody looks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.front_door import FrontDoor
from tests.support.importing import imported, planned

HEADER = "employee_number,name,email,subsidiary,birth_date,entry_date,manager"


async def records(office: httpx2.AsyncClient, door: FrontDoor) -> dict[str, str]:
    """People, a company, and a service account with a key that ends soon; their ids."""
    ids = {name: await _person(office, name) for name in ("albers", "haddad", "hoff", "kurz")}
    companies = (await office.get("/v1/subsidiaries")).json()
    for name in ("Messen", "Holding"):
        ids[name.lower()] = next(one["id"] for one in companies if one["name"] == door.company(name))
    role = {"role": "auditor", "subsidiaries": [ids["messen"]]}
    account = await _made(office, "/v1/service-accounts", name="Audit feed", owner="Ms Okafor", roles=[role])
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    key = await _made(office, f"/v1/service-accounts/{account['id']}/keys", expires_at=until)
    return {**ids, "account": account["id"], "key": key["key"]["key_id"]}


async def imports(office: httpx2.AsyncClient, door: FrontDoor) -> dict[str, str]:
    """Imports in all their states, of a feed of its own so that they touch nobody else; their ids."""
    feed = {"source": f"pages-{door.tag}", "file_name": f"pages-{door.tag}.csv"}
    before = await imported(office, small_roster(door, "P1", "P2", "P3", "P4"), **feed)
    held = await planned(office, faulty_roster(door), **feed)
    assert held["plan"]["held"], held
    unreadable = await planned(office, b"what,is,this\n1,2,3\n", **feed)
    assert unreadable["state"] == "refused", unreadable
    return {"applied": before["id"], "held": held["id"], "unreadable": unreadable["id"]}


def small_roster(door: FrontDoor, *numbers: str) -> bytes:
    """A few people of a company of their own."""
    return "\n".join([HEADER, *(row(door, number, f"Person {number}") for number in numbers)]).encode() + b"\n"


def faulty_roster(door: FrontDoor) -> bytes:
    """A file with everything that can be wrong with one, and people who join, move and leave by it."""
    rows = [
        row(door, "P1", "Zofia Wi\u015bniewska"),
        row(door, "P5", "=HYPERLINK(1)"),
        row(door, "P6", "J\u00f6rg M\u00fcller", born="31.02.1990"),
        row(door, "P7", "Ring One", manager="P8"),
        row(door, "P8", "Ring Two", manager="P7"),
        row(door, "P9", "Far Away", manager="P77"),
        row(door, "P9", "Far Away"),
    ]
    return "\n".join([HEADER, *rows]).encode() + b"\n"


def row(door: FrontDoor, number: str, name: str, *, born: str = "1994-05-06", manager: str = "") -> str:
    """One row of such a file; numbers and managers get the run's tag."""
    above = f"{manager}-{door.tag}" if manager else ""
    mail = f"{number.lower()}-{door.tag}@example.com"
    return f"{number}-{door.tag},{name},{mail},{door.company('Leipzig')},{born},2021-02-01,{above}"


async def _person(office: httpx2.AsyncClient, name: str) -> str:
    [one] = (await office.get("/v1/people", params={"q": name})).json()
    return str(one["id"])


async def _made(office: httpx2.AsyncClient, path: str, **said: Any) -> dict[str, Any]:
    answer = await office.post(path, json=said, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
