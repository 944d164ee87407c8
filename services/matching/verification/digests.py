"""The fingerprint of a certificate: what was matched, how, and what is claimed of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

_PARTS = ("assignment", "claim", "instance")
_NAMES = "names"  # who they are: without them a document is of nobody


def digest(document: Mapping[str, Any]) -> str:
    """``sha256:`` and 64 hexadecimal digits over instance, names, claim and assignment, whatever proof is beside them.

    Taken over their JSON in UTF-8, keys sorted, without spaces; arrays count as lists, names only where there are any.
    Raises KeyError without one of the three, TypeError or ValueError for what JSON cannot hold.
    """
    parts = {name: document[name] for name in (*_PARTS, *([_NAMES] if _NAMES in document else []))}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_listed)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _listed(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a certificate")
