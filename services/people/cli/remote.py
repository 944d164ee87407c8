"""An import by the service: upload, dry run, application."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

from services.people.cli.asking import PAUSE, Service, fail
from services.people.cli.tables import ROWS, show, show_gaps
from services.people.cli.wishes import Wishes

_PATH = "/v1/roster-imports"
_BUSY = frozenset({"reading", "applying"})
_PATIENCE = 300.0  # seconds for which a job is looked for that the service has, but does not answer of
_PARTLY = 1  # exit code: applied, but for rows that were refused
_UNKNOWN = 3  # exit code: it was asked for, and what came of it is not known
Job = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """What is sent, and whether more than a dry run is wanted."""

    wishes: Wishes
    apply: bool


def run(service: Service, upload: Upload) -> None:
    """Send the file, show what it would change and have it applied; ends the program with the exit code."""
    wishes = upload.wishes
    job = _followed(service, _sent(service, wishes), wishes)
    _write_faults(service, job, wishes)
    if job["state"] == "refused":
        _told(job, wishes)
        fail(f"{job['problem']['field']}: {job['problem']['detail']}")
    _planned(service, job, wishes)
    if not upload.apply:
        _cancel(service, job)
        _told(job, wishes)
        return
    job = _applied(service, job, wishes)
    if job["outcome"] and job["outcome"]["failed"]:
        _write_faults(replace(service, patience=_PATIENCE, unanswered=_UNKNOWN), job, wishes)
    _told(job, wishes)
    if job["state"] != "applied":
        fail(job["problem"]["detail"])
    refused = job["reading"]["rejected_rows"] + job["plan"]["conflicts"] + job["outcome"]["failed"]
    raise typer.Exit(_PARTLY if refused else 0)


def _sent(service: Service, wishes: Wishes) -> Job:
    named = {
        "mapping": "" if wishes.has_own_mapping() else wishes.mapping,
        "partial": "true" if wishes.partial else "",
        "as_of": wishes.as_of.isoformat() if wishes.as_of else "",
        "encoding": wishes.encoding,
        "subsidiary": wishes.subsidiary,
        "source": wishes.source,
        "file_name": wishes.file.name,
    }
    body: dict[str, Any] = {"content": wishes.file.read_bytes(), "headers": {"Content-Type": "text/csv"}}
    if wishes.has_own_mapping():
        try:
            mapping = wishes.mapping_text()
        except (OSError, UnicodeError) as error:
            fail(f"{error}; choose a mapping that `tandem people mappings` lists, or a file.")
        body = {"files": {"file": wishes.file.read_bytes(), "mapping": mapping.encode()}}
    headers = {**body.pop("headers", {}), "Idempotency-Key": str(uuid.uuid4())}
    params = {name: value for name, value in named.items() if value}
    job: Job = service.asked("POST", _PATH, params=params, headers=headers, **body).json()
    return job


def _write_faults(service: Service, job: Job, wishes: Wishes) -> None:
    """The refused rows as they are known now; when it is applied also those that could not be taken over."""
    if wishes.faults:
        wishes.faults.write_bytes(service.asked("GET", f"{_PATH}/{job['id']}/faults.csv").content)


def _followed(service: Service, job: Job, wishes: Wishes) -> Job:
    """The job when it does nothing any more; its progress on standard error."""
    patient = replace(service, patience=_PATIENCE)
    with Progress(console=Console(stderr=True), disable=wishes.as_json, transient=True) as progress:
        task = progress.add_task(job["state"], total=None)
        while job["state"] in _BUSY:
            Event().wait(PAUSE)
            job = patient.asked("GET", f"{_PATH}/{job['id']}").json()
            done = job["progress"]
            progress.update(task, description=job["state"], completed=done["done"], total=done["total"] or None)
    return job


def _planned(service: Service, job: Job, wishes: Wishes) -> None:
    if wishes.as_json:
        return
    reading, plan = job["reading"], job["plan"]
    counts = [(name, plan[name]) for name in ("joiners", "movers", "leavers", "conflicts", "unchanged")]
    rows = [("rows", reading["records"]), *counts, ("rejected", reading["rejected_rows"])]
    show((f"read as {reading['mapping']}", "number"), rows)
    for kind in ("rejected", "conflicts", "warnings"):
        changes = _listed(service, job, kind)
        faults = ((one["line"], one["key"], one["column"], one["reason"]) for one in changes)
        show(("row", "employee", "column", "reason"), faults, kind)
    for kind in ("movers", "leavers"):
        changes = _listed(service, job, kind)
        fields = ((one["key"], ", ".join(field["field"] for field in one["fields"])) for one in changes)
        show(("person", "what changes"), fields, kind)
    missing = ((one["key"], one["manager"]) for one in reading["missing_managers"])
    show_gaps(reading["cycles"], reading["self_managers"], missing)
    if reading["letters_to_check"]:
        show(("row", "name"), ((one["line"], one["name"]) for one in reading["letters_to_check"]))
        typer.echo("If these names are spoilt, name the encoding: --encoding cp1250 for Polish and Czech.", err=True)
    if plan["held"]:
        typer.echo(plan["held"], err=True)


def _listed(service: Service, job: Job, kind: str) -> list[dict[str, Any]]:
    """The first changes of a kind."""
    path = f"{_PATH}/{job['id']}/changes?kind={kind}&limit={ROWS}"
    found: list[dict[str, Any]] = service.asked("GET", path).json()
    return found


def _applied(service: Service, job: Job, wishes: Wishes) -> Job:
    path = f"{_PATH}/{job['id']}"
    seen = {"If-Match": service.asked("GET", path).headers["ETag"]}
    asking = replace(service, unanswered=_UNKNOWN)  # whether it has begun is not known then
    started = asking.asked("POST", f"{path}/application", headers=seen, json={"leavers": wishes.leavers}).json()
    try:
        return _followed(service, started, wishes)
    except typer.Exit:
        fail(f"The import {job['id']} was begun and goes on by itself; what came of it is not known.", _UNKNOWN)


def _cancel(service: Service, job: Job) -> None:
    path = f"{_PATH}/{job['id']}"
    seen = {"If-Match": service.asked("GET", path).headers["ETag"]}
    service.asked("POST", f"{path}/cancellation", headers=seen)


def _told(job: Job, wishes: Wishes) -> None:
    if wishes.as_json:
        typer.echo(json.dumps(job, ensure_ascii=False, indent=1))
    elif job["outcome"]:
        show(("applied", "people"), job["outcome"].items())
