"""Promises of editions on a real Kafka and a real database, through the HTTP interface of `applications`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from services.applications.contracts import editions as types
from tests.support.edition_service import (
    AFTER_THE_CALL,
    DRAFTING,
    DURING,
    NORTH,
    NORTHERN,
    OFFICE,
    OVER,
    STAFF,
    World,
    new_id,
    refusal,
    serving_editions,
)
from tests.support.editions import LEGAL_GROUND, asking, calling, drafting, scoring
from tests.support.servers import Running
from tests.support.waiting import until_async


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    async with serving_editions(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The service on the day on which editions are prepared."""
    running.clock.write_text(DRAFTING)
    return running


async def test_edition_goes_from_its_draft_to_its_close(world: World) -> None:
    """Each step is a person's; the topic tells of each, in order and without a word of what was written."""
    path = await world.prepared()
    amended = await world.change("PATCH", path, "", {"decision_on": "2026-02-20", "accept_by": "2026-02-27"})
    opened = await world.move(path, "call_open")
    world.clock.write_text(AFTER_THE_CALL)
    stages = [(await world.move(path, stage)).json()["stage"] for stage in ("selection", "matching", "running")]
    world.clock.write_text(OVER)
    closed = await world.move(path, "closed")

    assert (amended.json()["decision_on"], amended.json()["stage"]) == ("2026-02-20", "draft")
    assert opened.json()["opened_at"] == "2026-01-12T09:00:00.000Z"
    assert stages == ["selection", "matching", "running"]
    assert (closed.json()["stage"], closed.json()["next"]) == ("closed", None)
    assert closed.json()["closing"] == {"closed_by": OFFICE, "closed_at": "2027-02-28T23:00:00.000Z", "reason": None}
    events = await world.published(path, 11)
    assert [(type_.split(".")[2], data.get("changed") or data.get("stage")) for type_, data in events] == [
        ("edition", ["drafted"]),
        ("edition", ["call"]),
        ("edition", ["form"]),
        ("edition", ["rubric"]),
        ("edition", ["deadlines"]),
        ("edition", None),
        ("call", None),
        ("edition", "selection"),
        ("edition", "matching"),
        ("edition", "running"),
        ("edition", None),
    ]
    assert [events[5][0], events[6][0], events[10][0]] == [
        types.EDITION_OPENED,
        types.CALL_OPENED,
        types.EDITION_CLOSED,
    ]
    assert events[6][1]["maximum_age"] == 28
    assert not any(word in json.dumps(events) for word in ("Bewirb", "Warum", "Explains", LEGAL_GROUND[:6]))


async def test_call_without_a_limit_of_age_is_told_in_its_second_version(world: World) -> None:
    """Readers of the first version would look for an age that is not there."""
    path = await world.prepared()
    rules = [{"kind": "entry", "maximum_years": 3}, {"kind": "contract", "contracts": ["permanent", "trainee"]}]
    assert (await world.change("PUT", path, "/call", calling(rules=rules))).status_code == 200

    assert (await world.move(path, "call_open")).status_code == 200

    type_, data = (await world.published(path, 7))[6]
    assert type_ == types.CALL_OPENED_FOR_ALL
    assert "maximum_age" not in data


async def test_answer_says_all_that_was_written(world: World) -> None:
    """Call, questions and rubric come back word for word, to staff of its companies too once the call is open."""
    path = await world.opened()

    shown = await world.see(path, STAFF)

    call = calling()
    assert shown["call"].pop("closes_at") == "2026-02-15T12:00:00.000Z"
    assert [{k: v for k, v in rule.items() if v is not None} for rule in shown["call"].pop("rules")] == call["rules"]
    assert shown["call"] == {
        "reference_date": "2026-03-01",
        "opens_at": None,
        "languages": ["de", "en"],
        "names_hidden": False,
        "hours_a_month": 2,
        "texts": call["texts"],
    }
    assert shown["form"] == {"version": 1, **asking()}
    assert shown["rubric"] == {**scoring(), "spread": 25, "sheets": 3}
    assert (shown["zone"], shown["group_wide"], shown["subsidiaries"]) == ("Europe/Berlin", False, [NORTH])


