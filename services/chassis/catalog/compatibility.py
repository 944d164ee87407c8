"""Says whether a new version of a contract breaks anybody who relies on an earlier one.

A schema is compared by structure. A keyword that is not known here is a break: what cannot be judged
must not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.chassis.catalog.registry import Contract
from services.chassis.catalog.schema import KEYWORDS, LOWER, SAME, UPPER, Schema, faults, types_of, unjudged


def compatible(old: Contract, new: Contract) -> list[str]:
    """What in ``new`` breaks ``old``, one sentence each; empty if every reader and every kept record is safe.

    Five promises: a new reader accepts whatever an old one did; an old reader accepts whatever a new
    producer writes; a new producer may write whatever an old one did; no field goes away or is no
    longer always there, for whoever works with either schema; a producer that was closed stays closed.
    """
    return [
        *(f"reader: {line}" for line in refusals(old.reader, new.reader)),
        *(f"an earlier reader would refuse: {line}" for line in refusals(new.producer, old.reader)),
        *(f"producer: {line}" for line in refusals(old.producer, new.producer)),
        *(f"reader: {line}" for line in _gone(old.reader, new.reader, "$")),
        *(f"reader: {line}" for line in _optional_now(old.reader, new.reader)),
        *(f"producer: {line}" for line in _optional_now(old.producer, new.producer)),
        *(f"producer: {line}" for line in _opened(old.producer, new.producer)),
    ]


def refusals(written: Schema | bool, read: Schema | bool, path: str = "$") -> list[str]:
    """Where ``read`` may refuse what ``written`` allows; empty if it never does."""
    if written is False or read is True:
        return []
    if read is False:
        return [f"{path} is refused"]
    return _refusals(_object(written), _object(read), path)


def _refusals(written: Schema, read: Schema, path: str) -> list[str]:
    unknown = sorted({*written, *read} - KEYWORDS)
    if not all(isinstance(one.get("additionalProperties", True), bool) for one in (written, read)):
        unknown.append("a schema of additionalProperties")
    if unknown:
        return [f"{path}: {unjudged(unknown)}"]
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
    for name in LOWER:
        if name in read and read[name] > written.get(name, _floor(name)):
            yield f"{path}: {name} is {read[name]}, but less is allowed to be written"
    for name in UPPER:
        if name in read and read[name] < written.get(name, float("inf")):
            yield f"{path}: {name} is {read[name]}, but more is allowed to be written"


def _floor(name: str) -> float:
    return float("-inf") if name == "minimum" else 0


def _exact(written: Schema, read: Schema, path: str) -> Iterator[str]:
    for name in SAME:
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
    further: bool = read.get("additionalProperties", True)
    for name in mine:
        yield from refusals(mine[name], theirs.get(name, further), f"{path}.{name}")
    if not further and "object" in types_of(written) and written.get("additionalProperties", True):
        yield f"{path}: further fields are refused, but may be written"


def _members(written: Schema, read: Schema, path: str) -> Iterator[str]:
    if "items" in read and "array" in types_of(written):
        yield from refusals(written.get("items", {}), read["items"], f"{path}[]")


def _gone(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Fields that the old schema describes and the new one no longer does."""
    for name, schema in _properties(old).items():
        if name in _properties(new):
            yield from _gone(_object(schema), _object(_properties(new)[name]), f"{path}.{name}")
        else:
            yield f"{path}.{name} is gone"
    if "items" in old:
        yield from _gone(_object(old["items"]), _object(new.get("items", {})), f"{path}[]")


def _optional_now(old: Schema, new: Schema) -> Iterator[str]:
    """Fields that were always there and need not be any more."""
    for before, after, path in _places(old, new, "$"):
        for name in sorted(set(before.get("required", ())) - set(after.get("required", ()))):
            yield f"{path}.{name} was always there and need not be any more"


def _opened(old: Schema, new: Schema) -> Iterator[str]:
    """Objects that had no fields beyond those described and may have some now."""
    for before, after, path in _places(old, new, "$"):
        if before.get("additionalProperties", True) is False and after.get("additionalProperties", True) is not False:
            yield f"{path}: was closed, and may have further fields now"


def _places(old: Schema, new: Schema, path: str) -> Iterator[tuple[Schema, Schema, str]]:
    """The two schemas, and those of all fields and items that both describe, with their paths."""
    yield old, new, path
    for name, schema in _properties(old).items():
        if name in _properties(new):
            yield from _places(_object(schema), _object(_properties(new)[name]), f"{path}.{name}")
    if "items" in old and "items" in new:
        yield from _places(_object(old["items"]), _object(new["items"]), f"{path}[]")


def _properties(schema: Schema) -> dict[str, Any]:
    return dict(schema.get("properties", {}))


def _object(schema: Schema | bool) -> Schema:
    """A schema that is only true or false says nothing about fields."""
    return {} if isinstance(schema, bool) else schema
