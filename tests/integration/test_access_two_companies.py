"""Two companies of one group: those responsible for the one can neither find, count nor infer anything of the other.

What is there must be answered like what is not: same status, same words, same headers.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.applications.handlers import application_id
from services.chassis.ids import random_id
from tests.support.access_cast import Caller, Cast
from tests.support.access_matrix import Line, Walk
from tests.support.access_records import AT, Records, write
from tests.support.access_services import guarded_service
from tests.support.access_tables import TABLES
from tests.support.servers import Running

_DROPPED = {"x-request-id", "content-length"}
_PRESENT = re.compile(r'"as_of":"[^"]*"')  # where it is the instant of the answer, and not of what is told
FILTERS: Mapping[str, Sequence[tuple[str, Mapping[str, str]]]] = {
    "applications": (("/v1/editions/{own_edition}/applications", {"state": "applied"}),),
    "matching": (("/v1/runs", {"edition_id": "{edition_id}"}), ("/v1/pairs", {"edition_id": "{edition_id}"})),
    "sessions": (("/v1/workspaces", {"edition_id": "{edition_id}"}),),
    "notifications": (("/v1/deliveries", {"pair_id": "{pair_id}"}),),
    "reporting": (
        ("/v1/boards/{own_edition}", {"subsidiary": "{company}"}),
        ("/v1/boards/{own_edition}/pairs", {"subsidiary": "{company}"}),
        *(("/v1/audit", {name: "{pair_id}"}) for name in ("subject", "pair")),
        ("/v1/audit", {"edition": "{edition_id}"}),
        ("/v1/audit", {"actor": "{mentor_id}"}),
    ),
    "people": (
        ("/v1/people", {"subsidiary": "{company}"}),
        ("/v1/people", {"employee_number": "{number}"}),
        ("/v1/people", {"ids": "{mentee_id},{mentor_id}"}),
        ("/v1/people", {"q": "{number}"}),
        ("/v1/people", {"subsidiary": "{company}", "role": "auditor", "active": "true"}),
        ("/v1/names", {"ids": "{mentee_id},{mentor_id}"}),
    ),
}
MENTIONED: Mapping[str, Sequence[tuple[str, str, Mapping[str, Any]]]] = {
    "applications": (
        (
            "POST",
            "/v1/editions",
            {"name": "A", "starts_on": "2098-01-01", "ends_on": "2098-02-01", "subsidiaries": ["{own}", "{company}"]},
        ),
        (
            "POST",
            "/v1/editions/{own_edition}/late-admissions",
            {"person_id": "{mentor_id}", "until": "2098-01-01T09:00:00Z", "reason": "The mail was down."},
        ),
        (
            "POST",
            "/v1/editions/{own_edition}/decisions",
            {"decisions": [{"application_id": "{application_id}", "decision": "declined"}], "reason": "No place left."},
        ),
        ("POST", "/v1/editions/{own_edition}/rounds", {"assessors": ["{assessor_id}"]}),
        ("POST", "/v1/editions/{own_edition}/rounds", {"applications": ["{application_id}"]}),
    ),
    "people": (
        (
            "POST",
            "/v1/people/{own_mentee}/roles",
            {"role": "assessor", "subsidiaries": ["{company}"], "reason": "Helps with interviews."},
        ),
        ("PATCH", "/v1/subsidiaries/{own}", {"parent_id": "{company}"}),
    ),
}


class Group:
    """Everybody who is something in the one company, ``child``, and nothing in the ``other``."""

    def __init__(self) -> None:
        self.cast = Cast()
        companies = self.cast.companies
        self.own, self.other = Records(companies.child), Records(companies.other)
        self.callers = [
            *self.cast.holders("child"),
            self.cast.person("staff", companies.child),
            self.cast.person("the mentor", companies.child, id=self.own.mentor),
            self.cast.account("a program", role="hr_integrator", place="child"),
        ]
        self.office = self.cast.person("the group office", companies.office, role="group_office")
        self.cast.person("the other mentor", companies.other, id=self.other.mentor)
        self.cast.person("the other assessor", companies.office, id=self.other.assessor, role="assessor", place="other")

    def lines(self, service: str) -> list[Line]:
        """Everything that can be asked: each route, each filter, each mention of the other company."""
        filtered = [Line(f"GET {self._own(path)}", query=query) for path, query in FILTERS[service]]
        mentioned = [
            Line(f"{method} {self._own(path)}", body=self._said(body))
            for method, path, body in MENTIONED.get(service, ())
        ]
        return [*TABLES[service], *filtered, *mentioned]

    def _own(self, text: str) -> str:
        own = {"{own_edition}": self.own.edition, "{own_mentee}": self.own.mentee, "{own}": self.own.company}
        for name, id in own.items():
            text = text.replace(name, id)
        return text

    def _said(self, body: Mapping[str, Any]) -> dict[str, Any]:
        def own(said: Any) -> Any:
            return self._own(said) if isinstance(said, str) else said

        return {name: list(map(own, said)) if isinstance(said, list) else own(said) for name, said in body.items()}


def told(answer: httpx2.Response, one: Records, caller: Caller) -> tuple[int, dict[str, str], str]:
    """All that an answer tells, with the record's ids, and the one that the caller has in it, replaced."""
    text, headers = answer.text, {name: value for name, value in answer.headers.items() if name not in _DROPPED}
    text = text.replace(application_id(one.edition, caller.id), "own application")
    for name in Records.__slots__:
        if isinstance(id := getattr(one, name), str) and id:
            text = text.replace(id, name)
    return answer.status_code, headers, text


