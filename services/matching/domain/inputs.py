"""Who can be matched at this moment: from what is known of people to the mentors and mentees of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.matching.domain.hard_rules import NOBODY_BARRED, Barred, broken
from services.matching.domain.members import clock_of, languages, line_above
from services.matching.domain.people import LanguageLevel, Mentee, Mentor, PairKey, Skill, Wish
from services.matching.domain.policy import Policy

ALREADY_PAIRED = "already_paired"
FULL = "full"
UNKNOWN = "unknown_person"


@dataclass(frozen=True, slots=True)
class Person:
    """What the directory says of somebody; ``language`` is the own one and stands in where a profile names none.

    ``zone`` is the time zone of the place of work, empty where it is not known.
    """

    person_id: str
    subsidiary: str
    active: bool
    language: str
    manager_id: str | None
    executive: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody says of themselves; ``capacity`` is the most mentees at a time.

    ``languages`` are those spoken well enough for a session, ``language_levels`` what was declared of them;
    ``remote`` tells whether sessions may be held by video, ``availability`` the half days with time for them.
    """

    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    languages: tuple[str, ...]
    place: str
    capacity: int
    language_levels: tuple[LanguageLevel, ...] = ()
    remote: bool | None = None
    availability: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An active pair: the executive has a mentor, and the mentor's slot (from 1) is used."""

    mentor_id: str
    mentee_id: str
    slot: int
    pair_id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one edition's candidates, their reporting lines included.

    ``out_of_scope`` are executives who were among the ``mentees`` and left the edition's scope. ``companies`` are
    those of the edition; none while they are not known, and then everybody's counts. ``places`` are those that people
    gave a mentor in this edition, whatever the profile says; ``earlier`` are the pairs of other editions, and
    those of this one that people parted. ``reserves`` are applicants who are on the reserve list.
    """

    mentors: frozenset[str]
    mentees: frozenset[str]
    persons: Mapping[str, Person]
    profiles: Mapping[str, Profile]
    taken: tuple[Taken, ...]
    out_of_scope: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    reserves: frozenset[str] = frozenset()
    places: Mapping[str, int] = field(default_factory=dict)
    earlier: frozenset[PairKey] = frozenset()

    def as_if_nobody_were_paired(self) -> Facts:
        """The same without active pairs: what a re-match goes over.

        Whoever has more pairs than places is seen with a place for each, so that these mentors are among all others.
        """
        running = Counter(pair.mentor_id for pair in self.taken if pair.mentor_id in self.profiles)
        needed = {id: max(number, self.places_of(id)) for id, number in running.items()}
        return replace(self, taken=(), places={**self.places, **needed})

    def places_of(self, mentor_id: str) -> int:
        """The places that people gave a mentor, or that the profile offers."""
        return self.places.get(mentor_id, self.profiles[mentor_id].capacity)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who can be matched, by person id, and of all others why not.

    A mentor's ``capacity`` counts the places that are still free; ``slots`` has their numbers, lowest first.
    Mentors are out as ``unknown_person``, ``left``, ``executive``, ``moved_out`` (of the edition's companies),
    ``no_profile`` or ``full``; executives as ``unknown_person``, ``left`` or ``already_paired``. ``without_profile``
    are those of the ``mentees`` whose profile has not arrived: they are matched without wishes, in the directory's
    language. ``gone`` are executives who are in the edition no more: they have ``left``, or are ``out_of_scope``.
    ``taken`` are the active pairs, mentor by executive, ``own_places`` the places that each mentor offers altogether.
    ``full`` are those of the ``mentors_out`` who could be matched if somebody gave them a place more than their
    pairs take.
    """

    mentors: Mapping[str, Mentor]
    mentees: Mapping[str, Mentee]
    mentors_out: Mapping[str, str]
    mentees_out: Mapping[str, str]
    slots: Mapping[str, tuple[int, ...]]
    without_profile: frozenset[str]
    gone: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    own_places: Mapping[str, int] = field(default_factory=dict)
    full: Mapping[str, Mentor] = field(default_factory=dict)


def inputs(facts: Facts) -> Inputs:
    """Sort an edition's candidates into those who can be matched and those who cannot."""
    slots, taken = _free_slots(facts), {pair.mentee_id: pair.mentor_id for pair in facts.taken}
    mentors_out = _reasons(facts.mentors, lambda id: _why_no_mentor(facts, slots, id))
    mentees_out = _reasons(facts.mentees, lambda id: ALREADY_PAIRED if id in taken else _why_absent(facts, id))
    manager_of = {id: person.manager_id for id, person in facts.persons.items()}
    earlier = _earlier(facts)

    def mentors(ids: Iterable[str]) -> dict[str, Mentor]:
        lines = {id: line_above(id, manager_of) for id in sorted(ids)}
        return {
            id: _mentor(facts, id, line, places=len(slots[id]), earlier=earlier.get(id, frozenset()))
            for id, line in lines.items()
        }

    return Inputs(
        mentors=mentors(facts.mentors - mentors_out.keys()),
        mentees={
            id: _mentee(facts, id, line_above(id, manager_of)) for id in sorted(facts.mentees - mentees_out.keys())
        },
        mentors_out=mentors_out,
        mentees_out=mentees_out,
        slots=slots,
        without_profile=frozenset(facts.mentees - mentees_out.keys() - facts.profiles.keys()),
        gone={id: _why_gone(facts, id) for id in facts.out_of_scope},
        taken=taken,
        own_places={id: facts.profiles[id].capacity for id in sorted(facts.mentors & facts.profiles.keys())},
        full=mentors(id for id in set(taken.values()) if mentors_out.get(id) == FULL),
    )


