"""A small programme, played through HTTP by its few persons: from the roster to the sessions of its pairs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from services.chassis.wire import rfc3339
from tests.chaos.caller import OFFICER, Answer, Caller, Refused, Request, eventually
from tests.chaos.ledger import Expected, Ledger
from tests.chaos.passing_time import PassingTime

_COLUMNS = (
    "employee_number,name,email,subsidiary,birth_date,entry_date,executive,languages,capacity,skills,wishes,login"
)
_IMPORTS = "/v1/roster-imports"
_PLATFORMS = ("LinkedIn", "TikTok", "YouTube", "Podcasts", "Instagram", "Generative AI")
_ON_THEIR_WAY = ("profile-missing", "unknown-person", "unknown-edition")  # pass as soon as other services' news arrive
_AHEAD = timedelta(minutes=10)  # of the injected clock, in which somebody must answer who plans a session
_MARGIN = timedelta(minutes=2)  # by which the services' clock may lag behind
_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How large a programme is; ``sessions`` is the largest number of sessions of a pair."""

    executives: int
    applicants: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What programmes play in. ``closing`` says that the run is about to end: what was begun is cut short."""

    caller: Caller
    ledger: Ledger
    time: PassingTime
    closing: Callable[[], bool]


class Programme:
    """One programme with persons, a subsidiary and an edition of its own; all choices come from ``rng``."""

    def __init__(self, name: str, size: Size, rng: Random, around: Surroundings) -> None:
        self.name = name
        self._size = size
        self._rng = rng
        self._around = around
        self._caller = around.caller
        self._ledger = around.ledger
        self.edition = ""
        self.persons: dict[str, str] = {}

    async def play(self) -> None:
        """Play it through. Raises ``Refused``, ``Unanswered``."""
        await self.enrol()
        await self.decide(await self.applications())
        if not self._around.closing():
            run = await self.proposed_run()
            pairs = await self.published(run)
            await asyncio.gather(*(self._meet(pair) for pair in pairs))

    # The roster and the edition

    async def enrol(self) -> None:
        """Persons and an edition with an open call, in which every executive takes part."""
        await self._take_over_roster()
        await self.open_edition(await self._subsidiary())
        await eventually(self._everybody_obliged, f"all executives of {self.name} take part")
        self._ledger.boards[self.edition].obliged = self._size.executives

    async def _take_over_roster(self) -> None:
        executives = [self._row(f"{self.name}E{n}", executive=True) for n in range(self._size.executives)]
        applicants = [self._row(f"{self.name}M{n}", executive=False) for n in range(self._size.applicants)]
        text = "\n".join([_COLUMNS, *executives, *applicants]).encode()
        sent = Request("POST", "people", f"{_IMPORTS}?source={self.name}", key=self._key("roster"), csv=text)
        path = f"{_IMPORTS}/{(await self._caller.ask(sent)).body['id']}"
        await eventually(lambda: self._at_rest(path), f"the roster of {self.name} is read")
        await self._change("people", path, "application", {})
        job = await eventually(lambda: self._at_rest(path), f"the roster of {self.name} is applied")
        if job["state"] != "applied" or job["reading"]["rejected_rows"] or job["outcome"]["failed"]:
            raise Refused("roster", 200, str(job), "rows-refused")

    async def _at_rest(self, path: str) -> dict[str, Any] | None:
        """The import when nothing is done on it any more."""
        job = dict((await self._caller.get("people", path)).body)
        return None if job["state"] in ("reading", "applying") else job

    def _row(self, number: str, *, executive: bool) -> str:
        born = "1970-05-05" if executive else self._rng.choice(("2001-01-01", "2002-02-02", "2003-03-03", "1985-05-05"))
        known = ";".join(f"{one}:{self._rng.randint(1, 4)}" for one in self._rng.sample(_PLATFORMS, 3))
        wished = ";".join(f"{one}:{n}" for n, one in enumerate(self._rng.sample(_PLATFORMS, 3), 1))
        rest = f"true,de;en,0,,{wished}" if executive else f"false,de;en,1,{known},"
        who = f"{number},Person {number},{number.lower()}@chaos.example,Company {self.name}"
        return f"{who},{born},2020-01-01,{rest},idp:{number}"

    async def _subsidiary(self) -> str:
        """The id of the programme's subsidiary; meanwhile the ids of its persons are learned."""
        path = f"/v1/people?employee_number={self.name}E0"
        [first] = (await self._caller.get("people", path)).body
        subsidiary = str(first["subsidiary"])
        found = await self._caller.every("people", f"/v1/people?subsidiary={subsidiary}")
        self.persons = {one["employee_number"]: one["id"] for one in found}
        for number, id in self.persons.items():
            self._acknowledged("people", f"/v1/people/{id}", number, _has_number(number))
        wanted = self._size.executives + self._size.applicants
        if len(self.persons) != wanted:
            self._ledger.failures.append(f"{self.name} has {len(self.persons)} persons, not {wanted}")
        return subsidiary

    async def open_edition(self, subsidiary: str) -> None:
        """An edition of one subsidiary and its call."""
        body = {"name": f"Programme {self.name}", "starts_on": "2026-04-01", "ends_on": "2027-03-31"}
        opened = await self._post("applications", "/v1/editions", {**body, "subsidiaries": [subsidiary]})
        self.edition = opened.body["edition_id"]
        self._ledger.boards[self.edition] = Expected()
        path = f"/v1/editions/{self.edition}"
        self._acknowledged("applications", path, "edition", lambda b: b["name"] == body["name"])
        call = {"reference_date": "2026-03-31", "languages": ["de", "en"], "closes_at": "2026-06-01T16:00:00Z"}
        await self._change("applications", path, "call", call)
        self._acknowledged("applications", path, "call", lambda b: b["call"] is not None)

    async def _everybody_obliged(self) -> bool | None:
        report = (await self._caller.get("applications", f"/v1/editions/{self.edition}")).body
        return True if report["participations"]["obliged"] >= self._size.executives else None

    # Applications and decisions

    async def applications(self) -> list[dict[str, Any]]:
        """Everybody applies as soon as the own data have arrived."""
        numbers = sorted(number for number in self.persons if number.startswith(f"{self.name}M"))
        return list(await asyncio.gather(*(self._apply(self.persons[number]) for number in numbers)))

    async def _apply(self, person: str) -> dict[str, Any]:
        async def attempt() -> dict[str, Any] | None:
            path = f"/v1/editions/{self.edition}/applications"
            try:
                asked = self._post("applications", path, {"mentor_id": person}, actor=self._login(person))
                return dict((await asked).body)
            except Refused as error:
                if error.kind in _ON_THEIR_WAY:
                    return None
                raise

        applied = await eventually(attempt, f"a person of {self.name} can apply")
        path = f"/v1/applications/{applied['application_id']}"
        self._acknowledged("applications", path, "application", lambda b: b["mentor_id"] == person)
        self._ledger.boards[self.edition].applications += 1
        return applied

    async def decide(self, applications: list[dict[str, Any]]) -> None:
        """Waivers, decisions, and now and then an exemption."""
        await asyncio.gather(*(self._decide(one) for one in applications))
        if self._size.executives > 2 and self._rng.random() < 0.5:
            await self._exempt()

    async def _decide(self, application: dict[str, Any]) -> None:
        path = f"/v1/applications/{application['application_id']}"
        able = application["eligibility"] == "met"
        if not able:
            able = self._rng.random() < 0.5
            body = {"decision": "granted" if able else "refused", "reason": "As the rules of the call say."}
            await self._change("applications", path, "waiver", body)
            self._acknowledged("applications", path, "waiver", lambda b: b["waiver"]["decision"] == body["decision"])
        decision = {"decision": "selected"} if able else {"decision": "declined", "reason": "All places are taken."}
        await self._change("applications", path, "decision", decision)
        self._acknowledged("applications", path, "decision", lambda b: b["status"] == decision["decision"])
        self._ledger.boards[self.edition].selected += able

    async def _exempt(self) -> None:
        path = f"/v1/editions/{self.edition}/participations"
        one = self._rng.choice(sorted(await self._caller.every("applications", path), key=lambda p: p["mentee_id"]))
        place = f"/v1/participations/{one['participation_id']}"
        await self._change("applications", place, "exemption", {"reason": "absence", "explanation": "Away for a year."})
        self._acknowledged("applications", place, "exemption", lambda b: b["status"] == "exempt")
        self._ledger.boards[self.edition].exempt += 1
        self._ledger.boards[self.edition].obliged -= 1

    # Matching

    async def proposed_run(self) -> str:
        """A run with its proposal, approved; its path. Everybody must have arrived in matching before."""
        board = self._ledger.boards[self.edition]
        wanted = {"mentors": board.selected, "executives": board.obliged, "without_profile": 0, "unknown": 0}

        async def arrived() -> bool | None:
            found = await self._caller.find("matching", f"/v1/candidates?edition_id={self.edition}")
            return True if found and wanted.items() <= found.items() else None

        await eventually(arrived, f"matching knows the candidates of {self.name}")
        run = (await self._post("matching", "/v1/runs", {"edition_id": self.edition})).body["run_id"]
        path = f"/v1/runs/{run}"
        self._acknowledged("matching", path, "run", lambda b: b["edition_id"] == self.edition)
        await self.reaches(path, "proposed")
        await self._change("matching", path, "review", {"decision": "approved"})
        self._acknowledged("matching", path, "review", lambda b: b["review"]["decision"] == "approved")
        return path

    async def published(self, path: str) -> list[dict[str, Any]]:
        """Have the run published; its pairs."""
        await self._change("matching", path, "publication", {})
        self._acknowledged("matching", path, "publication", lambda b: b["state"] == "published")
        run = await self.reaches(path, "published")
        self._ledger.boards[self.edition].paired = sum(pair["outcome"] == "published" for pair in run["pairs"])
        return [pair for pair in run["pairs"] if pair["outcome"] == "published"]

    async def reaches(self, path: str, state: str) -> dict[str, Any]:
        """Wait until a run is in this state; the run."""

        async def reached() -> dict[str, Any] | None:
            run = (await self._caller.get("matching", path)).body
            return dict(run) if run["state"] == state else None

        return await eventually(reached, f"the run of {self.name} is {state}")

    # Sessions

    async def _meet(self, pair: dict[str, Any]) -> None:
        path = f"/v1/workspaces/{pair['pair_id']}"
        await eventually(lambda: self._caller.find("sessions", path), f"a pair of {self.name} has its workspace")
        for number in range(self._rng.randint(min(1, self._size.sessions), self._size.sessions)):
            if self._around.closing():
                return
            await self._session(path, pair, number)

    async def _session(self, path: str, pair: dict[str, Any], number: int) -> None:
        begins = self._around.time.now() + _AHEAD
        actor = self._login(pair[self._rng.choice(("mentor_id", "mentee_id"))])
        body = {"planned_for": rfc3339(begins), "minutes": _MINUTES}
        step = f"{path}/sessions"
        try:
            planned = await self._post("sessions", step, body, actor=actor, word=str(number))
        except Refused as error:
            if error.kind == "session-in-the-past":  # it took too long to find somebody who answers
                return
            raise
        id = planned.body["session_id"]
        self._acknowledged("sessions", path, f"session {id}", lambda b: _state(b, id) is not None)
        if self._rng.random() < 0.2:
            await self._conclude(path, f"sessions/{id}/cancellation", actor, {}, "cancelled")
            return
        await self._around.time.until(begins + timedelta(minutes=_MINUTES) + _MARGIN)
        held = {"held_at": rfc3339(begins), "minutes": _MINUTES}
        await self._conclude(path, f"sessions/{id}/holding", actor, held, "held")
        self._ledger.boards[self.edition].sessions_held += 1

    async def _conclude(self, path: str, step: str, actor: str, body: dict[str, Any], state: str) -> None:
        request = Request("POST", "sessions", path, actor, self._key(f"{path}/{step}"), body=body)
        await self._caller.change(request, step)
        id = step.split("/")[1]
        self._acknowledged("sessions", path, f"session {id} {state}", lambda b: _state(b, id) == state)

    # Asking

    async def _post(
        self, service: str, path: str, body: dict[str, Any], *, actor: str = OFFICER, word: str = ""
    ) -> Answer:
        return await self._caller.ask(Request("POST", service, path, actor, self._key(path, actor, word), body=body))

    async def _change(self, service: str, path: str, step: str, body: dict[str, Any]) -> Answer:
        return await self._caller.change(
            Request("POST", service, path, key=self._key(f"{path}/{step}"), body=body), step
        )

    def _login(self, person: str) -> str:
        """The login of one of its persons, which is the employee number."""
        return next(number for number, id in self.persons.items() if id == person)

    def _key(self, *words: str) -> str:
        return ".".join((self.name, *words)).replace("/", ".")[-128:]

    def _acknowledged(self, service: str, path: str, what: str, holds: Callable[[Any], bool]) -> None:
        self._ledger.acknowledged(service, path, f"{self.name} {what}", holds)


def _has_number(number: str) -> Callable[[Any], bool]:
    return lambda person: bool(person["employee_number"] == number)


def _state(workspace: Any, id: str) -> str | None:
    return next((one["state"] for one in workspace["sessions"] if one["session_id"] == id), None)
