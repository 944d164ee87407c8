"""Mentors and executives for tests of rules and points: one worked example, and strategies that vary everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import Override, OverrideKind, Overrides
from services.matching.domain.people import HALF_DAYS, Mentee, Mentor, Skill, Wish
from services.matching.domain.policy import CRITERIA, LEVELS, Policy, Rules, Weights

LENA = Mentor(
    person_id="lena",
    subsidiary="services",
    languages={"de": 6, "en": 5},
    place="hamburg",
    remote=True,
    availability=frozenset({"mon_am", "tue_pm", "thu_am"}),
    clock="+0100/+0200",
    superiors=("team-lead", "department", "director", "chief"),
    skills=(Skill("tiktok", 4), Skill("linkedin", 2)),
)
WINTER = Mentee(
    person_id="winter",
    subsidiary="holding",
    languages={"de": 6},
    place="hamburg",
    remote=None,
    availability=frozenset({"tue_pm", "thu_am", "fri_am"}),
    clock="+0100/+0200",
    superiors=("chief",),
    wishes=(Wish("tiktok", 1), Wish("linkedin", 2), Wish("youtube", 3)),
)
PLATFORMS = ("instagram", "linkedin", "podcasts", "tiktok")
_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)

skills = st.lists(st.builds(Skill, st.sampled_from(PLATFORMS), st.integers(0, 4)), max_size=5).map(tuple)
wishes = st.lists(st.builds(Wish, st.sampled_from(PLATFORMS), st.integers(1, 3)), max_size=5).map(tuple)
_PEOPLE = [f"p{number}" for number in range(8)]  # few, so that lines, managers and both sides meet
_KNOWN = {
    "subsidiary": st.sampled_from(["holding", "services", "asia"]),
    "languages": st.one_of(
        st.fixed_dictionaries({"de": st.integers(4, 6)}),
        st.fixed_dictionaries({"de": st.integers(4, 6)}, optional={"en": st.integers(1, 6)}),
        st.dictionaries(st.sampled_from(["de", "en", "fr"]), st.integers(1, 6), max_size=3),
    ),
    "place": st.sampled_from(["", "hamburg", "singapore"]),
    "remote": st.sampled_from([None, True, False]),
    "availability": st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(HALF_DAYS[:4]), max_size=4)),
    "clock": st.sampled_from(["", "+0100/+0200", "+0100/+0200"]),
}


def _superiors(person_id: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Mostly of people who are on neither side, so that most pairs are allowed."""
    bosses = [f"boss{number}" for number in range(6)]
    others = [one for one in _PEOPLE if one != person_id]
    among = st.one_of(st.just(bosses), st.just(bosses), st.just([*bosses, *others]))
    return among.flatmap(lambda them: st.lists(st.sampled_from(them), max_size=5, unique=True)).map(tuple)


def mentors(person_id: str = "p0") -> st.SearchStrategy[Mentor]:
    """Mentors of any kind, all of one id."""
    earlier = st.frozensets(st.sampled_from(_PEOPLE), max_size=3)
    own = {"skills": skills, "capacity": st.integers(0, 3), "earlier": earlier, "superiors": _superiors(person_id)}
    return st.builds(Mentor, st.just(person_id), **_KNOWN, **own)


def mentees(person_id: str = "p1") -> st.SearchStrategy[Mentee]:
    """Executives of any kind, all of one id."""
    return st.builds(Mentee, st.just(person_id), **_KNOWN, wishes=wishes, superiors=_superiors(person_id))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies of any kind: every rule, and weights that are 100 together."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(CRITERIA) - 1, max_size=len(CRITERIA) - 1)))
    shares = [upper - lower for lower, upper in zip([0, *cuts], [*cuts, 100], strict=True)]
    return Policy(
        policy_id="any",
        name="any",
        version=1,
        rules=draw(
            st.builds(
                Rules,
                subsidiary=st.sampled_from(["any", "any", "must_differ", "must_be_same"]),
                language_level=st.sampled_from(["A1", "A1", "B2", "B2", *LEVELS]),
                meeting=st.sampled_from(["any", "any", "same_place", "same_place_or_remote"]),
                same_manager=st.booleans(),
                earlier_pairs=st.booleans(),
            )
        ),
        weights=Weights(**dict(zip(CRITERIA, shares, strict=True))),
        priority_weights=draw(st.sampled_from([(4, 2, 1), (3, 2, 1), (1, 1, 1), (100, 7, 1)])),
        units_per_point=draw(st.sampled_from([1, 10, 100, 1000])),
        priority=draw(st.sampled_from(["none", "by_level"])),
    )