@pytest.mark.parametrize("service", TABLES)
async def test_what_the_other_company_has_is_answered_like_what_nobody_has(servers: Running, service: str) -> None:
    """Each route, with each filter, as each role of the one company: no difference but the ids."""
    group, nowhere = Group(), Records(random_id())
    async with guarded_service(servers, service, group.cast, group.own, group.other) as guarded:
        walk = Walk(guarded, group.cast.companies)
        for line in group.lines(service):
            for caller in group.callers:
                there = told(await walk.ask(line, caller, group.other), group.other, caller)
                missing = told(await walk.ask(line, caller, nowhere), nowhere, caller)
                assert there == missing, f"{line.route} as {caller.name}"
                assert group.other.company not in there[2]


@pytest.mark.parametrize("service", TABLES)
async def test_no_list_holds_anything_of_the_other_company_whatever_its_cursor(servers: Running, service: str) -> None:
    """From each place in anybody's list; a cursor of the other company's readers opens nothing."""
    group = Group()
    async with guarded_service(servers, service, group.cast, group.own, group.other) as guarded:
        walk = Walk(guarded, group.cast.companies)
        foreign = _ids(group.other)
        for line in [one for one in TABLES[service] if one.listed]:
            served = await _cursors_of(walk, line, group.office)
            for cursor in [*served, *(_cursor(id) for id in ("0", *foreign, *_ids(group.own)))]:
                for caller in group.callers:
                    asked = Line(line.route, query={**line.query, "cursor": cursor, "limit": "200"})
                    answer = await walk.ask(asked, caller, group.other)
                    assert answer.status_code in (200, 403, 422)
                    assert not [id for id in foreign if id in answer.text], f"{line.route} as {caller.name}"


@pytest.mark.parametrize("service", TABLES)
async def test_what_happens_in_the_other_company_changes_nothing_in_ones_own_view(
    servers: Running, service: str
) -> None:
    """Neither beside one's own edition nor within it: no number, no instant, no version, no item moves."""
    group = Group()
    companies = group.cast.companies
    both = (companies.child, companies.other)
    shared = Records(companies.child, circle=both)
    more = [
        Records(companies.other),
        *(
            Records(companies.other, circle=both, joining=True, edition=shared.edition, at=AT + timedelta(days=days))
            for days in (-1, 1)
        ),
    ]
    async with guarded_service(servers, service, group.cast, group.own, shared) as guarded:
        walk = Walk(guarded, companies)

        async def view(line: Line, caller: Caller, one: Records) -> tuple[int, dict[str, str], str]:
            status, headers, text = told(await walk.ask(line, caller, one), one, caller)
            return status, headers, _PRESENT.sub("", text) if service == "applications" else text

        async def views() -> dict[str, Any]:
            return {
                f"{line.route} as {caller.name}, {number}": await view(line, caller, one)
                for line in TABLES[service]
                for caller in group.callers
                for number, one in enumerate((group.own, shared))
                if line.route.startswith("GET") and "operations" not in line.route
            }

        before = await views()
        await write(guarded.runtime, *more)
        after = await views()
        assert {name: (view, after[name]) for name, view in before.items() if after[name] != view} == {}
        assert any(status == 200 for status, _, _ in before.values())


