"""The documents of `sessions`: one workspace per pair."""

from __future__ import annotations

from pydantic import TypeAdapter

from services.chassis import access
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.sessions import contracts, domain

WORKSPACES: AggregateKind[domain.Workspace, domain.Event] = AggregateKind(
    name="workspace",
    collection="workspaces",
    source="/tandem/sessions",
    state=TypeAdapter(domain.Workspace),
    evolve=domain.evolve,
    outgoing=contracts.outgoing,
    rules=(domain.RuleBroken,),
)
AGGREGATES = (WORKSPACES.collection, access.COLLECTION)
INDEXES = {WORKSPACES.collection: (Index((("state.edition_id", 1), ("_id", 1))),)}
