"""What was known of people when a run was solved, as digests, so that changes since can be told without a copy.

Digests are salted per run: two runs cannot be compared by them, and of what is rare nothing can be looked up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.matching.domain.inputs import Facts

People = Mapping[str, Mapping[str, str]]  # per person the digest of each group of facts
_LENGTH = 12  # hexadecimal characters
_OF_PROFILES: Mapping[str, tuple[str, ...]] = {
    "skills": ("skills",),
    "wishes": ("wishes",),
    "languages": ("languages", "language_levels"),
    "place": ("place", "remote"),
    "availability": ("availability",),
    "capacity": ("capacity",),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody of whom something else is known than when the run was solved.

    ``what`` names the groups of facts: ``taking_part``, ``employment`` (left or back), ``company``, ``manager``,
    ``skills``, ``wishes``, ``languages``, ``place``, ``availability``, ``capacity``, ``pair``.
    """

    person_id: str
    what: tuple[str, ...]


def of_people(facts: Facts, *, salt: str) -> dict[str, dict[str, str]]:
    """The digests of all candidates of an edition."""
    taken = {pair.mentee_id: pair.mentor_id for pair in facts.taken}
    found: dict[str, dict[str, str]] = {}
    for id in sorted(facts.mentors | facts.mentees):
        said: dict[str, object] = {"taking_part": [id in facts.mentors, id in facts.mentees], "pair": taken.get(id)}
        if person := facts.persons.get(id):
            said |= {"employment": person.active, "company": person.subsidiary, "manager": person.manager_id}
        if profile := facts.profiles.get(id):
            said |= {group: [str(getattr(profile, name)) for name in names] for group, names in _OF_PROFILES.items()}
        found[id] = {group: _digest(salt, id, group, value) for group, value in said.items()}
    return found


def changes(before: People, now: People) -> tuple[Change, ...]:
    """Who differs, and in what; whoever came or went is named with ``taking_part``."""
    return tuple(_changes(before, now))


def written(people: People) -> bytes:
    """The digests as they are kept."""
    return json.dumps(people, separators=(",", ":"), sort_keys=True).encode()


def read(kept: bytes) -> People:
    """The digests as they were kept; none where nothing was."""
    found: People = json.loads(kept) if kept else {}
    return found


def _changes(before: People, now: People) -> Iterable[Change]:
    for id in sorted(before.keys() | now.keys()):
        was, is_now = before.get(id), now.get(id)
        if was is None or is_now is None:
            yield Change(id, ("taking_part",))
        elif was != is_now:
            what = sorted(group for group in was.keys() | is_now.keys() if was.get(group) != is_now.get(group))
            yield Change(id, tuple(what))


def _digest(salt: str, *said: object) -> str:
    text = json.dumps([salt, *said], default=str)
    return hashlib.blake2b(text.encode(), digest_size=_LENGTH // 2).hexdigest()
