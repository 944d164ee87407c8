"""Tandems of a proposal that come to nothing as things stand: one of the two objects, or somebody ruled them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.portal.clients.matching_records import Override, ProposedPair, Report
from services.portal.pages import matching_words as words


@dataclass(frozen=True, slots=True)
class Apart:
    """Tandems of a proposal, each in one place: not published by what stands against it, or one of the ``others``."""

    objected: tuple[ProposedPair, ...]
    ruled_out: tuple[ProposedPair, ...]
    others: tuple[ProposedPair, ...]

    @property
    def count(self) -> int:
        """How many are not published."""
        return len(self.objected) + len(self.ruled_out)


def apart(one: Report, pairs: Iterable[ProposedPair], laid_down: Sequence[Override]) -> Apart:
    """Which of these ``pairs`` of a proposal are kept apart by its objections and by what was laid down, up to now."""
    conflicts, blocked = _standing(laid_down, "conflict"), _standing(laid_down, words.BLOCK)
    vetoed = {veto.mentee_id for veto in one.objections}
    objected, ruled_out, others = [], [], []
    for pair in pairs:
        key = (pair.mentor_id, pair.mentee_id)
        if key in conflicts or pair.mentee_id in vetoed:
            objected.append(pair)
        elif key in blocked:
            ruled_out.append(pair)
        else:
            others.append(pair)
    return Apart(tuple(objected), tuple(ruled_out), tuple(others))


def _standing(laid_down: Sequence[Override], kind: str) -> set[tuple[str, str | None]]:
    return {(each.mentor_id, each.mentee_id) for each in laid_down if each.stands and each.kind == kind}
