"""An instance from a file: a matrix or edges, scores or costs, decimals included, as whole numbers to be made large."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import Instance
from services.matching.files import documents, units
from services.matching.files.documents import Unreadable, said
from services.matching.files.fields import Names, Shape, ignored, minimises, shape
from services.matching.files.forcing import Forced, forced
from services.matching.files.values import digits, pairs, refuse_endless

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Read:
    """An instance and how it relates to its file.

    A score of the instance is a value of the file times ``scale``, negated if the file ``minimises`` costs.
    ``origin`` has for each column of the instance the column of the file: forced pairs have columns of their own.
    ``names`` are the instance's; ``remarks`` say what the file asks for in vain.
    """

    instance: Instance
    names: Names | None
    minimises: bool
    scale: int
    origin: tuple[int, ...]
    remarks: tuple[str, ...] = ()

    @property
    def objective(self) -> str:
        """What is better, in the file's words."""
        return "minimise costs" if self.minimises else "maximise scores"

    def value(self, score: int) -> str:
        """A score, or a sum of scores, as the JSON number that it is in the file."""
        return units.told(-score if self.minimises else score, self.scale)


def read_instance(source: Path | str) -> Read:
    """The instance in a file, or in JSON text itself. Raises ``Unreadable`` with the field and what to do."""
    given = documents.document(documents.text_of(source) if isinstance(source, Path) else source)
    of = shape(given)
    field, found = pairs(given, of)
    smaller = minimises(given)
    behind = digits(found, field)
    open_ = _not_forbidden(found.rows * of.columns + found.columns, of)
    built = forced(found.rows[open_], found.columns[open_], of)
    left = open_[built.kept].tolist()
    scores = units.whole([found.values[place] for place in left], behind)
    if not _small(scores):
        refuse_endless(found, field)
    instance = _instance(of, built, [-score for score in scores] if smaller else scores)
    return Read(instance, _names(of, built), smaller, 10**behind, built.origin, ignored(given))


def _not_forbidden(keys: NDArray[np.int64], of: Shape) -> NDArray[np.int64]:
    """The places of the pairs that nothing forbids."""
    forbidden = np.array([row * of.columns + column for row, column in of.forbidden], dtype=np.int64)
    return np.flatnonzero(~np.isin(keys, forbidden))


def _instance(of: Shape, built: Forced, scores: list[int]) -> Instance:
    order = np.lexsort((built.columns, built.rows))
    listed: NDArray[Any] = np.array(scores, dtype=np.int64 if _small(scores) else np.object_)
    return Instance(
        pointers=np.searchsorted(built.rows[order], np.arange(of.rows + 1)).astype(np.int64),
        columns=built.columns[order].astype(np.int32),
        scores=listed[order],
        capacities=np.array(built.capacities, dtype=np.int64),
        classes=of.classes,
    )


def _small(scores: list[int]) -> bool:
    return all(-_LARGEST <= score <= _LARGEST for score in scores)


def _names(of: Shape, built: Forced) -> Names | None:
    """The names with one more for each column that forced pairs have of their own."""
    if of.names is None:
        return None
    more = tuple(f"{of.names.columns[column]} (forced)" for column in built.origin[of.columns :])
    taken = set(more)
    for place, name in enumerate(of.names.columns):
        if name in taken:
            reason = f"The name {said(name)} stands in the certificate for the pairs forced to another; choose another."
            raise Unreadable(f"column_names[{place}]", reason)
    return Names(of.names.rows, (*of.names.columns, *more))
