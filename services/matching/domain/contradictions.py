"""What overrides cannot be together, or against the facts: found before anything is solved, with names and codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.matching.domain import explanations, overrides
from services.matching.domain.hard_rules import broken
from services.matching.domain.inputs import FULL, Inputs, why_no_mentee
from services.matching.domain.overrides import NO_OVERRIDES, Event, Override, Overrides
from services.matching.domain.people import PairKey
from services.matching.domain.policy import Policy
from services.matching.domain.rules import RuleBroken

_FIELDS = {"beyond_places": "/mentor_id", "below_forced": "/places", "below_taken": "/places"}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Overrides that cannot be carried out: why, whom it concerns, and which overrides say it.

    ``code`` is a rule's (``hard_rules.CODES``) that a forced pair breaks, or one of ``forced_and_blocked``,
    ``forced_and_conflict``, ``forced_twice`` (one executive, two mentors), ``beyond_places`` (more forced pairs than
    free places), ``below_forced`` and ``below_taken`` (places lowered below forced or active pairs),
    ``already_set``; or a reason why one of the two cannot be matched, with ``mentor_`` or ``mentee_`` before it.
    """

    code: str
    mentor_id: str
    mentee_id: str | None
    override_ids: tuple[str, ...]


class ContradictoryOverrides(RuleBroken):
    """Overrides contradict each other or the facts; ``members`` tells programs which."""

    kind = "overrides-contradict"

    def __init__(self, found: Sequence[Contradiction], *, field: str | None = None) -> None:
        told = [(one, explanations.of_contradiction(one.code, one.mentor_id, one.mentee_id)) for one in found]
        faults = [(field or f"/overrides/{one.override_ids[0]}", sentence) for one, sentence in told]
        super().__init__(" ".join(sentence for _, sentence in told), faults=faults)
        self.contradictions = tuple(found)

    @property
    def members(self) -> dict[str, object]:
        """The contradictions as plain JSON."""
        return {"contradictions": [_plain(one) for one in self.contradictions]}


def contradictions(stated: Overrides, now: Inputs, policy: Policy) -> tuple[Contradiction, ...]:
    """All that cannot be carried out in what stands, by mentor and executive; what is carried out or moot is none."""
    forces = [one for one in _open_forces(stated, now) if not any(_absences(one, now))]
    found = [*_of_pairs(stated, forces, now, policy), *_of_executives(forces), *_of_places(stated, forces, now)]
    return tuple(sorted(found, key=lambda one: (one.mentor_id, one.mentee_id or "", one.code)))


def refuse_contradictions(stated: Overrides, now: Inputs, policy: Policy) -> None:
    """Raises ``ContradictoryOverrides`` where anything that stands cannot be carried out."""
    if found := contradictions(stated, now, policy):
        raise ContradictoryOverrides(found)


def moot(stated: Overrides, now: Inputs) -> tuple[Contradiction, ...]:
    """Forced pairs that nothing comes of since one of the two cannot be matched any more; they hold nobody up."""
    return tuple(
        Contradiction(code, one.mentor_id, one.mentee_id, (one.override_id,))
        for one in _open_forces(stated, now)
        for code in _absences(one, now)
    )


def admit(state: Overrides | None, edition_id: str, wanted: Override, now: Inputs, policy: Policy) -> list[Event]:
    """Lay an override down that contradicts nothing that stands and nothing that is known.

    A declared conflict is always heard: a forced pair that it stands against is contradictory until somebody
    withdraws one of the two. Raises ``ContradictoryOverrides``.
    """
    events = overrides.add(state, edition_id, wanted)
    if events:
        own = [*_repeated(state or NO_OVERRIDES, wanted), *_of_absent(wanted, now)]
        if own:
            raise ContradictoryOverrides(own, field=_field(own[0]))
    return events if wanted.kind == "conflict" else unopposed(state, events, now, policy)


def unopposed(state: Overrides | None, events: list[Event], now: Inputs, policy: Policy) -> list[Event]:
    """The events, if they bring no contradiction that was not there before, and take no place away that is taken.

    Raises ``ContradictoryOverrides``.
    """
    before = after = state or NO_OVERRIDES
    for event in events:
        after = overrides.evolve(after if after.items else None, event)
    known = {_who(one) for one in contradictions(before, now, policy)}
    news = [one for one in contradictions(after, now, policy) if _who(one) not in known]
    told = {_who(one) for one in news}
    news += [one for one in _lowered(before, after, now) if _who(one) not in told]
    if news:
        raise ContradictoryOverrides(news, field=_field(news[0]))
    return events


def _open_forces(stated: Overrides, now: Inputs) -> list[Override]:
    """Forced pairs that are no pair yet."""
    forces = [one for one in stated.standing if one.kind == "force" and one.mentee_id is not None]
    return [one for one in forces if now.taken.get(one.mentee_id or "") != one.mentor_id]


