"""``tandem people``: read a roster, have the service take it over, look at who is in it."""

from __future__ import annotations

import typer

from services.people.cli import importing, listing

app = typer.Typer(no_args_is_help=True, help="The people of the group.")
app.command(name="import")(importing.import_roster)
app.command(name="mappings")(importing.list_mappings)
app.command(name="list")(listing.list_people)
