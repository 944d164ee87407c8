"""A dry run without any service: the file alone, and what earlier files made known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from services.chassis import collector
from services.chassis.spreadsheet import csv_text
from services.people.cli.asking import UNUSABLE, fail
from services.people.cli.tables import first, show, show_gaps
from services.people.cli.wishes import Wishes
from services.people.domain.applying import applied
from services.people.domain.plan import Known, Plan, Scope, company_key
from services.people.domain.planning import before, plan
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.mapping import Layout
from services.people.domain.reading.reading import Reading, Wanted, read
from services.people.domain.telling import told, told_plan


def dry_run(wishes: Wishes, earlier: Sequence[Path]) -> None:
    """Print what the file says and what it would change; ends the program where it cannot be read."""
    collector.relax()
    try:
        layouts = wishes.layouts()
        known: list[Known] = []
        for path in earlier:
            reading, found, companies = _compared(path.read_bytes(), layouts, wishes.wanted(), known)
            known = applied(found, reading, known, companies)
        reading, found, _ = _compared(wishes.file.read_bytes(), layouts, wishes.wanted(), known)
    except RosterUnusable as error:
        _unusable(error, wishes)
    except (OSError, UnicodeError) as error:
        fail(f"{error}; choose a mapping that `tandem people mappings` lists, or a file.")
    if wishes.faults:
        wishes.faults.write_text(_faults(reading, found), "utf-8-sig")
    document = told(reading) | told_plan(found, reading, wishes.leavers)
    if wishes.as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _show(document, reading)


def _compared(
    body: bytes, layouts: Sequence[Layout], wanted: Wanted, known: Sequence[Known]
) -> tuple[Reading, Plan, dict[str, str]]:
    reading = read(body, layouts, wanted, lambda layout: before(known, layout))
    names = {record.subsidiary for record in reading.records if record.subsidiary}
    companies = {company_key(name): company_key(name) for name in names | {person.subsidiary for person in known}}
    return reading, plan(reading, known, Scope(companies)), companies


def _unusable(error: RosterUnusable, wishes: Wishes) -> None:
    if wishes.as_json:
        empty: dict[str, Any] = {name: [] for name in ("accepted", "rejected", "warnings", "deactivated")}
        document = {**empty, "records": 0, "field": error.field, "outcome": f"refused: {error.detail}"}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        raise typer.Exit(UNUSABLE)
    fail(f"{error.field}: {error.detail}")


def _faults(reading: Reading, found: Plan) -> str:
    """The refused rows and the conflicts as CSV."""
    faults = sorted((*reading.faults, *found.conflicts), key=lambda fault: fault.line)
    rows = ((fault.line, fault.key, fault.field, fault.reason) for fault in faults)
    return csv_text(("row", reading.layout.key, "column", "reason"), rows)


def _show(document: dict[str, Any], reading: Reading) -> None:
    counts = [(name, len(document[name])) for name in ("joiners", "movers", "leavers", "conflicts", "rejected")]
    more = [("unchanged", document["unchanged"]), ("blank rows", document["ignored_blank_rows"])]
    show((f"read as {reading.layout.name}", "number"), [("rows", document["records"]), *counts, *more])
    for title in ("rejected", "conflicts", "warnings"):
        faults = document[title]
        rows = first((one["line"], _whom(one), one.get("field"), one["reason"]) for one in faults)
        show(("row", "employee", "column", "reason"), rows, title)
    show(
        ("person", "what changes"),
        first((one["employee_number"], ", ".join(one["changed"])) for one in document["movers"]),
        "movers",
    )
    show(("leavers",), first((one,) for one in document["leavers"]))
    show_gaps(
        document["cycles"], document["self_managers"], [tuple(one.values()) for one in document["missing_managers"]]
    )
    if document["letters_to_check"]:
        names = first((one["line"], one["name"]) for one in document["letters_to_check"])
        show(("row", f"name as {reading.encoding} has it"), names)
        typer.echo("If these names are spoilt, name the encoding: --encoding cp1250 for Polish and Czech.")
    typer.echo(document["outcome"])


def _whom(fault: dict[str, Any]) -> object:
    return fault.get("employee_number") or fault.get("external_id")
