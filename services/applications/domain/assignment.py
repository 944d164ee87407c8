"""Who assesses whom: independent of one another, evenly spread, and the same for the same seed.

Nobody assesses people of the own reporting line, in either direction at any depth, nor colleagues of the same
direct manager: they are of one line too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

_PRIME = (1 << 61) - 1
_NOBODY: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class Candidacy:
    """An application that is to be assessed: whose it is, and of which subsidiary."""

    application_id: str
    mentor_id: str
    subsidiary: str


@dataclass(frozen=True, slots=True)
class Assessor:
    """Somebody who may assess applications of these subsidiaries, or of all with ``everywhere``."""

    person_id: str
    subsidiaries: frozenset[str] = frozenset()
    everywhere: bool = False

    def covers(self, subsidiary: str) -> bool:
        """Whether they may assess applications of this subsidiary."""
        return self.everywhere or subsidiary in self.subsidiaries


@dataclass(frozen=True, slots=True)
class Lines:
    """Reporting lines: whom each person reports to directly; a circle, which should not be, ends."""

    managers: Mapping[str, str | None]

    def above(self, person_id: str) -> frozenset[str]:
        """All to whom a person reports, directly or not."""
        found: set[str] = set()
        one = self.managers.get(person_id)
        while one is not None and one not in found:
            found.add(one)
            one = self.managers.get(one)
        return frozenset(found)


def independent(
    candidacies: Iterable[Candidacy],
    assessors: Collection[Assessor],
    lines: Lines,
    barred: Mapping[str, frozenset[str]] = _NOBODY,
) -> dict[str, frozenset[str]]:
    """Who may assess each application; ``barred`` are those that must not for another reason, by application."""
    above = {one.person_id: lines.above(one.person_id) for one in assessors}
    return {
        one.application_id: frozenset(
            assessor.person_id
            for assessor in assessors
            if assessor.covers(one.subsidiary) and not _of_one_line(one.mentor_id, assessor.person_id, lines, above)
        )
        - barred.get(one.application_id, frozenset())
        for one in candidacies
    }


def dependent(assigned: Mapping[str, tuple[str, str]], lines: Lines) -> frozenset[str]:
    """The ids of those sheets, each told as applicant and assessor, whose two people are of one line."""
    above = {assessor: lines.above(assessor) for _, assessor in assigned.values()}
    return frozenset(id for id, (mentor, assessor) in assigned.items() if _of_one_line(mentor, assessor, lines, above))


def _of_one_line(mentor: str, assessor: str, lines: Lines, above: Mapping[str, frozenset[str]]) -> bool:
    direct = lines.managers.get(mentor)
    return (
        mentor == assessor
        or mentor in above[assessor]
        or direct == assessor
        or (direct is not None and direct == lines.managers.get(assessor))
        or assessor in lines.above(mentor)
    )


def assign(
    allowed: Mapping[str, frozenset[str]],
    *,
    per_application: int,
    seed: str,
    held: Mapping[str, frozenset[str]] = _NOBODY,
) -> dict[str, frozenset[str]]:
    """Who shall assess each application in addition to who does so already (``held``).

    Each gets ``per_application`` assessors in all, or as many as there are. The loads differ by no more than they
    must: no chain of exchanges could take an application from one assessor to another who has two fewer.
    The same seed gives the same answer, in whatever order things are given.
    """
    lots = _Lots(seed)
    load = {assessor: 0 for some in (*allowed.values(), *held.values()) for assessor in some}
    for assessor in (assessor for some in held.values() for assessor in some):
        load[assessor] += 1
    free = {one: some - held.get(one, frozenset()) for one, some in allowed.items()}
    chosen: dict[str, set[str]] = {}
    for one in sorted(free, key=lambda one: (len(free[one]), lots.of(one), one)):
        lacking = max(0, per_application - len(held.get(one, ())))
        least = sorted(free[one], key=lambda assessor: (load[assessor], lots.between(one, assessor), assessor))
        chosen[one] = set(least[:lacking])
        for assessor in chosen[one]:
            load[assessor] += 1
    _Levelling(free, chosen, load).run()
    return {one: frozenset(some) for one, some in chosen.items()}


class _Lots:
    """Draws lots that depend on nothing but the seed and the ids."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn: dict[str, int] = {}

    def of(self, id: str) -> int:
        if id not in self._drawn:
            drawn = blake2b(f"{self._seed} {id}".encode(), digest_size=8).digest()
            self._drawn[id] = int.from_bytes(drawn, "big") % _PRIME + 1
        return self._drawn[id]

    def between(self, application: str, assessor: str) -> int:
        return self.of(application) * self.of(assessor) % _PRIME


class _Levelling:
    """Moves applications along chains from assessors with many to those with two fewer, until there is no chain.

    As in optimal semi-matchings (Harvey, Ladner, Lovász, Tamir: Semi-matchings for bipartite graphs, 2006).
    """

    def __init__(self, free: Mapping[str, frozenset[str]], chosen: dict[str, set[str]], load: dict[str, int]) -> None:
        self._free, self._chosen, self._load = free, chosen, load
        self._of: dict[str, set[str]] = {assessor: set() for assessor in load}
        for application, assessors in chosen.items():
            for assessor in assessors:
                self._of[assessor].add(application)

    def run(self) -> None:
        stuck: set[str] = set()
        while (giver := self._most_loaded(stuck)) is not None:
            chain = self._chain(giver)
            if chain is None:
                stuck.add(giver)
                continue
            stuck.clear()
            for source, application, target in chain:
                self._chosen[application].remove(source)
                self._chosen[application].add(target)
                self._of[source].remove(application)
                self._of[target].add(application)
            self._load[giver] -= 1
            self._load[chain[-1][2]] += 1

    def _most_loaded(self, stuck: set[str]) -> str | None:
        """Whom something could be taken from; None where nobody has two more than another."""
        least = min(self._load.values(), default=0)
        left = [one for one, load in self._load.items() if load >= least + 2 and one not in stuck]
        return max(left, key=lambda one: (self._load[one], one), default=None)

    def _chain(self, giver: str) -> list[tuple[str, str, str]] | None:
        came: dict[str, tuple[str, str]] = {}
        waiting = deque([giver])
        while waiting:
            one = waiting.popleft()
            if self._load[one] <= self._load[giver] - 2:
                return list(reversed(list(_back(one, giver, came))))
            for application in sorted(self._of[one]):
                for target in sorted(self._free[application] - self._chosen[application]):
                    if target not in came and target != giver:
                        came[target] = (one, application)
                        waiting.append(target)
        return None


def _back(end: str, start: str, came: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    while end != start:
        source, application = came[end]
        yield source, application, end
        end = source
