"""Something to do, as the overview and other lists of tasks show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: where, what, why, and how urgent it is (``is`` and ``state`` of a status).

    ``optional``: nobody waits for it.
    """

    path: str
    text: str
    hint: str
    is_: str
    state: str
    optional: bool = False
