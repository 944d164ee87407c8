"""A reaction goes on with the trace of its event, so that what it causes bears that trace too."""

from __future__ import annotations

from typing import Any

from services.chassis import traces
from services.chassis.envelope import Event
from services.chassis.projector.projection import Projection, React


def traced(projection: Projection[Any]) -> React | None:
    """The projection's reaction in a span of its own; None where it has none."""
    react = projection.react
    if react is None:
        return None
    name = f"react {projection.name}"

    async def reacting(event: Event, data: Any) -> None:
        attributes = {"messaging.destination.name": projection.topic, "tandem.event.type": event.type}
        with traces.span(name, traces.SpanKind.CONSUMER, parent=event.traceparent, attributes=attributes):
            await react(event, data)

    return reacting
