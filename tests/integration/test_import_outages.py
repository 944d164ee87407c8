"""Promises of ``tandem people import`` where the service goes away: it waits, and never says what is not so."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from typer.testing import CliRunner, Result

from services.chassis import mongo, provision
from services.people.cli import app as program
from services.people.cli import remote
from services.people.main import SERVICE
from tests.support.hr_files import csv_of, person
from tests.support.servers import Running
from tests.support.serving import served

Asking = Callable[..., Result]


@dataclass
class Outage:
    """Once a path with this end was answered, so many answers are 503."""

    after: str = "/nowhere"
    answers: int = 0
    begun: bool = False


class Away:
    """A service that is away in the middle of an import."""

    def __init__(self, app: ASGIApp, outage: Outage) -> None:
        self._app = app
        self._outage = outage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whoever asks as HR, or say that there is no answer."""
        outage = self._outage
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif outage.begun and outage.answers:
            outage.answers -= 1
            await PlainTextResponse("away", 503)(scope, receive, send)
        else:
            outage.begun = outage.begun or scope["path"].endswith(outage.after)
            await self._app(scope | {"headers": [*scope["headers"], (b"tandem-actor", b"hr")]}, receive, send)


@pytest.fixture
def outage() -> Outage:
    return Outage()


@pytest.fixture
async def asking(servers: Running, outage: Outage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    """Runs the import of a file in a company of its own by a service that is away as the outage says."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    named = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": prefix}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    client = mongo.connect(servers.mongodb)
    await provision.provision([SERVICE], kafka=servers.kafka, client=client, prefix=prefix)
    await mongo.close(client)
    app = SERVICE.app()
    app.add_middleware(Away, outage=outage)
    with served(app) as address:
        yield lambda file, *words: CliRunner().invoke(program, ["import", str(file), "--url", address, *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A roster of one."""
    written = tmp_path / "roster.csv"
    written.write_bytes(csv_of(person(uuid.uuid4().hex, subsidiary=f"Co {uuid.uuid4().hex}")))
    return written


@pytest.mark.parametrize("after", ["/roster-imports", "/application"])
def test_import_waits_for_a_service_that_comes_back(asking: Asking, outage: Outage, file: Path, after: str) -> None:
    """A restart of the service, while it reads or applies, is not the end of the scheduler's run."""
    outage.after, outage.answers = after, 2

    result = asking(file)

    assert (result.exit_code, outage.answers) == (0, 0), result.output


def test_import_whose_end_nobody_saw_ends_with_code_3(
    asking: Asking, outage: Outage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code 2 would say that nothing changed; it goes on by itself, and the same file again says what became of it."""
    outage.after, outage.answers = "/application", 1000
    monkeypatch.setattr(remote, "_PATIENCE", 0.0)

    lost = asking(file)
    outage.answers = 0
    again = asking(file)

    assert (lost.exit_code, "goes on by itself" in lost.stderr) == (3, True), lost.output
    assert again.exit_code == 0, again.output


def test_import_that_was_never_begun_ends_with_code_2(
    asking: Asking, outage: Outage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it reads nothing has changed yet."""
    outage.after, outage.answers = "/roster-imports", 1000
    monkeypatch.setattr(remote, "_PATIENCE", 0.0)

    assert asking(file).exit_code == 2
