"""The commands of `people`."""

from dataclasses import dataclass

from services.people.handlers.accounts import AccountHandlers, NewKey
from services.people.handlers.importing import Importing
from services.people.handlers.imports import ImportHandlers, Upload
from services.people.handlers.persons import FirstOfficer, PersonHandlers
from services.people.handlers.subsidiaries import SubsidiaryHandlers, id_of_name

__all__ = [
    "AccountHandlers",
    "FirstOfficer",
    "Handlers",
    "ImportHandlers",
    "Importing",
    "NewKey",
    "PersonHandlers",
    "SubsidiaryHandlers",
    "Upload",
    "id_of_name",
]


@dataclass(frozen=True, slots=True)
class Handlers:
    """All commands, by what they are about."""

    persons: PersonHandlers
    subsidiaries: SubsidiaryHandlers
    accounts: AccountHandlers
    imports: ImportHandlers
