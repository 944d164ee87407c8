"""``tandem people list``."""

from __future__ import annotations

from typing import Any

from services.people.cli.asking import Service, Token, Url
from services.people.cli.tables import show


def list_people(url: Url, token: Token = "") -> None:
    """Print everybody whom the token may see: id, employee number, subsidiary, state."""
    service = Service(url, token)
    names = {one["id"]: one["name"] for one in service.all("/v1/subsidiaries")}
    rows = [
        (one["id"], one["employee_number"], names.get(one["subsidiary"], one["subsidiary"]), _state(one))
        for one in service.all("/v1/people")
    ]
    show(("id", "employee number", "subsidiary", "state"), rows)


def _state(person: dict[str, Any]) -> str:
    if not person["active"]:
        return "left"
    return "executive" if person["executive"] else "active"
