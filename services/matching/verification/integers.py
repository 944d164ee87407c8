"""Integers of any size in arrays: 64 bits where that is proven to be enough, Python's own elsewhere."""

from __future__ import annotations

import reprlib
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64] | NDArray[np.object_]
Flags = NDArray[np.bool_]

LIMIT = 2**63  # what 64 bits with a sign stay below
_HALF = 32  # bits
_TELLABLE = 256  # bits; a longer integer is told by its length


class Unproven(ValueError):
    """The certificate does not show what it claims; the message says what and where."""


def shown(value: object) -> str:
    """A value as a sentence can carry it, however large it is."""
    if type(value) is int:
        return str(value) if value.bit_length() <= _TELLABLE else f"an integer of {value.bit_length()} bits"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return reprlib.repr(value)


def integer(value: object, name: str) -> int:
    """A whole number that is neither a truth value nor a float. Raises ``Unproven``."""
    if type(value) is not int:
        raise Unproven(f"{name} is {shown(value)}, not an integer")
    return value


def integers(value: object, name: str) -> Integers:
    """A list of integers, or a one-dimensional array of signed ones, as an array. Raises ``Unproven``."""
    if type(value) is np.ndarray:
        if value.ndim != 1:
            raise Unproven(f"{name} has {value.ndim} dimensions, one is right")
        if value.dtype.kind == "i":
            return value.astype(np.int64, copy=False)
        if value.dtype != np.object_:
            raise Unproven(f"{name} is an array of {value.dtype}, not of signed integers")
        value = value.tolist()
    if type(value) is not list:
        raise Unproven(f"{name} is {shown(value)}, not a list of integers")
    if not set(map(type, value)) <= {int}:
        place = next(place for place, entry in enumerate(value) if type(entry) is not int)
        raise Unproven(f"{name}[{place}] is {shown(value[place])}, not an integer")
    try:
        return np.array(value, dtype=np.int64)
    except OverflowError:
        return np.array(value, dtype=np.object_)


def indices(value: object, name: str, below: int) -> NDArray[np.int64]:
    """A list of integers from 0 on, each less than ``below``. Raises ``Unproven``."""
    found = integers(value, name)
    wrong = (found < 0) | (found >= below)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise Unproven(f"{name}[{place}] is {shown(int(found[place]))}, none of the {below} from 0 on")
    return cast("NDArray[np.int64]", found.astype(np.int64, copy=False))


def reach(values: Integers) -> int:
    """The largest absolute value, 0 without any."""
    if not values.size:
        return 0
    return max(abs(int(values.min())), abs(int(values.max())))


def total(values: Integers) -> int:
    """The exact sum; of 64-bit integers the halves are added apart, so that no sum of fewer than 2**31 overflows."""
    if values.dtype == np.object_:
        return sum(values.tolist())
    high, low = values >> _HALF, values & (2**_HALF - 1)
    return (int(high.sum()) << _HALF) + int(low.sum())


def wide(*arrays: Integers) -> type[Any]:
    """What a sum of one entry of each fits into: 64 bits, or Python's integers where these might not do."""
    return np.int64 if sum(map(reach, arrays)) < LIMIT else np.object_
