"""Two drafts side by side: their figures, and the executives for whom they differ."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.proposal import Proposal, ProposedPair


@dataclass(frozen=True, slots=True)
class Difference:
    """An executive whose mentor differs between two proposals.

    ``first`` and ``second`` are the pairs that they propose, None where one proposes none. The mentors are those whom
    the executive would then have, by a pair that stands too; None is nobody.
    """

    mentee_id: str
    first: ProposedPair | None
    second: ProposedPair | None
    first_mentor_id: str | None = None
    second_mentor_id: str | None = None


def differences(first: Proposal, second: Proposal) -> tuple[Difference, ...]:
    """Where two proposals differ, by executive; the same mentor with other points is no difference.

    Pairs that stood when a proposal was made, and that it leaves as they are, count like those that it proposes.
    """
    pairs = [{pair.mentee_id: pair for pair in proposal.pairs} for proposal in (first, second)]
    one, other = (_mentors(proposal) for proposal in (first, second))
    differing = (id for id in sorted(one.keys() | other.keys()) if one.get(id) != other.get(id))
    return tuple(Difference(id, pairs[0].get(id), pairs[1].get(id), one.get(id), other.get(id)) for id in differing)


def _mentors(proposal: Proposal) -> dict[str, str]:
    """The mentor of each executive who would have one."""
    standing = {mentee_id: mentor_id for mentor_id, mentee_id in proposal.standing}
    return standing | {pair.mentee_id: pair.mentor_id for pair in proposal.pairs}
