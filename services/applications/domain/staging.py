"""How people move an edition on, one stage at a time and never back, and what still blocks that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from services.applications.domain.call import lacking, untold_questions
from services.applications.domain.edition import (
    STAGES,
    CallOpened,
    Closing,
    Edition,
    EditionClosed,
    EditionOpened,
    Event,
    RoundCountedIn,
    ScopeExtended,
    Stage,
    StageReached,
)
from services.applications.domain.rules import RuleBroken


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rest of the service says of an edition at this moment; all of it numbers but the companies.

    ``companies`` are the ids that a group-wide edition would take in. ``undecided`` are applications that nobody
    decided, ``unreleased`` those whose decision nobody released, ``not_accepted`` those who were selected and let the
    day for accepting pass, ``unaccounted`` executives who are neither paired nor escalated nor exempt, ``needed`` the
    executives who take part, ``places`` those of selected mentors who are still there.
    """

    companies: tuple[str, ...] = ()
    rounds_open: int = 0
    undecided: int = 0
    unreleased: int = 0
    not_accepted: int = 0
    unaccounted: int = 0
    needed: int = 0
    places: int = 0
    waivers_waiting: int = 0
    assessors: int = 0
    escalation_reachable: bool = True


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in the way of the next stage, or should be known before it: a stable code, words, how many."""

    code: str
    detail: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Next:
    """The stage that comes next, what blocks it, and of what people should know first."""

    stage: Stage
    blockers: tuple[Blocker, ...]
    warnings: tuple[Blocker, ...]


class StageOrder(RuleBroken):
    """Stages follow one another."""

    kind = "stage-order"


class ReasonMissing(RuleBroken):
    """Closing before the last day needs a reason."""

    kind = "reason-missing"
    status = 422
    field = "/reason"


class NotInSelection(RuleBroken):
    """Rounds are opened while the edition stands at selection."""

    kind = "not-in-selection"


class EditionBlocked(RuleBroken):
    """Something stands in the way of the next stage; ``blockers`` say what."""

    kind = "edition-blocked"

    def __init__(self, blockers: tuple[Blocker, ...]) -> None:
        super().__init__(" ".join(one.detail for one in blockers))
        self.blockers = blockers


def next_of(edition: Edition, facts: Facts, *, at: datetime) -> Next | None:
    """The stage that comes next, with its blockers and warnings; None after the last."""
    if edition.stage == "closed":
        return None
    stage = STAGES[STAGES.index(edition.stage) + 1]
    return Next(stage, *blockers(edition, facts, at=at))


def blockers(edition: Edition, facts: Facts, *, at: datetime) -> tuple[tuple[Blocker, ...], tuple[Blocker, ...]]:
    """What blocks the stage that comes next, and of what people should know first."""
    match edition.stage:
        case "draft":
            return tuple(_before_the_call(edition, facts, at)), tuple(_to_know_before_the_call(edition, facts, at))
        case "call_open":
            return tuple(_before_selection(edition, at)), tuple(_to_know_before_selection(edition, facts, at))
        case "selection":
            return tuple(_before_matching(facts)), tuple(_to_know_before_matching(edition, facts, at))
        case "matching":
            running = (*_open_rounds(facts), *_before_running(edition, facts, at))
            return running, tuple(_unreachable(edition, facts, at))
        case _:
            return (), tuple(_unreachable(edition, facts, at))


def _before_the_call(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if not (facts.companies if edition.group_wide else edition.subsidiaries):
        yield Blocker("scope-empty", "No company takes part yet.")
    if edition.rubric is None:
        yield Blocker("rubric-missing", "There is no rubric yet; applicants may know how they are scored.")
    if edition.call is None:
        yield Blocker("call-missing", "There is no call yet.")
        return
    languages = edition.call.languages
    for language in lacking(edition.call.texts, languages):
        yield Blocker("text-missing", f"The call has no text in {language}.")
    if untold := untold_questions(edition.form, languages):
        detail = f"Questions lack a language of the call: {', '.join(untold)}."
        yield Blocker("question-text-missing", detail, len(untold))
    if edition.rubric and (unworded := edition.rubric.unworded(languages)):
        detail = f"Criteria lack a language of the call: {', '.join(unworded)}."
        yield Blocker("rubric-text-missing", detail, len(unworded))
    if edition.call.closes_at <= at:
        yield Blocker("deadline-passed", "The deadline of the call has passed.")
    if edition.call.closes_at > edition.ends_at():
        yield Blocker("deadline-after-end", f"The deadline lies after the edition's last day, {edition.ends_on}.")
    if edition.decision_on and edition.decision_on < edition.day_of(edition.call.closes_at):
        yield Blocker("decision-before-deadline", "The day of the decision lies before the deadline of the call.")


def _to_know_before_the_call(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if not facts.assessors:
        yield Blocker("no-assessors", "Nobody holds the role of assessor for these companies yet.", 0)
    yield from _unreachable(edition, facts, at)


def _unreachable(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if not facts.escalation_reachable and edition.stage != "closed" and not edition.is_over(at):
        yield Blocker("escalation-unreachable", "The person to whom executives are escalated does not work here.")


def _before_selection(edition: Edition, at: datetime) -> Iterator[Blocker]:
    if edition.call and at < edition.call.closes_at:
        yield Blocker("call-still-open", "The deadline of the call lies ahead.")
    if edition.rubric is None and not edition.is_over(at):  # one that an earlier release opened may have none
        yield Blocker("rubric-missing", "There is no rubric yet; without one nothing can be assessed.")


def _to_know_before_selection(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if not facts.assessors:
        yield Blocker("no-assessors", "Nobody holds the role of assessor for these companies.", 0)
    yield from _waiting_waivers(facts)
    yield from _unreachable(edition, facts, at)


def _before_matching(facts: Facts) -> Iterator[Blocker]:
    yield from _open_rounds(facts)
    if facts.undecided:
        yield Blocker("undecided", "Applications wait for a decision.", facts.undecided)
    if facts.unreleased:
        yield Blocker("unreleased", "Decisions wait for their release.", facts.unreleased)
    if facts.not_accepted:
        detail = "Selected mentors have not accepted by their day; give more time, or decide on them anew."
        yield Blocker("not-accepted", detail, facts.not_accepted)


def _open_rounds(facts: Facts) -> Iterator[Blocker]:
    """A round that an earlier release let in while the edition moved on blocks the stage after, too."""
    if facts.rounds_open:
        yield Blocker("round-open", "A round of assessments is not closed.", facts.rounds_open)


def _to_know_before_matching(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if facts.places < facts.needed:
        detail = f"Selected mentors offer {facts.places} places for {facts.needed} executives."
        yield Blocker("places-short", detail, facts.needed - facts.places)
    yield from _waiting_waivers(facts)
    yield from _unreachable(edition, facts, at)


def _waiting_waivers(facts: Facts) -> Iterator[Blocker]:
    if facts.waivers_waiting:
        yield Blocker("waivers-waiting", "Requests for a waiver wait for an answer.", facts.waivers_waiting)


def _before_running(edition: Edition, facts: Facts, at: datetime) -> Iterator[Blocker]:
    if facts.unaccounted and not edition.is_over(at):  # nobody is escalated any more after the last day
        detail = "Executives are neither paired nor escalated nor exempt."
        yield Blocker("executives-unaccounted", detail, facts.unaccounted)


def reach(state: Edition, to: Stage, facts: Facts, *, by: str, reason: str | None, at: datetime) -> list[Event]:
    """Move an edition on to the stage that comes next.

    Raises ``StageOrder``, ``EditionBlocked``; ``ReasonMissing`` where it is closed before its last day is over.
    """
    following = next_of(state, facts, at=at)
    if following is None or following.stage != to:
        comes = f"after {state.stage} comes {following.stage}" if following else "nothing follows closed"
        raise StageOrder(f"The edition is at the stage {state.stage}; {comes}.")
    if following.blockers:
        raise EditionBlocked(following.blockers)
    if to == "call_open":
        return _opening(state, facts, at)
    if to == "closed":
        if not (reason or state.is_over(at)):
            raise ReasonMissing(f"The edition's last day is {state.ends_on}; say why it is closed before.")
        return [EditionClosed(state.edition_id, Closing(by, at, reason))]
    return [StageReached(state.edition_id, to, at)]


def _opening(state: Edition, facts: Facts, at: datetime) -> list[Event]:
    assert state.call is not None
    subsidiaries = facts.companies if state.group_wide else state.subsidiaries
    named = (state.edition_id, state.name, state.starts_on, state.ends_on, subsidiaries)
    return [
        EditionOpened(*named, opened_at=at, group_wide=state.group_wide),
        CallOpened(state.edition_id, replace(state.call, opened_at=at), opened_at=at),
    ]


def must_be_in_selection(state: Edition) -> None:
    """Let pass while rounds may be opened. Raises ``NotInSelection``."""
    if state.stage != "selection":
        raise NotInSelection(f"The edition stands at {state.stage}; rounds are opened while it stands at selection.")


def count_in(state: Edition, number: int) -> list[Event]:
    """Take note of a round, so that nobody moves the edition on by what was known before; again changes nothing.

    Raises ``NotInSelection`` where the edition has moved on already.
    """
    if state.rounds >= number:
        return []
    must_be_in_selection(state)
    return [RoundCountedIn(state.edition_id, number)]


def extend_scope(state: Edition, companies: Iterable[str], *, at: datetime) -> list[Event]:
    """Take companies that are new in the group into a group-wide edition; of any other it changes nothing."""
    new = sorted(set(companies) - set(state.subsidiaries))
    if not (new and state.group_wide and state.is_running_scope()):
        return []
    return [ScopeExtended(state.edition_id, (*state.subsidiaries, *new), at)]
