"""Promises of ``tandem matching``: the best answer in the units of the file, and a proof that one can check."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.matching.cli import app, terminal
from tests.support.program import tandem

GIVEN = {
    "rows": 3,
    "columns": 2,
    "objective": "minimise costs",
    "costs": [[1.5, 2], [0.5, None], [7, 1.25]],
    "capacity": {"rows": 1, "columns": 1},
    "row_names": ["Ada", "Bo", "Cleo"],
    "column_names": ["x", "y"],
}


def matching(*arguments: str | Path, given: Any = None) -> Result:
    """Run the command; ``given`` is its standard input, as JSON where it is no text."""
    text = given if given is None or isinstance(given, str) else json.dumps(given)
    return CliRunner().invoke(app, [str(one) for one in arguments], input=text)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(GIVEN), "utf-8")
    return file


@pytest.fixture
def certificate(instance: Path, tmp_path: Path) -> Path:
    file = tmp_path / "certificate.json"
    assert matching("solve", instance, "--certificate", file).exit_code == 0
    return file


def forged(certificate: Path, **claim: Any) -> Path:
    document = json.loads(certificate.read_text("utf-8"))
    document["claim"] |= claim
    certificate.write_text(json.dumps(document), "utf-8")
    return certificate


def test_commands_are_part_of_the_program() -> None:
    """``tandem matching`` is there, and says what it does."""
    told = tandem(["matching", "--help"], {})
    assert told.exit_code == 0
    assert "solve" in told.stdout
    assert "verify" in told.stdout


def test_answer_is_one_json_document_in_the_units_of_the_file(instance: Path) -> None:
    """Standard output has the answer alone, in decimals again; what a person wants to know stands beside it."""
    told = matching("solve", instance)
    assert told.exit_code == 0
    assert told.stdout == '{"assignment": [null, 0, 1], "coverage": 2, "worst": 1.25, "total": 1.75}\n'
    assert told.stderr.startswith("2 of 3 rows covered, worst 1.25, total 1.75; proven over 5 pairs")


def test_programs_get_the_answer_and_nothing_else(instance: Path) -> None:
    """With --json there is no summary."""
    told = matching("solve", instance, "--json")
    assert json.loads(told.stdout)["coverage"] == 2
    assert told.stderr == ""


def test_instance_and_certificate_may_come_from_standard_input(certificate: Path) -> None:
    """``-`` is standard input, for both commands."""
    told = matching("solve", "-", given=GIVEN)
    assert json.loads(told.stdout)["assignment"] == [None, 0, 1]
    checked = matching("verify", "-", given=certificate.read_text("utf-8"))
    assert checked.exit_code == 0, checked.output


def test_certificate_is_accepted_and_belongs_to_its_instance(certificate: Path, instance: Path) -> None:
    """What solve wrote verify accepts, told in the units of the file where it is given."""
    told = matching("verify", certificate, "--instance", instance)
    assert told.exit_code == 0
    assert told.stdout.startswith("accepted: 2 of 3 rows covered, worst 1.25, total 1.75; 5 pairs looked at\nsha256:")
    assert json.loads(certificate.read_text("utf-8"))["names"] == {"rows": ["Ada", "Bo", "Cleo"], "columns": ["x", "y"]}


@pytest.mark.parametrize("claim", [{"total": -174}, {"worst": -1}, {"coverage": 3}, {"total": float("nan")}])
def test_forged_certificate_is_refused(certificate: Path, claim: dict[str, Any]) -> None:
    """The exit code is 1, and the sentences say what is claimed in vain."""
    told = matching("verify", forged(certificate, **claim))
    assert told.exit_code == 1
    assert told.stdout.startswith(f"refused\nclaim.{next(iter(claim))} is ")


def test_certificate_of_another_instance_is_refused(certificate: Path, instance: Path) -> None:
    """A true proof about other numbers, or other people, proves nothing about these."""
    instance.write_text(json.dumps(GIVEN | {"costs": [[1.5, 2], [0.75, None], [7, 1.25]]}), "utf-8")
    told = matching("verify", certificate, "--instance", instance)
    assert told.exit_code == 1
    assert "instance.scores[2] is -50, the file has -75" in told.stdout
    instance.write_text(json.dumps(GIVEN | {"row_names": ["Ada", "Bo", "Dee"]}), "utf-8")
    told = matching("verify", certificate, "--instance", instance)
    assert told.exit_code == 1
    assert 'names.rows[2] is "Cleo", the file has "Dee"' in told.stdout


def test_names_that_the_file_does_not_have_are_refused(certificate: Path, instance: Path) -> None:
    """Whoever writes names into a certificate does not get them confirmed by a file without any."""
    bare = {field: value for field, value in GIVEN.items() if not field.endswith("_names")}
    instance.write_text(json.dumps(bare), "utf-8")
    told = matching("verify", certificate, "--instance", instance)
    assert told.exit_code == 1
    assert "names are given in the certificate, the file has none" in told.stdout


def test_name_that_cannot_be_written_is_told_by_number(certificate: Path, instance: Path) -> None:
    """What is half a character, or would move a terminal's cursor, ends in a sentence all the same."""
    document = json.loads(certificate.read_text("utf-8"))
    document["names"]["rows"][2] = "\udfff\u009b2J\u202e"
    certificate.write_text(json.dumps(document), "utf-8")
    told = matching("verify", certificate, "--instance", instance)
    assert told.exit_code == 1
    assert r'names.rows[2] is "\udfff\u009b2J\u202e", the file has "Cleo"' in told.stdout


