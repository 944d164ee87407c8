"""The directory: who belongs to the group, where, in which roles; every service keeps a copy of it."""

from services.chassis.directory.people import COLLECTION, INDEXES, STALE_AFTER, Directory
from services.chassis.directory.records import (
    ACCOUNT,
    HEARTBEAT,
    PERSON,
    SUBSIDIARY,
    TOPIC,
    Account,
    Heartbeat,
    Key,
    Person,
    Role,
    Subsidiary,
)

__all__ = [
    "ACCOUNT",
    "COLLECTION",
    "HEARTBEAT",
    "INDEXES",
    "PERSON",
    "STALE_AFTER",
    "SUBSIDIARY",
    "TOPIC",
    "Account",
    "Directory",
    "Heartbeat",
    "Key",
    "Person",
    "Role",
    "Subsidiary",
]
