"""Editions in the middle of their year, small and of any kind: pairs run, people come, go and lay things down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from hypothesis import strategies as st

from services.matching.domain import overrides
from services.matching.domain.contradictions import ContradictoryOverrides, admit
from services.matching.domain.hard_rules import broken
from services.matching.domain.inputs import Facts, Inputs, Person, Profile, Taken, inputs
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.people import Skill, Wish
from services.matching.domain.policies import LENIENT
from services.matching.domain.policy import STANDARD, Policy, Rules
from services.matching.domain.scoring import Scored, score

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
_MENTORS, _EXECUTIVES = ("m1", "m2", "m3"), ("x1", "x2", "x3", "x4")
_PLATFORMS = st.sampled_from(["podcasts", "tiktok"])


@dataclass(frozen=True)
class Year:
    """What is known of an edition, what people laid down for it, and the policy of a re-match."""

    facts: Facts
    stated: Overrides
    policy: Policy

    @cached_property
    def people(self) -> Inputs:
        """All who can be matched, as if nobody were paired."""
        return inputs(self.facts.as_if_nobody_were_paired())

    def is_ruled_out(self, pair: Taken) -> bool:
        """Whether people forbade the pair."""
        return (pair.mentor_id, pair.mentee_id) in self.stated.blocked | self.stated.conflicts

    def could_go_on(self, pair: Taken) -> bool:
        """Whether nothing at all speaks against a pair."""
        mentor, mentee = self.people.mentors.get(pair.mentor_id), self.people.mentees.get(pair.mentee_id)
        if mentor is None or mentee is None or self.is_ruled_out(pair):
            return False
        return not broken(mentor, mentee, self.policy.rules)

    def stays(self, pair: Taken) -> bool:
        """Whether a pair goes on that could not be made any more, since nobody parts it unasked."""
        if pair.mentee_id not in self.people.mentees or self.could_go_on(pair):
            return False
        if pair.mentor_id in self.people.mentors:
            return not self.is_ruled_out(pair)
        return self.people.mentors_out.get(pair.mentor_id) == "no_profile"

    def points(self, mentor_id: str, mentee_id: str) -> int | None:
        """What a pair is worth; None where it is not allowed."""
        found = score(self.people.mentors[mentor_id], self.people.mentees[mentee_id], self.policy, self.stated.barred)
        return found.points if isinstance(found, Scored) else None

    def rank(self, made: Mapping[str, str]) -> tuple[tuple[int, ...], int, int]:
        """What mentors by executive are judged by: covered of the first class, of the first two …, worst, total."""
        points = [self.points(mentor, mentee) or 0 for mentee, mentor in made.items()]
        class_of = {id: one.priority_class for id, one in self.people.mentees.items()}
        classes = sorted(set(class_of.values())) if self.policy.priority == "by_level" else []
        first = tuple(sum(class_of[id] <= number for id in made) for number in classes)
        return (*first, len(made)), min(points, default=0), sum(points)


@st.composite
def years(
    draw: st.DrawFn, *, kinds: tuple[overrides.OverrideKind, ...] = ("block", "conflict", "force", "place")
) -> Year:
    """Any year; the pairs that run may be against every rule and beyond every place."""
    mentors = draw(st.lists(st.sampled_from(_MENTORS), min_size=1, unique=True))
    executives = draw(st.lists(st.sampled_from(_EXECUTIVES), min_size=1, unique=True))
    everybody = [*mentors, *executives]
    facts = Facts(
        mentors=frozenset(mentors),
        mentees=frozenset(id for id in executives if draw(st.integers(0, 9)) > 0),
        persons={id: draw(_person(id)) for id in [*everybody, "boss"]},
        profiles={id: draw(_profile()) for id in everybody if draw(st.integers(0, 9)) > 0},
        taken=draw(_taken([*mentors, "gone"], executives)),
    )
    policy = replace(
        STANDARD,
        rules=draw(st.builds(Rules, subsidiary=st.sampled_from(["any", "any", "must_differ"]))),
        priority=draw(st.sampled_from(["none", "by_level"])),
    )
    said = st.tuples(st.sampled_from(kinds), st.sampled_from(mentors), st.sampled_from(executives), st.integers(0, 3))
    stated = Overrides("e")
    for number, (kind, mentor_id, mentee_id, places) in enumerate(draw(st.lists(said, max_size=3))):
        whom, how_many = (None, places) if kind == "place" else (mentee_id, None)
        one = Override(f"o{number}", kind, mentor_id, whom, how_many, "Because.", "manager", AT)
        stated = _laid_down(facts, stated, one)
    return Year(replace(facts, places=dict(stated.places)), stated, policy)


def _laid_down(facts: Facts, stated: Overrides, one: Override) -> Overrides:
    """The overrides with one more, unless it is refused."""
    now = inputs(replace(facts, places=dict(stated.places)))
    try:
        for event in admit(stated, "e", one, now, LENIENT):
            stated = overrides.evolve(stated, event)
    except ContradictoryOverrides:
        pass
    return stated


def _person(id: str) -> st.SearchStrategy[Person]:
    return st.builds(
        Person,
        st.just(id),
        st.sampled_from(["north", "south"]),
        st.sampled_from([True] * 9 + [False]),
        st.sampled_from(["de", "de", "de", "en"]),
        st.sampled_from([None, None, "boss"]) if id != "boss" else st.none(),
        executive=st.just(id.startswith("x")),
    )


def _profile() -> st.SearchStrategy[Profile]:
    return st.builds(
        Profile,
        st.lists(st.builds(Skill, _PLATFORMS, st.integers(0, 4)), max_size=2).map(tuple),
        st.lists(st.builds(Wish, _PLATFORMS, st.integers(1, 3)), max_size=2).map(tuple),
        st.just(()),
        st.just(""),
        st.integers(0, 3),
    )


@st.composite
def _taken(draw: st.DrawFn, mentors: list[str], executives: list[str]) -> tuple[Taken, ...]:
    used, found = Counter[str](), []
    for id in executives:
        if mentor := draw(st.sampled_from([None, *mentors])):
            used[mentor] += 1
            found.append(Taken(mentor, id, used[mentor], f"pair of {id}"))
    return tuple(found)
