"""Routes by callers by companies: what a line of the table expects of a request, and what came of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from services.chassis.ids import random_id
from tests.support.access_cast import Caller, Companies
from tests.support.access_records import Records
from tests.support.access_services import Guarded

SHORT: Mapping[str, str] = {
    "PM": "programme_manager",
    "AS": "assessor",
    "GO": "group_office",
    "HR": "hr_integrator",
    "AU": "auditor",
    "DP": "data_protection",
    "OP": "operator",
}
_COVERED: Mapping[str, frozenset[str]] = {
    "parent": frozenset({"parent", "child"}),
    "child": frozenset({"child"}),
    "group": frozenset({"parent", "child", "other"}),
}
EVERYBODY = "everybody"
_STANDS_FOR: Mapping[str, str] = {"person_id": "mentee", "subsidiary_id": "company", "import_id": "upload"}
_CODES: Mapping[str, str] = {"role": "assessor", "catalogue": "platforms"}


@dataclass(frozen=True, slots=True)
class Line:
    """Who may use a route on the record of a company.

    ``roles`` are those that open it, in short; ``persons`` who else, by what they are to the record: ``staff`` of its
    company, ``mentor``, ``mentee``, ``assessor``, ``uploader``, ``person`` (anybody who is no program), ``everybody``.
    ``own`` are roles that open only what one has to do with, as one of the ``persons``.
    ``done`` is the answer to whoever may, of which a change with an old ETag (412) is one; ``program`` the answer to
    a program that may, where what it asks for needs a person; ``elsewhere`` the answer to a role that holds somewhere
    else, ``others`` to everybody else. ``whole``: a role counts for the group only.
    ``mine``: a role that holds in a part of the group opens only what one did oneself. ``once``: the route is about
    no company. ``listed`` names the id in the items of a list, and of the records; in its ``query``, ``{all}`` stands
    for these ids of all companies.
    """

    route: str
    roles: str = ""
    persons: str = ""
    own: str = ""
    done: int = 200
    program: int = 0
    elsewhere: int = 404
    others: int = 403
    whole: bool = False
    mine: bool = False
    once: bool = False
    listed: tuple[str, str] | None = None
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    sent: str = "application/json"

    def expects(self, caller: Caller, company: str, one: Records) -> int:
        """The status of the answer to this caller about the record of this company."""
        if self._is_named(caller, one) or self._holds(caller, company):
            return self.done if caller.company or not self.program else self.program
        return self.elsewhere if self._has_role(caller) or self._may_have_own(caller) else self.others

    def _may_have_own(self, caller: Caller) -> bool:
        return caller.role in {SHORT[name] for name in self.own.split()}

    def _is_named(self, caller: Caller, one: Records) -> bool:
        what = {EVERYBODY}
        what |= {"person"} if caller.company else set()
        what |= {"staff"} if caller.company == one.company else set()
        what |= {name for name in ("mentor", "mentee", "assessor", "uploader") if getattr(one, name) == caller.id}
        return not what.isdisjoint(self.persons.split())

    def _has_role(self, caller: Caller) -> bool:
        held = caller.role in {SHORT[name] for name in self.roles.split()}
        return held and (not self.whole or caller.place == "group")

    def _holds(self, caller: Caller, company: str) -> bool:
        reached = caller.place == "group" if self.mine else self.once or company in _COVERED[caller.place]
        return self._has_role(caller) and reached


@dataclass(slots=True)
class Walk:
    """One service, and everybody who asks it for everything; ``wrong`` is what was answered otherwise than expected."""

    guarded: Guarded
    companies: Companies
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def first(self) -> Records:
        """The records of some company."""
        return next(iter(self.guarded.records.values()))

    async def along(self, line: Line, callers: Sequence[Caller]) -> None:
        """Ask as each of these callers for what belongs to each company."""
        for caller in callers:
            if line.listed:
                await self._list(line, caller)
                continue
            async for company, one in self._targets(line):
                answer = await self.ask(line, caller, one)
                self._must_be(line, caller, company, answer.status_code, line.expects(caller, company, one))

    async def as_nobody(self, line: Line, strangers: Mapping[int, Mapping[str, str]]) -> None:
        """Ask as those whom no service knows, each of whom gets that status."""
        one = self.first
        for status, headers in strangers.items():
            answer = await self.ask(line, Caller("a stranger", random_id(), headers), one)
            self._must_be(line, Caller(f"a stranger {status}", "", headers), "", answer.status_code, status)

    async def _targets(self, line: Line) -> AsyncIterator[tuple[str, Records]]:
        for company, one in self._records():
            yield company, one
            if line.once:
                return

    def _records(self) -> Iterator[tuple[str, Records]]:
        for company, id in self.companies.three.items():
            yield company, self.guarded.records[id]

    async def _list(self, line: Line, caller: Caller) -> None:
        """Whoever may see some of a list gets it with these only; whoever may see nothing gets none, or 403."""
        assert line.listed
        name, of = line.listed
        ids = ",".join(str(getattr(one, of)) for _, one in self._records())
        query = {key: ids if value == "{all}" else value for key, value in line.query.items()}
        answer = await self.ask(replace(line, query=query), caller, self.first)
        expected = {getattr(one, of) for company, one in self._records() if line.expects(caller, company, one) == 200}
        status = 200 if expected or line._has_role(caller) or (line.persons and not line.mine) else line.others
        self._must_be(line, caller, "list", answer.status_code, status)
        if answer.status_code == 200:
            known = {getattr(one, of) for _, one in self._records()}
            self._must_be(line, caller, "items", {item[name] for item in answer.json()} & known, expected)

    async def ask(self, line: Line, caller: Caller, one: Records) -> httpx2.Response:
        """What the caller is answered about the record."""
        method, path = line.route.split()
        self.asked += 1
        sent: dict[str, Any] = {}
        if method != "GET":
            headers = {"Idempotency-Key": random_id(), "If-Match": '"999"', "Content-Type": line.sent}
            sent = {"headers": headers, "json": _filled(line.body or {}, caller, one)}
        else:
            sent = {"headers": {}}
        sent["headers"] = {**sent["headers"], **caller.headers}
        query = _filled(line.query, caller, one)
        return await self.guarded.http.request(method, str(_filled(path, caller, one)), params=query, **sent)

    def _must_be(self, line: Line, caller: Caller, about: str, found: object, expected: object) -> None:
        if found != expected:
            self.wrong.append(f"{line.route} as {caller.name}, {about}: {found}, not {expected}")


def _filled(told: Any, caller: Caller, one: Records) -> Any:
    """A path or a body with ids in place of names: ``{edition_id}`` is the record's edition, ``{caller}`` who asks."""
    if isinstance(told, Mapping):
        return {name: _filled(value, caller, one) for name, value in told.items()}
    if isinstance(told, list):
        return [_filled(value, caller, one) for value in told]
    if not isinstance(told, str):
        return told

    def id_of(match: re.Match[str]) -> str:
        name = match[1]
        if name == "caller":
            return caller.id
        id = getattr(one, _STANDS_FOR.get(name, name.removesuffix("_id")), None)
        return str(id or _CODES.get(name, name))

    return re.sub(r"\{([a-z_]+)\}", id_of, told)
