"""Promises of what a person at the terminal gets of what runs: its settings and a token."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.local.addresses import VARIABLE, Addresses
from deploy.local.cli import app
from deploy.local.shell import settings
from services.chassis.auth.issuers import issuers_from

URL = "http://127.0.0.1:8090"


def local(*arguments: str, data: Path) -> Result:
    return CliRunner(env={VARIABLE: None}).invoke(app, [*arguments, "--data", str(data)])


def test_settings_name_what_runs_and_nothing_else() -> None:
    """An empty variable would take a default's place."""
    found = settings(Addresses("k:1", "mongodb://m", issuer=URL))

    assert set(found) == {"TANDEM_KAFKA", "TANDEM_MONGODB", "TANDEM_ISSUERS"}
    assert [one.issuer for one in issuers_from(found["TANDEM_ISSUERS"])] == [URL]


def test_a_token_is_the_persons_that_was_asked_for(tmp_path: Path) -> None:
    """It is signed by the key of the running issuer's folder."""
    Addresses("k", "m", issuer=URL, issuer_folder=str(tmp_path / "issuer")).write(tmp_path / "addresses.json")

    answered = local("token", "kurz", data=tmp_path)

    assert answered.exit_code == 0, answered.output
    claims = json.loads(base64.urlsafe_b64decode(answered.stdout.split(".")[1] + "=="))
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == (URL, "kurz", 300)
    assert (tmp_path / "issuer" / "keys.json").exists()


@pytest.mark.parametrize(("runs", "said"), [(True, "trusts other issuers"), (False, "make demo")])
def test_without_the_demo_issuer_there_is_no_token(tmp_path: Path, runs: bool, said: str) -> None:
    """Neither where other issuers are trusted nor where nothing runs."""
    if runs:
        Addresses("k", "m").write(tmp_path / "addresses.json")

    answered = local("token", "kurz", data=tmp_path)

    assert answered.exit_code == 1
    assert said in answered.stderr