@st.composite
def sides(draw: st.DrawFn, most: int = 4) -> Inputs:
    """Who can be matched: some mentors, some executives, a few of them on both sides."""
    columns = draw(st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=most, unique=True))
    rows = draw(st.lists(st.sampled_from(_PEOPLE), max_size=most, unique=True))
    return considered([draw(mentors(id)) for id in columns], [draw(mentees(id)) for id in rows])


def crowd(seed: int, size: int = 40) -> Inputs:
    """So many mentors and executives, alike enough that most pairs are allowed and no two of them the same."""
    of = Random(seed)
    bosses = [f"boss{number}" for number in range(12)]

    def known() -> dict[str, Any]:
        spoken = {"de": of.randint(3, 6)} | ({"en": of.randint(1, 6)} if of.random() < 0.6 else {})
        return {
            "subsidiary": of.choice(["holding", "services", "asia"]),
            "languages": spoken,
            "place": of.choice(["", "hamburg", "singapore"]),
            "remote": of.choice([None, True, False]),
            "availability": frozenset(of.sample(HALF_DAYS, of.randint(0, 6))),
            "clock": of.choice(["", "+0100/+0200", "+0100/+0200"]),
            "superiors": tuple(of.sample(bosses, of.randint(0, 6))),
        }

    def rated(least: int, most: int) -> list[tuple[str, int]]:
        return [(platform, of.randint(least, most)) for platform in of.choices(PLATFORMS, k=of.randint(0, 5))]

    columns = [
        Mentor(f"m{number:02}", **known(), skills=tuple(Skill(*one) for one in rated(0, 4)), capacity=of.randint(0, 3))
        for number in range(size)
    ]
    rows = [
        Mentee(f"e{number:02}", **known(), wishes=tuple(Wish(*one) for one in rated(1, 3))) for number in range(size)
    ]
    return considered(columns, rows)


def considered(columns: list[Mentor], rows: list[Mentee]) -> Inputs:
    """These mentors and executives as a run takes them."""
    return Inputs(
        mentors={one.person_id: one for one in sorted(columns, key=lambda one: one.person_id)},
        mentees={one.person_id: one for one in sorted(rows, key=lambda one: one.person_id)},
        mentors_out={},
        mentees_out={},
        slots={one.person_id: tuple(range(1, one.capacity + 1)) for one in columns},
        without_profile=frozenset(),
        own_places={one.person_id: one.capacity for one in columns},
    )


def override(
    kind: OverrideKind, mentor_id: str, mentee_id: str | None = None, places: int | None = None, *, id: str = ""
) -> Override:
    """An override that stands; its id follows from what it says unless it is given."""
    said = "-".join(str(part) for part in (kind, mentor_id, mentee_id, places) if part is not None)
    return Override(id or said, kind, mentor_id, mentee_id, places, reason="agreed", by="kurz", at=_AT)


def stated(*items: Override) -> Overrides:
    """These overrides as they stand in an edition."""
    return Overrides("edition", items)


def as_mentee(mentor: Mentor, person_id: str) -> Mentee:
    """An executive who is like a mentor in all that both sides have."""
    return replace(
        WINTER,
        person_id=person_id,
        subsidiary=mentor.subsidiary,
        languages=mentor.languages,
        place=mentor.place,
        superiors=mentor.superiors,
    )
