"""The story's roster as HR sends it, and the logins of who is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from importlib.resources import files

OFFICER = "P002"  # of the group's programme office: the first who may do anything, so not by the roster
MANAGER = "P001"  # of the programme
HR = "P004"  # brings the roster up to date
LEAVER = "M025"  # a mentor who leaves the group in summer
_ISSUER = "idp:"


def text() -> bytes:
    """The file, CSV in UTF-8."""
    return files("deploy.local.story").joinpath("roster.csv").read_bytes()


def rows() -> Mapping[str, Mapping[str, str]]:
    """The rows, cells by column, by employee number."""
    found = csv.DictReader(io.StringIO(text().decode(), newline=""))
    return {row["employee_number"]: row for row in found}


def leavers(last_day: date) -> bytes:
    """What HR sends when the leaver's last day is known: the one row that has changed."""
    row = {**rows()[LEAVER], "leaving_date": last_day.isoformat()}
    names = ("employee_number", "name", "email", "subsidiary", "leaving_date")
    return f"{','.join(names)}\n{','.join(row[name] for name in names)}\n".encode()


def logins() -> Mapping[str, str]:
    """The logins as the issuer knows them, by employee number."""
    return {number: row["login"].removeprefix(_ISSUER) for number, row in rows().items()}
