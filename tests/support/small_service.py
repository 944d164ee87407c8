"""A service of the smallest useful size, for tests of what the chassis gives to all of them.

It keeps notes: created, changed, listed; and it has routes that fail on purpose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field, TypeAdapter

from services.chassis import access, mongo
from services.chassis.aggregate import AggregateKind, Command, Loaded, Repository
from services.chassis.auth.rules import Rules, everyone
from services.chassis.candidates import Record
from services.chassis.clock import ClockUnreadable
from services.chassis.errors import Denied, FieldError, Invalid, NotFound, Refused
from services.chassis.http import (
    Body,
    Caller,
    Changing,
    Creating,
    Paged,
    create_app,
    page_of,
    protected_read,
    tagged,
)
from services.chassis.outbox import Outgoing
from services.chassis.runtime import Runtime
from services.chassis.service import Service, Topic
from services.chassis.settings import Settings
from services.chassis.wire import Strict
from tests.support.applications import never
from tests.support.asking import client_of

SECRET = "the secret of the failing route"
BODY_LIMIT = 64 * 1024  # bytes
TOPIC = "tandem.notes.v1"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, with the instant it is about."""

    text: str
    due: str | None = None


class NoteWritten(Strict):
    """A note has this text now."""

    text: str


class WriteNote(Body):
    """What a caller sends."""

    text: Annotated[str, Field(min_length=1, max_length=200)]
    weight: int = 0
    due: AwareDatetime | None = None
    labels: dict[str, int] = Field(default_factory=dict)


class NoteView(Strict):
    """What a caller gets."""

    note_id: str
    text: str
    version: int


def _outgoing(event: Note) -> Outgoing:
    return Outgoing(TOPIC, "org.tandem.note.written.v1", NoteWritten(text=event.text))


NOTES: AggregateKind[Note, Note] = AggregateKind(
    "note", "notes", "/tandem/small", TypeAdapter(Note), lambda state, event: event, _outgoing
)
RULES: Rules = dict.fromkeys(
    (
        "GET /v1/notes",
        "POST /v1/notes",
        "GET /v1/notes/{note_id}",
        "POST /v1/notes/{note_id}/text",
        "GET /v1/guarded/{note_id}",
        "POST /v1/guarded/{note_id}/text",
        "GET /v1/failing/caller/name",
        "GET /v1/failing/{how}",
    ),
    everyone("notes are nobody's"),
)
ReadingNote = Annotated[Command, Depends(protected_read("note", "note_id"))]
Failure = Literal["refused", "invalid", "bug", "half", "clock"]
SMALL = Service(
    "small",
    never,
    owns=(Topic(TOPIC, "event"), Topic(access.topic("small"), "event")),
    aggregates=(NOTES.collection, access.COLLECTION),
    rules=RULES,
)


def small_app(settings: Settings) -> tuple[FastAPI, Runtime]:
    """The application of the small service and the runtime under it; nothing is started yet."""
    runtime = Runtime(SMALL, settings)
    runtime.consumer("listening", _Nothing())
    notes = runtime.repository(NOTES)
    routers = [_routes(notes), _guarded(notes), _failing()]
    return create_app(runtime, title="Small", routers=routers, body_limit=BODY_LIMIT), runtime


async def _half() -> AsyncIterator[bytes]:
    yield b"half an answer"
    raise RuntimeError(SECRET)


@dataclass(frozen=True, slots=True)
class Small:
    """The small service, running: its application, a client of it, and its database."""

    app: FastAPI
    http: httpx2.AsyncClient
    database: mongo.Database


@asynccontextmanager
async def running_small(settings: Settings) -> AsyncIterator[Small]:
    """The small service until the block ends."""
    app, runtime = small_app(settings)
    async with client_of(app) as client:
        yield Small(app, client, runtime.database)


class _Nothing:
    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        raise AssertionError("nothing is consumed here")


def _routes(notes: Repository[Note, Note]) -> APIRouter:
    router = APIRouter(prefix="/v1/notes")

    @router.get("")
    async def list_notes(
        request: Request, response: Response, page: Paged, text: Annotated[str | None, Query()] = None
    ) -> list[NoteView]:
        query = {"state.text": text} if text else {}
        documents = await page_of(notes.collection, query, page, request, response)
        return [_view(notes.loaded(document)) for document in documents]

    @router.get("/{note_id}")
    async def show_note(note_id: str, response: Response) -> NoteView:
        return _view(tagged(response, await notes.get(note_id)))

    @router.post("", status_code=201)
    async def write_note(body: WriteNote, creating: Creating, response: Response) -> NoteView:
        def decide(state: Note | None) -> Sequence[Note]:
            return [Note(body.text)]

        loaded = await notes.handle(creating.id, decide, creating.command)
        response.headers["Location"] = f"/v1/notes/{loaded.id}"
        return _view(tagged(response, loaded))

    @router.post("/{note_id}/text")
    async def change_text(note_id: str, body: WriteNote, command: Changing, response: Response) -> NoteView:
        def decide(state: Note | None) -> Sequence[Note]:
            if state is None:
                raise NotFound(f"There is no note {note_id}.")
            return [Note(body.text)]

        return _view(tagged(response, await notes.handle(note_id, decide, command)))

    return router


def _guarded(notes: Repository[Note, Note]) -> APIRouter:
    """Notes that are protected: reading one is on record, and nobody but ``owner`` may change one."""
    router = APIRouter(prefix="/v1/guarded")

    @router.get("/{note_id}")
    async def read_note(note_id: str, response: Response, reader: ReadingNote) -> NoteView:
        return _view(tagged(response, await notes.get(note_id)))

    @router.post("/{note_id}/text")
    async def change_guarded(note_id: str, body: WriteNote, command: Changing, response: Response) -> NoteView:
        if command.actor != "owner":
            raise Denied("Only its owner changes it.", resource_kind="note", resource_id=note_id, rule="own-note")
        return _view(tagged(response, await notes.change(note_id, lambda state: [Note(body.text)], command)))

    return router


def _view(loaded: Loaded[Note]) -> NoteView:
    return NoteView(note_id=loaded.id, text=loaded.state.text, version=loaded.version)


def _failing() -> APIRouter:
    router = APIRouter(prefix="/v1/failing")

    @router.get("/{how}")
    async def fail(how: Failure, number: int = 0) -> StreamingResponse:
        match how:
            case "refused":
                raise Refused("The rule says no; ask the programme manager.")
            case "invalid":
                raise Invalid("The text is not one.", fields=[FieldError("/text", "write one")])
            case "clock":
                raise ClockUnreadable("the clock file holds no instant")
            case "bug":
                raise RuntimeError(SECRET)
            case "half":
                return StreamingResponse(_half())

    @router.get("/caller/name")
    async def name_caller(caller: Caller) -> dict[str, str | None]:
        return {"actor": caller.actor, "traceparent": caller.traceparent}

    return router
