"""Contracts through time: nothing that was released is ever broken, and the checker sees each kind of break."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.chassis.catalog.cli import app
from services.chassis.catalog.compatibility import compatible, refusals
from services.chassis.catalog.registry import CatalogueBroken, Contract, Entry, load
from services.chassis.catalog.releases import breaks, release, released
from tests.support.releasing import all_of_one_release

ROOT = Path(__file__).parents[2] / "schemas"
CATALOGUE = load(ROOT)

entries = pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.row.name)


# The catalogue as it stands


def test_no_released_contract_is_broken_or_altered() -> None:
    """Every contract is compatible with all its released texts, whose examples today's readers accept."""
    assert any(released(ROOT)), "released/ is gone"
    assert breaks(CATALOGUE) == []


@entries
def test_reader_schema_accepts_whatever_the_producer_schema_allows(entry: Entry) -> None:
    """What Tandem may write, a reader can read, and no field is kept from readers."""
    producer, reader = entry.contract.producer, entry.contract.reader

    assert refusals(producer, reader) == []
    assert reader["properties"].keys() == producer["properties"].keys()


@entries
def test_contract_is_compatible_with_itself(entry: Entry) -> None:
    """Releasing the same text again breaks nobody."""
    assert compatible(entry.contract, entry.contract) == []


# The checker: deliberate breaks of a contract made for the purpose


def _schema(*, closed: bool) -> dict[str, Any]:
    step = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
    fields: dict[str, Any] = {
        "id": {"type": "string", "format": "uuid"},
        "level": {"type": "integer", "minimum": 0, "maximum": 4},
        "state": {"type": "string", "enum": ["open", "done"]},
        "reason": {"type": "string", "maxLength": 40} | ({"enum": ["lack", "other"]} if closed else {}),
        "note": {"type": ["string", "null"], "maxLength": 80},
        "steps": {"type": "array", "maxItems": 9, "items": step | ({"additionalProperties": False} if closed else {})},
    }
    extra = {"additionalProperties": False} if closed else {}
    required = ["id", "level", "state", "reason", "steps"]
    return {"type": "object", "properties": fields, "required": required} | extra


OLD = Contract(_schema(closed=True), _schema(closed=False), {})
Change = Callable[[dict[str, Any], dict[str, Any]], object]


def changed(change: Change) -> Contract:
    """The contract after ``change`` was made to its producer and its reader schema."""
    new = copy.deepcopy(OLD)
    change(new.producer, new.reader)  # type: ignore[arg-type]  # mappings to everybody else
    return new


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """One field's schema."""
    found: dict[str, Any] = schema["properties"][name]
    return found


