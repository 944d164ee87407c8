"""A group of companies and the people who ask: each with a token of a real issuer, or an API key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.chassis import directory
from services.chassis.auth import api_keys
from services.chassis.ids import random_id
from tests.support.directories import heartbeat
from tests.support.signers import Signer

PEPPERS = api_keys.Peppers({1: b"p" * 32})
ROLES = (
    "programme_manager",
    "assessor",
    "group_office",
    "hr_integrator",
    "auditor",
    "data_protection",
    "operator",
)


@dataclass(frozen=True, slots=True)
class Companies:
    """``child`` stands below ``parent``; ``other`` stands alone; ``office`` employs those who hold roles."""

    parent: str = field(default_factory=random_id)
    child: str = field(default_factory=random_id)
    other: str = field(default_factory=random_id)
    office: str = field(default_factory=random_id)

    @property
    def three(self) -> Mapping[str, str]:
        """The companies that have records, by what they are to each other."""
        return {"parent": self.parent, "child": self.child, "other": self.other}

    def rows(self) -> list[directory.Subsidiary]:
        """What the directory has of them."""
        above = {self.parent: None, self.child: self.parent, self.other: None, self.office: None}
        return [directory.Subsidiary(subsidiary_id=id, parent_id=parent) for id, parent in above.items()]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: their one ``role``, if any, holds in the companies named by ``place``, or in the whole group."""

    name: str
    id: str
    headers: Mapping[str, str]
    role: str = ""
    place: str = "group"
    company: str = ""


@dataclass(slots=True)
class Cast:
    """Everybody who asks in a test, as the directory knows them."""

    companies: Companies = field(default_factory=Companies)
    signer: Signer = field(default_factory=Signer)
    known: list[directory.Person | directory.Account] = field(default_factory=list)

    def place(self, name: str) -> tuple[str, ...]:
        """The bounds of a role that holds in this place; none for the whole group."""
        return () if name == "group" else (self.companies.three[name],)

    def token(self, subject: str) -> dict[str, str]:
        """The headers of whoever has a good token for this subject, linked or not."""
        return bearer(self.signer.token(sub=subject, exp=int(datetime.now(UTC).timestamp()) + 3600))

    def person(
        self, name: str, company: str, *, id: str = "", role: str = "", place: str = "group", executive: bool = False
    ) -> Caller:
        """A person who works there."""
        id = id or random_id()
        roles = (directory.Role(role=role, subsidiaries=self.place(place)),) if role else ()
        row = directory.Person(
            person_id=id, subsidiary=company, login=f"idp:{id}", roles=roles, executive=executive, language="en"
        )
        self.known.append(row)
        return Caller(name, id, self.token(id), role, place, company)

    def holders(self, *places: str) -> list[Caller]:
        """For each role and place a person of the office who holds it there."""
        office = self.companies.office
        return [self.person(f"{role} of {place}", office, role=role, place=place) for place in places for role in ROLES]

    def account(self, name: str, *, role: str = "", place: str = "group") -> Caller:
        """A service account with a key."""
        id, key = random_id(), api_keys.new_key()
        kept = api_keys.digested(PEPPERS, key)
        expires_at = datetime.now(UTC) + timedelta(days=1)
        row = directory.Key(key_id=key.id, digest=kept.value, pepper=kept.pepper, expires_at=expires_at)
        roles = (directory.Role(role=role, subsidiaries=self.place(place)),) if role else ()
        self.known.append(directory.Account(account_id=id, keys=(row,), roles=roles))
        return Caller(name, id, bearer(key.text), role, place)

    def rows(self) -> Sequence[directory.Person | directory.Account | directory.Subsidiary | directory.Heartbeat]:
        """The whole directory, of this moment."""
        return [*self.known, *self.companies.rows(), heartbeat()]


def bearer(credential: str) -> dict[str, str]:
    """The header that shows this token or key."""
    return {"Authorization": f"Bearer {credential}"}
