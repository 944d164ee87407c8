"""The mapping files of HR systems: those that are shipped here, and a caller's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib.resources import files
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.mapping import FIELDS, Layout

_LAYOUT: TypeAdapter[Layout] = TypeAdapter(Layout)
_KNOWN = frozenset(field.name for field in fields(Layout))


def shipped() -> tuple[Layout, ...]:
    """The mappings of this package, by name."""
    found = (layout(entry.read_text("utf-8")) for entry in files(__package__).iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(found, key=lambda one: one.name))


def layout(text: str) -> Layout:
    """A mapping out of the text of its file, YAML or JSON. Raises ``RosterUnusable`` with what is wrong in it."""
    try:
        document: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RosterUnusable("mapping", f"The mapping is not YAML: {error}") from None
    except (ValueError, RecursionError):  # a day that there is not, a number too long, brackets too deep
        raise RosterUnusable("mapping", "The mapping has a value that cannot be read; put texts in quotes.") from None
    if not isinstance(document, Mapping):
        raise RosterUnusable("mapping", "The mapping must have name, title and columns.")
    if strange := [str(name) for name in document if name not in _KNOWN]:
        raise RosterUnusable("mapping", f"The mapping has {', '.join(strange)}; known are {', '.join(sorted(_KNOWN))}.")
    try:
        found = _LAYOUT.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RosterUnusable("mapping", f"The mapping's {place}: {first['msg']}.") from None
    if strange := [name for name in found.columns if name not in FIELDS]:
        raise RosterUnusable("mapping", f"No field is called {', '.join(strange)}; there are {', '.join(FIELDS)}.")
    return found
