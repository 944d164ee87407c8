"""Which files are generated from the catalogue, and whether they are as they should be."""

from __future__ import annotations

from pathlib import Path

from services.chassis.catalog.asyncapi import asyncapi
from services.chassis.catalog.markdown import catalog
from services.chassis.catalog.records import records
from services.chassis.catalog.registry import Catalogue


def generated(catalogue: Catalogue) -> dict[Path, str]:
    """Every generated file below the root, with the text it must have."""
    return {
        Path("CATALOG.md"): catalog(catalogue),
        Path("conformance/records.json"): records(catalogue),
        **{Path("asyncapi", f"{service}.yaml"): asyncapi(catalogue, service) for service in catalogue.services},
    }


def stale(catalogue: Catalogue) -> list[Path]:
    """The generated files that are missing, differ, or belong to a service that no longer publishes."""
    wanted = generated(catalogue)
    left_over = {path.relative_to(catalogue.root) for path in catalogue.root.glob("asyncapi/*.yaml")} - wanted.keys()
    differing = {path for path, text in wanted.items() if _bytes(catalogue.root / path) != text.encode()}
    return sorted(differing | left_over)


def build(catalogue: Catalogue) -> list[Path]:
    """Write what is stale, remove what is left over; the changed paths."""
    wanted, changed = generated(catalogue), stale(catalogue)
    for path in changed:
        target = catalogue.root / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return changed


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
