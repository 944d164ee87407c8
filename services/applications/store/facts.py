"""What the documents of an edition say of how far it is: numbers for what blocks its next stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.applications.domain import board
from services.applications.domain.application import has_lapsed
from services.applications.domain.edition import Edition
from services.applications.domain.staging import Facts
from services.applications.store import selection
from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.directory import Directory, Person, Subsidiary

APPLICATIONS, PARTICIPATIONS, ROUNDS = "applications", "participations", "rounds"
_WAIVABLE = ("draft", "applied")  # whoever asks before the application is sent waits for an answer too
_TAKING_PART = ("obliged", "paired", "escalated")


class EditionFacts:
    """Counts what belongs to an edition, whenever asked. All methods raise ``Unavailable``."""

    def __init__(self, database: mongo.Database, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    async def of(self, edition: Edition) -> Facts:
        """What the rest of the service says of an edition at this moment."""
        tree = await self._directory.subsidiaries()
        companies = tuple(sorted(tree)) if edition.group_wide else edition.subsidiaries
        return Facts(
            companies=companies,
            rounds_open=await self._rounds_open(edition.edition_id),
            **await self._applications(edition.edition_id),
            **await self._participations(edition.edition_id),
            **await self._chosen(edition),
            assessors=await self._assessors(companies, tree),
            escalation_reachable=await self._works_here(edition.escalation.to),
        )

    async def _rounds_open(self, edition_id: str) -> int:
        query = {"state.edition_id": edition_id, "state.state": {"$ne": "closed"}}
        with mongo.unavailable():
            number: int = await self._database[ROUNDS].count_documents(query)
        return number

    async def _applications(self, edition_id: str) -> Mapping[str, int]:
        pending, asked = _there("$state.pending"), _there("$state.waiver_request")
        group = {
            "_id": {"status": "$state.status", "pending": pending, "waiting": _and(asked, _not_there("$state.waiver"))},
            "number": {"$sum": 1},
        }
        rows = await self._grouped(APPLICATIONS, edition_id, group)
        applied = [row for row in rows if row["_id"]["status"] == "applied"]
        return {
            "undecided": sum(row["number"] for row in applied if not row["_id"]["pending"]),
            "unreleased": sum(row["number"] for row in rows if row["_id"]["pending"]),
            "waivers_waiting": sum(
                row["number"] for row in rows if row["_id"]["waiting"] and row["_id"]["status"] in _WAIVABLE
            ),
        }

    async def _chosen(self, edition: Edition) -> Mapping[str, int]:
        """The places of selected mentors as the board counts them, and how many mentors let their day pass."""
        chosen, now = await selection.chosen_in(self._database[APPLICATIONS], edition.edition_id), self._clock.now()
        lapsed = [one for one in chosen if one.pending is None and has_lapsed(one, edition, now)]
        places = board.places_of(edition, chosen, needed=0, at=now).selected
        return {"places": places, "not_accepted": len(lapsed)}

    async def _participations(self, edition_id: str) -> Mapping[str, int]:
        rows = await self._grouped(PARTICIPATIONS, edition_id, {"_id": "$state.status", "number": {"$sum": 1}})
        by_status = {row["_id"]: row["number"] for row in rows}
        needed = sum(by_status.get(status, 0) for status in _TAKING_PART)
        return {"unaccounted": by_status.get("obliged", 0), "needed": needed}

    async def _grouped(self, collection: str, edition_id: str, group: Mapping[str, Any]) -> list[mongo.Document]:
        steps: list[Mapping[str, Any]] = [{"$match": {"state.edition_id": edition_id}}, {"$group": group}]
        with mongo.unavailable():
            return await mongo.aggregate(self._database[collection], steps)

    async def _assessors(self, companies: tuple[str, ...], tree: Mapping[str, Subsidiary]) -> int:
        """How many active people are assessors for at least one of these companies."""
        return sum(_assesses(one, companies, tree) for one in await self._directory.holders("assessor"))

    async def _works_here(self, person_id: str) -> bool:
        person = await self._directory.find(person_id)
        return person is not None and person.active


def _assesses(person: Person, companies: Iterable[str], tree: Mapping[str, Subsidiary]) -> bool:
    """Whether somebody is an assessor for one of these companies: a role for a company holds below it too."""
    bounds = [frozenset(role.subsidiaries) for role in person.roles if role.role == "assessor"]
    above = frozenset().union(*(_with_those_above(company, tree) for company in companies))
    return any(not bound or bound & above for bound in bounds)


def _with_those_above(company: str, tree: Mapping[str, Subsidiary]) -> frozenset[str]:
    """A company and all above it; a circle, which should not be, ends."""
    reached: set[str] = set()
    at: str | None = company
    while at and at not in reached:
        reached.add(at)
        at = tree[at].parent_id if at in tree else None
    return frozenset(reached)


def _there(field: str) -> dict[str, Any]:
    return {"$ne": [{"$ifNull": [field, None]}, None]}


def _not_there(field: str) -> dict[str, Any]:
    return {"$eq": [{"$ifNull": [field, None]}, None]}


def _and(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"$and": list(terms)}
