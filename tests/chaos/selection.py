"""How mentors are selected in a small programme: sheets that are written blind, decisions, and their release."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.caller import eventually
from tests.chaos.desk import Desk

SERVICE = "applications"
ASSESSORS, SHEETS_EACH = 3, 2
RUBRIC: Mapping[str, Any] = {
    "criteria": [
        {
            "criterion_id": name,
            "title": {"en": name.capitalize()},
            "weight": weight,
            "levels": [{"en": word} for word in ("Not there", "In part", "Wholly", "Beyond")],
        }
        for name, weight in (("knowledge", 60), ("patience", 40))
    ],
    "spread": 25,
    "sheets": SHEETS_EACH,
}
_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection of one edition by its assessors (logins); all choices come from ``rng``."""

    desk: Desk
    edition: str
    assessors: tuple[str, ...]
    rng: Random

    async def assess(self) -> None:
        """A round from its opening until it is closed; every sheet that was accepted must be counted at the end."""
        path = f"/v1/editions/{self.edition}"
        body = {"per_application": SHEETS_EACH, "reason": "The first round of this programme."}
        round_id = str((await self.desk.create(SERVICE, f"{path}/rounds", body)).body["round_id"])
        place = f"/v1/rounds/{round_id}"
        await eventually(lambda: self._has_left(place, "assigning"), f"the assessors of {self.desk.name} have sheets")
        await asyncio.gather(*(self._write(assessor, place, round_id) for assessor in self.assessors))
        await eventually(lambda: self._is(place, "closed"), f"the round of {self.desk.name} is closed")
        self.desk.acknowledged(SERVICE, place, "round", lambda body: body["state"] == "closed")

    async def _has_left(self, place: str, state: str) -> bool | None:
        return True if (await self.desk.caller.get(SERVICE, place)).body["state"] != state else None

    async def _is(self, place: str, state: str) -> bool | None:
        return True if (await self.desk.caller.get(SERVICE, place)).body["state"] == state else None

    async def _write(self, assessor: str, place: str, round_id: str) -> None:
        """Fill in one's sheets, some of them twice; lock some one by one, and hand in the others together."""
        queue = await self.desk.caller.every(SERVICE, f"/v1/editions/{self.edition}/sheets", assessor)
        sheets = [sheet["sheet_id"] for sheet in queue if sheet["round_id"] == round_id and sheet["state"] == "open"]
        for sheet in sheets:
            totals = [await self._save(assessor, sheet, time) for time in range(self.rng.choice((1, 1, 2)))]
            self._counted(sheet, totals[-1])
            if self.rng.random() < 0.5:
                await self.desk.change(SERVICE, f"/v1/sheets/{sheet}", "lock", {}, actor=assessor)
        await self.desk.create(SERVICE, f"{place}/hand-in", {}, actor=assessor)

    async def _save(self, assessor: str, sheet: str, time: int) -> float:
        """The total of what was written."""
        scores = {one["criterion_id"]: self.rng.randint(1, _LEVELS) for one in RUBRIC["criteria"]}
        body = {"scores": scores, "comment": f"Written for the {time + 1}. time"}
        place = f"/v1/sheets/{sheet}"
        await self.desk.change(SERVICE, place, "", body, actor=assessor, method="PUT", word=str(time))
        return sum(float(one["weight"]) * scores[one["criterion_id"]] / _LEVELS for one in RUBRIC["criteria"])

    def _counted(self, sheet: str, total: float) -> None:
        """The board must count this sheet, with what was written last."""
        path = f"/v1/editions/{self.edition}/board"
        self.desk.acknowledged(SERVICE, path, f"sheet {sheet}", _counts(sheet, total))

    async def decide(self, decisions: Mapping[str, str]) -> None:
        """Decide on each application by its id, in one request or one by one, and tell all of them."""
        reason = "As the ranks and the places say."
        path = f"/v1/editions/{self.edition}"
        if self.rng.random() < 0.5:
            each = [{"application_id": id, "decision": decision} for id, decision in decisions.items()]
            await self.desk.create(SERVICE, f"{path}/decisions", {"decisions": each, "reason": reason})
        else:
            await asyncio.gather(*(self._decide(id, decision, reason) for id, decision in decisions.items()))
        await self.release()
        for id, decision in decisions.items():
            self.desk.acknowledged(SERVICE, f"/v1/applications/{id}", "decision", _decided(decision))

    async def _decide(self, id: str, decision: str, reason: str) -> None:
        body = {"decision": decision, "reason": reason}
        await self.desk.change(SERVICE, f"/v1/applications/{id}", "decision", body)

    async def release(self) -> None:
        """Until nobody is left who was not told."""
        number, remaining = 0, 1
        while remaining:
            path, number = f"/v1/editions/{self.edition}/release", number + 1
            told = (await self.desk.create(SERVICE, path, {}, word=str(number))).body
            self.desk.ledger.failures += [f"{self.desk.name}: not released: {one}" for one in told["refused"]]
            remaining = told["remaining"]

    async def accept(self, mentors: Mapping[str, str]) -> None:
        """Some of the selected (application id → login) say yes."""
        for id, login in mentors.items():
            if self.rng.random() < 0.5:
                await self.desk.change(SERVICE, f"/v1/applications/{id}", "acceptance", {}, actor=login)
                path = f"/v1/applications/{id}"
                self.desk.acknowledged(SERVICE, path, "acceptance", lambda body: body["status"] == "accepted")


def _counts(sheet: str, total: float) -> Callable[[Any], bool]:
    def holds(board: Any) -> bool:
        totals = {one["sheet_id"]: one["total"] for entry in board["entries"] for one in entry["totals"]}
        return sheet in totals and abs(float(totals[sheet]) - total) < 0.01

    return holds


def _decided(decision: str) -> Callable[[Any], bool]:
    return lambda body: bool(body["decision"]["decision"] == decision)
