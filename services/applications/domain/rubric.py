"""The rubric of an edition: what assessors look at, how much each counts, and what each level means in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.applications.domain.call import Wording, lacking
from services.applications.domain.rules import RuleBroken

Level = Wording
"""What a level means, by language; a criterion's levels run from the weakest to the strongest."""
_ALL = 100


class WeightsOff(RuleBroken):
    """The weights of a rubric are percent: together 100."""

    kind = "weights-off"
    status = 422
    field = "/criteria"


class CriterionTwice(RuleBroken):
    """Each criterion has an id of its own."""

    kind = "criterion-twice"
    status = 422
    field = "/criteria"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that assessors look at: ``weight`` percent of the total, on 2 to 7 worded levels (1 is weakest)."""

    criterion_id: str
    title: Wording
    weight: int
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """How applications are scored.

    Where the totals of an application (points, 0 to 100) lie further apart than ``spread``, assessors disagree.
    ``sheets`` is how many assessors look at each application unless a round says otherwise.
    """

    criteria: tuple[Criterion, ...]
    spread: int = 25
    sheets: int = 3

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The criterion of this id, or None."""
        return next((one for one in self.criteria if one.criterion_id == criterion_id), None)

    def unworded(self, languages: Sequence[str]) -> tuple[str, ...]:
        """The ids of criteria whose title or a level lacks one of these languages."""
        return tuple(one.criterion_id for one in self.criteria if _lacks(one, languages))


def must_add_up(rubric: Rubric) -> None:
    """Let pass a rubric with distinct ids whose weights are 100 together. Raises ``CriterionTwice``, ``WeightsOff``."""
    ids = [one.criterion_id for one in rubric.criteria]
    for id in ids:
        if ids.count(id) > 1:
            raise CriterionTwice(f"Two criteria have the id {id}; give each one of its own.")
    together = sum(one.weight for one in rubric.criteria)
    if together != _ALL:
        off = f"{_ALL - together} are missing" if together < _ALL else f"that is {together - _ALL} too many"
        raise WeightsOff(f"The weights are {together} together; they must be {_ALL}, so {off}.")


def _lacks(criterion: Criterion, languages: Sequence[str]) -> bool:
    return any(lacking(wording, languages) for wording in (criterion.title, *criterion.levels))
