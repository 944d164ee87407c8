"""``tandem matching``: solve an instance in a file, check a certificate; both on this machine alone."""

from __future__ import annotations

import typer

from services.matching.cli import checking, solving

app = typer.Typer(
    no_args_is_help=True,
    help="The best assignment of an instance in a file, with a proof, and the check of such a proof.",
)
app.command(name="solve")(solving.solve_file)
app.command(name="verify")(checking.verify_file)
