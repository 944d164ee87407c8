"""What would help where not everybody is covered: one change at a time, each solved anew, the cheapest first.

Cheapest is what leaves the best proposal: most executives covered, then the worst pair, then the total.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.matching.domain.overrides import MOST_PLACES
from services.matching.domain.policy import LEVELS, Policy
from services.matching.domain.run import Relaxation, Shortage
from services.matching.solving import engine
from services.matching.solving.tasks import SolveTask, Told
from services.matching.tables import Table
from services.matching.whatif import places

_MOST_PLACES_TOLD = 10  # extra places, the best of all
_MOST_RESERVES = 20  # who are tried
SECONDS = 20.0  # after which nothing more is tried; half of them are for extra places
_NONE = -(2**63)  # below the worst pair of any proposal


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that people may change."""

    kind: str
    mentor_id: str | None = None
    value: str | None = None


def ranked(
    task: SolveTask, table: Table, lacking: Sequence[Shortage], tell: Callable[[Told], None]
) -> tuple[Relaxation, ...]:
    """The changes by which more executives are covered."""
    wanted, began = list(_changes(task, lacking)), time.monotonic()
    now = _solved(task, table).covered
    most = dict.fromkeys((change.kind for change in wanted), now)
    tell(Told("writing", 0, len(wanted) + 1))
    roomier = _roomier(task, _with_full(task, table), lacking, until=began + SECONDS / 2)
    found = [one for one in roomier if one.covered > now]
    for number, change in enumerate(wanted, 1):
        tell(Told("writing", number, len(wanted) + 1))
        if time.monotonic() >= began + SECONDS:
            break
        tried = _tried(task, change)
        if tried and tried.covered > most[change.kind]:
            found.append(replace(tried, kind=change.kind, mentor_id=change.mentor_id, value=change.value))
            if change.kind == "language_level":
                most[change.kind] = tried.covered  # a level still lower must cover more people
    return tuple(sorted(found, key=_cost))


def _with_full(task: SolveTask, table: Table) -> Table:
    """The table with the mentors whose places are all taken, where there is memory for it."""
    if not task.inputs.full:
        return table
    inputs = replace(task.inputs, mentors={**task.inputs.mentors, **task.inputs.full})
    try:
        return engine.built(inputs, task.policy, task.overrides, task.most_pairs)
    except engine.TooManyPairs:
        return table


def _roomier(task: SolveTask, table: Table, lacking: Sequence[Shortage], *, until: float) -> Iterator[Relaxation]:
    """The mentors whose extra place brings most; of others nobody who lacks a mentor would get one."""
    given, columns = _given(task), {id: column for column, id in enumerate(table.mentor_ids)}
    asked = {*task.inputs.full, *(id for one in lacking for id in one.mentors)} & columns.keys()
    roomy = {columns[id] for id in asked if given.get(id, 0) < MOST_PLACES}
    for _ in range(_MOST_PLACES_TOLD):
        if time.monotonic() >= until or not (best := places(table.instance, roomy, 1)):
            return
        [one] = best
        roomy.discard(one.column)
        id = table.mentor_ids[one.column]
        value = str(given.get(id, 0) + 1)
        yield Relaxation("extra_place", one.coverage, one.worst, one.total, mentor_id=id, value=value)


def _given(task: SolveTask) -> Mapping[str, int]:
    """The places of each mentor in this edition, those that are taken included, as many as their pairs at least."""
    given, pairs = {**task.inputs.own_places, **task.overrides.places}, Counter(task.inputs.taken.values())
    return {id: max(number, pairs[id]) for id, number in given.items()}


def _changes(task: SolveTask, lacking: Sequence[Shortage]) -> Iterator[Change]:
    for id in sorted(task.reserves)[:_MOST_RESERVES]:
        yield Change("reserve", mentor_id=id)
    barred = {code for one in lacking for code, _ in one.barred}
    rules = task.policy.rules
    if "no_common_language" in barred:
        lower = LEVELS[: LEVELS.index(rules.language_level)]
        yield from (Change("language_level", value=level) for level in reversed(lower))
    if "subsidiary_rule" in barred:
        yield Change("subsidiary_rule", value="any")
    if "no_common_place" in barred:
        yield Change("meeting", value="any")
    yield from (Change(f"{code}", value="off") for code in ("same_manager", "earlier_pair") if code in barred)


def _tried(task: SolveTask, change: Change) -> Relaxation | None:
    """What a change would bring; None where it allows more pairs than there is memory for."""
    try:
        return _solved(task, _changed(task, change))
    except engine.TooManyPairs:
        return None


def _changed(task: SolveTask, change: Change) -> Table:
    if change.kind == "reserve":
        mentors = {**task.inputs.mentors, str(change.mentor_id): task.reserves[str(change.mentor_id)]}
        return engine.built(replace(task.inputs, mentors=mentors), task.policy, task.overrides, task.most_pairs)
    return engine.built(task.inputs, _without(task.policy, change), task.overrides, task.most_pairs)


def _without(policy: Policy, change: Change) -> Policy:
    rules = policy.rules
    match change.kind:
        case "language_level":
            level = next(level for level in LEVELS if level == change.value)
            return replace(policy, rules=replace(rules, language_level=level))
        case "subsidiary_rule":
            return replace(policy, rules=replace(rules, subsidiary="any"))
        case "meeting":
            return replace(policy, rules=replace(rules, meeting="any"))
        case "same_manager":
            return replace(policy, rules=replace(rules, same_manager=False))
        case _:
            return replace(policy, rules=replace(rules, earlier_pairs=False))


def _solved(task: SolveTask, table: Table) -> Relaxation:
    solution = engine.solved(table, task.seed)
    return Relaxation("", solution.coverage, solution.worst, solution.total)


def _cost(one: Relaxation) -> tuple[int, int, int, str, str]:
    worst = _NONE if one.worst is None else one.worst
    return -one.covered, -worst, -one.total, one.kind, one.mentor_id or one.value or ""
