"""Promises of builds: one write says which is live, readers follow, and a rebuild equals what it replaces."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis import mongo
from services.chassis.access import AccessLog
from services.chassis.aggregate import Command
from services.chassis.clock import SystemClock
from services.chassis.errors import NotFound
from services.chassis.ids import derived_id, random_id
from services.chassis.operations.comparing import compare
from services.chassis.operations.parked import ParkedRecords, Wanted
from services.chassis.parking import ParkedRecord
from services.chassis.projector import Projector, ReadModel
from services.chassis.projector.builds import Builds, SwitchRefused
from services.chassis.projector.flags import carry_out
from tests.support.databases import drop
from tests.support.tallies import broken, projection, record

SEEN = projection()
LATER = replace(SEEN, version=2)


def builds(database: mongo.Database, version: int = 1) -> Builds:
    return Builds(database, replace(SEEN, version=version), SystemClock())


async def test_the_first_start_makes_the_first_build_live(database: mongo.Database) -> None:
    """Several processes may start at once; there is one alias and one build."""
    found = await asyncio.gather(*(builds(database).mine() for _ in range(5)))
    assert {build.collection for build in found} == {"seen_v1"}
    alias = await builds(database).alias()
    assert alias is not None
    assert (alias.live, alias.previous, len(alias.builds)) == ("seen_v1", None, 1)


async def test_a_new_version_is_built_beside_the_live_one(database: mongo.Database) -> None:
    """New code feeds and reads its own build; the alias goes on pointing at the old one until it is switched."""
    await builds(database).mine()
    assert (await builds(database, 2).mine()).collection == "seen_v2"
    assert (await builds(database, 1).mine()).collection == "seen_v1"
    alias = await builds(database).alias()
    assert alias is not None
    assert alias.live == "seen_v1"
    assert (await builds(database, 2).begin()).collection == "seen_v2"


async def test_switching_needs_a_build_that_caught_up_and_leaves_a_way_back(database: mongo.Database) -> None:
    """What is not ready cannot go live; the build before can, always."""
    await builds(database).mine()
    new = await builds(database).begin()
    assert new.collection == "seen_v1_2"
    with pytest.raises(SwitchRefused):
        await builds(database).switch(new.collection)
    with pytest.raises(NotFound):
        await builds(database).switch("seen_v9")
    await builds(database).ready(new)

    assert (await builds(database).switch(new.collection)).live == "seen_v1_2"
    with pytest.raises(SwitchRefused):
        await builds(database).switch(new.collection)
    assert (await builds(database).switch("seen_v1")).previous == "seen_v1_2"


async def test_of_two_who_switch_at_once_one_is_refused(database: mongo.Database) -> None:
    """Each decided on what it saw; the second must look again."""
    await builds(database).mine()
    made = []
    for _ in range(2):
        new = await builds(database).begin()
        await builds(database).ready(new)
        made.append(new.collection)
    one, other = (builds(database) for _ in range(2))
    results = await asyncio.gather(
        *(b.switch(to) for b, to in zip((one, other), made, strict=True)), return_exceptions=True
    )
    alias = await builds(database).alias()
    assert alias is not None
    assert sum(isinstance(result, SwitchRefused) for result in results) <= 1
    assert alias.live in made


async def test_readers_follow_a_switch(database: mongo.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read model asks the alias at most once a second."""
    monkeypatch.setattr("services.chassis.projector.builds._FRESH", 0.0)
    model = ReadModel(database, SEEN)
    assert (await model.collection()).name == "seen_v1"
    await builds(database).mine()
    new = await builds(database).begin()
    await builds(database).ready(new)
    assert (await model.collection()).name == "seen_v1"
    await builds(database).switch(new.collection)
    assert (await model.collection()).name == "seen_v1_2"
    assert (await ReadModel(database, LATER).collection()).name == "seen_v2"


SUBJECTS = ("a", "bb", "ccc")
Kind = st.sampled_from(["good", "good", "good", "zero", "broken", "fork", "nameless", "copy"])
HISTORY = st.lists(st.tuples(st.sampled_from(SUBJECTS), Kind), min_size=1, max_size=30)


