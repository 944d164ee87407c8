"""JSON Schema as the catalogue uses it: Draft 2020-12, with the formats it names really checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

Schema = Mapping[str, Any]
Json = Any  # a JSON value

FORMATS = FormatChecker(["date", "email", "uuid"])

SILENT = ("$schema", "$id", "$comment", "title", "description", "examples")
LOWER = ("minLength", "minimum", "minItems")
UPPER = ("maxLength", "maximum", "maxItems")
SAME = ("pattern", "format", "const")
_SHAPE = ("type", "enum", "properties", "required", "additionalProperties", "items", "uniqueItems")
KEYWORDS = frozenset({*SILENT, *LOWER, *UPPER, *SAME, *_SHAPE})


@FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    """RFC 3339: with seconds and with an offset. jsonschema leaves this format to an optional package."""
    if not isinstance(value, str):
        return True
    try:
        return "T" in value and value.count(":") >= 2 and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def faults(schema: Schema, data: Json) -> list[str]:
    """What is wrong with ``data`` under ``schema``, one sentence each with a JSON path; empty if it is valid."""
    found = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(data)
    return sorted(f"{error.json_path}: {error.message}" for error in found)


def types_of(schema: Schema) -> frozenset[str]:
    """The JSON types a schema allows, ``null`` included; empty where it names none."""
    named = schema.get("type", ())
    return frozenset([named] if isinstance(named, str) else named)


def oddities(schema: Json) -> list[str]:
    """Why a text is no schema of the catalogue, one sentence each with a path; empty if it is one.

    It is an object that describes an object, with the keywords that the comparison can judge, at every depth.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [f"{error.json_path}: {error.message}"]
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        return ["$: must be an object with type: object"]
    return list(_odd(schema, "$"))


def _odd(schema: Json, path: str) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        yield f"{path}: must be an object, not true or false"
        return
    if unknown := sorted(schema.keys() - KEYWORDS):
        yield f"{path}: {unjudged(unknown)}"
    if not isinstance(schema.get("additionalProperties", True), bool):
        yield f"{path}: {unjudged(['a schema of additionalProperties'])}"
    for name, below in schema.get("properties", {}).items():
        yield from _odd(below, f"{path}.{name}")
    if "items" in schema:
        yield from _odd(schema["items"], f"{path}[]")


def unjudged(what: list[str]) -> str:
    """The sentence about keywords that the comparison does not know."""
    return f"{', '.join(what)} can not be judged; use the keywords of the other schemas"
