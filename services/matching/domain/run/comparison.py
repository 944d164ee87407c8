"""Two drafts side by side: their figures, and the executives for whom they differ."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.proposal import Proposal, ProposedPair


@dataclass(frozen=True, slots=True)
class Difference:
    """An executive whose pair differs between two proposals; None where one has none."""

    mentee_id: str
    first: ProposedPair | None
    second: ProposedPair | None


def differences(first: Proposal, second: Proposal) -> tuple[Difference, ...]:
    """Where two proposals differ, by executive; the same mentor with other points is no difference."""
    pairs = [{pair.mentee_id: pair for pair in proposal.pairs} for proposal in (first, second)]
    either = sorted(pairs[0].keys() | pairs[1].keys())
    both = ((id, pairs[0].get(id), pairs[1].get(id)) for id in either)
    return tuple(Difference(id, one, other) for id, one, other in both if _mentor(one) != _mentor(other))


def _mentor(pair: ProposedPair | None) -> str | None:
    return pair.mentor_id if pair else None
