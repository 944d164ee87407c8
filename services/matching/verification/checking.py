"""The verdict: is this assignment legal, are its values as claimed, and does the proof exclude everything better?

*Coverage.* If the rows R have no allowed pair outside the columns N, an assignment covers at most cap(N) of R, so it
leaves at least |R| - cap(N) rows without a column (Hall 1935; Ore 1955). An assignment that leaves as few is the best.
With classes the same holds for the rows of the first class alone, of the first two, and so on.

*Worst pair.* The same at the pairs whose score is above the worst one: if R leaves more rows of these classes
without a column than the assignment does, no assignment as good in coverage has a better worst pair.

*Total.* Prices b of each class, u >= 0 of each row, v >= 0 of each column, with score <= b + u + v for each pair
that is not below the worst score, bound the total of every assignment of this coverage and this worst pair:
it is at most the sum of b x covered rows, of u, and of capacity x v (the dual of the transport problem, Kuhn 1955).
An assignment of that very total is the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from services.matching.verification.blocks import blocks
from services.matching.verification.conditions import Closed, Condition, Paid, Rising, Taken
from services.matching.verification.digests import digest
from services.matching.verification.document import NOBODY, Certificate, Numbers, Violator, read
from services.matching.verification.integers import LIMIT, Integers, Unproven, reach, shown, total

_TOLD = 20  # faults: more help nobody


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a certificate proves all that it claims; if not, ``faults`` are sentences that say what is wrong where.

    Of many faults the first are told. ``pairs`` is the number of allowed pairs that were looked at.
    """

    accepted: bool
    faults: tuple[str, ...]
    pairs: int


def verify(document: Mapping[str, Any]) -> Verdict:
    """Accept a certificate that proves its claims, refuse everything else, garbage included; it never raises.

    Takes time in proportion to the allowed pairs. Arrays may be lists or NumPy's, which are read faster.
    """
    try:
        certificate = read(document)
    except Unproven as error:
        return Verdict(accepted=False, faults=(str(error),), pairs=0)
    faults = (*islice(_faults(certificate), _TOLD), *_misnamed(document))
    return Verdict(accepted=not faults, faults=faults, pairs=certificate.instance.pairs)


def _faults(certificate: Certificate) -> Iterator[str]:
    taken = Taken(certificate)
    conditions: Sequence[Condition] = [Rising(), taken, *_conditions(certificate)]
    for block in blocks(certificate.instance):
        for condition in conditions:
            if condition.fault is None:
                condition.look(block)
    yield from _illegal(certificate, taken)
    yield from _misstated(certificate, taken)
    yield from (condition.fault for condition in conditions if condition.fault is not None)
    yield from _too_small(certificate)
    yield from _unpaid(certificate)


def _misnamed(document: Mapping[str, Any]) -> Iterator[str]:
    """A digest that is not this certificate's; nobody has to give one."""
    given = document.get("digest")
    if given is not None and given != (own := digest(document)):
        yield f"digest is {shown(given)}, that of the certificate is {own}"


def _conditions(certificate: Certificate) -> Iterator[Condition]:
    """What the proof says of single pairs."""
    worst = certificate.claim.worst
    yield from (Closed(certificate, chain) for chain in certificate.chains)
    if worst is None:
        return
    if certificate.worst is not None:
        yield Closed(certificate, [certificate.worst], above=worst)
    yield Paid(certificate, worst)


def _illegal(certificate: Certificate, taken: Taken) -> Iterator[str]:
    """Pairs that are not allowed, columns over their capacity."""
    instance, partner = certificate.instance, certificate.partner
    covered = partner != NOBODY
    forbidden = covered & ~taken.found
    if forbidden.any():
        row = int(np.argmax(forbidden))
        yield f"assignment[{row}] is column {int(partner[row])}: this pair is not allowed"
    load = np.bincount(partner[covered], minlength=instance.columns)
    full = load > instance.places
    if full.any():
        column = int(np.argmax(full))
        yield f"column {column} is assigned {int(load[column])} rows, its capacity is {int(instance.places[column])}"


def _misstated(certificate: Certificate, taken: Taken) -> Iterator[str]:
    """Claims that differ from what the assignment has."""
    claim, scores = certificate.claim, taken.scores[taken.found]
    worst = int(scores.min()) if scores.size else None
    for name, claimed, found in (
        ("coverage", claim.coverage, int(scores.size)),
        ("worst", claim.worst, worst),
        ("total", claim.total, total(scores)),
    ):
        if claimed != found:
            yield f"claim.{name} is {shown(claimed)}, the assignment has {shown(found)}"


def _too_small(certificate: Certificate) -> Iterator[str]:
    """Violators that leave room for an assignment that covers more, or that has a better worst pair."""
    left, class_of = _uncovered(certificate), certificate.instance.class_of
    for number, violator in enumerate(certificate.coverage):
        if (class_of[violator.rows] > number).any():
            yield f"{violator.name}.rows has rows of a later class, whose coverage is not its matter"
        missing, uncovered = _missing(certificate, violator), int(left[number])
        if missing != uncovered:
            yield f"{violator.name} proves that {missing} rows stay without a column, the assignment leaves {uncovered}"
    if certificate.worst is None:
        if certificate.claim.coverage != 0:
            yield "proof.worst is missing: only an assignment without a pair needs none"
        return
    missing = _missing(certificate, certificate.worst)
    uncovered = int(left[class_of[certificate.worst.rows].max(initial=0)])
    if missing <= uncovered:
        yield f"proof.worst leaves {missing} rows without a column, more than {uncovered} would exclude a better pair"


def _missing(certificate: Certificate, violator: Violator) -> int:
    """How many of its rows get no column at least."""
    return len(violator.rows) - int(certificate.instance.places[violator.columns].sum())


def _uncovered(certificate: Certificate) -> Numbers:
    """How many rows the assignment leaves, of the first class, of the first two, and so on."""
    left = certificate.instance.class_of[certificate.partner == NOBODY]
    return np.cumsum(np.bincount(left, minlength=certificate.instance.classes))


def _unpaid(certificate: Certificate) -> Iterator[str]:
    """A bound that is not reached: a chosen pair is not tight, or a row or place has a price and stays free."""
    instance, prices = certificate.instance, certificate.prices
    covered = np.bincount(instance.class_of[certificate.partner != NOBODY], minlength=instance.classes)
    bound = _product(prices.classes, covered) + total(prices.rows) + _product(prices.columns, instance.places)
    if bound != certificate.claim.total:
        yield f"proof.total shows that no total is above {shown(bound)}, claimed is {shown(certificate.claim.total)}"


def _product(prices: Integers, amounts: Numbers) -> int:
    """The exact sum of price x amount."""
    if reach(prices) * reach(amounts) < LIMIT:
        return total(prices * amounts)
    return total(prices.astype(np.object_) * amounts)
