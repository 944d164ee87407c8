"""Promises of ``tandem people import`` and its neighbours: a dry run alone, or the service's own import."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.chassis import mongo, provision
from services.people.cli import app as program
from services.people.main import SERVICE
from tests.support.hr_files import csv_of, person
from tests.support.servers import Running
from tests.support.serving import guarded
from tests.support.trusting import Trusting

PREFIX = f"t{uuid.uuid4().hex[:12]}"


class Bearing(Trusting):
    """Takes a bearer's token for the caller's name."""

    async def principal(self, headers: Any) -> Any:
        """The principal. Raises ``Unauthenticated`` without a token."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return await super().principal({"tandem-actor": token} if scheme == "Bearer" else {})


@pytest.fixture(scope="module")
def environment(servers: Running) -> Iterator[dict[str, str]]:
    """The settings of this file's service, as environment variables."""
    settings = {"TANDEM_KAFKA": servers.kafka, "TANDEM_MONGODB": servers.mongodb, "TANDEM_DATABASE_PREFIX": PREFIX}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="module")
async def url(environment: dict[str, str]) -> AsyncIterator[str]:
    client = mongo.connect(environment["TANDEM_MONGODB"])
    await provision.provision([SERVICE], kafka=environment["TANDEM_KAFKA"], client=client, prefix=PREFIX)
    await mongo.close(client)
    app = SERVICE.app()
    app.state.authenticator = Bearing()
    with guarded(app) as address:
        yield address


@pytest.fixture
def tag() -> str:
    """Begins every number of a test and names its source, so that tests share a database without meeting."""
    return f"s{uuid.uuid4().hex[:8]}"


def run(*arguments: object, **environment: str) -> Result:
    """The program with these words; standard error apart."""
    return CliRunner().invoke(program, list(map(str, arguments)), env={"COLUMNS": "200", **environment})


def written(folder: Path, *rows: dict[str, str], name: str = "roster.csv") -> Path:
    """A file with these rows."""
    file = folder / name
    file.write_bytes(csv_of(*rows))
    return file


def numbers(result: Result) -> dict[str, int]:
    """The counts of the first table."""
    cells = (line.strip("│ ").split("│") for line in result.stdout.splitlines() if line.startswith("│"))
    return {
        name.strip(): int(value) for name, value, *_ in cells if value.strip().isdigit() and not name.strip().isdigit()
    }


# Without a service


def test_dry_run_alone_prints_the_whole_reading(tmp_path: Path) -> None:
    """One document with the words of HR, however faulty the rows; code 0, since that is what was asked for."""
    file = written(tmp_path, person("1", birth_date="1.7.98"), person("2", birth_date="31.02.1997"))

    result = run("import", file, "--dry-run", "--json", "--as-of", "2027-01-15")

    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["records"], document["accepted_numbers"]) == (2, ["1"])
    assert document["accepted"][0]["birth_date"] == "1998-07-01"
    assert document["rejected"] == [{"line": 3, "employee_number": "2", "field": "birth_date", "reason": "no such day"}]
    assert document["outcome"] == "can be applied"


def test_dry_run_alone_compares_with_earlier_files(tmp_path: Path) -> None:
    """Whoever has last month's file sees who would join, move and leave."""
    before = written(tmp_path, *(person(str(number)) for number in range(20)), name="before.csv")
    rows = [person(str(number), last_name="New" if number == 3 else "Okafor") for number in range(1, 21)]

    result = run("import", written(tmp_path, *rows), "--dry-run", "--json", "--known", before)

    document = json.loads(result.stdout)
    assert (document["joiners"], document["leavers"], document["unchanged"]) == (["20"], ["0"], 18)
    assert document["movers"] == [{"employee_number": "3", "changed": ["last_name"]}]


def test_dry_run_alone_holds_back_many_leavers(tmp_path: Path) -> None:
    """Nobody would be deactivated, until their number is stated."""
    before = written(tmp_path, *(person(str(number)) for number in range(4)), name="before.csv")
    now = written(tmp_path, person("0"))

    held = json.loads(run("import", now, "--dry-run", "--json", "--known", before).stdout)
    stated = json.loads(run("import", now, "--dry-run", "--json", "--known", before, "--leavers", 3).stdout)

    assert held["outcome"] == "refused: the file would deactivate 75 % of the known people; a person must confirm"
    assert (held["deactivated"], stated["deactivated"]) == ([], ["1", "2", "3"])
    assert stated["outcome"] == "can be applied"


