"""Whether a certificate is about the instance of a file, number by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.matching.files.documents import said
from services.matching.files.reading import Read


def differences(certificate: Mapping[str, Any], read: Read) -> Iterator[str]:
    """The first difference in each field between a certificate that was accepted and the instance of a file."""
    instance = read.instance
    own = {
        "rows": instance.rows,
        "columns": len(instance.capacities),
        "capacities": instance.capacities.tolist(),
        "classes": None if instance.classes is None else list(instance.classes),
        "pointers": instance.pointers.tolist(),
        "neighbours": instance.columns.tolist(),
        "scores": instance.scores.tolist(),
    }
    given = certificate["instance"]
    for field, expected in own.items():
        yield from _difference(f"instance.{field}", given.get(field), expected)
    named = certificate.get("names")
    if named is not None and read.names is None:
        yield "names are given in the certificate, the file has none"
    elif named is not None and read.names is not None:
        for side, names in (("rows", read.names.rows), ("columns", read.names.columns)):
            yield from _difference(f"names.{side}", named[side], list(names))


def _difference(field: str, given: object, expected: object) -> Iterator[str]:
    if given == expected:
        return
    if isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
        place = next(place for place, pair in enumerate(zip(given, expected, strict=True)) if pair[0] != pair[1])
        field, given, expected = f"{field}[{place}]", given[place], expected[place]
    yield f"{field} is {said(given)}, the file has {said(expected)}"
