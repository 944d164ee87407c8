"""One trace from a request to the read model, over two topics and a reaction, on a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import TypeAdapter

from services.chassis import envelope, mongo, traces
from services.chassis.aggregate import Command, Fence
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.projector import only_react
from services.chassis.projector.projection import Projection
from services.chassis.provision import provision
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from services.chassis.wire import Incoming
from tests.support import tallies
from tests.support.applications import never
from tests.support.servers import Running
from tests.support.small_service import SMALL, TOPIC, running_small
from tests.support.tracing import TRACE, Recorded, parent_of, place_of, recording
from tests.support.waiting import until_async

ID = TRACE[3:35]


class NoteRead(Incoming):
    """A note, read by whoever reacts to it."""

    text: str


class Heard:
    """What a log line would bear, written while one of the trace's events is at work."""

    def __init__(self) -> None:
        self.lines: dict[str, str | None] = {}
        self.folded = asyncio.Event()

    def note(self, name: str, event: envelope.Event) -> None:
        """Write a line, as far as its trace is concerned."""
        if event.traceparent and event.traceparent[3:35] == ID:
            self.lines[name] = traces.with_ids(None, "info", {}).get("trace_id")
            if name == "tally_folded":
                self.folded.set()


@asynccontextmanager
async def reacting(settings: Settings, topic: str, heard: Heard) -> AsyncIterator[None]:
    """A service that raises a tally for each note of this test (its text is the topic), and projects the tallies."""
    service = Service("echo", never, owns=[Topic(topic, "event")], consumes=(TOPIC,), aggregates=(tallies.COLLECTION,))
    client = mongo.connect(settings.mongodb)
    await provision([SMALL, service], kafka=settings.kafka, client=client, prefix=settings.database_prefix)
    await mongo.close(client)
    runtime = Runtime(service, settings)
    repository = runtime.repository(tallies.kind(topic))

    async def raise_tally(event: envelope.Event, note: NoteRead) -> None:
        if note.text != topic:
            return  # of another test: only one event is to lie on the second topic
        heard.note("tally_raised", event)
        command = Command(seen=Fence(TOPIC, event.subject, event.sequence), traceparent=event.traceparent)
        await repository.handle(event.subject, tallies.raised(1), command)

    def fold(state: tallies.Amounts | None, event: envelope.Event, data: tallies.RaisedIn) -> tallies.Amounts:
        heard.note("tally_folded", event)
        return tallies.fold(state, event, data)

    reads: dict[str, Any] = {"org.tandem.note.written.v1": NoteRead}
    notes = runtime.projected(only_react("raisings", TOPIC, reads, raise_tally))
    seen = Projection("seen", 1, topic, {tallies.TYPE: tallies.RaisedIn}, TypeAdapter(tallies.Amounts), fold)
    amounts = runtime.projected(seen)

    @runtime.subscriber(TOPIC, notes)
    async def raise_tally_on_note_written(records: list[object]) -> None:
        await notes.handle(records)

    @runtime.subscriber(topic, amounts)
    async def show_tally_on_raised(records: list[object]) -> None:
        await amounts.handle(records)

    await runtime.start()
    try:
        yield
    finally:
        await runtime.stop()


async def test_one_trace_leads_from_a_request_to_the_read_model(servers: Running) -> None:
    """Request, sending, reaction, sending, projection: spans of one trace, each below what caused it; logs bear it."""
    prefix, topic = f"trace{random_id()[:8]}", f"tandem.t{random_id()[:8]}.v1"
    settings = Settings(
        kafka=servers.kafka, mongodb=servers.mongodb, database_prefix=prefix, group_prefix=prefix, log_level="info"
    )
    heard = Heard()
    with recording() as recorded:
        async with reacting(settings, topic, heard), running_small(settings) as small:
            headers = {"traceparent": TRACE, "Idempotency-Key": random_id()}
            answer = await small.http.post("/v1/notes", json={"text": topic}, headers=headers)
            assert answer.status_code == 201
            async with asyncio.timeout(30):
                await heard.folded.wait()

            async def applied() -> bool:
                return bool(recorded.named("apply seen_v1"))

            await until_async(applied, "the projection's span has ended")
        _check_spans(recorded, topic)
        assert heard.lines == {"tally_raised": ID, "tally_folded": ID}
    (raised,) = [envelope.read_event(record) async for record in records_of(servers.kafka, topic)]
    assert raised.traceparent == place_of(recorded.named("react raisings", ID)[0])
    assert json.loads(raised.data)["amount"] == 1


def _check_spans(recorded: Recorded, topic: str) -> None:
    (request,) = recorded.named("POST /v1/notes", ID)
    (sent,) = recorded.named(f"send {TOPIC}", ID)
    (reaction,) = recorded.named("react raisings", ID)
    (sent_on,) = recorded.named(f"send {topic}", ID)
    (applied,) = recorded.named("apply seen_v1", ID)
    assert f"{parent_of(request):016x}" == TRACE[36:52]
    assert parent_of(sent) == parent_of(reaction) == request.get_span_context().span_id
    assert parent_of(sent_on) == parent_of(applied) == reaction.get_span_context().span_id
    assert request.attributes
    assert request.attributes["http.route"] == "/v1/notes"
    assert request.attributes["http.response.status_code"] == 201
    linked = {link.context.trace_id for span in recorded.named("relay page") for link in span.links}
    assert int(ID, 16) in linked
