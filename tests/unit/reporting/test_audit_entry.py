"""What becomes of an event in the audit trail: who, what, when, why and where, bound to its bytes, without them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis import envelope
from services.chassis.catalog.registry import Row, load
from services.chassis.parking import ParkedRecord
from services.reporting.audit.entry import digest, entry_of, kind_of
from services.reporting.audit.trail import Wanted, in_words
from tests.support.records import EVENT

PAIR = EVENT.subject
CATALOGUE = load(Path(__file__).parents[3] / "schemas")
TOLD = {topic.name for topic in CATALOGUE.topics if topic.kind == "event"}


def staged(data: Any, *, topic: str = "tandem.sessions.v1", **attributes: Any) -> dict[str, Any]:
    """The entry of an event with these data, JSON unless they are bytes."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    event = replace(EVENT, data=raw, **attributes)
    return entry_of(event, lying(event, topic))


def lying(event: envelope.Event, topic: str = "tandem.sessions.v1") -> ParkedRecord:
    value, headers = envelope.write(event)
    return ParkedRecord(topic, 3, 41, event.subject.encode(), value, list(headers))


def test_an_entry_says_who_did_what_when_and_where() -> None:
    """All that a reader may want to look for stands in fields of its own; the data do not."""
    entry = staged({"pair_id": PAIR, "minutes": 60, "cancelled_by": "mentor", "name": "Ada Amt"})

    expected = {
        "_id": f"/tandem/sessions|{EVENT.id}",
        "topic": "tandem.sessions.v1",
        "partition": 3,
        "offset": 41,
        "type": "org.tandem.session.held.v1",
        "kind": "SessionHeld",
        "subject": PAIR,
        "sequence": 7,
        "actor": EVENT.actor,
        "time": datetime(2026, 11, 25, 10, tzinfo=UTC),
        "edition": "2026",
        "subsidiary": "north",
        "pair": PAIR,
        "about": [PAIR],
        "reason": "mentor",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    assert expected.items() <= entry.items()
    assert "Ada" not in repr(entry)
    assert in_words(entry) == "recorded that a session was held"


def test_what_the_headers_leave_out_is_taken_from_the_data() -> None:
    """A pair belongs to its executive's company; an access is about its resource."""
    bare = {"edition": None, "subsidiary": None}
    entry = staged({"edition_id": "e-1", "mentee_subsidiary": "south", "mentor_subsidiary": "x"}, **bare)
    assert (entry["edition"], entry["subsidiary"], entry["pair"]) == ("e-1", "south", PAIR)

    topic, kind = "tandem.access.sessions.v1", "org.tandem.access.denied.v1"
    said = {"resource_kind": "workspace", "resource_id": "w-1", "rule": "own-pair"}
    entry = staged(said, topic=topic, type=kind, subject="log", **bare)
    assert (entry["about"], entry["target"], entry["pair"], entry["reason"]) == (
        ["log", "w-1"],
        "w-1",
        None,
        "own-pair",
    )
    assert in_words(entry) == "was denied access: workspace"

    said = {"action": "parked.drop", "target": "row", "reason": "sent by mistake"}
    entry = staged(said, topic=topic, type="org.tandem.access.operated.v1")
    assert (in_words(entry), entry["reason"]) == ("intervened as an operator: parked.drop", "sent by mistake")


def test_an_entry_about_a_forced_pair_names_both_and_is_found_by_either() -> None:
    """Before there is a pair nothing else tells for whom somebody laid it down; of other events nothing is added."""
    said = {"override_id": "o-1", "edition_id": "e-1", "kind": "force", "mentor_id": "m-1", "mentee_id": "x-1"}
    topic, kind = "tandem.access.matching.v1", "org.tandem.override.set.v1"
    entry = staged(said, topic=topic, type=kind, subject="e-1")

    assert (entry["target"], entry["about"]) == ("m-1 + x-1", ["e-1", "m-1", "x-1"])
    assert in_words(entry) == "laid down for the matching: force"
    placed = staged({**said, "kind": "place", "mentee_id": None}, topic=topic, type=kind, subject="e-1")
    assert (placed["target"], placed["about"]) == ("m-1", ["e-1", "m-1"])
    assert staged({"mentor_id": "m-1", "kind": "force"})["about"] == [PAIR]


@pytest.mark.parametrize("kind", ["pair.matched", "pair.ended", "veto.raised"])
def test_pairs_and_objections_are_found_by_both_of_the_two(kind: str) -> None:
    """Who was matched with whom is known to those who may read the trail; what the two did together is no person's."""
    said = {"pair_id": PAIR, "mentor_id": "m-1", "mentee_id": "x-1", "reason": "rematched"}
    entry = staged(said, topic="tandem.pairs.v1", type=f"org.tandem.{kind}.v1")

    assert (entry["target"], entry["about"], entry["pair"]) == ("m-1 + x-1", [PAIR, "m-1", "x-1"], PAIR)
    assert staged(said)["about"] == [PAIR]


@pytest.mark.parametrize(
    ("kind", "said", "words", "target", "about"),
    [
        (
            "run.requested",
            {"kind": "rematch", "trial": True, "policy_id": "p-1", "policy_version": "programme.2"},
            "asked for an edition to be matched: rematch, trial",
            "programme.2",
            ["p-1"],
        ),
        ("run.requested", {"kind": "full", "trial": False}, "asked for an edition to be matched: full", None, []),
        ("run.requested", {}, "asked for an edition to be matched", None, []),
        (
            "alternative.chosen",
            {"changes": 3},
            "chose among proposals of a re-match: 3 other pairs may change",
            None,
            [],
        ),
        (
            "run.superseded",
            {"by_run_id": "r-2"},
            "put a proposal of pairs aside for another run: r-2",
            "r-2",
            ["r-2"],
        ),
    ],
)
def test_what_people_asked_of_the_matching_is_told(
    kind: str, said: dict[str, Any], words: str, target: str | None, about: list[str]
) -> None:
    """How, by which policy, which alternative, for which other run; an event of before says less and is told too."""
    entry = staged(said, topic="tandem.access.matching.v1", type=f"org.tandem.{kind}.v1", subject="r-1", edition="e-1")

    assert (in_words(entry), entry["target"], entry["about"]) == (words, target, ["r-1", *about])


@pytest.mark.parametrize("data", [b"{", b"[1]", b'"text"', b"null", b"[" * 50_000, {"reason": 7, "edition_id": None}])
def test_data_of_no_use_make_an_entry_all_the_same(data: Any) -> None:
    """What no projection can apply is evidence; nothing is made up for it."""
    entry = staged(data, edition=None)
    assert (entry["subject"], entry["reason"], entry["edition"]) == (PAIR, None, None)


def test_texts_that_no_database_takes_are_left_out_and_long_ones_cut() -> None:
    """Half a surrogate pair can be written in JSON but not be stored."""
    assert staged(b'{"reason":"\\ud800"}')["reason"] is None
    assert staged({"reason": "x" * 5_000})["reason"] == "x" * 300


@pytest.mark.parametrize(
    "time", ["2026-06-30T23:59:60Z", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", None]
)
def test_an_instant_that_cannot_be_ordered_gives_way_to_the_record_s(time: str | None) -> None:
    """Every entry has its place in time, whatever its producer wrote."""
    event = replace(EVENT, time=time)

    class Lying(ParkedRecord):
        timestamp = 1_780_000_000_123

    written = lying(EVENT)
    record = Lying(*(getattr(written, name) for name in ("topic", "partition", "offset", "key", "value", "headers")))
    assert entry_of(event, record)["time"] == datetime.fromtimestamp(1_780_000_000.123, UTC)
    assert entry_of(event, written)["time"] == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("org.tandem.pair.matched.v1", "PairMatched"),
        ("org.tandem.pair.matched.v12", "PairMatched"),
        ("org.tandem.something", "Something"),
        ("PairMatched", "PairMatched"),
        ("com.example.thing.v1", "com.example.thing.v1"),
    ],
)
def test_a_kind_is_the_short_name_of_a_type(type_: str, kind: str) -> None:
    """Versions of a type are one kind; what is not ours keeps its name, which is also how it is told."""
    assert kind_of(type_) == kind
    entry = staged({}, type="com.example.thing.v1")
    assert in_words(entry) == "com.example.thing.v1"


