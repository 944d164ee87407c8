"""What `applications` reads of the profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.chassis.wire import Id, Incoming


class Profile(Incoming):
    """What `applications` needs to know of a person: what the rules of a call are counted from, as far as known."""

    person_id: Id
    birth_date: date | None = None
    entry_date: date | None = None
    contract: str | None = None
    languages: tuple[str, ...]


PROFILE = "org.tandem.profiles.person.v1"
PROFILE_UNDATED = "org.tandem.profiles.person.v2"
READS: Mapping[str, type[BaseModel]] = {PROFILE: Profile, PROFILE_UNDATED: Profile}