@pytest.mark.parametrize("command", ["solve", "verify"])
def test_file_beyond_the_memory_ends_with_a_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small machine answers as well."""

    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(json, "loads", full)
    told = matching(command, "-", given="{}")
    assert told.exit_code == 2
    assert told.stderr.startswith("There is not enough memory for this file")


@pytest.mark.parametrize("scores", [[[10**1999, None], [None, 10**1999]], [[10**1999, None], [None, 0.1]]])
def test_largest_numbers_are_answered_and_verified(scores: list[Any], tmp_path: Path) -> None:
    """What can be read can be added up, written, and read again in the certificate."""
    instance, certificate = tmp_path / "large.json", tmp_path / "proof.json"
    instance.write_text(json.dumps({"rows": 2, "columns": 2, "scores": scores}), "utf-8")
    told = matching("solve", instance, "--certificate", certificate)
    assert told.exit_code == 0, told.output
    assert matching("verify", certificate, "--instance", instance).exit_code == 0


def test_verdict_is_one_json_document_for_programs(certificate: Path) -> None:
    """Accepted or refused, the same fields say so."""
    told = json.loads(matching("verify", certificate, "--json").stdout)
    assert (told["accepted"], told["faults"], told["pairs"]) == (True, [], 5)
    assert told["claim"] == {"coverage": 2, "worst": -125, "total": -175}
    refused = json.loads(matching("verify", forged(certificate, total=0), "--json").stdout)
    assert refused["accepted"] is False
    assert any("claim.total is 0" in fault for fault in refused["faults"])


@pytest.mark.parametrize("command", ["solve", "verify"])
@pytest.mark.parametrize(
    ("given", "said"), [("{", "not JSON"), ("[]", "one JSON object"), ('{"rows": 1, "rows": 1}', "rows: This field")]
)
def test_unreadable_file_ends_with_its_own_code(command: str, given: str, said: str) -> None:
    """What cannot be read is neither refused nor solved: exit code 2, and a sentence on standard error."""
    told = matching(command, "-", given=given)
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("command", ["solve", "verify"])
def test_closed_standard_input_ends_with_a_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a job of a scheduler may have it."""
    monkeypatch.setattr(terminal, "sys", SimpleNamespace(stdin=None))
    told = matching(command, "-")
    assert told.exit_code == 2
    assert told.stderr.startswith("Standard input is closed")


def test_missing_and_unwritable_files_end_with_a_sentence(instance: Path, tmp_path: Path) -> None:
    """No traceback for a wrong path; nothing is answered that could not be proven on paper as asked."""
    told = matching("solve", tmp_path / "nowhere.json")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "No such file" in told.stderr
    told = matching("solve", instance, "--certificate", tmp_path / "no" / "folder.json")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "cannot be written" in told.stderr


def test_remark_is_told_beside_the_answer() -> None:
    """A wish that is not heeded is said even to programs."""
    told = matching("solve", "-", "--json", given=GIVEN | {"column_minimum": [1, 1]})
    assert told.exit_code == 0
    assert told.stderr.startswith("column_minimum")


def test_same_people_get_the_same_partners_in_any_order() -> None:
    """Names decide between equally good answers, or the seed; never the order in the file."""
    size = 6
    names = [f"p{number}" for number in range(size)]

    def pairs(order: list[int], seed: int) -> set[tuple[str, str]]:
        given = {"rows": size, "columns": size, "scores": [[1] * size] * size}
        given |= {"row_names": [names[place] for place in order], "column_names": names}
        told = json.loads(matching("solve", "-", "--seed", str(seed), given=given).stdout)
        return {(names[order[row]], names[column]) for row, column in enumerate(told["assignment"])}

    forwards, backwards = list(range(size)), list(range(size))[::-1]
    for seed in (0, 1, 2):
        assert pairs(forwards, seed) == pairs(backwards, seed)
    assert len({frozenset(pairs(forwards, seed)) for seed in range(5)}) > 1