def _of_pairs(stated: Overrides, forces: Iterable[Override], now: Inputs, policy: Policy) -> Iterator[Contradiction]:
    """Forced pairs that are forbidden as well, by people or by a rule."""
    codes = {"block": "forced_and_blocked", "conflict": "forced_and_conflict"}
    against: dict[tuple[PairKey | None, str], list[str]] = {}
    for one in stated.standing:
        if one.kind in codes:
            against.setdefault((one.pair, one.kind), []).append(one.override_id)
    for one in forces:
        for kind, code in codes.items():
            if others := against.get((one.pair, kind)):
                yield Contradiction(code, one.mentor_id, one.mentee_id, (one.override_id, *others))
        for code in _broken(one, now, policy):
            yield Contradiction(code, one.mentor_id, one.mentee_id, (one.override_id,))


def _broken(one: Override, now: Inputs, policy: Policy) -> tuple[str, ...]:
    """The rules that a forced pair breaks; a mentor without a free place is refused for that alone."""
    mentor, mentee = now.mentors.get(one.mentor_id), now.mentees.get(one.mentee_id or "")
    return broken(mentor, mentee, policy.rules) if mentor and mentee else ()


def _of_executives(forces: Iterable[Override]) -> Iterator[Contradiction]:
    """Executives who are forced together with several mentors."""
    by_executive: dict[str | None, list[Override]] = {}
    for one in forces:
        by_executive.setdefault(one.mentee_id, []).append(one)
    for several in by_executive.values():
        if len(several) > 1:
            newest = several[-1]
            ids = tuple(one.override_id for one in several)
            yield Contradiction("forced_twice", newest.mentor_id, newest.mentee_id, ids)


def _of_places(stated: Overrides, forces: Sequence[Override], now: Inputs) -> Iterator[Contradiction]:
    """Mentors who have fewer places than forced and active pairs need."""
    given = {one.mentor_id: one for one in stated.standing if one.kind == "place"}
    used = Counter(now.taken.values())
    wanted = Counter(one.mentor_id for one in forces)
    for mentor_id in sorted(given.keys() | wanted.keys()):
        place = given.get(mentor_id)
        places = now.own_places.get(mentor_id, 0) if place is None else place.places or 0
        ids = tuple(one.override_id for one in forces if one.mentor_id == mentor_id)
        if place is not None and places < used[mentor_id]:
            yield Contradiction("below_taken", mentor_id, None, (place.override_id,))
        elif places - used[mentor_id] < wanted[mentor_id]:
            code = "below_forced" if place else "beyond_places"
            yield Contradiction(code, mentor_id, None, (*((place.override_id,) if place else ()), *ids))


def _lowered(before: Overrides, after: Overrides, now: Inputs) -> Iterator[Contradiction]:
    """Mentors who would have fewer places than before, and fewer than their active pairs take."""
    used, had, have = Counter(now.taken.values()), before.places, after.places
    for mentor_id in sorted((had.keys() | have.keys()) & now.own_places.keys()):
        offered = now.own_places[mentor_id]
        places = have.get(mentor_id, offered)
        if places < used[mentor_id] and places < had.get(mentor_id, offered):
            changed = _giving(before, mentor_id) ^ _giving(after, mentor_id)
            yield Contradiction("below_taken", mentor_id, None, tuple(sorted(changed)))


def _giving(stated: Overrides, mentor_id: str) -> set[str]:
    return {one.override_id for one in stated.standing if (one.kind, one.mentor_id) == ("place", mentor_id)}


def _absences(one: Override, now: Inputs) -> Iterator[str]:
    """Why mentor or executive cannot be matched at all; whether places are enough is looked at elsewhere."""
    reason = now.mentors_out.get(one.mentor_id, "not_selected")
    if one.mentor_id not in now.mentors and reason != FULL:
        yield f"mentor_{reason}"
    if one.mentee_id is not None and one.mentee_id not in now.mentees:
        yield f"mentee_{why_no_mentee(now, one.mentee_id)}"


def _of_absent(wanted: Override, now: Inputs) -> Iterator[Contradiction]:
    """Whom an override names that the edition does not know; of a forced pair also who cannot be matched now."""
    if wanted.kind == "conflict":
        return
    for code in _absences(wanted, now):
        known = (
            wanted.mentor_id in now.mentors_out if code.startswith("mentor_") else wanted.mentee_id in now.mentees_out
        )
        if wanted.kind == "force" or not known:
            yield Contradiction(code, wanted.mentor_id, wanted.mentee_id, (wanted.override_id,))


def _repeated(state: Overrides, wanted: Override) -> Iterator[Contradiction]:
    """What stands word for word already; each of two who declare a conflict declares their own."""
    if wanted.kind == "conflict":
        return
    said = (wanted.kind, wanted.mentor_id, wanted.mentee_id)
    same = [one for one in state.standing if (one.kind, one.mentor_id, one.mentee_id) == said]
    if same and (wanted.kind != "place" or same[-1].places == wanted.places):
        yield Contradiction("already_set", wanted.mentor_id, wanted.mentee_id, (same[-1].override_id,))


def _who(one: Contradiction) -> tuple[str, str, str | None]:
    return one.code, one.mentor_id, one.mentee_id


def _field(one: Contradiction) -> str:
    """The field of what was sent that a contradiction is shown at."""
    return "/mentor_id" if one.code.startswith("mentor_") else _FIELDS.get(one.code, "/mentee_id")


def _plain(one: Contradiction) -> dict[str, object]:
    return {
        "code": one.code,
        "mentor_id": one.mentor_id,
        "mentee_id": one.mentee_id,
        "override_ids": list(one.override_ids),
    }
