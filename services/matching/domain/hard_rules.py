"""What a pair must not be: one function per rule, each with its code; no points outweigh a broken rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.matching.domain.people import Member, Mentee, Mentor, PairKey
from services.matching.domain.policy import Rules, level_number


@dataclass(frozen=True, slots=True)
class Barred:
    """Pairs that people forbade: ``blocked`` by whoever runs the matching, ``conflicts`` declared by one of the two."""

    blocked: frozenset[PairKey] = frozenset()
    conflicts: frozenset[PairKey] = frozenset()

    def codes(self, pair: PairKey) -> tuple[str, ...]:
        """The codes of what people said against a pair, in the order of ``CODES``."""
        said = (("conflict", pair in self.conflicts), ("blocked", pair in self.blocked))
        return tuple(code for code, holds in said if holds)


NOBODY_BARRED = Barred()


def broken(mentor: Mentor, mentee: Mentee, rules: Rules, barred: Barred = NOBODY_BARRED) -> tuple[str, ...]:
    """The codes of all rules that the pair breaks, in the order of ``CODES``; none if it is allowed."""
    return (
        *(code for code, breaks in CHECKS.items() if breaks(mentor, mentee, rules)),
        *barred.codes((mentor.person_id, mentee.person_id)),
    )


def is_same_person(mentor: Mentor, mentee: Mentee, _: Rules) -> bool:
    """Whether the two are one: nobody mentors themselves."""
    return mentor.person_id == mentee.person_id


def is_reporting_line(mentor: Mentor, mentee: Mentee, _: Rules) -> bool:
    """Whether one is above the other in the reporting line, at any depth, in either direction."""
    return mentee.person_id in mentor.superiors or mentor.person_id in mentee.superiors


def is_same_manager(mentor: Mentor, mentee: Mentee, rules: Rules) -> bool:
    """Whether the two report to one person; who has nobody above them shares no manager with anybody."""
    return rules.same_manager and mentor.superiors[:1] == mentee.superiors[:1] != ()


def breaks_subsidiary_rule(mentor: Mentor, mentee: Mentee, rules: Rules) -> bool:
    """Whether the two work for one company where they must not, or for two where they must not."""
    same = mentor.subsidiary == mentee.subsidiary
    return same if rules.subsidiary == "must_differ" else rules.subsidiary == "must_be_same" and not same


def lacks_language(mentor: Mentor, mentee: Mentee, rules: Rules) -> bool:
    """Whether there is no language that both speak at the policy's level or better."""
    return common_level(mentor, mentee) < level_number(rules.language_level)


def lacks_place(mentor: Mentor, mentee: Mentee, rules: Rules) -> bool:
    """Whether the two cannot meet: neither in one place nor, where the policy allows it, by video.

    A place that is not known is nobody's. Who has not said whether video is fine counts as willing:
    only a no rules it out.
    """
    if rules.meeting == "any" or same_place(mentor, mentee):
        return False
    return rules.meeting == "same_place" or refuses_video(mentor, mentee)


def is_earlier_pair(mentor: Mentor, mentee: Mentee, rules: Rules) -> bool:
    """Whether the two were a pair in another edition."""
    return rules.earlier_pairs and mentee.person_id in mentor.earlier


CHECKS: dict[str, Callable[[Mentor, Mentee, Rules], bool]] = {
    "same_person": is_same_person,
    "reporting_line": is_reporting_line,
    "same_manager": is_same_manager,
    "subsidiary_rule": breaks_subsidiary_rule,
    "no_common_language": lacks_language,
    "no_common_place": lacks_place,
    "earlier_pair": is_earlier_pair,
}
CODES: tuple[str, ...] = (*CHECKS, "conflict", "blocked")


def common_level(one: Member, other: Member) -> int:
    """The level of the language that the two speak best together, counted by the lower of the two; 0 without one."""
    shared = one.languages.keys() & other.languages.keys()
    return max((min(one.languages[tag], other.languages[tag]) for tag in shared), default=0)


def same_place(one: Member, other: Member) -> bool:
    """Whether both work in one place that is known."""
    return one.place != "" and one.place == other.place


def refuses_video(one: Member, other: Member) -> bool:
    """Whether one of the two has said that sessions by video will not do."""
    return one.remote is False or other.remote is False
