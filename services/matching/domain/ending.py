"""Which pairs come to an end because of what became of one of the two, and for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.matching.domain.pair import Reason


@dataclass(frozen=True, slots=True)
class Together:
    """An active pair, as far as it matters here whom it consists of."""

    pair_id: str
    mentor_id: str
    mentee_id: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody stands in the directory; whoever it has forgotten is not ``active``."""

    subsidiary: str
    active: bool
    executive: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known for certain of an edition's people; whoever is not named goes on as before.

    ``persons`` are those of whom the directory has told, by id. ``withdrawn`` are mentors whose selection was taken
    back, ``exempted`` executives whose exemption has no last day, ``out_of_scope`` those who left the edition's
    scope. ``companies`` are the edition's; none while they are not known, or where it is for the whole group, and
    then everybody's count.
    """

    persons: Mapping[str, Whereabouts] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    exempted: frozenset[str] = frozenset()
    out_of_scope: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()


def why_over(pair: Together, standing: Standing) -> Reason | None:
    """Why a pair cannot go on; None if it can. Of several reasons the first one counts."""
    mentor, mentee = (standing.persons.get(id) for id in (pair.mentor_id, pair.mentee_id))
    reasons: tuple[tuple[Reason, bool], ...] = (
        ("mentor_left", mentor is not None and not mentor.active),
        ("mentee_left", mentee is not None and not mentee.active),
        ("mentor_withdrawn", pair.mentor_id in standing.withdrawn),
        ("mentor_moved_out", mentor is not None and _is_no_mentor(mentor, standing.companies)),
        ("mentee_moved_out", pair.mentee_id in standing.out_of_scope),
        ("mentee_exempted", pair.mentee_id in standing.exempted),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _is_no_mentor(person: Whereabouts, companies: frozenset[str]) -> bool:
    """Whether somebody became an executive, or works for a company that the edition is not for."""
    return person.executive or (bool(companies) and person.subsidiary not in companies)
