"""Promises of the portal's settings: what would open more than it should does not start."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.portal.settings import Settings
from tests.support.portal import environment


def test_client_id_is_no_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ID token is meant for the client; where that is the API's audience too, it would pass for an access token."""
    given = environment(
        mongodb="mongodb://127.0.0.1:9", issuer="http://127.0.0.1:9", people="http://127.0.0.1:9", prefix="t"
    )
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert Settings().issuer.audience != Settings().portal_client
    monkeypatch.setenv("TANDEM_PORTAL_CLIENT", Settings().issuer.audience)

    with pytest.raises(ValidationError, match="TANDEM_PORTAL_CLIENT"):
        Settings()