def test_dry_run_alone_shows_tables(tmp_path: Path) -> None:
    """Counts, faults with row and column, and the outcome, for people; brackets are no markup."""
    file = written(tmp_path, person("1", email="[red]none[/]"), person("2", manager_number="9"))

    result = run("import", file, "--dry-run")

    assert result.exit_code == 0
    assert numbers(result)["joiners"] == 1
    assert ("email" in result.stdout, "can be applied" in result.stdout) == (True, True)


def test_dry_run_alone_names_whom_a_fault_concerns(tmp_path: Path) -> None:
    """Beside row and column stands the employee, however long the number; every reporting line with a gap is told."""
    long = "9" * 36
    rows = [person(long, email="none"), person("1", manager_number="2"), person("2", manager_number="1")]
    file = written(tmp_path, *rows, person("3", manager_number="3"), person("4", manager_number="5"))

    shown = run("import", file, "--dry-run", COLUMNS="80").stdout

    cells = [tuple(cell.strip() for cell in line.strip("│").split("│")) for line in shown.splitlines()]
    assert any(cell and cell in long for row in cells for cell in row[1:2]), shown
    assert "…" not in shown
    assert {("1 → 2",), ("3",), ("4", "5")} <= set(cells)


def test_refused_rows_are_written_to_a_file_without_formulas(tmp_path: Path) -> None:
    """Row, number, column and reason, for whoever corrects them in a spreadsheet program."""
    file, faults = written(tmp_path, person("@1", email="none")), tmp_path / "faults.csv"

    run("import", file, "--dry-run", "--faults", faults)

    header, row = faults.read_text("utf-8-sig").splitlines()
    assert header == "row,employee_number,column,reason"
    assert row.startswith("2,'@1,email,")


def test_unusable_file_ends_with_code_2(tmp_path: Path) -> None:
    """With the reason on standard error, or as a document where one was asked for."""
    file = tmp_path / "roster.csv"
    file.write_text("a,b\n1,2\n")

    plain, document = run("import", file, "--dry-run"), run("import", file, "--dry-run", "--json")

    assert (plain.exit_code, document.exit_code) == (2, 2)
    assert "No mapping knows this header: a, b." in plain.stderr
    assert json.loads(document.stdout)["outcome"].startswith("refused: No mapping knows")


def test_mapping_may_be_a_name_or_a_file(tmp_path: Path) -> None:
    """A name that is neither is refused; an encoding may be named."""
    mapping = tmp_path / "mine.yaml"
    mapping.write_text("name: mine\ntitle: Mine\ncolumns: {employee_number: [Nr], full_name: [Wer]}\n")
    file = tmp_path / "roster.csv"
    file.write_bytes("Nr;Wer\n1;Żółć, Ada\n".encode("cp1250"))

    read = run("import", file, "--dry-run", "--json", "--mapping", mapping, "--encoding", "cp1250")
    unknown = run("import", file, "--dry-run", "--mapping", "nobodys")

    assert json.loads(read.stdout)["accepted"][0]["last_name"] == "Żółć"
    assert (unknown.exit_code, "tandem people mappings" in unknown.stderr) == (2, True)


def test_spoilt_names_can_be_seen(tmp_path: Path) -> None:
    """Where the encoding was guessed, the names show whether the guess was right."""
    file = tmp_path / "roster.csv"
    file.write_bytes(csv_of(person("1", last_name="Groß")).decode().encode("cp1252"))

    result = run("import", file, "--dry-run")

    assert "Adaeze Groß" in result.stdout
    assert "--encoding cp1250" in result.stdout


def test_mappings_are_listed() -> None:
    """Each with what it is for and its columns."""
    result = run("mappings")

    assert result.exit_code == 0
    assert "personio-de" in result.stdout
    assert "Personalnummer" in result.stdout


def test_import_needs_a_service_or_a_dry_run(tmp_path: Path) -> None:
    """Nothing is done where nobody is asked, and two ways of comparing exclude each other."""
    file = written(tmp_path, person("1"))

    assert run("import", file).exit_code == 2
    assert run("import", file, "--dry-run", "--known", file, "--url", "http://127.0.0.1:9").exit_code == 2


# With the service