def step(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a step, an object inside a list."""
    found: dict[str, Any] = field(schema, "steps")["items"]
    return found


BREAKS: dict[str, tuple[Change, str]] = {
    "field removed from both": (
        lambda p, r: [s["properties"].pop("note") for s in (p, r)],
        "$.note is gone",
    ),
    "field removed from the reader": (lambda p, r: r["properties"].pop("level"), "reader: $.level is gone"),
    "field renamed": (
        lambda p, r: [s["properties"].update(text=s["properties"].pop("note")) for s in (p, r)],
        "$.note is gone",
    ),
    "nested field removed": (lambda p, r: step(r)["properties"].pop("code"), "$.steps[].code is gone"),
    "reader requires what was optional": (
        lambda p, r: r["required"].append("note"),
        "$.note is required, but need not be written",
    ),
    "producer requires a new field": (
        lambda p, r: (p["properties"].update(extra={"type": "string"}), p["required"].append("extra")),
        "$.extra is required, but need not be written",
    ),
    "producer no longer always writes a field": (
        lambda p, r: [s["required"].remove("level") for s in (p, r)],
        "$.level was always there",
    ),
    "nested field no longer always written": (
        lambda p, r: [step(s)["required"].remove("code") for s in (p, r)],
        "$.steps[].code was always there",
    ),
    "reader narrows a type": (lambda p, r: field(r, "note").update(type="string"), "$.note: null is refused"),
    "reader narrows a list of values": (lambda p, r: field(r, "state").update(enum=["open"]), "'done' is refused"),
    "reader closes an open list": (
        lambda p, r: field(r, "reason").update(enum=["lack", "other"]),
        "only ['lack', 'other'] is accepted",
    ),
    "reader narrows an upper bound": (lambda p, r: field(r, "level").update(maximum=3), "maximum is 3"),
    "reader narrows a lower bound": (lambda p, r: field(r, "level").update(minimum=1), "minimum is 1"),
    "reader shortens a list": (lambda p, r: field(r, "steps").update(maxItems=8), "maxItems is 8"),
    "reader demands a format": (lambda p, r: field(r, "note").update(format="uuid"), "format is 'uuid'"),
    "reader demands a pattern": (lambda p, r: field(r, "note").update(pattern="^a"), "pattern is '^a'"),
    "reader demands a pattern inside a list": (
        lambda p, r: step(r)["properties"]["code"].update(pattern="^a"),
        "$.steps[].code: pattern is '^a'",
    ),
    "reader demands unique items": (lambda p, r: field(r, "steps").update(uniqueItems=True), "items must be unique"),
    "reader closes": (lambda p, r: r.update(additionalProperties=False), "further fields are refused"),
    "producer changes a type": (
        lambda p, r: [s["properties"].update(level={"type": "string"}) for s in (p, r)],
        "$.level: integer is refused",
    ),
    "producer may write null": (
        lambda p, r: (
            [field(s, "reason").update(type=["string", "null"]) for s in (p, r)] + [field(p, "reason").pop("enum")]
        ),
        "an earlier reader would refuse: $.reason: null is refused",
    ),
    "producer adds a value to a list closed to readers": (
        lambda p, r: [field(s, "state").update(enum=["open", "done", "lost"]) for s in (p, r)],
        "an earlier reader would refuse: $.state: 'lost' is refused",
    ),
    "producer exceeds the readers' bound": (
        lambda p, r: [field(s, "level").update(maximum=5) for s in (p, r)],
        "an earlier reader would refuse: $.level: maximum is 4",
    ),
    "producer forgets a format": (
        lambda p, r: field(p, "id").pop("format"),
        "an earlier reader would refuse: $.id: format is 'uuid'",
    ),
    "producer no longer writes a value": (
        lambda p, r: field(p, "reason").update(enum=["lack"]),
        "producer: $.reason: 'other' is refused",
    ),
    "reader no longer promises a field": (
        lambda p, r: r["required"].remove("state"),
        "reader: $.state was always there",
    ),
    "reader no longer promises a nested field": (
        lambda p, r: step(r)["required"].remove("code"),
        "reader: $.steps[].code was always there",
    ),
    "reader binds further fields": (
        lambda p, r: r.update(additionalProperties={"type": "string"}),
        "reader: $: a schema of additionalProperties can not be judged",
    ),
    "reader binds further nested fields": (
        lambda p, r: step(r).update(additionalProperties={}),
        "reader: $.steps[]: a schema of additionalProperties can not be judged",
    ),
    "reader forbids a field": (lambda p, r: r["properties"].update(note=False), "reader: $.note is refused"),
    "reader forbids items": (lambda p, r: field(r, "steps").update(items=False), "reader: $.steps[] is refused"),
    "producer opens": (lambda p, r: p.pop("additionalProperties"), "producer: $: was closed"),
    "producer opens to some": (
        lambda p, r: p.update(additionalProperties={"type": "string"}),
        "producer: $: was closed",
    ),
    "producer opens a nested object": (
        lambda p, r: step(p).update(additionalProperties=True),
        "producer: $.steps[]: was closed",
    ),
    "keyword that nobody judges": (lambda p, r: field(r, "level").update(multipleOf=2), "multipleOf can not be judged"),
}

ALLOWED: dict[str, Change] = {
    "optional field in both": lambda p, r: [s["properties"].update(extra={"type": ["string", "null"]}) for s in (p, r)],
    "optional nested field": lambda p, r: [step(s)["properties"].update(extra={"type": "integer"}) for s in (p, r)],
    "value in a list open to readers": lambda p, r: field(p, "reason").update(enum=["lack", "other", "new"]),
    "better words": lambda p, r: [s.update(title="Better", description="Better.") for s in (p, r)],
    "reader accepts more": lambda p, r: [field(r, "level").pop("maximum"), field(r, "state").pop("enum")],
}


@pytest.mark.parametrize(("change", "complaint"), BREAKS.values(), ids=BREAKS)
def test_break_is_named_with_its_field(change: Change, complaint: str) -> None:
    """Each kind of break is found, and the complaint says where it is and what is wrong."""
    found = compatible(OLD, changed(change))

    assert any(complaint in line for line in found), found


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_what_may_change_is_let_through(change: Change) -> None:
    """Optional additions, values of open lists, words and readers that accept more values break nobody."""
    assert compatible(OLD, changed(change)) == []


def test_break_of_a_required_field_of_every_real_contract_is_found() -> None:
    """The checker is not blind to any of the contracts it watches: a required field that goes is seen in each."""
    for entry in CATALOGUE.entries:
        name = entry.contract.reader["required"][0]
        producer = copy.deepcopy(dict(entry.contract.producer))
        producer["properties"].pop(name)
        producer["required"].remove(name)

        found = compatible(entry.contract, replace(entry.contract, producer=producer))

        assert f"an earlier reader would refuse: $.{name} is required, but need not be written" in found


# Releases


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of schemas/ without releases, in which everything stands as release 0.1.0."""
    made = tmp_path / "schemas"
    shutil.copytree(ROOT, made, ignore=shutil.ignore_patterns("released"))
    all_of_one_release(made, "0.1.0")
    release(load(made), "0.1.0")
    return made


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file in place."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data, indent=2), encoding="utf-8")


def test_release_keeps_every_contract_and_the_next_one_only_what_changed(root: Path) -> None:
    """The history holds each text once, under the release that first carried it."""
    assert len(list(released(root))) == len({entry.row.folder for entry in CATALOGUE.entries})
    edit(root / "events/session-held/v1/producer.schema.json", lambda schema: schema.update(title="Held"))

    kept = release(load(root), "0.2.0")

    assert kept == [Path("events/session-held/v1")]
    assert [(one.release, one.folder.parts[1]) for one in released(root)][-1] == ("0.2.0", "session-held")
    assert breaks(load(root)) == []


def test_releases_are_ordered_by_number(root: Path) -> None:
    """0.10.0 comes after 0.9.0."""
    for version in ("0.9.0", "0.10.0"):
        release(load(root), version)

    with pytest.raises(CatalogueBroken, match=r"does not come after 0\.10\.0"):
        release(load(root), "0.9.1")


def test_later_break_of_a_released_contract_fails_the_check_and_the_next_release(root: Path) -> None:
    """A reader schema that grows stricter is stopped at the check, with the release that it breaks."""
    edit(root / "events/session-held/v1/reader.schema.json", lambda schema: schema["properties"].pop("minutes"))

    checked = CliRunner().invoke(app, ["check", "--schemas", str(root)])

    assert checked.exit_code == 1
    assert "events/session-held/v1 of 0.1.0: reader: $.minutes is gone" in checked.output
    with pytest.raises(CatalogueBroken, match="minutes is gone"):
        release(load(root), "0.2.0")
    assert CliRunner().invoke(app, ["release", "0.2.0", "--schemas", str(root)]).exit_code == 1


def test_change_is_compared_with_all_releases_not_only_the_last(root: Path) -> None:
    """What an intermediate release allowed does not hide what an older one promised."""
    path = root / "events/session-held/v1/reader.schema.json"
    edit(path, lambda schema: schema["properties"]["minutes"].pop("minimum"))
    release(load(root), "0.2.0")
    edit(path, lambda schema: schema["properties"]["minutes"].update(minimum=1))

    assert [line.split(": ")[0] for line in breaks(load(root))] == ["events/session-held/v1 of 0.2.0"]


def test_released_version_that_is_removed_is_missed(root: Path) -> None:
    """A version stays in the catalogue as long as its records stay on the topic."""
    shutil.rmtree(root / "events/waiver-decided")
    registry = root / "registry.yaml"
    rows = registry.read_text(encoding="utf-8").split("\n\n")
    registry.write_text("\n\n".join(row for row in rows if "name: waiver-decided" not in row), encoding="utf-8")

    assert breaks(load(root)) == ["events/waiver-decided/v1 of 0.1.0: the version is gone"]


@pytest.mark.parametrize("how", ["edited", "removed", "added"])
def test_released_text_that_was_altered_is_named(root: Path, how: str) -> None:
    """What was released stays as it was, to the byte."""
    path = root / "released/0.1.0/events/pair-matched/v1/examples/full.json"
    if how == "edited":
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    elif how == "removed":
        path.unlink()
    else:
        path = path.with_name("other.json")
        path.write_text("{}", encoding="utf-8")

    seen = {"edited": "was altered", "removed": "is gone", "added": "was added"}[how]
    altered = f"released/0.1.0/{path.relative_to(root / 'released/0.1.0')} {seen}"
    assert any(line.startswith(altered) for line in breaks(load(root)))


def test_released_example_that_a_new_reader_refuses_is_named(root: Path) -> None:
    """Records of old stay readable: their examples are tried on today's reader schema."""
    folder = root / "events/session-held/v1"
    edit(folder / "reader.schema.json", lambda schema: schema["properties"]["minutes"].update(maximum=70))
    edit(folder / "producer.schema.json", lambda schema: schema["properties"]["minutes"].update(maximum=70))
    edit(folder / "examples/full.json", lambda example: example.update(minutes=60))

    expected = "events/session-held/v1 of 0.1.0: example full: $.minutes: 75 is greater than the maximum of 70"
    assert expected in breaks(load(root))
