"""Identifiers: random for persons and events, derived for what a repeatable command creates."""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("6f6a8f0e-3d0b-5c39-9d3f-0d2a5f4c1b77")


def random_id() -> str:
    """A UUIDv4 that is never reused and never derived from anything."""
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The UUIDv5 of ``parts``: the same parts give the same id, different parts never do.

    Things created over HTTP use (service, caller, idempotency key).
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(f"{len(part)}:{part}" for part in parts)))