def test_import_shows_what_it_does_and_does_it(url: str, tmp_path: Path, tag: str) -> None:
    """Code 0 where everybody was taken over, and the second time nothing is left to do."""
    rows = [person(f"{tag}-{number}", subsidiary=f"Co {tag}") for number in range(3)]
    file = written(tmp_path, *rows)
    words = ("import", file, "--url", url, "--token", "hr", "--source", tag)

    first, again = run(*words), run(*words)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert (numbers(first)["joiners"], numbers(first)["joined"]) == (3, 3)
    assert (numbers(again)["unchanged"], numbers(again)["joined"]) == (3, 0)


def test_import_with_refused_rows_ends_with_code_1(url: str, tmp_path: Path, tag: str) -> None:
    """The others are taken over; row, column and reason are shown, and written to a file."""
    file = written(tmp_path, person(f"{tag}-1", subsidiary=f"Co {tag}"), person(f"{tag}-2", email="none"))
    faults = tmp_path / "faults.csv"

    result = run("import", file, "--url", url, "--source", tag, "--faults", faults, TANDEM_TOKEN="hr")

    assert result.exit_code == 1, result.output
    assert (numbers(result)["joined"], "email" in result.stdout) == (1, True)
    assert faults.read_text("utf-8-sig").splitlines()[1].startswith(f"3,{tag}-2,email,")


def test_dry_run_by_the_service_changes_nothing(url: str, tmp_path: Path, tag: str) -> None:
    """It is cancelled after it was shown; with --json the job is printed."""
    file = written(tmp_path, person(f"{tag}-1", subsidiary=f"Co {tag}"))
    words = ("import", file, "--url", url, "--token", "hr", "--source", tag, "--dry-run", "--json")

    for result in (run(*words), run(*words)):
        assert result.exit_code == 0, result.output
        job = json.loads(result.stdout)
        assert (job["plan"]["joiners"], job["outcome"]) == (1, None)
    assert f"{tag}-1" not in run("list", "--url", url, "--token", "hr").stdout


def test_many_leavers_end_with_code_2_until_stated(url: str, tmp_path: Path, tag: str) -> None:
    """The number of leavers is the word that lets them go."""
    rows = [person(f"{tag}-{number}", subsidiary=f"Co {tag}") for number in range(4)]
    words = ("--url", url, "--token", "hr", "--source", tag)
    run("import", written(tmp_path, *rows), *words)
    file = written(tmp_path, rows[0])

    held, stated = run("import", file, *words), run("import", file, *words, "--leavers", 3)

    assert (held.exit_code, stated.exit_code) == (2, 0), held.output + stated.output
    assert "75 %" in held.stderr
    assert numbers(stated)["left"] == 3


def test_file_with_its_own_mapping_is_sent_with_it(url: str, tmp_path: Path, tag: str) -> None:
    """The service needs no mapping of every system."""
    mapping, file = tmp_path / "mine.yaml", tmp_path / "roster.csv"
    mapping.write_text(
        f"name: mine\ntitle: Mine\ncolumns: {{employee_number: [Nr], full_name: [Wer]}}\nsubsidiary: Co {tag}\n"
    )
    file.write_text(f"Nr;Wer\n{tag};Okafor, Ada\n")

    result = run("import", file, "--url", url, "--token", "hr", "--source", tag, "--mapping", mapping)

    assert (result.exit_code, numbers(result).get("joined")) == (0, 1), result.output


def test_service_says_why_nothing_could_be_done(url: str, tmp_path: Path) -> None:
    """Without a token, for a file that cannot be read, and where nobody answers: code 2."""
    file = tmp_path / "roster.csv"
    file.write_text("employee_number\n1\n")

    nobody, unusable = run("import", file, "--url", url), run("import", file, "--url", url, "--token", "hr")
    silent = run("list", "--url", "http://127.0.0.1:9", "--token", "hr")

    assert (nobody.exit_code, unusable.exit_code, silent.exit_code) == (2, 2, 2)
    assert "plain needs last_name besides" in unusable.stderr
    assert "does not answer" in silent.stderr


def test_list_prints_everybody(url: str, tmp_path: Path, tag: str) -> None:
    """More people than fit on a page, each with number, name of the company and state."""
    rows = [person(f"{tag}-{number}", subsidiary=f"Co {tag}") for number in range(210)]
    rows[0] |= {"executive": "true"}
    run("import", written(tmp_path, *rows), "--url", url, "--token", "hr", "--source", tag)

    listed = run("list", "--url", url, "--token", "hr")

    lines = [line for line in listed.stdout.splitlines() if f"Co {tag}" in line]
    assert (listed.exit_code, len(lines)) == (0, len(rows))
    assert sum(" executive " in line for line in lines) == 1
