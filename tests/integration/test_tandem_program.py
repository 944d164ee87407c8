"""Promises of the ``tandem`` program: it ends in order and says plainly what is wrong."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.issuer.demo import trust
from deploy.local.ports import HOST, Ports
from tests.support.installed import install
from tests.support.waiting import until

Tandem = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def tandem(tmp_path: Path) -> Tandem:
    """Starts ``tandem`` with the trial services installed, and an issuer that is for this machine only."""
    issuers = trust("http://127.0.0.1:8090")
    environment = {**os.environ, **install(tmp_path / "installed"), "TANDEM_ISSUERS": issuers}

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "services.chassis.cli", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_served_service_ends_with_code_0_when_asked_to(tandem: Tandem, tmp_path: Path) -> None:
    """SIGTERM is the orderly end of a service and no failure."""
    port = Ports(tmp_path / "ports.json").of("healthy")
    process = tandem("serve", "healthy", "--port", str(port))
    until(lambda: is_ready(port) or process.poll() is not None, "the service is ready", 60)

    process.terminate()

    output = process.communicate(timeout=30)[0]
    assert process.returncode == 0, output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "nosuch"], "there is no service 'nosuch'; there are: "),
        (["serve", "healthy", "--host", "0.0.0.0"], "development issuers sign in anybody"),
        (["provision", "--services", "nosuch"], "there is no service 'nosuch'; there are: "),
        (["lost"], "lost: entry point trial_services:no_such_thing cannot be loaded"),
    ],
)
def test_what_a_person_can_mend_is_said_without_a_traceback(tandem: Tandem, arguments: list[str], said: str) -> None:
    """A wrong name, setting or installation ends with exit code 1 and a sentence."""
    process = tandem(*arguments)

    output = process.communicate(timeout=60)[0]

    assert process.returncode == 1
    assert said in output
    assert "Traceback" not in output


def test_help_names_every_command_even_one_that_cannot_be_loaded(tandem: Tandem) -> None:
    """One broken package does not hide the other commands."""
    process = tandem("--help")

    output = process.communicate(timeout=60)[0]

    assert process.returncode == 0, output
    assert all(command in output for command in ("serve", "provision", "lost"))
