"""The documents of editions."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from services.applications import contracts
from services.applications.domain import edition
from services.applications.domain.rules import RuleBroken
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index


def _as_of_now(state: Any) -> Any:
    """An edition that was kept before editions had stages: it is at the call, or a draft where it had none."""
    if not isinstance(state, dict) or "stage" in state:
        return state
    kept = {name: state[name] for name in ("edition_id", "name", "starts_on", "ends_on", "subsidiaries")}
    since = {"created_at": state["opened_at"], "created_by": "", "escalation": {"to": ""}, "zone": "UTC"}
    called = state.get("call")
    return {**kept, **since, "stage": "call_open" if called else "draft", "call": _called(called) if called else None}


def _called(call: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"kind": "age", "maximum": call["maximum_age"], "legal_ground": ""},
        {"kind": "language", "languages": call["languages"]},
    ]
    wording = {"languages": call["languages"], "texts": {}, "rules": rules}
    return {**{name: call[name] for name in ("reference_date", "closes_at", "opened_at")}, "wording": wording}


EDITIONS: AggregateKind[edition.Edition, edition.Event] = AggregateKind(
    name="edition",
    collection="editions",
    source="/tandem/applications",
    state=TypeAdapter(Annotated[edition.Edition, BeforeValidator(_as_of_now)]),
    evolve=edition.evolve,
    outgoing=contracts.of_edition,
    rules=(RuleBroken,),
)
INDEXES = (Index((("state.ends_on", 1),)), Index((("state.stage", 1),)))
