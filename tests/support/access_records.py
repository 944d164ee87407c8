"""One record of each kind, of one company or across two, written as the services keep them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from services.applications.handlers import application_id
from services.chassis import directory
from services.chassis.aggregate import Command
from services.chassis.ids import random_id
from services.chassis.projector import Projection
from services.chassis.runtime import Runtime
from services.matching import store as matching
from services.matching.domain import candidates, overrides, pair, policies, run
from services.matching.projections import CANDIDATES
from services.notifications import domain as delivery
from services.notifications import store as notifications
from services.people import store as people
from services.people.domain import person, profile, roster_import, service_account, subsidiary
from services.reporting.audit.entry import COLLECTION as AUDIT
from services.reporting.domain import sources
from services.reporting.projections import board
from services.sessions import domain as sessions
from services.sessions import store as workspaces
from tests.support.access_cast import Cast
from tests.support.access_programme import write_programme

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_YEAR = (date(2026, 3, 1), date(2099, 2, 28))
_SEED = Command(actor="a-seed")


@dataclass(frozen=True, slots=True)
class Records:
    """The ids of what belongs to ``company``: its edition and all that came of it.

    The edition is for ``circle``, by default the company alone; the mentor is of ``mentors``, by default its own.
    ``joining``: the edition is there already, with its run. ``at`` is when all of it happened.
    """

    company: str
    circle: tuple[str, ...] = ()
    mentors: str = ""
    joining: bool = False
    at: datetime = AT
    edition: str = field(default_factory=random_id)
    application: str = ""
    participation: str = field(default_factory=random_id)
    round: str = field(default_factory=random_id)
    sheet: str = field(default_factory=random_id)
    run: str = field(default_factory=random_id)
    policy: str = field(default_factory=random_id)
    override: str = field(default_factory=random_id)
    pair: str = field(default_factory=random_id)
    session: str = field(default_factory=random_id)
    delivery: str = field(default_factory=random_id)
    entry: str = field(default_factory=random_id)
    mentor: str = field(default_factory=random_id)
    mentee: str = field(default_factory=random_id)
    assessor: str = field(default_factory=random_id)
    upload: str = field(default_factory=random_id)
    uploader: str = field(default_factory=random_id)
    number: str = field(default_factory=lambda: f"E{random_id()[:8]}")

    def __post_init__(self) -> None:
        """The application has the id that its edition and its mentor give it."""
        if not self.application:
            object.__setattr__(self, "application", application_id(self.edition, self.mentor))

    @property
    def subsidiaries(self) -> tuple[str, ...]:
        """Those of the edition."""
        return self.circle or (self.company,)

    @property
    def mentor_company(self) -> str:
        """Where the mentor works."""
        return self.mentors or self.company


async def write(runtime: Runtime, *records: Records) -> None:
    """Write them into the database of this service."""
    for one in records:
        await _WRITERS[runtime.service](runtime, one)


async def _write_matching(runtime: Runtime, one: Records) -> None:
    if not one.joining:
        await _folded(runtime, CANDIDATES, one.edition, candidates.Edition(one.edition, _YEAR[1], one.subsidiaries))
        requested = run.RunRequested(run.Run(one.run, one.edition, "a-manager", AT))
        await runtime.repository(matching.RUNS).handle(one.run, lambda state: [requested], _SEED)
        await _write_rules(runtime, one)
    await _folded(runtime, CANDIDATES, one.application, candidates.Selected(one.edition, one.mentor))
    matched = pair.Pair(
        one.pair, one.edition, one.run, one.mentor, one.mentee, one.mentor_company, one.company, "1", AT, slot=1
    )
    await runtime.repository(matching.PAIRS).handle(one.pair, lambda state: [pair.PairMatched(matched)], _SEED)


async def _write_rules(runtime: Runtime, one: Records) -> None:
    """A policy for the companies of the edition, and a pair that somebody blocked in it."""
    owner, terms = policies.Owner(one.subsidiaries, group_wide=False), policies.Terms(f"Policy {one.policy}")
    made = policies.create(None, one.policy, terms, owner=owner, based_on="standard", by="a-manager", at=AT)
    await runtime.repository(matching.POLICIES).handle(one.policy, lambda state: made, _SEED)
    blocked = overrides.Override(
        one.override, "block", one.mentor, one.mentee, None, reason="They share a flat.", by="a-manager", at=AT
    )
    laid_down = overrides.add(None, one.edition, blocked)
    await runtime.repository(matching.OVERRIDES).handle(one.edition, lambda state: laid_down, _SEED)


async def _write_sessions(runtime: Runtime, one: Records) -> None:
    planned = sessions.Session(one.session, 1, datetime(2099, 1, 1, 9, tzinfo=UTC), 60)
    space = sessions.Workspace(
        one.pair, one.edition, one.mentor, one.mentee, one.mentor_company, one.company, AT, (planned,)
    )
    opened = sessions.WorkspaceOpened(space)
    await runtime.repository(workspaces.WORKSPACES).handle(one.pair, lambda state: [opened], _SEED)


async def _write_notifications(runtime: Runtime, one: Records) -> None:
    message = delivery.Delivery(
        one.delivery,
        one.pair,
        delivery.PAIR_PUBLISHED,
        one.mentor,
        one.mentee,
        role="mentor",
        pair_id=one.pair,
        edition_id=one.edition,
        happened_at=AT,
        intended_at=AT,
    )
    intended = delivery.DeliveryIntended(message)
    await runtime.repository(notifications.DELIVERIES).handle(one.delivery, lambda state: [intended], _SEED)


async def _write_reporting(runtime: Runtime, one: Records) -> None:
    name = f"Edition {one.edition[:4]}"
    if not one.joining:
        opened = sources.Edition(one.edition, name, *_YEAR, one.subsidiaries, as_of=AT)
        await _folded(runtime, board.APPLICATIONS, one.edition, opened)
    await _add_to_board(runtime, one)
    entry: dict[str, Any] = dict.fromkeys(("target", "target_kind", "action", "reason", "trace_id"))
    placed = {"topic": "tandem.pairs.v1", "partition": 0, "offset": 1, "sequence": 1, "digest": "0" * 64}
    about = {"kind": "PairMatched", "type": "org.tandem.pair.matched.v1", "subject": one.pair, "about": [one.pair]}
    where = {"edition": one.edition, "subsidiary": one.company, "pair": one.pair}
    who = {"_id": one.entry, "actor": "a-manager", "time": one.at, "recorded_at": one.at}
    await runtime.database[AUDIT].insert_one({**entry, **placed, **about, **where, **who})


async def _add_to_board(runtime: Runtime, one: Records) -> None:
    applied = sources.Application(one.edition, one.mentor_company, sources.Answer.SELECTED, one.at)
    await _folded(runtime, board.APPLICATIONS, one.application, applied)
    obliged = sources.Participation(one.edition, one.mentee, one.company, sources.Duty.OBLIGED, one.at)
    await _folded(runtime, board.APPLICATIONS, one.participation, obliged)
    matched = sources.Pair(one.pair, one.edition, one.mentor, one.mentee, one.mentor_company, one.company, one.at)
    await _folded(runtime, board.PAIRS, one.pair, matched)
    held = sources.Session(one.session, 1, sources.Progress.HELD, one.at, 60, one.at, one.company)
    await _folded(runtime, board.SESSIONS, one.pair, sources.Workspace(one.pair, one.edition, (held,), one.at))


async def _folded(runtime: Runtime, projection: Projection[Any], id: str, state: object) -> None:
    kept = projection.state.dump_python(state, mode="json")
    await runtime.database[projection.collection].insert_one({"_id": id, "seq": 1, "state": kept})


async def _write_people(runtime: Runtime, one: Records) -> None:
    await _write_person(runtime, one.mentor, one.mentor_company, f"M{one.number}")
    await _write_person(runtime, one.mentee, one.company, one.number)
    powers = roster_import.Powers((one.company,), ())
    job = roster_import.Job(one.upload, one.uploader, one.at, f"{one.company}.csv", roster_import.Asked(), powers)
    uploaded = roster_import.upload(None, job)
    await runtime.repository(people.ROSTER_IMPORTS).handle(one.upload, lambda state: uploaded, _SEED)
    await people.Imports(runtime.database).enter(one.upload, one.at)


async def _write_person(runtime: Runtime, id: str, company: str, number: str) -> None:
    known = person.Person(
        id, number, person.Directory(company), person.Contact(f"Somebody {number}"), profile.Profile()
    )
    await runtime.repository(people.PERSONS).handle(id, lambda state: [person.DirectoryChanged(known)], _SEED)


async def write_group(runtime: Runtime, cast: Cast) -> None:
    """Write the companies, and everybody who asks, into the database of `people`."""
    for row in cast.companies.rows():
        await _write_company(runtime, row)
    for one in cast.known:
        if isinstance(one, directory.Person):
            await _write_person(runtime, one.person_id, one.subsidiary, f"C{one.person_id[:8]}")
        else:
            await _write_account(runtime, one)


async def _write_company(runtime: Runtime, row: directory.Subsidiary) -> None:
    company = subsidiary.Subsidiary(row.subsidiary_id, f"Company {row.subsidiary_id}", row.parent_id)
    named = subsidiary.SubsidiaryChanged(company)
    await runtime.repository(people.SUBSIDIARIES).handle(row.subsidiary_id, lambda state: [named], _SEED)


async def _write_account(runtime: Runtime, one: directory.Account) -> None:
    keys = tuple(
        service_account.Key(key.key_id, key.digest, key.pepper, AT, key.expires_at, random_id()) for key in one.keys
    )
    account = service_account.Account(one.account_id, "a program", "its owner", keys=keys)
    changed = service_account.AccountChanged(account)
    await runtime.repository(people.ACCOUNTS).handle(one.account_id, lambda state: [changed], _SEED)


_WRITERS: Mapping[str, Callable[[Runtime, Records], Awaitable[None]]] = {
    "applications": write_programme,
    "matching": _write_matching,
    "sessions": _write_sessions,
    "notifications": _write_notifications,
    "reporting": _write_reporting,
    "people": _write_people,
}
