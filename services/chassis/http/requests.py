"""The circumstances of a request: who asks, under which idempotency key, having seen which version."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict

from services.chassis.aggregate import Command, Loaded
from services.chassis.http.gate import Permitted
from services.chassis.http.problems import Malformed, PreconditionRequired
from services.chassis.ids import derived_id

S = TypeVar("S")
_ETAG = re.compile(r'"(\d{1,18})"')
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,128}")


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


async def caller(request: Request, permit: Permitted) -> Command:
    """Who calls, in which trace, once the route's rule has let them in."""
    return _noted(request, Command(actor=permit.id, traceparent=request.state.traceparent))


Caller = Annotated[Command, Depends(caller)]


@dataclass(frozen=True, slots=True)
class CreatingCommand:
    """A command that creates something, and the id it will have: the same for the same caller and key."""

    command: Command
    id: str


async def creating(
    request: Request,
    command: Caller,
    idempotency_key: Annotated[str | None, Header(description="Names this request; repeat it to try again")] = None,
) -> CreatingCommand:
    """The circumstances of a creating POST. Raises ``Malformed`` without an ``Idempotency-Key``."""
    if not idempotency_key:
        raise Malformed("Send an Idempotency-Key, e.g. a UUID; the same key again creates nothing twice.")
    keyed = await _keyed(request, command, idempotency_key)
    service: str = request.app.state.service
    return CreatingCommand(keyed, derived_id(service, command.actor or "", request.scope["path"], idempotency_key))


Creating = Annotated[CreatingCommand, Depends(creating)]


async def changing(
    request: Request,
    command: Caller,
    if_match: Annotated[str | None, Header(description="The ETag of what you saw")] = None,
    idempotency_key: Annotated[str | None, Header(description="Names this request; repeat it to try again")] = None,
) -> Command:
    """The circumstances of a change. Raises ``PreconditionRequired``, ``Malformed``."""
    if if_match is None:
        raise PreconditionRequired("Load the resource and send its ETag as If-Match.")
    seen = _ETAG.fullmatch(if_match.strip())
    if not seen:
        raise Malformed('If-Match must be one strong ETag as it was served, e.g. "3".')
    keyed = await _keyed(request, command, idempotency_key) if idempotency_key else command
    return replace(keyed, expected=int(seen[1]))


Changing = Annotated[Command, Depends(changing)]


async def _keyed(request: Request, command: Command, key: str) -> Command:
    if not _PRINTABLE.fullmatch(key):
        raise Malformed("Idempotency-Key must be 1 to 128 printable ASCII characters without spaces.")
    body = await request.body()
    said = b"\n".join([request.method.encode(), request.scope["path"].encode(), body])
    key = derived_id(command.actor or "", key)
    return _noted(request, replace(command, key=key, fingerprint=hashlib.sha256(said).hexdigest()))


def _noted(request: Request, command: Command) -> Command:
    """Leave the circumstances with the request, for whoever answers it where its route could not."""
    request.state.command = command
    return command


def command_of(request: Request) -> Command | None:
    """The circumstances of a request, as far as its route asked for them."""
    return getattr(request.state, "command", None)


def tagged(response: Response, loaded: Loaded[S]) -> Loaded[S]:
    """Serve an aggregate's version as its ``ETag``."""
    response.headers["ETag"] = f'"{loaded.version}"'
    return loaded
