"""Finds the services that are installed, through the entry-point group ``tandem.services``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from services.chassis.service import Service

GROUP = "tandem.services"


class UnknownService(Exception):
    """No installed service has that name; the message says which exist."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"there is no service {name!r}; there are: {', '.join(known) or 'none'}")


def names() -> list[str]:
    """The names of all installed services, in alphabetical order."""
    return sorted(_found())


def manifest(name: str) -> Service:
    """The manifest of one service; imports that service alone. Raises ``UnknownService``."""
    found = _found()
    if name not in found:
        raise UnknownService(name, sorted(found))
    service = found[name].load()
    if not isinstance(service, Service):
        raise TypeError(f"entry point {name!r} of {GROUP} must be a Service, not {type(service).__name__}")
    return service


def manifests(chosen: Iterable[str] | None = None) -> list[Service]:
    """The manifests of the ``chosen`` services, of all where nothing is chosen. Raises ``UnknownService``."""
    return [manifest(name) for name in (names() if chosen is None else chosen)]


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
