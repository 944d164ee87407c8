"""``tandem people import``: a dry run on this machine, or the service's own import."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.people.cli.asking import Service, Token, fail
from services.people.cli.local import dry_run
from services.people.cli.remote import Upload, run
from services.people.cli.tables import show
from services.people.cli.wishes import Wishes
from services.people.mappings import shipped

_Day = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day it speaks for; today.")]
_File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file as the HR system exports it.")]
_Url = Annotated[str, typer.Option(envvar="TANDEM_PEOPLE_URL", help="Where the service people listens.")]
_Known = Annotated[
    list[Path] | None, typer.Option("--known", exists=True, help="Earlier rosters to compare with, without a service.")
]


def import_roster(
    file: _File,
    *,
    mapping: Annotated[str, typer.Option(help="How it is read: a name or a file; recognised by the header.")] = "",
    dry_run_only: Annotated[bool, typer.Option("--dry-run", help="Show what would change and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    leavers: Annotated[int | None, typer.Option(help="Confirms that so many people leave.", min=0)] = None,
    partial: Annotated[bool, typer.Option(help="The file has not everybody, so nobody leaves by it.")] = False,
    as_of: _Day = None,
    encoding: Annotated[str, typer.Option(help="Of the file, e.g. cp1250 for Polish and Czech letters.")] = "",
    subsidiary: Annotated[str, typer.Option(help="Of everybody, where no column has it.")] = "",
    source: Annotated[str, typer.Option(help="Which feed this is; the mapping's name where nobody says.")] = "",
    faults: Annotated[Path | None, typer.Option(help="Where the refused rows go, as CSV.")] = None,
    known: _Known = None,
    url: _Url = "",
    token: Token = "",
) -> None:
    """Show what a roster would change, and have it applied. It never sends mail.

    With --dry-run and without --url the file is read on this machine alone, and compared with --known files.
    Ends with 0 when all rows were applied or a dry run was shown, with 1 when the rest was applied but rows were
    refused, with 2 when nothing was: an unusable file, too many leavers, or a service that says no. With 3 when the
    service did not say what came of it: it goes on by itself, and the same file again changes nothing twice.
    """
    wishes = Wishes(
        file,
        mapping=mapping,
        partial=partial,
        as_of=as_of.date() if as_of else None,
        encoding=encoding,
        subsidiary=subsidiary,
        source=source,
        leavers=leavers,
        as_json=as_json,
        faults=faults,
    )
    if url and known:
        fail("Use --known without --url: the service compares with the people it knows.")
    if url:
        run(Service(url, token), Upload(wishes, apply=not dry_run_only))
    elif dry_run_only:
        dry_run(wishes, known or [])
    else:
        fail("Name the service with --url or TANDEM_PEOPLE_URL, or add --dry-run to read the file here.")


def list_mappings() -> None:
    """Print the mappings that are shipped, with the headers by which each is recognised."""
    rows = ((one.name, one.title, ", ".join(names[0] for names in one.columns.values())) for one in shipped())
    show(("mapping", "of", "columns"), rows)
