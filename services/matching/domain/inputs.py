"""Who can be matched at this moment: from what is known of people to the mentors and mentees of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.matching.domain.scoring import Forbidden, Mentee, Mentor, Policy, Skill, Wish, line_above, score

ALREADY_PAIRED = "already_paired"
UNKNOWN = "unknown_person"


@dataclass(frozen=True, slots=True)
class Person:
    """What the directory says of somebody; ``language`` stands in where a profile names none."""

    person_id: str
    subsidiary: str
    active: bool
    language: str
    manager_id: str | None
    executive: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody says of themselves; ``capacity`` is the most mentees at a time."""

    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Taken:
    """An active pair: the executive has a mentor, and the mentor's slot (from 1) is used."""

    mentor_id: str
    mentee_id: str
    slot: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one edition's candidates, their reporting lines included.

    ``out_of_scope`` are executives who were among the ``mentees`` and left the edition's scope. ``companies`` are
    those of the edition; none while they are not known, and then everybody's counts.
    """

    mentors: frozenset[str]
    mentees: frozenset[str]
    persons: Mapping[str, Person]
    profiles: Mapping[str, Profile]
    taken: tuple[Taken, ...]
    out_of_scope: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who can be matched, by person id, and of all others why not.

    A mentor's ``capacity`` counts the places that are still free; ``slots`` has their numbers, lowest first.
    Mentors are out as ``unknown_person``, ``left``, ``executive``, ``moved_out`` (of the edition's companies),
    ``no_profile`` or ``full``; executives as ``unknown_person``, ``left`` or ``already_paired``. ``without_profile``
    are those of the ``mentees`` whose profile has not arrived: they are matched without wishes, in the directory's
    language. ``out_of_scope`` are executives who left the edition's scope.
    """

    mentors: Mapping[str, Mentor]
    mentees: Mapping[str, Mentee]
    mentors_out: Mapping[str, str]
    mentees_out: Mapping[str, str]
    slots: Mapping[str, tuple[int, ...]]
    without_profile: frozenset[str]
    out_of_scope: frozenset[str] = frozenset()


def inputs(facts: Facts) -> Inputs:
    """Sort an edition's candidates into those who can be matched and those who cannot."""
    slots, paired = _free_slots(facts), {pair.mentee_id for pair in facts.taken}
    manager_of = {id: person.manager_id for id, person in facts.persons.items()}
    mentors_out = _reasons(facts.mentors, lambda id: _why_no_mentor(facts, slots, id))
    mentees_out = _reasons(facts.mentees, lambda id: ALREADY_PAIRED if id in paired else _why_absent(facts, id))
    return Inputs(
        mentors={
            id: _mentor(facts, id, places=len(slots[id]), line=line_above(id, manager_of))
            for id in sorted(facts.mentors - mentors_out.keys())
        },
        mentees={id: _mentee(facts, id) for id in sorted(facts.mentees - mentees_out.keys())},
        mentors_out=mentors_out,
        mentees_out=mentees_out,
        slots=slots,
        without_profile=facts.mentees - mentees_out.keys() - facts.profiles.keys(),
        out_of_scope=facts.out_of_scope,
    )


def obstacle(now: Inputs, *, mentor_id: str, mentee_id: str, policy: Policy) -> str | None:
    """Why a proposed pair can no longer be: the reason with its side before it, or a rule's name; None if it can."""
    if mentee_id not in now.mentees:
        otherwise = "out_of_scope" if mentee_id in now.out_of_scope else "exempt"
        return f"mentee_{now.mentees_out.get(mentee_id, otherwise)}"
    if mentor_id not in now.mentors:
        return f"mentor_{now.mentors_out.get(mentor_id, 'not_selected')}"
    verdict = score(now.mentors[mentor_id], now.mentees[mentee_id], policy)
    return verdict.rule if isinstance(verdict, Forbidden) else None


def _free_slots(facts: Facts) -> dict[str, tuple[int, ...]]:
    """Per mentor as many free numbers as places are left, also after a capacity was lowered."""
    used: dict[str, set[int]] = {}
    for pair in facts.taken:
        used.setdefault(pair.mentor_id, set()).add(pair.slot)
    free: dict[str, tuple[int, ...]] = {}
    for id in facts.mentors & facts.profiles.keys():
        capacity, mine = facts.profiles[id].capacity, used.get(id, set())
        places = max(capacity - len(mine), 0)
        free[id] = tuple(slot for slot in range(1, capacity + 1) if slot not in mine)[:places]
    return free


def _why_no_mentor(facts: Facts, slots: Mapping[str, tuple[int, ...]], id: str) -> str | None:
    if reason := _why_absent(facts, id) or _why_out_of_scope(facts, facts.persons[id]):
        return reason
    if id not in facts.profiles:
        return "no_profile"
    return None if slots[id] else "full"


def _why_out_of_scope(facts: Facts, person: Person) -> str | None:
    if person.executive:
        return "executive"
    return "moved_out" if facts.companies and person.subsidiary not in facts.companies else None


def _why_absent(facts: Facts, id: str) -> str | None:
    person = facts.persons.get(id)
    if person is None:
        return UNKNOWN
    return None if person.active else "left"


def _reasons(ids: Iterable[str], why: Callable[[str], str | None]) -> dict[str, str]:
    return {id: reason for id in sorted(ids) if (reason := why(id))}


def _mentor(facts: Facts, id: str, *, places: int, line: frozenset[str]) -> Mentor:
    person, profile = facts.persons[id], facts.profiles[id]
    return Mentor(
        person_id=id,
        subsidiary=person.subsidiary,
        skills=profile.skills,
        languages=profile.languages or (person.language,),
        place=profile.place,
        capacity=places,
        manager_line=line,
    )


def _mentee(facts: Facts, id: str) -> Mentee:
    person, profile = facts.persons[id], facts.profiles.get(id)
    return Mentee(
        person_id=id,
        subsidiary=person.subsidiary,
        wishes=profile.wishes if profile else (),
        languages=(profile.languages if profile else ()) or (person.language,),
        place=profile.place if profile else "",
    )
