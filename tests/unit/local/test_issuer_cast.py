"""Promises about who of a roster may sign in at the demo issuer, and about the secrets of a data folder."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from deploy.local.issuer.cast import personas_of
from deploy.local.issuer.demo import Registry, trust
from deploy.local.keyring import Keyring
from services.chassis.auth.issuers import issuers_from

_HEAD = "employee_number,name,subsidiary,executive,roles,login,active\n"


def test_everybody_with_a_login_is_a_persona_with_roles_and_company() -> None:
    """Her line says what she does, in both languages."""
    [(login, persona)] = personas_of(_HEAD + "P1,Ms Kurz,North,,programme_manager@North|South;assessor,kurz,\n").items()

    assert (login, persona.name) == ("kurz", "Ms Kurz")
    assert persona.line == {"en": "Programme manager, Assessor, North", "de": "Programmkoordination, Gutachten, North"}


@pytest.mark.parametrize(("executive", "line"), [("true", "Executive, North"), ("", "Staff, North")])
def test_who_has_no_role_is_an_executive_or_staff(executive: str, line: str) -> None:
    """Nobody's line is empty."""
    [persona] = personas_of(_HEAD + f"E1,Dr. Winter,North,{executive},,winter,\n").values()

    assert persona.line["en"] == line


def test_without_a_login_of_this_issuer_there_is_no_persona() -> None:
    """Rows without one, and those who sign in elsewhere."""
    rows = "A,A,North,,,,\nB,B,North,,,entra:b,\nC,C,North,,,idp:c,\n"

    assert list(personas_of(_HEAD + rows)) == ["c"]


def test_who_has_left_by_the_roster_may_not_sign_in() -> None:
    """The persona stays in the file and gets no button."""
    [persona] = personas_of(_HEAD + "A,A,North,,,a,false\n").values()

    assert not persona.active


def test_the_storys_roster_is_read() -> None:
    """Its programme manager is among those who can sign in."""
    roster = files("deploy.local.story").joinpath("roster.csv").read_text(encoding="utf-8")

    assert personas_of(roster)["kurz"].line["en"].startswith("Programme manager, ")


def test_services_can_trust_the_demo_issuer() -> None:
    """The setting is one that services read, and says that it is for development."""
    [issuer] = issuers_from(trust("http://127.0.0.1:8090"))

    assert (issuer.name, issuer.audience, issuer.subject_claim, issuer.development) == (
        "idp",
        "tandem-api",
        "sub",
        True,
    )


def test_personas_that_the_story_wrote_are_not_replaced(tmp_path: Path) -> None:
    """A restart keeps who has left in the story."""
    (tmp_path / "personas.json").write_text('{"winter": {}}')

    Registry(tmp_path).prepare()

    assert json.loads((tmp_path / "personas.json").read_text()) == {"winter": {}}


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """A restart finds it again; another one beside it changes nothing."""
    file = tmp_path / "keyring.json"

    assert Keyring(file).of("a", lambda: "first") == "first"
    assert Keyring(file).of("b", lambda: "second") == "second"
    assert Keyring(file).of("a", lambda: "third") == "first"
    assert file.stat().st_mode & 0o777 == 0o600
