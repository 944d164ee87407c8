"""What people ask of a proposal: why not this pair, and what its figures would be then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """What a proposal is judged by, in the policy's units."""

    covered: int
    worst: int | None
    total: int


@dataclass(frozen=True, slots=True)
class Moved:
    """An executive whose mentor would be another one; None is nobody."""

    mentee_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What a forced pair would bring: the figures ``now`` and ``forced``, and whom it would move.

    ``forced`` is None where no proposal can hold the pair; ``rules`` are then the codes of what stands against it.
    """

    now: Figures
    forced: Figures | None
    moved: tuple[Moved, ...] = ()
    rules: tuple[str, ...] = ()
