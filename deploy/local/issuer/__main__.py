"""``python -m deploy.local.issuer``: the demo issuer, loopback only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from deploy.local.issuer.app import application
from deploy.local.issuer.issuing import Issuer, NotLoopback, is_loopback


def main(
    folder: Annotated[Path, typer.Option(help="Holds keys.json, clients.json and personas.json.")],
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    url: Annotated[str, typer.Option(help="What tokens name as issuer; http://HOST:PORT by default.")] = "",
    testing: Annotated[bool, typer.Option("--testing", help="Answer POST /_rotate with a new signing key.")] = False,
) -> None:
    """Sign in the persons of personas.json for the clients of clients.json. For demos and tests: there is no password.

    The key is made at the first start and kept. Personas are read anew at each request.
    """
    try:
        if not is_loopback(host):
            raise NotLoopback(f"{host} is not a loopback address")
        issuer = Issuer.over(folder, url or f"http://{host}:{port}", testing=testing)
    except (OSError, ValueError) as error:
        typer.echo(f"the demo issuer does not start: {error}", err=True)
        raise typer.Exit(1) from error
    uvicorn.run(
        application(issuer), host=host, port=port, log_level="warning", proxy_headers=False, server_header=False
    )


if __name__ == "__main__":
    typer.run(main)
