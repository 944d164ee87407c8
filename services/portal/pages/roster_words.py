"""The words of roster imports: their states, what changes, the fields of a person. Translated when shown."""

from __future__ import annotations

from collections.abc import Mapping

from services.portal.pages.refusals import N_

STATES: Mapping[str, tuple[str, str]] = {
    "reading": ("wait", N_("is being read")),
    "planned": ("due", N_("waits for your word")),
    "applying": ("wait", N_("is being applied")),
    "applied": ("done", N_("applied")),
    "refused": ("stop", N_("cannot be read")),
    "cancelled": ("off", N_("discarded")),
}
KINDS: Mapping[str, str] = {
    "joiners": N_("Joiners"),
    "movers": N_("Changes"),
    "leavers": N_("Leavers"),
    "conflicts": N_("Rows that contradict what is known"),
    "rejected": N_("Rows that cannot be used"),
    "warnings": N_("Rows worth a look"),
    "failed": N_("People who could not be written"),
}
FAULTY = ("rejected", "conflicts", "warnings", "failed")
FIELDS: Mapping[str, str] = {
    "subsidiary": N_("Company"),
    "manager": N_("Manager"),
    "roles": N_("Roles"),
    "source": N_("Source"),
    "employee_number": N_("Employee number"),
    "external_id": N_("Id in the HR system"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "email": N_("E-mail"),
    "birth_date": N_("Date of birth"),
    "hire_date": N_("First day"),
    "termination_date": N_("Last day"),
    "active": N_("Employed"),
    "on_leave": N_("On leave"),
    "executive": N_("Executive"),
    "job_level": N_("Job level"),
    "contract": N_("Kind of contract"),
    "login": N_("Login"),
    "language": N_("Language"),
    "languages": N_("Languages"),
    "zone": N_("Time zone"),
    "place": N_("Place"),
    "capacity": N_("Executives as a mentor"),
    "skills": N_("Platforms"),
    "wishes": N_("Learning wishes"),
}
ENCODINGS = (
    ("", N_("Find out")),
    ("utf-8", N_("UTF-8")),
    ("cp1252", N_("Western European (Windows)")),
    ("cp1250", N_("Polish, Czech, Hungarian (Windows)")),
)
EVERYBODY, SOME = "all", "some"
HOLDS = (
    (EVERYBODY, N_("Everybody: whoever is missing has left")),
    (SOME, N_("Only some people: nobody leaves by it")),
)
