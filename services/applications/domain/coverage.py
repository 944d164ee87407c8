"""Coverage: per company of an edition how many executives are in scope, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from services.applications.domain.participation import Status


@dataclass(frozen=True, slots=True)
class Counts:
    """How many executives are in which state; ``obliged`` are those without a mentor whom nobody sees to yet."""

    obliged: int = 0
    paired: int = 0
    escalated: int = 0
    exempt: int = 0
    left: int = 0

    @property
    def in_scope(self) -> int:
        """All but those who have left the scope."""
        return self.obliged + self.paired + self.escalated + self.exempt

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The counts per company: first those of the edition in its order, then others that occur."""

    rows: Mapping[str, Counts]

    @property
    def totals(self) -> Counts:
        """The sum of the rows."""
        return sum(self.rows.values(), Counts())


def coverage(subsidiaries: Sequence[str], numbers: Mapping[tuple[str, Status], int]) -> Coverage:
    """The coverage from the numbers per company and status."""
    counted: dict[str, dict[str, int]] = {one: {} for one in subsidiaries}
    for (subsidiary, status), number in sorted(numbers.items()):
        counted.setdefault(subsidiary, {})[status] = number
    return Coverage({one: Counts(**of) for one, of in counted.items()})