def test_a_kind_is_asked_for_by_either_name() -> None:
    """A short name means all versions, a type that one."""
    assert Wanted(kind="PairMatched").query() == {"kind": "PairMatched"}
    asked = Wanted(kind="org.tandem.pair.matched.v1").query()
    assert asked == {"kind": "PairMatched", "type": "org.tandem.pair.matched.v1"}


def test_the_digest_is_of_topic_key_value_and_headers_with_their_lengths() -> None:
    """As its documentation says, so that anybody can compute it; whatever is changed shows."""
    record = ParkedRecord("t", 0, 0, None, b"v", [("a", b""), ("b", None)])
    framed = b"".join(
        [_framed(b"t"), b"\xff" * 8, _framed(b"v"), _framed(b"a"), _framed(b""), _framed(b"b"), b"\xff" * 8]
    )
    assert digest(record) == hashlib.sha256(framed).hexdigest()
    changed = [
        replace(record, topic="u"),
        replace(record, key=b""),
        replace(record, value=None),
        replace(record, value=b"w"),
        replace(record, headers=[("a", b""), ("b", b"")]),
        replace(record, headers=[("b", None), ("a", b"")]),
        replace(record, headers=[("a", b"")]),
    ]
    assert len({digest(one) for one in (record, *changed)}) == len(changed) + 1
    assert digest(replace(record, offset=5, partition=1)) == digest(record)


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


@pytest.mark.parametrize(
    "row", [one.row for one in CATALOGUE.entries if one.topic.name in TOLD], ids=lambda row: row.type
)
def test_every_event_is_told_in_words(row: Row) -> None:
    """Nobody reads the name of a type where a sentence should stand."""
    told = in_words(staged({}, type=row.type, topic=row.topic))
    assert told != row.type


@pytest.mark.parametrize(("field", "value"), [("cause", "moved_out"), ("change", "locked"), ("stage", "selection")])
def test_what_an_event_says_in_one_word_stands_with_its_entry(field: str, value: str) -> None:
    """Why somebody left, what was done to a sheet, how far an edition is: a code, which no person wrote."""
    assert staged({field: value})["reason"] == value
