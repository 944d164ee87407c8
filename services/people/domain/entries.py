"""From a row of a roster to what the person takes over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.people.domain.person import Contact, Directory, Entry
from services.people.domain.plan import company_key, in_order
from services.people.domain.profile import Profile
from services.people.domain.reading.reading import Reading
from services.people.domain.reading.records import Record
from services.people.domain.roles import Role

_CALLED: Mapping[str, str] = {  # fields of a row that a person has under another name
    "manager": "manager_id",
    "hire_date": "entry_date",
    "termination_date": "leaves_on",
}
GONE = Entry(None, Directory(subsidiary="", active=False), Contact(""), Profile(), frozenset({"active"}))


@dataclass(frozen=True, slots=True)
class Translation:
    """What a row's words stand for: people by the keys of this file, companies by the keys of their names.

    ``defaults`` are language and zone of a company's people, for joiners of whom the file says neither.
    """

    reading: Reading
    people: Mapping[str, str]
    companies: Mapping[str, str]
    defaults: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def joins(self, record: Record) -> Entry:
        """What the row says of somebody new."""
        language, zone = self.defaults.get(self._company(record.subsidiary or ""), (record.language, record.zone))
        said = self.reading.said
        known = record._replace(
            language=record.language if "language" in said else language,
            zone=record.zone if "zone" in said else zone,
        )
        return self.entry(known)

    def entry(self, record: Record) -> Entry:
        """What the row says of its person, and what it says nothing of."""
        directory = Directory(
            subsidiary=self._company(record.subsidiary or ""),
            login=record.login,
            roles=in_order(Role(role.role, tuple(map(self._company, role.subsidiaries))) for role in record.roles),
            manager_id=self.people.get(self.reading.hierarchy.managers.get(record.key, "")),
            executive=record.executive,
            active=record.active,
            language=record.language,
            zone=record.zone,
            job_level=record.job_level,
        )
        contact = Contact(record.name, record.email, first_name=record.first_name, last_name=record.last_name)
        return Entry(
            record.employee_number,
            directory,
            contact,
            self._profile(record),
            self._said(record),
            external_id=record.external_id,
            source=self.reading.source,
            on_leave=record.on_leave,
            leaves_on=record.termination_date,
        )

    def _profile(self, record: Record) -> Profile:
        return Profile(
            birth_date=record.birth_date,
            entry_date=record.hire_date,
            skills=record.skills,
            wishes=record.wishes,
            languages=record.languages or (record.language,),
            place=record.place,
            capacity=record.capacity,
            contract=record.contract,
        )

    def _said(self, record: Record) -> frozenset[str]:
        silent = {name for name in ("employee_number", "external_id", "subsidiary") if not getattr(record, name)}
        if record.key in self.reading.hierarchy.silent():
            silent.add("manager")
        said = {_CALLED.get(name, name) for name in self.reading.said - silent}
        if said & {"first_name", "last_name"}:
            said.add("name")
        return frozenset(said | {"source"})

    def _company(self, name: str) -> str:
        return self.companies.get(company_key(name), name)