def written(history: list[tuple[str, str]]) -> list[ParkedRecord]:
    """The log of a history: per subject the sequences run on; some records are bad, doubled or forged."""
    log: list[ParkedRecord] = []
    sequences = dict.fromkeys(SUBJECTS, 0)
    for offset, (subject, kind) in enumerate(history):
        if kind in {"fork", "copy"} and sequences[subject]:
            id = f"another-{sequences[subject]}" if kind == "fork" else ""
            log.append(record(subject, sequences[subject], id=id, offset=offset))
            continue
        sequences[subject] += 1
        new = record(subject, sequences[subject], amount=0 if kind == "zero" else None, offset=offset)
        if kind == "nameless":
            sequences[subject] -= 1
            new.headers = [(name, value) for name, value in new.headers if name != "ce_sequence"]
        log.append(broken(new) if kind == "broken" else new)
    return log


@pytest.mark.parametrize(
    ("kinds", "last", "parked"),
    [
        (["zero", "copy", "fork"], "", {"fork"}),
        (["zero", "fork", "copy"], "another-2", {"fork"}),
        (["zero", "fork", "copy", "good"], "another-2", {"fork", "gap"}),
        (["zero", "fork", "copy", "fork"], "another-2", {"fork"}),
        (["good", "fork", "copy", "good"], "", {"fork", "gap"}),
    ],
)
async def test_what_waited_is_tried_in_the_order_in_which_it_came(
    database: mongo.Database, kinds: list[str], last: str, parked: set[str]
) -> None:
    """Behind an unreadable record that is given up: which of several contents of one sequence is applied."""
    log = written([("a", kind) for kind in ("broken", *kinds)])
    live = Projector(database, SEEN, SystemClock())
    operator = ParkedRecords(database, AccessLog(database, "tallies", SystemClock()), SystemClock())
    for one in log:
        await live.apply([one])
    [bad] = await operator.listed(Wanted(reason="bad_json"), 2)
    await operator.drop(bad["ref"], Command(actor="olga"), reason="Wrong.")
    await carry_out(live, range(6))
    rebuilt = Projector(database, SEEN, SystemClock(), build="seen_v1_2")
    await rebuilt.apply(log)

    found = await compare(database["seen_v1"], database["seen_v1_2"])
    assert found.agrees, found
    head = await live.head("a")
    assert (head.sequence, head.last) == (2, last or derived_id("a", "2"))
    for build in ("seen_v1", "seen_v1_2"):
        rows = await operator.collection.find({"consumer": build}).to_list(None)
        assert {row["reason"] for row in rows} == parked


@given(history=HISTORY, cuts=st.lists(st.integers(1, 8), max_size=8), choices=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_rebuilt_projection_equals_the_live_one(
    client: mongo.Client, history: list[tuple[str, str]], cuts: list[int], choices: object
) -> None:
    """Whatever was parked, forked and dropped while it was live: reading the log anew comes to the same documents."""
    database = client[f"store_{random_id()[:8]}"]
    try:
        log = written(history)
        live = Projector(database, SEEN, SystemClock())
        operator = ParkedRecords(database, AccessLog(database, "tallies", SystemClock()), SystemClock())
        begun = 0
        for cut in [*cuts, len(log)]:
            await live.apply(log[begun : begun + cut])
            begun += cut
            rows = await operator.listed(Wanted(), 100)
            for row in rows:
                if choices.random() < 0.3:  # type: ignore[attr-defined]
                    missing = row["reason"] == "gap" and choices.random() < 0.5  # type: ignore[attr-defined]
                    await operator.drop(row["ref"], Command(actor="olga"), reason="Wrong.", missing=missing)
            await carry_out(live, range(6))
        await live.apply(log)  # the remainder, and all of it once more

        rebuilt = Projector(database, SEEN, SystemClock(), build="seen_v1_2")
        await rebuilt.apply(log)

        found = await compare(database["seen_v1"], database["seen_v1_2"])
        assert found.agrees, found
    finally:
        await drop(database)
