"""Who plays: the persons and companies of the story, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.addresses import Addresses
from deploy.local.story import roster
from deploy.local.story.officer import bootstrap
from deploy.local.story.portals import Acting, Answer, Portals, StoryFailed, eventually

_DIRECTORY, _IMPORTS = "people", "/v1/roster-imports"
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

    @property
    def officer(self) -> str:
        """The id of whom the group's programme office is."""
        return self.persons[roster.OFFICER]

    @property
    def assessors(self) -> list[str]:
        """The assessors' employee numbers, in order."""
        rows = roster.rows()
        return sorted(number for number in self.persons if rows[number]["roles"].startswith("assessor@"))

    def acting(self, number: str) -> Acting:
        """The person with this employee number."""
        return self.portals.by(self.logins[number])

    def member(self, person_id: str) -> Acting:
        """The person of this id."""
        return self.portals.by(self.logins[self.number_of(person_id)])

    def number(self, application: dict[str, Any]) -> str:
        """The employee number of an applicant."""
        return self.number_of(application["mentor_id"])

    def name_of(self, person_id: str) -> str:
        """The name of the person of this id, as the roster has it."""
        return roster.rows()[self.number_of(person_id)]["name"]

    @property
    def applicants(self) -> list[str]:
        """The applicants' employee numbers, in order."""
        return sorted(number for number in self.persons if number.startswith("M"))

    def number_of(self, person_id: str) -> str:
        """The employee number of the person of this id."""
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
    await take_over(officer, roster.text(), file="roster.csv")
    persons = {person["employee_number"]: person["id"] for person in await officer.every(_DIRECTORY, "/v1/people")}
    companies = (await officer.get(_DIRECTORY, "/v1/subsidiaries")).body
    await _join(officer, {company["name"]: company["id"] for company in companies})
    return Cast(portals, persons, roster.logins(), tuple(sorted(company["id"] for company in companies)))


async def take_over(acting: Acting, text: bytes, *, file: str, partial: bool = False) -> None:
    """A file's dry run, without a fault, and then the file; of a ``partial`` one nobody leaves who is not in it."""
    query = f"file_name={file}&partial={str(partial).lower()}"
    sent = await acting.upload(_DIRECTORY, f"{_IMPORTS}?{query}", text, name=file)
    path = f"{_IMPORTS}/{sent.body['id']}"
    job = await _at_rest(acting, path)
    if job.body["problem"] or job.body["reading"]["rejected_rows"] or job.body["plan"]["conflicts"]:
        raise StoryFailed(f"{file} was refused: {job.body}")
    if job.body["state"] == "planned":
        await acting.change(_DIRECTORY, f"{path}/application", {}, seen=job.etag, name=f"apply {file}")
        job = await _at_rest(acting, path)
    if job.body["state"] != "applied" or job.body["outcome"]["failed"]:
        raise StoryFailed(f"{file} was not applied: {job.body}")


async def _at_rest(acting: Acting, path: str) -> Answer:
    """The import when nothing is done on it any more."""

    async def quiet() -> Answer | None:
        answer = await acting.get(_DIRECTORY, path)
        return None if answer.body["state"] in ("reading", "applying") else answer

    return await eventually(quiet, "a roster is read or applied")


async def _join(officer: Acting, companies: Mapping[str, str]) -> None:
    """Put all companies below the holding; their works agreements let the group see who is who."""
    for name, id in companies.items():
        fields = {"names_shown": True, "language": "de", "zone": "Europe/Berlin"}
        above = {} if name == _HOLDING else {"parent_id": companies[_HOLDING]}
        await officer.amend(_DIRECTORY, f"/v1/subsidiaries/{id}", {**fields, **above})
