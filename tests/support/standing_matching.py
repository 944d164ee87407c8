"""What stands in `matching` before generated requests: runs, a pair, policies, overrides, editions to be matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from services.chassis.aggregate import AggregateKind
from services.chassis.ids import derived_id
from services.matching import store
from services.matching.domain import policies
from services.matching.domain.candidates import Candidate, Edition, Selected
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.pair import Pair
from services.matching.domain.proposal import Proposal, ProposedPair, Uncovered
from services.matching.domain.run import Review, Run, State

PAST, ENDS = datetime(2026, 1, 1, 9, tzinfo=UTC), date(2099, 12, 31)
MANY = 20
Made = tuple[AggregateKind[Any, Any], str, Any]


def matched(company: str) -> Iterator[Made]:
    """Kind, id and state of each."""
    for number in range(MANY):
        run, approved = _run(number, company), _run(MANY + number, company, approved=True)
        yield store.RUNS, run.run_id, run
        yield store.RUNS, approved.run_id, approved
        kept, blocked = _policy(number, company), _overrides(number)
        yield store.POLICIES, kept.policy_id, kept
        yield store.OVERRIDES, blocked.edition_id, blocked
        pair = _pair(number, company)
        yield store.PAIRS, pair.pair_id, pair


def told(company: str) -> Iterator[tuple[str, Candidate]]:
    """What the service was told of: editions that nobody matched yet, each with one mentor."""
    for number in range(MANY):
        edition_id = to_match(number)
        yield edition_id, Edition(edition_id, ENDS, (company,))
        yield ids("selected in", number), Selected(edition_id, ids("mentor", 0))


def to_match(number: int) -> str:
    """The id of an edition that a run may be requested for."""
    return ids("edition", 2 * MANY + number % MANY)


def placed(number: int) -> dict[str, Any]:
    """An override that is accepted in such an edition."""
    return {"kind": "place", "mentor_id": ids("mentor", 0), "places": number % 4, "reason": "The mentor asked for it."}


def aims() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By operation what it must be asked about to succeed, by the name of the path parameter."""
    editions, half = [to_match(number) for number in range(MANY)], MANY // 2
    overrides = "/v1/editions/{edition_id}/overrides"
    blocked = [ids("override", number) for number in range(half)]
    return {
        "POST /v1/pairs/{pair_id}/end": {"pair_id": [ids("pair", number) for number in range(MANY)]},
        f"POST {overrides}": {"edition_id": editions},
        f"POST {overrides}/undo": {"edition_id": editions[half:]},
        f"POST {overrides}/{{override_id}}/withdrawal": {"edition_id": editions[:half], "override_id": blocked},
    }


def ids(what: str, number: int) -> str:
    """The id of one of several."""
    return derived_id(what, str(number))


def _run(number: int, company: str, *, approved: bool = False) -> Run:
    """A run of an edition of its own, with a proposal."""
    proposed = ProposedPair(ids("mentor", 0), ids("mentee", 0), company, company, points=50, criteria=())
    without = Uncovered(ids("mentee", 1), "no_mentor_allowed", (("own_line", 2),))
    proposal = Proposal(
        "1", 100, executives=2, worst=50, total=50, pairs=(proposed,), uncovered=(without,), mentors_left_out=()
    )
    return Run(
        ids("run", number),
        ids("edition", number),
        "somebody",
        PAST,
        State.APPROVED if approved else State.PROPOSED,
        proposal=proposal,
        proposed_at=PAST,
        review=Review("approved", None, "somebody", PAST) if approved else None,
    )


def _pair(number: int, company: str) -> Pair:
    """A pair of an edition of its own, which can be ended."""
    run, edition = ids("run", number), ids("edition", number)
    mentor, mentee = ids("mentor", 0), ids("mentee", 0)
    return Pair(ids("pair", number), edition, run, mentor, mentee, company, company, "1", PAST, slot=1)


def _policy(number: int, company: str) -> policies.KeptPolicy:
    """A policy that can be changed."""
    policy_id, owner = ids("policy", number), policies.Owner((company,), group_wide=False)
    policy = policies.worded(policy_id, 1, policies.Terms(f"Policy {number}"))
    return policies.KeptPolicy(
        policy, policy.label, policy_id, owner, "standard", created_by="somebody", created_at=PAST
    )


def _overrides(number: int) -> Overrides:
    """A pair that somebody blocked in an edition to be matched."""
    blocked = Override(
        override_id=ids("override", number),
        kind="block",
        mentor_id=ids("mentor", 0),
        mentee_id=ids("mentee", 0),
        places=None,
        reason="They share a flat.",
        by="somebody",
        at=PAST,
    )
    return Overrides(to_match(number), (blocked,), (blocked.override_id,))
