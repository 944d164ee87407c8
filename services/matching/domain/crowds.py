"""The hard rules for one executive and all mentors at once.

A set of mentors is a whole number with a bit for each, so that a rule takes a few operations on it instead of a
question for each pair: some microseconds for thousands of mentors. ``hard_rules`` says what the rules mean.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.matching.domain.hard_rules import Barred
from services.matching.domain.people import Mentee, Mentor, PairKey
from services.matching.domain.policy import Rules, level_number

Sets = dict[str, int]
"""A set of mentors by a word."""


def _sets() -> Sets:
    return defaultdict(int)


@dataclass(slots=True)
class _By:
    """The mentors by what rules ask for; ``led`` are those whom somebody is above, at any depth."""

    id: Sets = field(default_factory=_sets)
    led: Sets = field(default_factory=_sets)
    manager: Sets = field(default_factory=_sets)
    subsidiary: Sets = field(default_factory=_sets)
    language: Sets = field(default_factory=_sets)
    place: Sets = field(default_factory=_sets)
    earlier: Sets = field(default_factory=_sets)
    refusing_video: int = 0


class Crowd:
    """Mentors, under the rules of a policy and what people forbade."""

    def __init__(self, mentors: Iterable[Mentor], rules: Rules, barred: Barred) -> None:
        self._rules, self._level = rules, level_number(rules.language_level)
        self._by = _By()
        self.everybody = 0
        for number, mentor in enumerate(mentors):
            self._add(mentor, 1 << number)
        self._conflicts, self._blocked = self._among(barred.conflicts), self._among(barred.blocked)

    def _add(self, mentor: Mentor, bit: int) -> None:
        by = self._by
        self.everybody |= bit
        by.id[mentor.person_id] |= bit
        by.subsidiary[mentor.subsidiary] |= bit
        for superior in mentor.superiors:
            by.led[superior] |= bit
        for manager in mentor.superiors[:1]:
            by.manager[manager] |= bit
        for tag, level in mentor.languages.items():
            if level >= self._level:
                by.language[tag] |= bit
        if mentor.place:
            by.place[mentor.place] |= bit
        for mentee_id in mentor.earlier:
            by.earlier[mentee_id] |= bit
        if mentor.remote is False:
            by.refusing_video |= bit

    def _among(self, pairs: Iterable[PairKey]) -> Sets:
        """By executive those of the mentors whom people forbade them."""
        found = _sets()
        for mentor_id, mentee_id in pairs:
            found[mentee_id] |= self._by.id.get(mentor_id, 0)
        return found

    def barring(self, mentee: Mentee) -> Counter[str]:
        """How many mentors are forbidden to an executive, each by the first rule that forbids them."""
        id, left, counted = mentee.person_id, self.everybody, Counter[str]()
        people = (("conflict", self._conflicts.get(id, 0)), ("blocked", self._blocked.get(id, 0)))
        always = (("same_person", self._by.id.get(id, 0)), ("reporting_line", self._of_the_line(mentee)))
        for code, forbidden in (*always, *self.by_the_policy(mentee), *people):
            counted[code] += (left & forbidden).bit_count()
            left &= ~forbidden
        return +counted

    def whatever_the_policy(self, mentee: Mentee) -> int:
        """The mentors whom no policy allows: the same person, those of the reporting line, and whom people forbade."""
        id = mentee.person_id
        people = self._conflicts.get(id, 0) | self._blocked.get(id, 0)
        return self._by.id.get(id, 0) | self._of_the_line(mentee) | people

    def _of_the_line(self, mentee: Mentee) -> int:
        """The mentors above or below an executive."""
        found = self._by.led.get(mentee.person_id, 0)
        for superior in mentee.superiors:
            found |= self._by.id.get(superior, 0)
        return found

    def by_the_policy(self, mentee: Mentee) -> Iterator[tuple[str, int]]:
        """The mentors whom each rule of the policy forbids, by its code, in the order of ``hard_rules.CODES``."""
        by, rules = self._by, self._rules
        if rules.same_manager:
            yield "same_manager", by.manager.get(mentee.superiors[0], 0) if mentee.superiors else 0
        if rules.subsidiary != "any":
            same = by.subsidiary.get(mentee.subsidiary, 0)
            yield "subsidiary_rule", same if rules.subsidiary == "must_differ" else self.everybody & ~same
        speaking = 0
        for tag, level in mentee.languages.items():
            if level >= self._level:
                speaking |= by.language.get(tag, 0)
        yield "no_common_language", self.everybody & ~speaking
        if rules.meeting != "any":
            yield "no_common_place", self._apart(mentee)
        if rules.earlier_pairs:
            yield "earlier_pair", by.earlier.get(mentee.person_id, 0)

    def _apart(self, mentee: Mentee) -> int:
        """Those in another place, where video will not do instead."""
        apart = self.everybody & ~(self._by.place.get(mentee.place, 0) if mentee.place else 0)
        if self._rules.meeting == "same_place" or mentee.remote is False:
            return apart
        return apart & self._by.refusing_video
