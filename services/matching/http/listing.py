"""What the listings of `matching` have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query

Edition = Annotated[str | None, Query(min_length=1, max_length=100, description="Only those of this edition")]


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """The query for what both queries find."""
    return {"$and": [one, other]} if one and other else {**one, **other}


def of_edition(edition_id: str | None) -> Mapping[str, Any]:
    """The query for what belongs to this edition; to any, if none is named."""
    return {"state.edition_id": edition_id} if edition_id else {}
