"""Promises of ``python -m deploy.local``: what it starts, and that nothing of it is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.installed import install
from tests.support.processes import PROC, working_in
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(not (PROC / "self").exists(), reason="looks for left processes in /proc")
Up = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def up(tmp_path: Path, data: Path) -> Iterator[Up]:
    """Starts ``up`` over the data folder; whatever a failed test leaves is killed."""
    started: list[subprocess.Popen[str]] = []
    environment = {k: v for k, v in os.environ.items() if k not in ("TANDEM_KAFKA", "TANDEM_MONGODB", "TANDEM_SMTP")}
    environment |= install(tmp_path / "installed")

    def start(*services: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "deploy.local", "up", "--data", str(data), "--no-story"]
        process = subprocess.Popen(
            [*argv, "--services", ",".join(services)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait_until_ready(process: subprocess.Popen[str], data: Path) -> dict[str, Any]:
    file = data / "addresses.json"
    until(lambda: file.exists() or process.poll() is not None, "addresses.json appears", 60)
    assert process.poll() is None, process.communicate()[0]
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as response:
        return int(response.status)


def process_of(data: Path, word: str) -> int:
    [line] = [line for line in working_in(data) if word in line]
    return int(line.split()[0])


def test_ctrl_c_ends_everything_that_addresses_json_names(up: Up, data: Path) -> None:
    """People's own tools find every address while all is ready; after Ctrl-C no process and no file is left."""
    process = up("healthy")
    found = wait_until_ready(process, data)
    assert set(found) == {"kafka", "mongodb", "services", "clock", "smtp", "mail", "issuer", "issuer_folder"}
    assert get(found["mail"]) == get(f"{found['issuer']}/jwks") == 200
    assert get(f"{found['services']['healthy']}/health/ready") == 200

    process.send_signal(signal.SIGINT)

    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    assert working_in(data) == []
    assert not (data / "addresses.json").exists()


def test_being_asked_to_end_while_starting_ends_everything(up: Up, data: Path) -> None:
    """A SIGTERM in the middle of a start leaves nothing either, and is no failure."""
    process = up("healthy")
    until(lambda: any("secantusd" in line for line in working_in(data)), "the database runs")

    process.terminate()

    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    assert working_in(data) == []


def test_a_service_that_cannot_start_stops_everything_and_is_shown(up: Up, data: Path) -> None:
    """A failing start names the service, shows the end of its log, exits with 1 and leaves nothing."""
    process = up("healthy", "broken")

    output = process.communicate(timeout=60)[0]

    assert process.returncode == 1
    assert "broken ended unexpectedly" in output
    assert "RuntimeError: this service cannot start" in output
    assert working_in(data) == []
    assert not (data / "addresses.json").exists()


def test_a_part_that_ends_unexpectedly_ends_everything(up: Up, data: Path) -> None:
    """Nothing is restarted silently: the death of the database is shown and ends the rest with code 1."""
    process = up()
    wait_until_ready(process, data)

    os.kill(process_of(data, "secantusd-py"), signal.SIGKILL)

    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "database ended unexpectedly with exit code -9" in output
    assert working_in(data) == []


def test_kill_9_of_the_supervisor_leaves_nothing_and_data_that_start_again(up: Up, data: Path) -> None:
    """Even SIGKILL leaves no process and no addresses.json, and the same data come up again at once."""
    process = up("healthy")
    before = wait_until_ready(process, data)

    process.kill()
    process.communicate()

    until(lambda: working_in(data) == [], "every process is gone", 10)
    assert not (data / "addresses.json").exists()
    assert wait_until_ready(up("healthy"), data) == before


def test_a_second_start_says_who_holds_the_folder(up: Up, data: Path) -> None:
    """Two supervisors never work over one folder; the second names the first and harms nothing."""
    first = up()
    wait_until_ready(first, data)

    second = up()

    output = second.communicate(timeout=30)[0]
    assert second.returncode == 1
    assert f"is in use by process {first.pid} " in output
    assert first.poll() is None
    assert (data / "addresses.json").exists()


def test_an_unknown_service_is_refused_before_anything_starts(up: Up, data: Path) -> None:
    """A wrong name says which names exist."""
    process = up("nosuch")

    output = process.communicate(timeout=30)[0]

    assert process.returncode == 1
    assert "there is no service 'nosuch'; there are: " in output
    assert not (data / "kafka").exists()