def obstacle(
    now: Inputs, *, mentor_id: str, mentee_id: str, policy: Policy, barred: Barred = NOBODY_BARRED
) -> str | None:
    """Why a proposed pair can no longer be: the reason with its side before it, or a rule's code; None if it can."""
    if mentee_id not in now.mentees:
        return f"mentee_{why_no_mentee(now, mentee_id)}"
    if mentor_id not in now.mentors:
        return f"mentor_{now.mentors_out.get(mentor_id, 'not_selected')}"
    codes = broken(now.mentors[mentor_id], now.mentees[mentee_id], policy.rules, barred)
    return codes[0] if codes else None


def why_no_mentee(now: Inputs, mentee_id: str) -> str:
    """Why somebody who is none of the executives to be matched is none of them."""
    return now.mentees_out.get(mentee_id) or now.gone.get(mentee_id, "exempt")


def _free_slots(facts: Facts) -> dict[str, tuple[int, ...]]:
    """Per mentor as many free numbers as places are left, also after a capacity was lowered."""
    used: dict[str, set[int]] = {}
    for pair in facts.taken:
        used.setdefault(pair.mentor_id, set()).add(pair.slot)
    free: dict[str, tuple[int, ...]] = {}
    for id in facts.mentors & facts.profiles.keys():
        capacity, mine = facts.places_of(id), used.get(id, set())
        places = max(capacity - len(mine), 0)
        free[id] = tuple(slot for slot in range(1, capacity + 1) if slot not in mine)[:places]
    return free


def _why_no_mentor(facts: Facts, slots: Mapping[str, tuple[int, ...]], id: str) -> str | None:
    if reason := _why_absent(facts, id) or _why_out_of_scope(facts, facts.persons[id]):
        return reason
    if id not in facts.profiles:
        return "no_profile"
    return None if slots[id] else FULL


def _why_out_of_scope(facts: Facts, person: Person) -> str | None:
    if person.executive:
        return "executive"
    return "moved_out" if facts.companies and person.subsidiary not in facts.companies else None


def _why_absent(facts: Facts, id: str) -> str | None:
    person = facts.persons.get(id)
    if person is None:
        return UNKNOWN
    return None if person.active else "left"


def _why_gone(facts: Facts, id: str) -> str:
    """Somebody of whom nothing is known any more is out of scope at least."""
    person = facts.persons.get(id)
    return "left" if person and not person.active else "out_of_scope"


def _reasons(ids: Iterable[str], why: Callable[[str], str | None]) -> dict[str, str]:
    return {id: reason for id in sorted(ids) if (reason := why(id))}


def _earlier(facts: Facts) -> dict[str, frozenset[str]]:
    """By mentor the executives of earlier pairs."""
    found: dict[str, set[str]] = {}
    for mentor_id, mentee_id in facts.earlier:
        found.setdefault(mentor_id, set()).add(mentee_id)
    return {id: frozenset(mentees) for id, mentees in found.items()}


def _mentor(facts: Facts, id: str, line: tuple[str, ...], *, places: int, earlier: frozenset[str]) -> Mentor:
    person, profile = facts.persons[id], facts.profiles[id]
    return Mentor(
        person_id=id,
        subsidiary=person.subsidiary,
        languages=languages(profile.languages, profile.language_levels, person.language),
        place=_place(profile),
        remote=profile.remote,
        availability=frozenset(profile.availability),
        clock=clock_of(person.zone),
        superiors=line,
        skills=profile.skills,
        capacity=places,
        earlier=earlier,
    )


_NOTHING_SAID = Profile(skills=(), wishes=(), languages=(), place="", capacity=0)


def _mentee(facts: Facts, id: str, line: tuple[str, ...]) -> Mentee:
    person, profile = facts.persons[id], facts.profiles.get(id, _NOTHING_SAID)
    return Mentee(
        person_id=id,
        subsidiary=person.subsidiary,
        languages=languages(profile.languages, profile.language_levels, person.language),
        place=_place(profile),
        remote=profile.remote,
        availability=frozenset(profile.availability),
        clock=clock_of(person.zone),
        superiors=line,
        wishes=profile.wishes,
    )


def _place(profile: Profile) -> str:
    return profile.place.strip().casefold()
