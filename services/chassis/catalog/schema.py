"""JSON Schema as the catalogue uses it: Draft 2020-12, with the formats it names really checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Schema = Mapping[str, Any]
Json = Any  # a JSON value

FORMATS = FormatChecker(["date", "email", "uuid"])


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
