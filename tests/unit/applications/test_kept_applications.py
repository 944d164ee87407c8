"""Promises about applications that were kept by an earlier release."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.applications import store

KEPT = {
    "application_id": "a-1",
    "edition_id": "e-1",
    "mentor_id": "p-1",
    "subsidiary": "s-1",
    "applied_at": "2026-01-20T10:00:00Z",
    "eligibility": "waived",
    "rules": [{"rule": "age", "met": False, "calculation": "29; at most 28", "unknown": False}],
    "status": "selected",
    "waiver": {"decision": "granted", "reason": "Why.", "decided_by": "m", "decided_at": "2026-02-01T10:00:00Z"},
    "decision": {"decision": "selected", "reason": None, "decided_by": "m", "decided_at": "2026-02-20T10:00:00Z"},
}


@pytest.mark.parametrize("without", [(), ("decision",), ("waiver", "decision")])
def test_application_from_before_there_were_drafts_is_read(without: tuple[str, ...]) -> None:
    """It was handed in when it was begun, its decision was told at once, its waiver holds for what was missed."""
    kept = {**KEPT, **dict.fromkeys(without)}

    state = store.APPLICATIONS.state.validate_python(kept)

    assert (state.started_at, state.standing, state.told) == (datetime(2026, 1, 20, 10, tzinfo=UTC), "in", True)
    assert state.decision is None or state.decision.released_at == datetime(2026, 2, 20, 10, tzinfo=UTC)
    assert state.waiver is None or state.waiver.rules == ("age",)
    assert state.judges == (() if state.waiver is state.decision is None else ("m",))
    again = store.APPLICATIONS.state.dump_python(state, mode="json")
    assert store.APPLICATIONS.state.validate_python(again) == state
