"""A small programme, played through HTTP by its few persons: from the roster to the sessions of its pairs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.chassis.wire import rfc3339
from tests.chaos.caller import Caller, Refused, Request, eventually
from tests.chaos.desk import Desk
from tests.chaos.ledger import Expected, Ledger
from tests.chaos.matching import Matching
from tests.chaos.passing_time import PassingTime
from tests.chaos.selection import ASSESSORS, RUBRIC, Selection

_COLUMNS = (
    "employee_number,name,email,subsidiary,birth_date,entry_date,executive,languages,capacity,skills,wishes,login,roles"
)
_IMPORTS = "/v1/roster-imports"
_PLATFORMS = ("LinkedIn", "TikTok", "YouTube", "Podcasts", "Instagram", "Generative AI")
_ON_THEIR_WAY = ("profile-missing", "unknown-person", "unknown-edition")  # pass as soon as other services' news arrive
_CALL = timedelta(minutes=15)  # of the injected clock, in which everybody applies who can be heard
_AHEAD = timedelta(minutes=10)  # of the injected clock, in which somebody must answer who plans a session
_MARGIN = timedelta(minutes=2)  # by which the services' clock may lag behind
_MINUTES = 5
STAGES = ("draft", "call_open", "selection", "matching", "running", "closed")
_TOO_LATE = ("call-not-open",)
_FORM: Mapping[str, Any] = {
    "questions": [{"question_id": "why", "text": {"en": "Why do you want to teach?"}, "most_words": 50}]
}
_PARTS: Mapping[str, Any] = {
    "offer": {
        "places": 1,
        "platforms": [{"platform": "linkedin", "level": 3}],
        "languages": ["de", "en"],
        "availability": ["mon_am"],
    },
    "answers": {"why": "Because I like to."},
    "manager_informed": True,
}


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
        self._desk = Desk(name, around.caller, around.ledger)
        self._closes = around.time.now()
        self.edition = ""
        self.persons: dict[str, str] = {}

    async def play(self) -> None:
        """Play it through. Raises ``Refused``, ``Unanswered``."""
        await self.enrol()
        await self.select(await self.applications())
        if not self._around.closing():
            pairs = await self.pair()
            await self._escalate_others(pairs)
            await self._reach("running")
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
        assessors = [self._row(number, executive=False, role="assessor") for number in self._assessors()]
        text = "\n".join([_COLUMNS, *executives, *applicants, *assessors]).encode()
        sent = Request("POST", "people", f"{_IMPORTS}?source={self.name}", key=self._desk.key("roster"), csv=text)
        path = f"{_IMPORTS}/{(await self._caller.ask(sent)).body['id']}"
        await eventually(lambda: self._at_rest(path), f"the roster of {self.name} is read")
        await self._desk.change("people", path, "application", {})
        job = await eventually(lambda: self._at_rest(path), f"the roster of {self.name} is applied")
        if job["state"] != "applied" or job["reading"]["rejected_rows"] or job["outcome"]["failed"]:
            raise Refused("roster", 200, str(job), "rows-refused")

    async def _at_rest(self, path: str) -> dict[str, Any] | None:
        """The import when nothing is done on it any more."""
        job = dict((await self._caller.get("people", path)).body)
        return None if job["state"] in ("reading", "applying") else job

    def _assessors(self) -> list[str]:
        """The employee numbers of those who assess applications; nobody does where nobody applies."""
        return [f"{self.name}A{n}" for n in range(ASSESSORS if self._size.applicants else 0)]

    def _row(self, number: str, *, executive: bool, role: str = "") -> str:
        born = "1970-05-05" if executive else self._rng.choice(("2001-01-01", "2002-02-02", "2003-03-03", "1985-05-05"))
        known = ";".join(f"{one}:{self._rng.randint(1, 4)}" for one in self._rng.sample(_PLATFORMS, 3))
        wished = ";".join(f"{one}:{n}" for n, one in enumerate(self._rng.sample(_PLATFORMS, 3), 1))
        rest = f"true,de;en,0,,{wished}" if executive else f"false,de;en,1,{known},"
        company = f"Company {self.name}"
        who = f"{number},Person {number},{number.lower()}@chaos.example,{company}"
        return f"{who},{born},2020-01-01,{rest},idp:{number},{f'{role}@{company}' if role else ''}"

    async def _subsidiary(self) -> str:
        """The id of the programme's subsidiary; meanwhile the ids of its persons are learned."""
        path = f"/v1/people?employee_number={self.name}E0"
        [first] = (await self._caller.get("people", path)).body
        subsidiary = str(first["subsidiary"])
        found = await self._caller.every("people", f"/v1/people?subsidiary={subsidiary}")
        self.persons = {one["employee_number"]: one["id"] for one in found}
        for number, id in self.persons.items():
            self._acknowledged("people", f"/v1/people/{id}", number, _has_number(number))
        wanted = self._size.executives + self._size.applicants + len(self._assessors())
        if len(self.persons) != wanted:
            self._ledger.failures.append(f"{self.name} has {len(self.persons)} persons, not {wanted}")
        return subsidiary

    async def open_edition(self, subsidiary: str, lasts: timedelta = _CALL) -> None:
        """An edition of one subsidiary, its form, rubric and call, which is open for so long."""
        body = {"name": f"Programme {self.name}", "starts_on": "2026-04-01", "ends_on": "2027-03-31"}
        drafted = await self._desk.create("applications", "/v1/editions", {**body, "subsidiaries": [subsidiary]})
        self.edition = drafted.body["edition_id"]
        path = f"/v1/editions/{self.edition}"
        self._acknowledged("applications", path, "edition", lambda b: b["name"] == body["name"])
        for part, said in (("form", _FORM), ("rubric", RUBRIC)):
            await self._desk.change("applications", path, part, said, method="PUT")
            self._acknowledged("applications", path, part, _has(part))
        await eventually(lambda: self._open_call(path, lasts), f"the call of {self.name} is open")
        self._acknowledged("applications", path, "call", lambda b: b["call"]["closes_at"] == rfc3339(self._closes))
        self._ledger.boards[self.edition] = Expected()

    async def _open_call(self, path: str, lasts: timedelta) -> bool | None:
        """Write the call and open it; None where its deadline passed before anybody answered."""
        self._closes = (self._around.time.now() + lasts).replace(microsecond=0)
        word = rfc3339(self._closes)
        await self._desk.change("applications", path, "call", _call(self._closes), method="PUT", word=word)
        try:
            await self._desk.change("applications", path, "stage", {"to": "call_open"}, word=word)
        except Refused as error:
            if error.kind == "edition-blocked":
                return None
            raise
        return True

    async def _reach(self, stage: str) -> None:
        """Take the edition on, as soon as nothing blocks it any more."""
        path = f"/v1/editions/{self.edition}"

        async def free() -> bool | None:
            following = (await self._caller.get("applications", path)).body["next"]
            return True if following["stage"] == stage and not following["blockers"] else None

        await eventually(free, f"nothing keeps {self.name} from {stage}")
        await self._desk.change("applications", path, "stage", {"to": stage}, word=stage)
        self._acknowledged("applications", path, stage, lambda b: STAGES.index(b["stage"]) >= STAGES.index(stage))

    async def _everybody_obliged(self) -> bool | None:
        report = (await self._caller.get("applications", f"/v1/editions/{self.edition}")).body
        return True if report["participations"]["obliged"] >= self._size.executives else None

    # Applications and decisions

    async def applications(self) -> list[dict[str, Any]]:
        """Everybody applies as soon as the own data have arrived; who comes too late is not among them."""
        numbers = sorted(number for number in self.persons if number.startswith(f"{self.name}M"))
        sent = await asyncio.gather(*(self._apply(number) for number in numbers))
        return [one for one in sent if one]

    async def _apply(self, number: str) -> dict[str, Any]:
        person, path = self.persons[number], f"/v1/editions/{self.edition}/applications"

        async def attempt() -> dict[str, Any] | None:
            body = {"mentor_id": person, "submit": True, **_PARTS}
            try:
                return dict((await self._desk.create("applications", path, body, actor=number)).body)
            except Refused as error:
                if error.kind in _ON_THEIR_WAY:
                    return None
                if error.kind in _TOO_LATE:
                    return {}
                raise

        if applied := await eventually(attempt, f"a person of {self.name} can apply"):
            place = f"/v1/applications/{applied['application_id']}"
            self._acknowledged("applications", place, "application", lambda b: b["mentor_id"] == person)
            self._ledger.boards[self.edition].applications += 1
        return applied

    async def select(self, applications: list[dict[str, Any]]) -> None:
        """Waivers, sheets, decisions, and now and then an exemption; then the edition is being matched."""
        able = dict(await asyncio.gather(*(self._waive(one) for one in applications)))
        await self._around.time.until(self._closes + _MARGIN)
        await self._reach("selection")
        selection = Selection(self._desk, self.edition, tuple(self._assessors()), self._rng)
        if any(able.values()):
            await selection.assess()
        if able:
            await selection.decide({id: "selected" if met else "declined" for id, met in able.items()})
        self._ledger.boards[self.edition].selected += sum(able.values())
        mentors = {one["application_id"]: self._login(one["mentor_id"]) for one in applications}
        await selection.accept({id: login for id, login in mentors.items() if able[id]})
        if self._size.executives > 2 and self._rng.random() < 0.5:
            await self._exempt()
        await self._reach("matching")

    async def _waive(self, application: dict[str, Any]) -> tuple[str, bool]:
        """The application's id, and whether it can be selected."""
        id, able = application["application_id"], application["eligibility"] == "met"
        if not able:
            able = self._rng.random() < 0.5
            body = {"decision": "granted" if able else "refused", "reason": "As the rules of the call say."}
            await self._desk.change("applications", f"/v1/applications/{id}", "waiver", body)
            holds = _waived(body["decision"])
            self._acknowledged("applications", f"/v1/applications/{id}", "waiver", holds)
        return id, able

    async def _exempt(self) -> None:
        path = f"/v1/editions/{self.edition}/participations"
        one = self._rng.choice(sorted(await self._caller.every("applications", path), key=lambda p: p["mentee_id"]))
        place = f"/v1/participations/{one['participation_id']}"
        await self._desk.change(
            "applications", place, "exemption", {"reason": "absence", "explanation": "Away for a year."}
        )
        self._acknowledged("applications", place, "exemption", lambda b: b["status"] == "exempt")
        self._ledger.boards[self.edition].exempt += 1
        self._ledger.boards[self.edition].obliged -= 1

    # Matching

    @property
    def matching(self) -> Matching:
        """The runs and pairs of its edition."""
        return Matching(self._desk, self.edition)

    async def all_known(self) -> None:
        """Everybody has arrived in matching, which no run may begin without."""
        board = self._ledger.boards[self.edition]
        await self.matching.knows(mentors=board.selected, executives=board.obliged)

    async def pair(self) -> list[dict[str, Any]]:
        """A run, approved and published; its pairs."""
        await self.all_known()
        path = await self.matching.proposed()
        await self.matching.approve(path)
        run = await self.matching.publish(path)
        pairs = [pair for pair in run["pairs"] if pair["outcome"] == "published"]
        self.must_show(len(pairs))
        return pairs

    def must_show(self, pairs: int) -> None:
        """So many executives have a mentor now: the board must show it in the end."""
        self._ledger.boards[self.edition].paired = pairs

    async def _escalate_others(self, pairs: list[dict[str, Any]]) -> None:
        """Executives for whom there was no place are somebody's case from now on: nothing goes on before."""
        path = f"/v1/editions/{self.edition}"
        to = (await self._caller.get("applications", path)).body["escalation"]["to"]
        paired = {pair["mentee_id"] for pair in pairs}
        for one in await self._caller.every("applications", f"{path}/participations"):
            if one["status"] != "exempt" and one["mentee_id"] not in paired:
                place = f"/v1/participations/{one['participation_id']}"
                said = {"to": to, "reason": "No mentor has a place left."}
                await self._desk.change("applications", place, "escalation", said)
                self._acknowledged("applications", place, "escalation", lambda b: b["status"] == "escalated")

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
            planned = await self._desk.create("sessions", step, body, actor=actor, word=str(number))
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
        await self._desk.change("sessions", path, step, body, actor=actor)
        id = step.split("/")[1]
        self._acknowledged("sessions", path, f"session {id} {state}", lambda b: _state(b, id) == state)

    def _login(self, person: str) -> str:
        """The login of one of its persons, which is the employee number."""
        return next(number for number, id in self.persons.items() if id == person)

    def _acknowledged(self, service: str, path: str, what: str, holds: Callable[[Any], bool]) -> None:
        self._desk.acknowledged(service, path, what, holds)


def _call(closes: datetime) -> dict[str, Any]:
    return {
        "reference_date": "2026-03-31",
        "closes_at": rfc3339(closes),
        "languages": ["en"],
        "texts": {"en": {"title": "Become a mentor", "invitation": "Teach somebody of the board."}},
        "rules": [
            {"kind": "age", "maximum": 28, "legal_ground": "As the works agreement says, section 3."},
            {"kind": "language", "languages": ["de", "en"]},
        ],
    }


def _has(part: str) -> Callable[[Any], bool]:
    return lambda edition: edition[part] is not None


def _waived(decision: str) -> Callable[[Any], bool]:
    return lambda application: bool(application["waiver"]["decision"] == decision)


def _has_number(number: str) -> Callable[[Any], bool]:
    return lambda person: bool(person["employee_number"] == number)


def _state(workspace: Any, id: str) -> str | None:
    return next((one["state"] for one in workspace["sessions"] if one["session_id"] == id), None)
