"""What matching keeps of editions, selected mentors and obliged executives, as `applications` tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Edition:
    """A year's programme for these subsidiaries; ``ends_on`` is its last day, counted in UTC."""

    edition_id: str
    ends_on: date
    subsidiaries: tuple[str, ...] = ()
    kind: Literal["edition"] = "edition"

    def is_over(self, at: datetime) -> bool:
        """Whether the last day has passed."""
        return at.date() > self.ends_on


@dataclass(frozen=True, slots=True)
class Selected:
    """An applicant who was selected as a mentor of an edition."""

    edition_id: str
    mentor_id: str
    kind: Literal["selected"] = "selected"


@dataclass(frozen=True, slots=True)
class Obliged:
    """An executive in scope of an edition; ``exempt`` ones are not matched."""

    edition_id: str
    mentee_id: str
    exempt: bool
    kind: Literal["obliged"] = "obliged"


Candidate = Edition | Selected | Obliged
