"""deploy/compose/tandem.sh, with a program that only notes what it is asked in the place of `docker`."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.chassis.auth.api_keys import peppers_from
from services.portal.settings import Settings

_NOTES = """#!/bin/sh
echo "$*" >>"$NOTES"
case "$*" in *"config people"*) printf 'TANDEM_ISSUERS: "%s"\\n' "${TANDEM_ISSUERS:-}" ;; esac
"""
_ISSUERS = '[{"name": "idp", "issuer": "https://login.example.com", "audience": "tandem-api"}]'


@dataclass(frozen=True, slots=True)
class Script:
    """A copy of the script in a folder of its own."""

    folder: Path

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, and expect that it succeeds."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        path = f"{self.folder / 'bin'}{os.pathsep}{kept['PATH']}"
        notes = {"PATH": path, "NOTES": str(self.folder / "notes")}
        argv = ["sh", str(self.folder / "compose" / "tandem.sh"), command]
        return subprocess.run(
            argv, env={**kept, **notes, **environment}, capture_output=True, text=True, timeout=60, check=True
        )

    @property
    def kept(self) -> Path:
        """The file of settings."""
        return self.folder / "compose" / ".env"

    def secrets(self) -> dict[str, str]:
        """The lines of that file."""
        return dict(line.split("=", 1) for line in self.kept.read_text().splitlines())

    def started(self) -> str:
        """How the services were started."""
        [line] = [line for line in (self.folder / "notes").read_text().splitlines() if " up " in line]
        return line


@pytest.fixture
def script(tmp_path: Path) -> Script:
    (tmp_path / "compose").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy("deploy/compose/tandem.sh", tmp_path / "compose")
    (tmp_path / "bin" / "docker").write_text(_NOTES)
    (tmp_path / "bin" / "docker").chmod(0o755)
    return Script(tmp_path)


@pytest.mark.parametrize("command", ["up", "demo"])
def test_secrets_are_made_once_and_for_their_owner_only(script: Script, command: str) -> None:
    """They are of the form that services take, and outlive a second start."""
    script.run(command)
    made = script.secrets()
    script.run(command)

    assert script.secrets() == made
    assert script.kept.stat().st_mode & 0o777 == 0o600
    assert peppers_from(made["TANDEM_KEY_PEPPERS"]).newest == 1
    portal = Settings(portal_key=made["TANDEM_PORTAL_KEY"], issuers=_ISSUERS)
    assert [len(key) for key in portal.keys] == [32]


def test_what_somebody_has_set_is_left_alone(script: Script) -> None:
    """Neither what the file says nor what the environment says is replaced, and a line without an end is not joined."""
    script.kept.write_text("TANDEM_KEY_PEPPERS=1:a\nTANDEM_LOG_LEVEL=debug")
    script.kept.chmod(0o644)

    script.run("up", TANDEM_PORTAL_KEY="of the environment")
    assert script.secrets() == {"TANDEM_KEY_PEPPERS": "1:a", "TANDEM_LOG_LEVEL": "debug"}

    script.run("up")
    assert script.secrets().keys() == {"TANDEM_KEY_PEPPERS", "TANDEM_LOG_LEVEL", "TANDEM_PORTAL_KEY"}
    assert script.kept.stat().st_mode & 0o777 == 0o600


def test_without_issuers_all_starts_but_the_portal_and_it_is_said_what_to_set(script: Script) -> None:
    """The portal could not start, and nobody could sign in anyway."""
    told = script.run("up")

    assert script.started().endswith("--scale portal=0")
    assert "Nobody can sign in" in told.stderr
    assert "TANDEM_ISSUERS='[{" in told.stderr


@pytest.mark.parametrize("command", ["up", "demo"])
def test_with_issuers_the_portal_starts_too(script: Script, command: str) -> None:
    """The demo has an issuer of its own, so that nothing need be set."""
    told = script.run(command, **({"TANDEM_ISSUERS": _ISSUERS} if command == "up" else {}))

    assert "portal=0" not in script.started()
    assert "Nobody" not in told.stderr
