"""The audit trail as people read it: filtered, in order of time, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis import mongo
from services.chassis.service import Index
from services.reporting.audit.entry import COLLECTION, kind_of

_FILTERS = {"actor": "actor", "subject": "about", "kind": "kind", "edition": "edition"}
INDEXES = {
    COLLECTION: (
        Index((("time", 1), ("_id", 1))),
        *(Index(((field, 1), ("time", 1), ("_id", 1))) for field in _FILTERS.values()),
    )
}
_WORDS: Mapping[str, str] = {
    "EditionOpened": "opened an edition",
    "EditionChanged": "changed an edition",
    "EditionStaged": "moved an edition on to its next stage",
    "EditionClosed": "closed an edition",
    "CallOpened": "opened the call for mentors",
    "MentorApplied": "applied to be a mentor",
    "ApplicationChanged": "changed an application",
    "ApplicationWithdrawn": "withdrew an application",
    "WaiverDecided": "decided on a waiver",
    "SheetsAssigned": "assigned applications to assessors",
    "SheetChanged": "worked on a scoring sheet",
    "RoundClosed": "closed a round of assessment",
    "MentorSelected": "selected a mentor",
    "MentorReserved": "put an applicant on the reserve list",
    "MentorDeclined": "declined an applicant",
    "MentorAccepted": "accepted to be a mentor",
    "MenteeObliged": "put an executive in scope",
    "MenteeExempted": "exempted an executive",
    "MenteeEscalated": "escalated an executive without a mentor",
    "MenteeLeft": "took an executive out of scope",
    "PairMatched": "paired a mentor with an executive",
    "PairEnded": "ended a pair",
    "SessionPlanned": "planned a session",
    "SessionCancelled": "cancelled a session",
    "SessionHeld": "recorded that a session was held",
    "PersonChanged": "changed what is known of a person",
    "RoleGranted": "granted a role",
    "RoleRevoked": "revoked a role",
    "SubsidiaryChanged": "changed a company",
    "ServiceAccountChanged": "changed a program's access",
    "RosterImportChanged": "imported a roster, or decided on an import",
    "RunRequested": "asked for an edition to be matched",
    "RunReviewed": "decided on a proposal of pairs",
    "PublicationBegun": "had a proposal carried out",
    "RunPublished": "carried out what was to be published of a proposal",
    "RunCancelled": "cancelled the matching of an edition",
    "RunFailed": "gave the matching of an edition up",
    "RunSuperseded": "put a proposal of pairs aside for another run",
    "AlternativeChosen": "chose among proposals of a re-match",
    "RunPreviewed": "showed proposed pairs to their members",
    "VetoRaised": "objected to a proposed pair",
    "PolicyCreated": "made a matching policy",
    "PolicyChanged": "changed a matching policy",
    "OverrideSet": "laid down for the matching",
    "OverrideWithdrawn": "withdrew what was laid down for the matching",
    "AccessDenied": "was denied access",
    "AccessRead": "read what is protected",
    "AccessOperated": "intervened as an operator",
    "AccessKeyUsed": "used an API key",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted; what is None does not matter.

    ``subject`` is an aggregate, its pair, a member of a pair, or what an access was about; ``kind`` a short name or an
    event type; ``since`` is the first instant, ``until`` the first one that no longer counts.
    """

    actor: str | None = None
    subject: str | None = None
    pair: str | None = None
    kind: str | None = None
    edition: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> dict[str, Any]:
        """The database's query for them."""
        query: dict[str, Any] = {
            field: value for name, field in _FILTERS.items() if (value := getattr(self, name)) is not None
        }
        if self.kind is not None and (short := kind_of(self.kind)) != self.kind:
            query |= {"kind": short, "type": self.kind}
        if self.pair is not None:
            query = {"about": self.pair, **query, "pair": self.pair}  # every pair is among what its entries are about
        times = {"$gte": self.since, "$lt": self.until}
        if bounds := {operator: instant for operator, instant in times.items() if instant is not None}:
            query["time"] = bounds
        return query


def collection(database: mongo.Database) -> mongo.Collection:
    """The entries of the trail."""
    return database[COLLECTION]


async def found(entries: mongo.Collection, wanted: Wanted, *, newest_first: bool, limit: int) -> list[dict[str, Any]]:
    """The first entries that are wanted, as they are shown. Raises ``Unavailable``."""
    way = -1 if newest_first else 1
    with mongo.unavailable():
        cursor = entries.find(wanted.query()).sort([("time", way), ("_id", way)]).limit(limit)
        return [told(entry) for entry in await cursor.to_list(None)]


def told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it is shown, field by field."""
    names = ("kind", "type", "subject", "target", "reason", "edition", "subsidiary", "pair", "trace_id")
    place = ("topic", "partition", "offset", "sequence", "digest")
    shown = {"id": entry["_id"], "time": entry["time"], "who": entry["actor"], "what": in_words(entry)}
    return {**shown, **{name: entry[name] for name in (*names, *place)}}


def in_words(entry: Mapping[str, Any]) -> str:
    """What an entry says happened, as the rest of a sentence that begins with its actor."""
    words = _WORDS.get(entry["kind"], entry["type"])
    if entry["action"]:
        return f"{words}: {entry['action']}"
    return f"{words}: {entry['target_kind']}" if entry["target_kind"] else words
