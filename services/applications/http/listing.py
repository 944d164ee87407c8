"""Lists of what belongs to an edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def listed(edition_id: str, status: str | None) -> Mapping[str, Any]:
    """The query for an edition's documents, of one state where it is named."""
    return {"state.edition_id": edition_id, **({"state.status": status} if status else {})}