async def test_an_edition_of_two_companies_shows_each_its_own_part(servers: Running) -> None:
    """The manager of the one sees its id and its numbers; whoever is responsible for both sees both."""
    group = Group()
    companies = group.cast.companies
    both = (companies.child, companies.other)
    shared = Records(companies.child, circle=both)
    others = [Records(companies.other, circle=both, joining=True, edition=shared.edition) for _ in range(2)]
    manager = group.callers[0]
    seen: dict[str, Any] = {}
    async with guarded_service(servers, "applications", group.cast, shared, *others) as guarded:
        for caller in (manager, group.office):
            answer = await guarded.http.get(f"/v1/editions/{shared.edition}", headers=caller.headers)
            seen[caller.name] = answer.json()
    assert seen[manager.name]["subsidiaries"] == [companies.child]
    assert seen[manager.name]["participations"]["obliged"] == 1
    assert seen[manager.name]["applications"]["applied"] == 1
    assert seen[group.office.name]["subsidiaries"] == list(both)
    assert seen[group.office.name]["participations"]["obliged"] == 3

    async with guarded_service(servers, "reporting", group.cast, shared, *others) as guarded:
        for caller in (manager, group.office):
            answer = await guarded.http.get(f"/v1/boards/{shared.edition}", headers=caller.headers)
            seen[caller.name] = answer.json()
    assert [row["subsidiary"] for row in seen[manager.name]["subsidiaries"]] == [companies.child]
    assert seen[manager.name]["totals"]["obliged"] == seen[manager.name]["totals"]["sessions_held"] == 1
    assert seen[group.office.name]["totals"]["obliged"] == 3


async def test_a_key_or_a_place_of_another_manager_is_worth_nothing(servers: Running) -> None:
    """The same Idempotency-Key is another request; what was made under it is not shown, nor is its place."""
    group = Group()
    companies = group.cast.companies
    other = group.cast.person("the other manager", companies.office, role="programme_manager", place="other")
    async with guarded_service(servers, "applications", group.cast, group.own, group.other) as guarded:

        async def opened(caller: Caller, company: str) -> httpx2.Response:
            body = {"name": "A", "starts_on": "2098-01-01", "ends_on": "2098-02-01", "subsidiaries": [company]}
            headers = {**caller.headers, "Idempotency-Key": "the-same"}
            return await guarded.http.post("/v1/editions", json=body, headers=headers)

        theirs = await opened(other, companies.other)
        assert theirs.status_code == 201
        mine = await opened(group.callers[0], companies.child)
        assert (mine.status_code, mine.json()["subsidiaries"]) == (201, [companies.child])
        assert mine.headers["Location"] != theirs.headers["Location"]
        place = await guarded.http.get(theirs.headers["Location"], headers=group.callers[0].headers)
        assert place.status_code == 404

        application = f"/v1/applications/{group.other.application}"
        seen = (await guarded.http.get(application, headers=other.headers)).headers["ETag"]
        decided = f"{application}/decision"
        said = {"json": {"decision": "declined", "reason": "There is no place."}}
        circumstances = {"If-Match": seen, "Idempotency-Key": "again"}
        done = await guarded.http.post(decided, headers={**other.headers, **circumstances}, **said)
        assert done.status_code == 200, done.text
        again = await guarded.http.post(decided, headers={**group.callers[0].headers, **circumstances}, **said)
        assert again.status_code == 404


async def _cursors_of(walk: Walk, line: Line, caller: Caller) -> list[str]:
    """All cursors that somebody who sees everything gets, page by page."""
    found: list[str] = []
    answer = await walk.ask(Line(line.route, query={**line.query, "limit": "1"}), caller, walk.first)
    while link := answer.links.get("next"):
        found.append(httpx2.URL(link["url"]).params["cursor"])
        answer = await walk.guarded.http.get(link["url"], headers=caller.headers)
    return found


def _cursor(id: str) -> str:
    return base64.urlsafe_b64encode(id.encode()).decode()


def _ids(one: Records) -> list[str]:
    return [id for name in Records.__slots__ if isinstance(id := getattr(one, name), str) and len(id) == 36]