async def test_what_is_missing_is_said_before_and_when_the_call_opens(world: World) -> None:
    """A draft says what blocks it; the refusal lists the same, for programs too."""
    path = await world.make(drafting(NORTH))

    blocked = await world.move(path, "call_open")

    following = (await world.see(path))["next"]
    assert (following["stage"], [one["code"] for one in following["blockers"]]) == (
        "call_open",
        ["rubric-missing", "call-missing"],
    )
    assert [one["code"] for one in following["warnings"]] == ["no-assessors", "escalation-unreachable"]
    assert refusal(blocked)[:2] == (409, "edition-blocked")
    assert blocked.json()["blockers"] == following["blockers"]
    assert (await world.see(path))["stage"] == "draft"


async def test_selection_waits_for_the_deadline_and_stages_for_each_other(world: World) -> None:
    """While the call is open nothing goes on, and no stage is left out."""
    path = await world.opened()
    world.clock.write_text(DURING)

    early, skipped = await world.move(path, "selection"), await world.move(path, "matching")

    assert [one["code"] for one in early.json()["blockers"]] == ["call-still-open"]
    assert refusal(skipped)[:2] == (409, "stage-order")


async def test_rules_are_frozen_when_the_call_opens_but_texts_are_not(world: World) -> None:
    """The refusal names the field; a corrected text is there at once."""
    path = await world.opened()
    texts = {**calling()["texts"], "de": {"title": "Zeigt es uns", "invitation": "Bewerbt euch."}}

    other = await world.change("PUT", path, "/call", calling(reference_date="2026-04-01"))
    corrected = await world.change("PUT", path, "/call", calling(texts=texts))
    renamed = await world.change("PATCH", path, "", {"name": "Other"})

    assert refusal(other) == (409, "rules-frozen", ["/reference_date"])
    assert corrected.json()["call"]["texts"] == texts
    assert refusal(renamed) == (409, "rules-frozen", ["/name"])


async def test_what_cannot_hold_together_names_its_field(world: World) -> None:
    """Each refusal says where; a rule's place is that in the body that was sent."""
    path = await world.make(drafting(NORTH))
    age = {"kind": "age", "maximum": 28}
    heavy = scoring()["criteria"]
    heavy[0]["weight"] = 61

    answers = [
        await world.change("PUT", path, "/call", calling(rules=[age])),
        await world.change("PUT", path, "/call", calling(rules=[{**age, "legal_ground": LEGAL_GROUND}] * 2)),
        await world.change("PUT", path, "/call", calling(opens_at="2026-03-01T00:00:00Z")),
        await world.change("PUT", path, "/rubric", {"criteria": heavy}),
        await world.change("PATCH", path, "", {"zone": "Europe/Nowhere"}),
        await world.change("PATCH", path, "", {"ends_on": "2026-02-01"}),
        await world.change("PATCH", path, "", {"escalation": {"to": new_id(), "after_days": 5}}),
    ]

    assert [refusal(answer) for answer in answers] == [
        (422, "invalid", ["/rules/0/legal_ground"]),
        (422, "rule-twice", ["/rules"]),
        (422, "dates-contradict", ["/closes_at"]),
        (422, "weights-off", ["/criteria"]),
        (422, "zone-unknown", ["/zone"]),
        (422, "dates-contradict", ["/ends_on"]),
        (422, "unknown-person", ["/escalation/to"]),
    ]


async def test_closing_early_needs_a_reason(world: World) -> None:
    """Until midnight of the last day in the edition's zone; the reason stays with those responsible."""
    path = await world.opened()
    world.clock.write_text(AFTER_THE_CALL)
    for stage in ("selection", "matching", "running"):
        assert (await world.move(path, stage)).status_code == 200
    world.clock.write_text("2027-02-28T22:59:59Z")

    without = await world.move(path, "closed")
    reasoned = await world.move(path, "closed", reason="The group was sold in spring.")

    assert refusal(without) == (422, "reason-missing", ["/reason"])
    assert reasoned.json()["closing"]["reason"] == "The group was sold in spring."
    assert (await world.see(path, STAFF))["closing"] is None
    assert "sold" not in json.dumps(await world.published(path, 10))


