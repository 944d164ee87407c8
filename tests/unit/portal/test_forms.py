"""Promises of forms: what no page of ours wrote into a hidden field is no fault of the portal's."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from services.portal.http.forms import Form


@pytest.mark.parametrize("seen", ["²", "9" * 5000, "1.5", "-1", "", "drei"])
def test_version_that_is_none_is_no_version(seen: str) -> None:
    """It becomes a command without one, which is asked to load the page again."""
    assert Form(FormData({"seen": seen})).change.seen is None


@pytest.mark.parametrize("command_id", ["ü", "two words", "a\r\nHost: x", "x" * 65])
def test_command_id_that_no_header_can_carry_is_none(command_id: str) -> None:
    """What cannot be sent on is left out; what our pages write stays."""
    assert Form(FormData({"command_id": command_id})).command_id == ""
    assert Form(FormData({"command_id": " 4f1c-9 ", "seen": "12"})).change.as_headers() == {
        "Idempotency-Key": "4f1c-9",
        "If-Match": '"12"',
    }
