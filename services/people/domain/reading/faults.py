"""What a roster file got wrong: as a whole, or in one row."""

from __future__ import annotations

from dataclasses import dataclass


class RosterUnusable(Exception):
    """The file as a whole cannot be read, so nothing of it is applied; ``field`` is where to look."""

    kind = "roster-unusable"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or worth a look, in one row.

    ``line`` is where the row begins in the file (the header has the first), ``field`` the column under its name
    in the file, ``key`` the employee number or external id where it could be read.
    """

    line: int
    reason: str
    field: str | None = None
    key: str | None = None
