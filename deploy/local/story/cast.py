"""Who plays: the persons and companies of the story, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.addresses import Addresses
from deploy.local.story import roster
from deploy.local.story.officer import bootstrap
from deploy.local.story.portals import Acting, Portals, StoryFailed, eventually

_DIRECTORY = "people"
_HOLDING = "Nordhafen Holding"


@dataclass(frozen=True, slots=True)
class Cast:
    """The persons by employee number and the companies; ids are random, so they are looked up."""

    portals: Portals
    persons: Mapping[str, str]
    logins: Mapping[str, str]
    subsidiaries: tuple[str, ...]

    @property
    def manager(self) -> Acting:
        """The programme manager of all companies."""
        return self.portals.by(self.logins[roster.MANAGER])

    def member(self, person_id: str) -> Acting:
        """The person of this id."""
        return self.portals.by(self.logins[self._number_of(person_id)])

    def number(self, application: dict[str, Any]) -> str:
        """The employee number of an applicant."""
        return self._number_of(application["mentor_id"])

    @property
    def applicants(self) -> list[str]:
        """The applicants' employee numbers, in order."""
        return sorted(number for number in self.persons if number.startswith("M"))

    def _number_of(self, person_id: str) -> str:
        return next(number for number, id in self.persons.items() if id == person_id)


async def office(portals: Portals, where: Addresses) -> Acting:
    """The group's programme office, which is let in at last. Raises ``StoryFailed`` where it is not."""
    said = await bootstrap(where)
    officer = portals.by(roster.logins()[roster.OFFICER])
    try:
        await eventually(lambda: _let_in(officer), "her role is known")
    except StoryFailed as error:
        raise StoryFailed(f"the first officer is not let in: {error}; tandem bootstrap-officer said: {said}") from error
    return officer


async def _let_in(officer: Acting) -> bool | None:
    try:
        await officer.get(_DIRECTORY, "/v1/people?limit=1")
    except StoryFailed as error:
        if error.kind == "role-missing":
            return None
        raise
    return True


async def import_roster(portals: Portals, officer: Acting) -> Cast:
    """Four companies, the holding included."""
    report = (await officer.upload(_DIRECTORY, "/v1/roster", roster.text())).body
    if report["refused"]:
        raise StoryFailed(f"the roster was refused: {report['refused']}")
    persons = {person["employee_number"]: person["id"] for person in await officer.every(_DIRECTORY, "/v1/people")}
    companies = (await officer.get(_DIRECTORY, "/v1/subsidiaries")).body
    await _join(officer, {company["name"]: company["id"] for company in companies})
    return Cast(portals, persons, roster.logins(), tuple(sorted(company["id"] for company in companies)))


async def _join(officer: Acting, companies: Mapping[str, str]) -> None:
    """Put all companies below the holding; their works agreements let the group see who is who."""
    for name, id in companies.items():
        fields = {"names_shown": True, "language": "de", "zone": "Europe/Berlin"}
        above = {} if name == _HOLDING else {"parent_id": companies[_HOLDING]}
        await officer.amend(_DIRECTORY, f"/v1/subsidiaries/{id}", {**fields, **above})
