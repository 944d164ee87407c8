"""``tandem schemas``: generate, check and release the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from services.chassis.catalog import build as files
from services.chassis.catalog import releases
from services.chassis.catalog.registry import Catalogue, CatalogueBroken, load

app = typer.Typer(no_args_is_help=True, help="The catalogue of topics and records below schemas/.")
Root = Annotated[Path, typer.Option("--schemas", help="Folder with registry.yaml.")]
_HERE = Path("schemas")


@app.command()
def build(schemas: Root = _HERE) -> None:
    """Write CATALOG.md, the AsyncAPI documents and the example records anew."""
    for path in files.build(_load(schemas)):
        typer.echo(f"wrote {schemas / path}")


@app.command()
def check(schemas: Root = _HERE) -> None:
    """Exit with 1 if a generated file is stale, or if a released contract is broken or gone."""
    catalogue = _load(schemas)
    stale = [f"{schemas / path} is stale: run `tandem schemas build`" for path in files.stale(catalogue)]
    problems = [*stale, *releases.breaks(catalogue)]
    if problems:
        _fail(problems)
    typer.echo(f"{len(catalogue.entries)} kinds of record on {len(catalogue.topics)} topics: all fresh and compatible")


@app.command()
def release(version: Annotated[str, typer.Argument(help="Such as 1.2.0.")], schemas: Root = _HERE) -> None:
    """Keep schemas, examples and registry rows as they are now, for ever, under released/VERSION."""
    try:
        kept = releases.release(_load(schemas), version)
    except CatalogueBroken as error:
        _fail(error.problems)
    typer.echo(f"{schemas / 'released' / version}: kept {len(kept)} new or changed contracts")


def _load(schemas: Path) -> Catalogue:
    try:
        return load(schemas)
    except CatalogueBroken as error:
        _fail(error.problems)


def _fail(lines: list[str] | tuple[str, ...]) -> NoReturn:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)
