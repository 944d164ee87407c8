"""The documents of `people`: persons, subsidiaries, service accounts; and the catalogues."""

from services.chassis import access, directory
from services.people.store.accounts import ACCOUNTS, Accounts, KeyUses
from services.people.store.accounts import INDEXES as OF_ACCOUNTS
from services.people.store.catalogues import catalogues
from services.people.store.companies import SUBSIDIARIES, Companies
from services.people.store.imports import INDEXES as OF_IMPORTS
from services.people.store.imports import ROSTER_IMPORTS, Imports, changes_of, progress_of
from services.people.store.known import account_logins, known_people
from services.people.store.persons import INDEXES as OF_PERSONS
from services.people.store.persons import PERSONS, Link, People, Sought

__all__ = [
    "ACCOUNTS",
    "AGGREGATES",
    "INDEXES",
    "PERSONS",
    "ROSTER_IMPORTS",
    "SUBSIDIARIES",
    "Accounts",
    "Companies",
    "Imports",
    "KeyUses",
    "Link",
    "People",
    "Sought",
    "account_logins",
    "catalogues",
    "changes_of",
    "known_people",
    "progress_of",
]
AGGREGATES = (
    PERSONS.collection,
    SUBSIDIARIES.collection,
    ACCOUNTS.collection,
    ROSTER_IMPORTS.collection,
    access.COLLECTION,
)
INDEXES = {
    PERSONS.collection: OF_PERSONS,
    ACCOUNTS.collection: OF_ACCOUNTS,
    directory.COLLECTION: directory.INDEXES,
    **OF_IMPORTS,
}
