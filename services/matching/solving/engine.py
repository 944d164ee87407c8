"""The numerical parts, put together: who may be paired at what score, the best assignment, its proof, the check."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching import assignment
from services.matching.assignment import Instance, Solution
from services.matching.assignment.instance import Scores, scores_of
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import Overrides
from services.matching.domain.policy import Policy
from services.matching.rematching import NoneWithin, within
from services.matching.tables import Table, build
from services.matching.verification import digest, verify

_PAIRS = ("scores", "neighbours", "pointers")
_BEYOND = re.compile(rb"\d{19}")  # digits of a number that an array of 64 bits may not hold
_COMPRESSION = 1  # a certificate is large; the first level of zlib gets most of it


class TooManyPairs(Exception):
    """There are more allowed pairs than there is memory for."""


class ProofRefused(Exception):
    """The independent checker did not accept a proof: a bug, and nothing may be proposed on it."""


def warm_up() -> None:
    """Load and compile all that solving needs, so that the first run waits for nothing."""
    assignment.warm_up()


def built(inputs: Inputs, policy: Policy, overrides: Overrides, most_pairs: int | None = None) -> Table:
    """Who may be paired with whom at what score; who was laid down has one pair alone. Raises ``TooManyPairs``."""
    table = build(inputs, policy, overrides)
    number = len(table.instance.columns)
    if most_pairs is not None and number > most_pairs:
        raise TooManyPairs(f"{number:,} pairs are allowed; here {most_pairs:,} are possible.")
    return table


def solved(table: Table, seed: int) -> Solution:
    """The best assignment; of several equally good ones the seed picks."""
    rows, columns = assignment.ordered(table.mentee_ids, seed), assignment.ordered(table.column_names, seed)
    return assignment.solve(table.instance, row_order=rows, column_order=columns)


def proven(table: Table, solution: Solution, seed: int) -> dict[str, Any]:
    """The certificate, its pairs as arrays, after the independent checker accepted it. Raises ``ProofRefused``."""
    names = {"rows": list(table.mentee_ids), "columns": list(table.column_names)}
    document = assignment.certificate(table.instance, solution, names=names, seed=seed, arrays=True)
    verdict = verify(document)
    if not verdict.accepted:
        raise ProofRefused("; ".join(verdict.faults))
    document.setdefault("digest", digest(document))
    return document


def rematched(
    table: Table, current: NDArray[np.int32], changes: int, seed: int, must: Collection[int] = ()
) -> NDArray[np.int32] | None:
    """The best partner of each row where at most so many ``current`` pairs change; the seed picks among equals.

    None where so few changes do not cover all rows that ``must`` be.
    """
    rows, columns = assignment.ordered(table.mentee_ids, seed), assignment.ordered(table.column_names, seed)
    try:
        return within(table.instance, current, changes, must=must, row_order=rows, column_order=columns)
    except NoneWithin:
        return None


def written(document: Mapping[str, Any]) -> bytes:
    """A certificate as it is kept: JSON, compressed."""
    text = json.dumps(document, default=_plain, separators=(",", ":"))
    return zlib.compress(text.encode(), _COMPRESSION)


def read(kept: bytes) -> dict[str, Any]:
    """A certificate as it was kept; its pairs are arrays, since lists of millions take ten times the memory."""
    text, arrays = zlib.decompress(kept), {}
    for name in _PAIRS:
        start = text.index(f'"{name}":['.encode()) + len(name) + 4
        end = text.index(b"]", start)
        arrays[name] = _numbers(text[start:end])
        text = text[:start] + text[end:]
    document: dict[str, Any] = json.loads(text)
    document["instance"] |= arrays
    return document


def _numbers(listed: bytes) -> Scores:
    """The numbers of a JSON list, without its brackets."""
    if not listed or _BEYOND.search(listed):
        return scores_of(json.loads(b"[" + listed + b"]"))
    return np.fromstring(listed, np.int64, sep=",")


def instance_of(document: Mapping[str, Any]) -> Instance:
    """The instance that a certificate is about."""
    said = document["instance"]
    classes = said["classes"]
    return Instance(
        pointers=np.array(said["pointers"], np.int64),
        columns=np.array(said["neighbours"], np.int32),
        scores=said["scores"],
        capacities=np.array(said["capacities"], np.int64),
        classes=None if classes is None else tuple(classes),
    )


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
