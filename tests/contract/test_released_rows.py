"""Rows of the registry through time, and releases that cannot be lost unnoticed."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.chassis.catalog.cli import app
from services.chassis.catalog.registry import Attributes, Catalogue, CatalogueBroken, load
from services.chassis.catalog.releases import breaks, release
from tests.support.releasing import all_of_one_release

ROOT = Path(__file__).parents[2] / "schemas"
HELD = Path("events/session-held/v1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of schemas/ without releases, in which everything stands as release 0.1.0."""
    made = tmp_path / "schemas"
    shutil.copytree(ROOT, made, ignore=shutil.ignore_patterns("released"))
    all_of_one_release(made, "0.1.0")
    release(load(made), "0.1.0")
    return made


def check(root: Path) -> str:
    """What `tandem schemas check` complains about; it fails, and not by a traceback."""
    result = CliRunner().invoke(app, ["check", "--schemas", str(root)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.output


def changed(catalogue: Catalogue, name: str, part: str = "row", **update: Any) -> Catalogue:
    """The catalogue with another row, or topic, of one kind of record."""
    entries = tuple(
        replace(entry, **{part: getattr(entry, part).model_copy(update=update)}) if entry.row.name == name else entry
        for entry in catalogue.entries
    )
    return replace(catalogue, entries=entries)


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "type": ({"type": "org.tandem.session.done.v1"}, "type was org.tandem.session.held.v1"),
    "topic": ({"topic": "tandem.pairs.v1"}, "topic was tandem.sessions.v1 and is tandem.pairs.v1"),
    "source": ({"source": "/tandem/pairs"}, "source was /tandem/sessions"),
    "kind": ({"kind": "state"}, "kind was event and is state"),
    "subject": ({"subject": "session"}, "subject was workspace and is session"),
    "class": ({"data_class": "internal"}, "class was contract and is internal"),
    "key": (
        {"attributes": Attributes(subject="session_id", subsidiary="mentee_subsidiary", edition="edition_id")},
        "ce_subject was pair_id and is session_id",
    ),
    "other attribute": (
        {"attributes": Attributes(subject="pair_id", subsidiary="mentor_subsidiary", edition="edition_id")},
        "ce_subsidiary was mentee_subsidiary and is mentor_subsidiary",
    ),
    "dropped attribute": (
        {"attributes": Attributes(subject="pair_id", edition="edition_id")},
        "ce_subsidiary was mentee_subsidiary and is nothing",
    ),
}


@pytest.mark.parametrize(("update", "complaint"), ROWS.values(), ids=ROWS)
def test_change_of_a_released_row_is_named(root: Path, update: dict[str, Any], complaint: str) -> None:
    """By whom, where and under which attributes a record is published is promised like its data."""
    found = breaks(changed(load(root), "session-held", **update))

    assert [line for line in found if line.startswith(f"{HELD} of 0.1.0: {complaint}")], found


@pytest.mark.parametrize(
    ("update", "complaint"),
    [
        ({"partitions": 12}, "the topic's partitions was 6 and is 12"),
        ({"service": "pairs"}, "the topic's service was sessions and is pairs"),
        ({"kind": "state"}, "the topic's kind was event and is state"),
    ],
)
def test_change_of_a_released_topic_is_named(root: Path, update: dict[str, Any], complaint: str) -> None:
    """Owner, kind and partitions, on which the order per key rests, stay as they were."""
    assert breaks(changed(load(root), "session-held", "topic", **update)) == [f"{HELD} of 0.1.0: {complaint}"]


@pytest.mark.parametrize(
    "update",
    [
        {"data_class": "contract"},
        {"summary": "Better."},
        {
            "attributes": Attributes(
                subject="edition_id", time="opened_at", edition="edition_id", subsidiary="edition_id"
            )
        },
    ],
)
def test_row_may_become_a_contract_gain_an_attribute_and_better_words(root: Path, update: dict[str, Any]) -> None:
    """Nobody who relied on the row loses anything."""
    assert breaks(changed(load(root), "edition-opened", **update)) == []


def test_check_reads_the_row_of_today(root: Path) -> None:
    """A registry that drops an attribute after a release fails the check, with the release that promised it."""
    registry = root / "registry.yaml"
    text = registry.read_text(encoding="utf-8")
    dropped = text.replace("subject: pair_id, time: matched_at, subsidiary: mentee_subsidiary", "subject: pair_id")
    assert dropped != text
    registry.write_text(dropped, encoding="utf-8")

    said = check(root)

    assert "events/pair-matched/v1 of 0.1.0: ce_subsidiary was mentee_subsidiary and is nothing" in said
    assert "events/pair-matched/v1 of 0.1.0: ce_time was matched_at and is nothing" in said


def test_next_release_keeps_a_row_that_alone_has_changed(root: Path) -> None:
    """A contract that a row promises anew is held to it from that release on."""
    registry = root / "registry.yaml"
    rows = registry.read_text(encoding="utf-8").split("\n\n")
    rows = [row.replace("class: internal", "class: contract") if "session-planned" in row else row for row in rows]
    registry.write_text("\n\n".join(rows), encoding="utf-8")

    assert release(load(root), "0.2.0") == [Path("events/session-planned/v1")]

    found = breaks(changed(load(root), "session-planned", data_class="internal"))
    assert found == ["events/session-planned/v1 of 0.2.0: class was contract and is internal"]


# Nothing is lost


def test_released_folder_that_is_gone_with_its_sums_is_noticed(root: Path) -> None:
    """Removing a contract from a release together with its checksums does not free it."""
    shutil.rmtree(root / "released/0.1.0" / HELD)
    sums = root / "released/0.1.0/SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if str(HELD) not in line), encoding="utf-8")

    found = breaks(load(root))

    assert "released/0.1.0/SHA256SUMS was altered; released texts stay as they are" in found


def test_release_that_is_gone_is_noticed(root: Path) -> None:
    """The list of releases says which there must be."""
    shutil.rmtree(root / "released/0.1.0")

    assert breaks(load(root)) == ["released/0.1.0/SHA256SUMS is gone; released texts stay as they are"]


def test_release_that_is_gone_from_the_list_as_well_is_noticed_by_its_rows(root: Path) -> None:
    """Every row names the release that first carried it, and that must be there."""
    release(load(root), "0.2.0")  # in which nothing has changed
    shutil.rmtree(root / "released/0.1.0")
    listed = root / "released/RELEASES"
    listed.write_text("".join(listed.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")

    expected = "session-held: since is 0.1.0, which carries no such row; write a release after 0.2.0"
    assert expected in breaks(load(root))


def test_row_that_claims_another_first_release_is_refused(root: Path) -> None:
    """``since`` cannot be moved to make a release forgotten."""
    found = breaks(changed(load(root), "session-held", since="0.2.0"))

    assert found == ["session-held: since is 0.2.0, but the first release that carries it is 0.1.0"]


def test_release_refuses_a_new_row_that_names_another_release(tmp_path: Path) -> None:
    """A row is dated by the release that first carries it."""
    made = tmp_path / "schemas"
    shutil.copytree(ROOT, made, ignore=shutil.ignore_patterns("released"))

    with pytest.raises(CatalogueBroken, match=r"since is 0\.1\.0, but 0\.2\.0 would be the first release"):
        release(load(made), "0.2.0")


def test_lists_can_be_verified_with_the_usual_tool(root: Path) -> None:
    """RELEASES and SHA256SUMS have the form of ``sha256sum``: digest, two spaces, path from the list's folder."""
    for listed in (root / "released/RELEASES", root / "released/0.1.0/SHA256SUMS"):
        lines = listed.read_text(encoding="utf-8").splitlines()
        assert lines
        for digest, path in (line.split("  ") for line in lines):
            assert hashlib.sha256((listed.parent / path).read_bytes()).hexdigest() == digest


# A sentence, not a traceback


@pytest.mark.parametrize("name", ["producer.schema.json", "examples/full.json", "row.json"])
def test_missing_released_file_ends_the_check_in_a_sentence(root: Path, name: str) -> None:
    """A release that cannot be read any more is named with its file."""
    (root / "released/0.1.0" / HELD / name).unlink()

    assert f"released/0.1.0/{HELD}/{name} is gone" in check(root)


@pytest.mark.parametrize("text", ["true", "[]", "{", '"text"', '{"type": "string"}', '{"type": "object", "$ref": "#"}'])
@pytest.mark.parametrize("role", ["producer", "reader"])
def test_file_that_is_no_schema_ends_the_check_in_a_sentence(root: Path, role: str, text: str) -> None:
    """Whatever stands in a schema's file, the check says what is wrong with it."""
    (root / HELD / f"{role}.schema.json").write_text(text, encoding="utf-8")

    assert f"{HELD}/{role}.schema.json: " in check(root)


@pytest.mark.parametrize("below", ["false", "true", '{"type": "string", "pattern": "("}', '{"allOf": []}'])
def test_field_that_is_no_schema_of_the_catalogue_ends_the_check_in_a_sentence(root: Path, below: str) -> None:
    """A field is described by an object with keywords that can be judged, in a reader schema too."""
    path = root / HELD / "reader.schema.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"properties": {', f'"properties": {{"extra": {below},', 1), encoding="utf-8")

    assert f"{HELD}/reader.schema.json: $.extra" in check(root).replace("$.properties.extra", "$.extra")


def test_schema_without_required_ends_the_check_in_a_sentence(root: Path) -> None:
    """A producer that promises no field cannot fill the attributes."""
    path = root / HELD / "producer.schema.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"required"', '"examples"'), encoding="utf-8")

    assert "ce_subject stands for pair_id, which the producer schema does not require" in check(root)


@pytest.mark.parametrize("name", ["registry.yaml", "CATALOG.md", f"released/0.1.0/{HELD}/row.json"])
def test_file_that_is_no_text_ends_the_check_in_a_sentence(root: Path, name: str) -> None:
    """Bytes that are no UTF-8 are a fault of that file like any other."""
    (root / name).write_bytes(b"\xff\xfe")

    assert name in check(root)


def test_a_record_of_every_service_is_released_once_and_stays_when_a_service_joins(root: Path) -> None:
    """One row stands for all of them: another service adds a topic of that form, and breaks nobody."""
    kept = (root / "released/0.1.0/events/access-read/v1/row.json").read_text(encoding="utf-8")
    assert '"topic": "tandem.access.{service}.v1"' in kept
    registry = root / "registry.yaml"
    joining = "  - {name: tandem.access.joined.v1, service: joined, kind: event, partitions: 6, summary: Joined.}\n"
    text = registry.read_text(encoding="utf-8").replace("\nevents:\n", f"\n{joining}\nevents:\n", 1)
    registry.write_text(text, encoding="utf-8")

    joined = load(root)

    own = [entry.row for entry in joined.entries if entry.topic.service == "joined"]
    assert {row.source for row in own} == {"/tandem/joined"}
    assert {row.name for row in own} == {"access-denied", "access-key-used", "access-read", "access-operated"}
    assert breaks(joined) == []
    assert release(joined, "0.2.0") == []
    moved = changed(joined, "access-read", "pattern", topic="tandem.reads.{service}.v1")
    assert any("topic was tandem.access.{service}.v1" in line for line in breaks(moved))
