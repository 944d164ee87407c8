"""The numerical parts, put together: who may be paired at what score, the best assignment, its proof, the check."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching import assignment
from services.matching.assignment import Instance, Solution
from services.matching.domain.inputs import Inputs
from services.matching.domain.overrides import Overrides
from services.matching.domain.policy import Policy
from services.matching.rematching import within
from services.matching.tables import Table, build
from services.matching.verification import digest, verify

_COMPRESSION = 1  # a certificate is large; the first level of zlib gets most of it


class ProofRefused(Exception):
    """The independent checker did not accept a proof: a bug, and nothing may be proposed on it."""


def warm_up() -> None:
    """Load and compile all that solving needs, so that the first run waits for nothing."""
    assignment.warm_up()


def built(inputs: Inputs, policy: Policy, overrides: Overrides) -> Table:
    """Who may be paired with whom at what score; who was laid down has one pair alone."""
    return build(inputs, policy, overrides)


def solved(table: Table, seed: int) -> Solution:
    """The best assignment; of several equally good ones the seed picks."""
    rows, columns = assignment.ordered(table.mentee_ids, seed), assignment.ordered(table.column_names, seed)
    return assignment.solve(table.instance, row_order=rows, column_order=columns)


def proven(table: Table, solution: Solution, seed: int) -> dict[str, Any]:
    """The certificate, after the independent checker accepted it. Raises ``ProofRefused``."""
    names = {"rows": list(table.mentee_ids), "columns": list(table.column_names)}
    document = assignment.certificate(table.instance, solution, names=names, seed=seed)
    verdict = verify(document | {"instance": document["instance"] | _arrays(table.instance)})
    if not verdict.accepted:
        raise ProofRefused("; ".join(verdict.faults))
    document.setdefault("digest", digest(document))
    return document


def rematched(table: Table, current: NDArray[np.int32], changes: int, seed: int) -> NDArray[np.int32]:
    """The best partner of each row where at most so many ``current`` pairs change; the seed picks among equals."""
    rows, columns = assignment.ordered(table.mentee_ids, seed), assignment.ordered(table.column_names, seed)
    return within(table.instance, current, changes, row_order=rows, column_order=columns)


def _arrays(instance: Instance) -> dict[str, Any]:
    """What the checker reads ten times faster than the lists with the same numbers."""
    return {"pointers": instance.pointers, "neighbours": instance.columns, "scores": instance.scores}


def written(document: Mapping[str, Any]) -> bytes:
    """A certificate as it is kept: JSON, compressed."""
    text = json.dumps(document, default=_plain, separators=(",", ":"))
    return zlib.compress(text.encode(), _COMPRESSION)


def read(kept: bytes) -> dict[str, Any]:
    """A certificate as it was kept."""
    document: dict[str, Any] = json.loads(zlib.decompress(kept))
    return document


def instance_of(document: Mapping[str, Any]) -> Instance:
    """The instance that a certificate is about."""
    said = document["instance"]
    classes = said["classes"]
    return Instance(
        pointers=np.array(said["pointers"], np.int64),
        columns=np.array(said["neighbours"], np.int32),
        scores=_scores(said["scores"]),
        capacities=np.array(said["capacities"], np.int64),
        classes=None if classes is None else tuple(classes),
    )


def _scores(scores: list[int]) -> NDArray[np.int64] | NDArray[np.object_]:
    try:
        return np.array(scores, np.int64)
    except OverflowError:
        return np.array(scores, object)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
