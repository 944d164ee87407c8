"""What matching knows of one mentor and one executive, and how it changes; the place to begin for tests of runs."""

from __future__ import annotations

from dataclasses import replace

from services.matching.domain.inputs import Facts, Person, Profile
from services.matching.domain.people import Skill, Wish

LENA = Person("lena", "services", active=True, language="de", manager_id="chief")
CHIEF = Person("chief", "services", active=True, language="de", manager_id="boss")
BOSS = Person("boss", "holding", active=True, language="de", manager_id=None)
WINTER = Person("winter", "holding", active=True, language="de", manager_id=None)
KNOWING = Profile((Skill("tiktok", 4),), (), ("de",), "Hamburg", capacity=1)
WISHING = Profile((), (Wish("tiktok", 1),), ("de",), "Hamburg", capacity=0)
FACTS = Facts(
    mentors=frozenset({"lena"}),
    mentees=frozenset({"winter"}),
    persons={one.person_id: one for one in (LENA, CHIEF, BOSS, WINTER)},
    profiles={"lena": KNOWING, "winter": WISHING},
    taken=(),
)


def with_person(facts: Facts, person: Person) -> Facts:
    """The facts with what the directory says of a person now."""
    return replace(facts, persons={**facts.persons, person.person_id: person})


def with_profile(facts: Facts, person_id: str, profile: Profile) -> Facts:
    """The facts with what a person says now."""
    return replace(facts, profiles={**facts.profiles, person_id: profile})


def without(facts: Facts, person_id: str) -> Facts:
    """The facts after a person's profile and entry in the directory are gone."""
    return replace(
        facts,
        persons={id: one for id, one in facts.persons.items() if id != person_id},
        profiles={id: one for id, one in facts.profiles.items() if id != person_id},
    )
