"""What solving finds beside the pairs: proof, why not everybody is covered, what would help, what to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.proposal import Proposal, ProposedPair, Uncovered


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof of a proposal, as an independent checker accepted it: its digest, and how many pairs were allowed."""

    digest: str
    pairs: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """Executives who compete for too few places, by one group: nobody else is allowed for any of them.

    The ``mentors`` have ``places`` together, so ``missing`` executives go without. ``barred`` counts the pairs of these
    executives with other mentors by the rule that forbids them; one that breaks several counts under each.
    """

    executives: tuple[str, ...]
    mentors: tuple[str, ...]
    places: int
    missing: int
    barred: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Something that people may change, and what the best proposal would be then: points in the policy's units.

    ``kind`` is ``extra_place`` (of the mentor, who then has ``value`` places), ``reserve`` (who is taken from the
    reserve list), or a rule of the policy that gives way: ``language_level`` (lowered to ``value``),
    ``subsidiary_rule``, ``meeting`` (to ``any``), ``same_manager`` or ``earlier_pair`` (off).
    """

    kind: str
    covered: int
    worst: int | None
    total: int
    mentor_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to re-match: at most ``changes`` of the pairs that could stand change; ``pairs`` are those that are new.

    ``covered``, ``worst`` and ``total`` are of all pairs that would then stand, in the policy's units; worst and total
    leave out pairs that stand against a rule by now. ``uncovered`` are the executives who would have no mentor, or keep
    one from whom people meant to part them. Each way can be carried out as it is.
    """

    changes: int
    covered: int
    worst: int | None
    total: int
    pairs: tuple[ProposedPair, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """All that solving a run found; ``evidence`` names the attempt under which the certificate is kept."""

    proposal: Proposal
    certificate: Certificate | None = None
    shortages: tuple[Shortage, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    evidence: str | None = None
