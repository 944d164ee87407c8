"""The catalogues that the product comes with: files of codes with their names in each language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from services.people.domain.catalogue import Catalogue, Item

NAMES = ("platforms", "roles")


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """All catalogues by name."""
    return MappingProxyType({name: _read(name) for name in NAMES})


def _read(name: str) -> Catalogue:
    text = resources.files("services.people").joinpath("catalogues", f"{name}.json").read_text(encoding="utf-8")
    said = json.loads(text)
    items = (
        Item(one["code"], one["name"], one.get("about", {}), retired=one.get("retired", False)) for one in said["items"]
    )
    return Catalogue(name, said["version"], tuple(items))
