"""Promises of what the operators' commands have in common."""

from __future__ import annotations

import pytest

from services.chassis.manifests import manifest, names
from services.chassis.operations import terminal


def test_commands_about_all_services_open_those_that_consume(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell with the settings of the servers is enough; no secret of a service without consumers is needed."""
    monkeypatch.delenv("TANDEM_PORTAL_KEY", raising=False)

    asked = terminal.services(None)

    assert {"people", "reporting"} <= set(asked)
    assert all(manifest(name).app() for name in asked)
    assert [name for name in names() if name not in asked] == ["portal"]


def test_commands_about_one_service_open_that_one() -> None:
    """Also one that consumes nothing."""
    assert terminal.services("portal") == ["portal"]
