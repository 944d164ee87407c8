"""Says whether a new version of a contract breaks anybody who relies on an earlier one.

A schema is compared by structure. A keyword that is not known here is a break: what cannot be judged
must not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.chassis.catalog.registry import Contract
from services.chassis.catalog.schema import Schema, faults, types_of

_SILENT = {"$schema", "$id", "$comment", "title", "description", "examples"}
_LOWER = ("minLength", "minimum", "minItems")
_UPPER = ("maxLength", "maximum", "maxItems")
_SAME = ("pattern", "format", "const")
_JUDGED = {"type", "enum", "properties", "required", "additionalProperties", "items", "uniqueItems"}
_KNOWN = {*_SILENT, *_LOWER, *_UPPER, *_SAME, *_JUDGED}


def compatible(old: Contract, new: Contract) -> list[str]:
    """What in ``new`` breaks ``old``, one sentence each; empty if every reader and every kept record is safe.

    Four promises: a new reader accepts whatever an old one did; an old reader accepts whatever a new
    producer writes; a new producer may write whatever an old one did; no field goes away or is no
    longer always there.
    """
    return [
        *(f"reader: {line}" for line in refusals(old.reader, new.reader)),
        *(f"an earlier reader would refuse: {line}" for line in refusals(new.producer, old.reader)),
        *(f"producer: {line}" for line in refusals(old.producer, new.producer)),
        *(f"reader: {line}" for line in _gone(old.reader, new.reader, "$")),
        *(f"producer: {line}" for line in _optional_now(old.producer, new.producer, "$")),
    ]


def refusals(written: Schema, read: Schema, path: str = "$") -> list[str]:
    """Where ``read`` may refuse what ``written`` allows; empty if it never does."""
    unknown = sorted({*written, *read} - _KNOWN)
    if unknown:
        return [f"{path}: {', '.join(unknown)} can not be judged; use the keywords of the other schemas"]
    if "enum" in written or "const" in written:
        bad = [value for value in written.get("enum", [written.get("const")]) if faults(read, value)]
        return [f"{path}: {value!r} is refused" for value in bad]
    checks: tuple[Callable[[Schema, Schema, str], Iterator[str]], ...] = (_types, _bounds, _exact, _fields, _members)
    return [line for check in checks for line in check(written, read, path)]


def _types(written: Schema, read: Schema, path: str) -> Iterator[str]:
    allowed = types_of(read)
    if not allowed:
        return
    if "number" in allowed:
        allowed |= {"integer"}
    for name in sorted(types_of(written) - allowed) or ([] if types_of(written) else ["any type"]):
        yield f"{path}: {name} is refused"


def _bounds(written: Schema, read: Schema, path: str) -> Iterator[str]:
    for name in _LOWER:
        if name in read and read[name] > written.get(name, _floor(name)):
            yield f"{path}: {name} is {read[name]}, but less is allowed to be written"
    for name in _UPPER:
        if name in read and read[name] < written.get(name, float("inf")):
            yield f"{path}: {name} is {read[name]}, but more is allowed to be written"


def _floor(name: str) -> float:
    return float("-inf") if name == "minimum" else 0


def _exact(written: Schema, read: Schema, path: str) -> Iterator[str]:
    for name in _SAME:
        if name in read and read[name] != written.get(name):
            yield f"{path}: {name} is {read[name]!r}, which what is written need not meet"
    if read.get("uniqueItems") and not written.get("uniqueItems"):
        yield f"{path}: items must be unique, but need not be written so"
    if "enum" in read:
        yield f"{path}: only {read['enum']} is accepted, but more is allowed to be written"


def _fields(written: Schema, read: Schema, path: str) -> Iterator[str]:
    mine, theirs = _properties(written), _properties(read)
    for name in sorted(set(read.get("required", ())) - set(written.get("required", ()))):
        yield f"{path}.{name} is required, but need not be written"
    closed = read.get("additionalProperties", True) is False
    for name in mine:
        if name in theirs:
            yield from refusals(mine[name], theirs[name], f"{path}.{name}")
        elif closed:
            yield f"{path}.{name} is refused"
    if closed and "object" in types_of(written) and written.get("additionalProperties", True) is not False:
        yield f"{path}: further fields are refused, but may be written"


def _members(written: Schema, read: Schema, path: str) -> Iterator[str]:
    if "items" in read and "array" in types_of(written):
        yield from refusals(written.get("items", {}), read["items"], f"{path}[]")


def _gone(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Fields that the old schema describes and the new one no longer does."""
    for name, schema in _properties(old).items():
        if name in _properties(new):
            yield from _gone(schema, _properties(new)[name], f"{path}.{name}")
        else:
            yield f"{path}.{name} is gone"
    if "items" in old:
        yield from _gone(old["items"], new.get("items", {}), f"{path}[]")


def _optional_now(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Fields that were always there and need not be any more."""
    for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
        yield f"{path}.{name} was always there and need not be any more"
    for name, schema in _properties(old).items():
        if name in _properties(new):
            yield from _optional_now(schema, _properties(new)[name], f"{path}.{name}")
    if "items" in old and "items" in new:
        yield from _optional_now(old["items"], new["items"], f"{path}[]")


def _properties(schema: Schema) -> dict[str, Any]:
    return dict(schema.get("properties", {}))
