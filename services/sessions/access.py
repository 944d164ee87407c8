"""Who may do what in `sessions`: a rule for each route, and what a rule leaves to the record.

The workspace is the pair's: the two act in it. Those responsible for one of them see that it goes on:
dates, minutes and states, which is all that is in the clear.
"""

from __future__ import annotations

from typing import Any

from services.chassis.auth.rules import Permit, Rules, everyone, roles
from services.sessions.domain import Workspace

_SEEING = roles("programme_manager", "group_office", also="the pair")
_ACTING = everyone("the pair")
RULES: Rules = {
    "GET /v1/workspaces": _SEEING,
    "GET /v1/workspaces/{pair_id}": _SEEING,
    "POST /v1/workspaces/{pair_id}/sessions": _ACTING,
    "POST /v1/workspaces/{pair_id}/sessions/{session_id}/cancellation": _ACTING,
    "POST /v1/workspaces/{pair_id}/sessions/{session_id}/holding": _ACTING,
}


def workspaces(permit: Permit) -> dict[str, Any]:
    """The query for the workspaces that the caller may see."""
    fields = ("state.mentor_subsidiary", "state.mentee_subsidiary")
    return permit.query(*fields, own=("state.mentor_id", "state.mentee_id"))


def show(permit: Permit, workspace: Workspace) -> None:
    """Let pass the pair and, where the rule names them, those responsible for one of the two. Raises ``Hidden``."""
    permit.show(
        "workspace",
        workspace.pair_id,
        [workspace.mentor_subsidiary, workspace.mentee_subsidiary],
        own=[workspace.mentor_id, workspace.mentee_id],
    )
