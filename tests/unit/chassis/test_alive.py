"""The health check of a container asks its service over loopback and tells what is wrong."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI, Response

from services.chassis import alive
from tests.support.serving import served


def _service(status: int) -> FastAPI:
    app = FastAPI()
    app.get("/health/live")(lambda: Response("the relay is stuck", status))
    return app


@pytest.mark.parametrize(
    ("status", "wrong"), [(200, ""), (503, "503 the relay is stuck"), (404, "404 the relay is stuck")]
)
def test_the_verdict_is_the_services_own(status: int, wrong: str) -> None:
    """With what the service says, for whoever inspects the container."""
    with served(_service(status)) as address:
        assert alive.verdict(int(address.rpartition(":")[2])) == wrong


def test_nobody_there_is_not_alive() -> None:
    """A port that refuses."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "no answer on port" in alive.verdict(unused.getsockname()[1])


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_exit_code_is_what_an_engine_asks_for(status: int, code: int) -> None:
    """On the port of TANDEM_PORT, as a process of its own."""
    with served(_service(status)) as address:
        port = address.rpartition(":")[2]
        ended = subprocess.run([sys.executable, "-m", alive.__name__], env={"TANDEM_PORT": port}, check=False)
    assert ended.returncode == code


def test_the_check_costs_no_import_of_the_product() -> None:
    """It runs every ten seconds in every container."""
    tree = ast.parse(Path(alive.__file__).read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= {"__future__", *sys.stdlib_module_names}