async def test_template_gives_words_but_no_dates(world: World) -> None:
    """The new edition shows last year's call without its days, and cannot open before somebody says them."""
    last = await world.opened()
    await world.change("PATCH", last, "", {"accept_by": "2026-03-10"})

    path = await world.make(drafting(NORTH, template=last.rpartition("/")[2]))

    shown, before = await world.see(path), await world.see(last)
    said = {"reference_date": None, "opens_at": None, "closes_at": None}
    assert shown["call"] == {**before["call"], **said}
    assert (shown["form"], shown["rubric"]) == (before["form"], before["rubric"])
    assert (shown["accept_by"], shown["template"], shown["stage"]) == (None, before["edition_id"], "draft")
    assert [one["code"] for one in shown["next"]["blockers"]] == ["call-missing"]


async def test_group_wide_edition_takes_every_company_of_the_group(world: World) -> None:
    """It is the group office's alone as a draft; when its call opens it has the companies of that day."""
    body = {name: value for name, value in drafting(group_wide=True).items() if name != "subsidiaries"}
    path = await world.make(body)
    for part, said in (("/call", calling()), ("/rubric", scoring())):
        assert (await world.change("PUT", path, part, said)).status_code == 200
    assert (await world.see(path))["subsidiaries"] == []
    assert (await world.ask("GET", path, by=NORTHERN)).status_code == 404
    first = await world.company()

    async def ready() -> bool:
        return (await world.see(path))["next"]["blockers"] == []

    await until_async(ready, "the group has a company")
    opened = await world.move(path, "call_open")
    second = await world.company()

    async def joined() -> bool:
        return {first, second} <= set((await world.see(path))["subsidiaries"])

    await until_async(joined, "the new company takes part")
    assert opened.json()["subsidiaries"]
    [last] = [data for type_, data in await world.published(path, 6) if data.get("changed") == ["scope"]][-1:]
    assert last["changed"] == ["scope"]


async def test_change_needs_what_was_seen_and_repeats_without_effect(world: World) -> None:
    """A stale page is refused; the same request again makes no second edition and no second event."""
    body, key = drafting(NORTH), {"Idempotency-Key": new_id()}
    first, again = [await world.ask("POST", "/v1/editions", body, **key) for _ in range(2)]
    path = first.headers["Location"]
    unseen = await world.ask("PUT", f"{path}/rubric", scoring())
    stale = await world.ask("PUT", f"{path}/rubric", scoring(), **{"If-Match": '"7"'})
    [await world.change("PUT", path, "/rubric", scoring()) for _ in range(2)]

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (unseen.status_code, stale.status_code) == (428, 412)
    assert (await world.ask("GET", path)).headers["ETag"] == '"2"'


async def test_edition_of_before_there_were_stages_is_read(world: World) -> None:
    """What an earlier release kept is shown at its stage: at the call, or as a draft where there was none."""
    kept = {
        "edition_id": new_id(), "name": "2025", "starts_on": "2025-03-01", "ends_on": "2026-02-28",
        "subsidiaries": [NORTH], "opened_at": "2025-01-12T09:00:00Z",
        "call": {
            "reference_date": "2025-03-01", "maximum_age": 28, "languages": ["de"],
            "closes_at": "2025-02-15T12:00:00Z", "opened_at": "2025-01-13T09:00:00Z",
        },
    }  # fmt: skip
    without = {**kept, "edition_id": new_id(), "call": None}
    for state in (kept, without):
        document = {"_id": state["edition_id"], "version": 2, "sequence": 2, "outbox": [], "recent": [], "seen": {}}
        await world.database["editions"].insert_one({**document, "state": state})

    shown, draft = [await world.see(f"/v1/editions/{one['edition_id']}") for one in (kept, without)]

    assert (shown["stage"], shown["opened_at"], shown["rubric"]) == ("call_open", "2025-01-13T09:00:00.000Z", None)
    assert [rule["kind"] for rule in shown["call"]["rules"]] == ["age", "language"]
    assert (draft["stage"], draft["call"]) == ("draft", None)
