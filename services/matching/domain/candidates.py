"""What matching keeps of editions, selected mentors and obliged executives, as `applications` tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Edition:
    """A year's programme for these subsidiaries; ``ends_on`` is its last day, counted in UTC; people may close it.

    A ``group_wide`` one takes every company of the group, those too that come into it later.
    """

    edition_id: str
    ends_on: date
    subsidiaries: tuple[str, ...] = ()
    closed: bool = False
    group_wide: bool = False
    kind: Literal["edition"] = "edition"

    @property
    def companies(self) -> frozenset[str]:
        """Outside of which companies nobody is a mentor; none where there is no outside, or it is not known.

        Of a group-wide edition the named ones are not asked: the directory tells of a new company before
        `applications` can say that the edition has taken it in.
        """
        return frozenset() if self.group_wide else frozenset(self.subsidiaries)

    def is_over(self, at: datetime) -> bool:
        """Whether the last day has passed, or people closed it."""
        return self.closed or at.date() > self.ends_on


@dataclass(frozen=True, slots=True)
class Selected:
    """An applicant of an edition; only one who ``stands`` as selected is matched. A ``reserve`` may follow."""

    edition_id: str
    mentor_id: str
    stands: bool = True
    reserve: bool = False
    kind: Literal["selected"] = "selected"


@dataclass(frozen=True, slots=True)
class Obliged:
    """An executive of an edition; those who are ``exempt`` or ``left`` its scope are not matched.

    An exemption is ``for_good`` where it has no last day.
    """

    edition_id: str
    mentee_id: str
    exempt: bool
    left: bool = False
    for_good: bool = False
    kind: Literal["obliged"] = "obliged"


Candidate = Edition | Selected | Obliged
