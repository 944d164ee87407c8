"""The personas of a roster: everybody in it who has a login."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from deploy.local.issuer.personas import Persona, Words

_ROLES: Mapping[str, Words] = {
    "programme_manager": {"en": "Programme manager", "de": "Programmkoordination"},
    "assessor": {"en": "Assessor", "de": "Gutachten"},
    "group_office": {"en": "Group programme office", "de": "Konzern-Programmbüro"},
    "hr_integrator": {"en": "HR systems", "de": "HR-Systeme"},
    "auditor": {"en": "Works council", "de": "Betriebsrat"},
    "data_protection": {"en": "Data protection", "de": "Datenschutz"},
    "operator": {"en": "Operator", "de": "Betrieb"},
}
_EXECUTIVE: Words = {"en": "Executive", "de": "Führungskraft"}
_STAFF: Words = {"en": "Staff", "de": "Belegschaft"}
_ACTIVE = {"", "true", "yes", "1"}


def personas_of(roster: str, issuer: str = "idp") -> dict[str, Persona]:
    """The persons of a roster in plain form whose row has a ``login``, by the login without the issuer's name.

    A login that begins with another issuer's name is not this one's.
    """
    personas = {}
    for row in csv.DictReader(io.StringIO(roster, newline="")):
        login = (row.get("login") or "").strip().removeprefix(f"{issuer}:")
        if login and ":" not in login:
            active = (row.get("active") or "").strip().lower() in _ACTIVE
            personas[login] = Persona(row["name"], _line(row), active=active)
    return personas


def _line(row: Mapping[str, str]) -> Words:
    """What a person does and where: roles first, then whether she is an executive."""
    codes = [part.partition("@")[0].strip() for part in (row.get("roles") or "").split(";")]
    told = [_ROLES[code] for code in codes if code in _ROLES]
    if not told:
        told = [_EXECUTIVE if (row.get("executive") or "").strip().lower() == "true" else _STAFF]
    return {
        language: ", ".join([*dict.fromkeys(words[language] for words in told), row["subsidiary"]])
        for language in ("en", "de")
    }
