"""``python -m deploy.local.issuer``: the demo issuer, loopback only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from deploy.local.issuer.app import application
from deploy.local.issuer.demo import Registry
from deploy.local.issuer.issuing import Issuer, NotLoopback
from deploy.local.issuer.reach import Reach
from deploy.local.ports import HOST


def main(
    *,
    folder: Annotated[Path, typer.Option(help="Holds keys.json, clients.json and personas.json.")],
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on: loopback, or any in a trusted network.")] = HOST,
    url: Annotated[str, typer.Option(help="What tokens name as issuer; http://HOST:PORT by default.")] = "",
    trusted_network: Annotated[
        str, typer.Option(help="Private network of containers, address/bits, whose callers count as this machine.")
    ] = "",
    portal: Annotated[
        str, typer.Option(help="The portal's address: registers it anew, and lets the demo story's people sign in.")
    ] = "",
    testing: Annotated[bool, typer.Option("--testing", help="Answer POST /_rotate with a new signing key.")] = False,
) -> None:
    """Sign in the persons of personas.json for the clients of clients.json. For demos and tests: there is no password.

    The key is made at the first start and kept. Personas are read anew at each request.
    """
    try:
        reach = Reach.of(trusted_network)
        if not reach.listens(host):
            raise NotLoopback(f"{host} is not a loopback address")
        if portal:
            Registry(folder, portal).prepare()
        issuer = Issuer.over(folder, url or f"http://{host}:{port}", testing=testing, reach=reach)
    except (OSError, ValueError) as error:
        typer.echo(f"the demo issuer does not start: {error}", err=True)
        raise typer.Exit(1) from error
    uvicorn.run(
        application(issuer), host=host, port=port, log_level="warning", proxy_headers=False, server_header=False
    )


if __name__ == "__main__":
    typer.run(main)
