"""``tandem people``: hand a roster to the service, look at who is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx2
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

app = typer.Typer(no_args_is_help=True, help="The people of the group.")
Url = Annotated[str, typer.Option(envvar="TANDEM_PEOPLE_URL", help="Where the service people listens.")]
Actor = Annotated[str, typer.Option(envvar="TANDEM_ACTOR", help="In whose name; stands in for the log-in.")]
_SECONDS = 900  # a roster of tens of thousands of people takes minutes


@app.command(name="import")
def import_roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A roster: CSV in UTF-8.")],
    url: Url,
    actor: Actor = "operator",
) -> None:
    """Take over a roster; exit with 1 if rows were refused, with 2 if nothing could be taken over."""
    headers = {"Content-Type": "text/csv", "Tandem-Actor": actor}
    report = _asked("POST", f"{url.rstrip('/')}/v1/roster", content=file.read_bytes(), headers=headers).json()
    refused = report["refused"]
    counts = {name: report[name] for name in ("created", "changed", "unchanged")}
    _print(("rows", "number"), [*counts.items(), ("refused", report["refused_rows"])])
    if refused:
        faults = [(fault["line"], fault["column"] or "", fault["message"]) for fault in refused]
        _print(("line", "column", "what to do"), faults)
        if (without := report["refused_rows"] - len({fault["line"] for fault in refused})) > 0:
            typer.echo(f"{without} more rows were refused; correct these and send the file again.", err=True)
        raise typer.Exit(1)


@app.command(name="list")
def list_people(url: Url) -> None:
    """Print everybody: id, employee number, subsidiary, state."""
    names = {one["id"]: one["name"] for one in _all(f"{url.rstrip('/')}/v1/subsidiaries")}
    rows = [
        (one["id"], one["employee_number"], names.get(one["subsidiary"], one["subsidiary"]), _state(one))
        for one in _all(f"{url.rstrip('/')}/v1/people")
    ]
    _print(("id", "employee number", "subsidiary", "state"), rows)


def _state(person: dict[str, Any]) -> str:
    if not person["active"]:
        return "left"
    return "executive" if person["executive"] else "active"


def _all(url: str) -> Iterator[dict[str, Any]]:
    """The items of all pages."""
    following: str | None = f"{url}?limit=200"
    while following:
        answer = _asked("GET", following)
        yield from answer.json()
        following = answer.links.get("next", {}).get("url")


def _asked(method: str, url: str, **request: Any) -> httpx2.Response:
    """A successful answer; anything else ends the program with what the service says."""
    try:
        answer = httpx2.request(method, url, timeout=_SECONDS, **request)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        _fail(f"{url} does not answer: {error}")
    if not answer.is_success:
        _fail(_problem(answer))
    return answer


def _problem(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answered {answer.status_code}"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _print(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # as text: a cell's brackets are no markup
    Console().print(table)
