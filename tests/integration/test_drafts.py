"""Promises of drafts, through the HTTP interface of `applications`: they are their writer's until handed in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.applications.contracts import applications as types
from tests.support.calls import AFTER, OFFICE, OPEN, PARTS, REASON, World, kind_of, new_id, serving_calls
from tests.support.editions import asking
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def running(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run."""
    async with serving_calls(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The service at the time of the call."""
    running.clock.write_text(OPEN)
    return running


async def test_draft_is_filled_part_by_part_and_handed_in(world: World) -> None:
    """Each part says how far it is; handing in names what is missing, and the topic hears of nothing before."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    draft = await world.draft(edition, mentor)

    early = await world.change(draft, "/submission", {}, by=mentor)
    for name, part in PARTS.items():
        await world.done(draft, "", {name: part}, by=mentor, method="PATCH")
    seen = await world.see(f"{edition}/my-application", by=mentor)
    sent = await world.done(draft, "/submission", {}, by=mentor)

    assert kind_of(early) == (422, "incomplete")
    missing = {error["field"] for error in early.json()["errors"]}
    assert missing >= {"/offer/platforms", "/answers/why", "/manager_informed"}
    assert set(seen["parts"].values()) == {"done"}
    assert (seen["status"], seen["complete"], seen["open_until"]) == ("draft", True, "2026-02-15T12:00:00.000Z")
    assert (sent["status"], sent["answers"]) == ("applied", PARTS["answers"])
    [first] = (await world.published(draft, 1))[:1]
    assert first[0] == types.APPLIED


async def test_applicant_finds_all_own_applications_in_one_list(world: World) -> None:
    """Drafts too, each with its edition and how far it is; those in closed editions where they are asked for."""
    house = new_id()
    first, second = await world.edition(house), await world.edition(house)
    mentor, other = await world.candidate(house), await world.candidate(house)
    draft, sent = await world.draft(first, mentor), await world.applied(second, mentor)
    await world.applied(first, other)
    before = {one["application_id"]: one for one in await world.see("/v1/my-applications", by=mentor)}
    await world.selecting(second)
    await world.done(sent, "/decision", {"decision": "declined", "reason": REASON})
    waiting = {one["application_id"]: one["status"] for one in await world.see("/v1/my-applications", by=mentor)}
    await world.ask("POST", f"{second}/release", {})
    for stage in ("matching", "running"):
        await world.move(second, stage)
    assert (await world.change(second, "/stage", {"to": "closed", "reason": REASON})).status_code == 200
    after = await world.see("/v1/my-applications", by=mentor)
    everything = await world.see("/v1/my-applications?closed=true", by=mentor)

    ids = {path.rpartition("/")[2] for path in (draft, sent)}
    seen = before[draft.rpartition("/")[2]]
    assert before.keys() == ids
    assert (seen["edition_id"], seen["stage"], seen["status"]) == (first.rpartition("/")[2], "call_open", "draft")
    assert (seen["name"], seen["open_until"]) == ((await world.see(first))["name"], "2026-02-15T12:00:00.000Z")
    assert (seen["parts"]["hr"], seen["parts"]["answers"]) == ("done", "open")
    assert (seen["eligibility"], seen["waiver"]) == ("met", None)
    assert waiting[sent.rpartition("/")[2]] == "applied"
    assert [one["application_id"] for one in after] == [draft.rpartition("/")[2]]
    assert {one["application_id"]: one["stage"] for one in everything}.keys() == ids
    assert await world.see("/v1/my-applications") == []


async def test_manager_cannot_learn_of_a_draft(world: World) -> None:
    """Neither by its address nor in a list, a filter, a waiver or a command; there is a number and no more."""
    house = new_id()
    edition, mentor, manager = await world.edition(house), await world.candidate(house), await world.manager(house)
    draft = await world.draft(edition, mentor, **PARTS)
    unknown = f"/v1/applications/{new_id()}"

    for path, to, body in (
        ("", "", None),
        ("/decision", "/decision", {"decision": "selected", "reason": REASON}),
        ("/waiver", "/waiver", {"decision": "granted", "reason": REASON}),
        ("/acceptance-extension", "/acceptance-extension", {"until": "2026-05-01", "reason": REASON}),
    ):
        answers = [
            await world.ask("POST" if body else "GET", f"{one}{path}", body, by=manager, **{"If-Match": '"1"'})
            for one in (draft, unknown)
        ]
        told = [answer.text.replace(draft.rpartition("/")[2], "").replace(unknown[17:], "") for answer in answers]
        assert kind_of(answers[0]) == (404, "not-found"), to
        assert told[0] == told[1]
    for listed in ("applications", "applications?state=draft", "waivers"):
        assert await world.see(f"{edition}/{listed}", by=manager) == []
    assert (await world.see(edition, by=manager))["applications"]["draft"] == 1


async def test_others_read_what_was_handed_in_but_no_calculation(world: World) -> None:
    """A manager reads answers and offer; which rule is missed, but neither age nor date of birth."""
    house = new_id()
    edition, manager = await world.edition(house), await world.manager(house)
    mentor = await world.candidate(house, birth_date="1990-05-17")
    application = await world.applied(edition, mentor)
    answer = await world.ask("GET", application, by=manager)
    [listed] = await world.see(f"{edition}/applications", by=manager)
    own = await world.see(application, by=mentor)

    seen = answer.json()
    assert listed == seen
    assert (seen["answers"], seen["offer"]["places"], seen["eligibility"]) == (PARTS["answers"], 2, "unmet")
    assert [(rule["rule"], rule["met"], rule["calculation"], rule["values"]) for rule in seen["rules"]] == [
        ("age", False, None, None),
        ("language", True, None, None),
    ]
    assert "35" not in answer.text.replace(application, "").replace(mentor, "").split('"rules"')[1]
    assert own["rules"][0]["values"]["age"] == 35
    assert "1990" not in str(own)


async def test_waiver_request_of_a_draft_shows_the_calculation_but_not_what_the_draft_says(world: World) -> None:
    """Those who decide see what they decide on."""
    house = new_id()
    edition, manager = await world.edition(house), await world.manager(house)
    mentor = await world.candidate(house, birth_date="1990-05-17")
    draft = await world.draft(edition, mentor, **PARTS)
    await world.done(draft, "/waiver-request", {"reason": REASON}, by=mentor)
    answer = await world.ask("GET", draft, by=manager)

    seen = answer.json()
    assert (seen["status"], seen["offer"], seen["answers"], seen["manager_informed"]) == ("draft", None, {}, False)
    assert (set(seen["parts"].values()), seen["complete"]) == ({"open"}, False)
    assert seen["rules"][0]["values"]["age"] == 35
    assert "1990" not in answer.text
    assert await world.see(f"{edition}/applications", by=manager) == []
    [case] = await world.see(f"{edition}/waivers", by=manager)
    assert (case["reason"], [rule["rule"] for rule in case["rules"]], case["waiver"]) == (REASON, ["age"], None)


async def test_application_is_its_writers_own(world: World) -> None:
    """Nobody else changes, hands in, withdraws or accepts it, whatever their roles."""
    house = new_id()
    edition, mentor, colleague = await world.edition(house), await world.candidate(house), await world.candidate(house)
    application = await world.applied(edition, mentor)

    for other in (OFFICE, colleague):
        for method, to, body in (
            ("PATCH", "", {"manager_informed": True}),
            ("POST", "/submission", {}),
            ("POST", "/withdrawal", {}),
            ("POST", "/waiver-request", {"reason": REASON}),
            ("POST", "/acceptance", {}),
        ):
            answer = await world.ask(method, application + to, body, by=other, **{"If-Match": '"1"'})
            assert kind_of(answer) == (404, "not-found"), (method, to)
    assert kind_of(await world.ask("GET", application, by=colleague)) == (404, "not-found")


async def test_who_withdrew_begins_again_until_the_deadline(world: World) -> None:
    """What was said is kept for them and hidden from others; handing in again is told again."""
    house = new_id()
    edition, mentor, manager = await world.edition(house), await world.candidate(house), await world.manager(house)
    application = await world.applied(edition, mentor)
    await world.done(application, "/withdrawal", {}, by=mentor)
    hidden = await world.see(application, by=manager)
    again = await world.done(application, "", {"offer": {"places": 1}}, by=mentor, method="PATCH")
    gone = await world.ask("GET", application, by=manager)
    sent = await world.done(application, "/submission", {}, by=mentor)

    assert (hidden["status"], hidden["answers"], hidden["offer"]) == ("withdrawn", {}, None)
    assert (again["status"], again["answers"]) == ("draft", PARTS["answers"])
    assert gone.status_code == 404
    assert (sent["status"], sent["offer"]["places"]) == ("applied", 1)
    kinds = [type_ for type_, _ in await world.published(application, 3)]
    assert kinds == [types.APPLIED, types.WITHDRAWN, types.APPLIED]
    world.clock.write_text(AFTER)
    await world.done(application, "/withdrawal", {}, by=mentor)
    late = await world.change(application, "", {"offer": {"places": 2}}, by=mentor, method="PATCH")
    assert kind_of(late) == (409, "call-not-open")


async def test_late_admission_opens_the_call_for_one_person(world: World) -> None:
    """Until its instant and for nobody else; what was begun for them is theirs."""
    house = new_id()
    edition, mentor, other = await world.edition(house), await world.candidate(house), await world.candidate(house)
    manager, stranger = await world.manager(house), await world.candidate(new_id())
    world.clock.write_text(AFTER)
    admission = {"person_id": mentor, "until": "2026-02-20T12:00:00Z", "reason": REASON}

    made = await world.create(f"{edition}/late-admissions", admission, by=manager)
    draft = str(made.headers["Location"])
    outside = await world.create(f"{edition}/late-admissions", {**admission, "person_id": stranger}, by=manager)
    for parts in PARTS.items():
        await world.done(draft, "", dict([parts]), by=mentor, method="PATCH")
    sent = await world.done(draft, "/submission", {}, by=mentor)

    assert (made.status_code, made.json()["status"], made.json()["admission"]["reason"]) == (201, "draft", REASON)
    assert kind_of(outside) == (422, "unknown-person")
    assert (sent["status"], sent["open_until"]) == ("applied", "2026-02-20T12:00:00.000Z")
    assert kind_of(await world.apply(edition, other)) == (409, "call-not-open")
    world.clock.write_text("2026-02-20T12:00:00Z")
    over = await world.change(draft, "", {"offer": {"places": 1}}, by=mentor, method="PATCH")
    assert kind_of(over) == (409, "call-not-open")


async def test_form_that_changes_meanwhile_counts_for_drafts(world: World) -> None:
    """What this process changed of the edition counts at the next request; what was handed in keeps its wording."""
    house = new_id()
    edition, first, second = await world.edition(house), await world.candidate(house), await world.candidate(house)
    sent = await world.applied(edition, first)
    question = {"question_id": "how", "text": {"de": "Wie?", "en": "How?"}, "most_words": 20}
    form = {"questions": [*asking()["questions"], question]}
    await world.done(edition, "/form", form, method="PUT")

    late = await world.apply(edition, second)
    kept = await world.done(sent, "", {"offer": {"places": 1}}, by=first, method="PATCH")

    assert [error["field"] for error in late.json()["errors"]] == ["/answers/how"]
    assert (kept["status"], kept["form_version"], kept["complete"]) == ("applied", 1, True)


async def test_bad_part_is_named(world: World) -> None:
    """What cannot be used is 422 with the field, and nothing of the request is kept."""
    house = new_id()
    edition, mentor = await world.edition(house), await world.candidate(house)
    draft = await world.draft(edition, mentor)

    for place, body in {
        "/offer/places": {"offer": {"places": 4}},
        "/offer/platforms/0/level": {"offer": {"platforms": [{"platform": "x", "level": 5}]}},
        "/offer": {"offer": {"platforms": [{"platform": "x", "level": 1}] * 2}},
        "/offer/availability/0": {"offer": {"availability": ["sat_am"]}},
        "/answers/when": {"answers": {"when": "Soon."}, "manager_informed": True},
        "/manager_informed": {"manager_informed": 1},
        "/mentor_id": {"mentor_id": mentor},
    }.items():
        answer = await world.change(draft, "", body, by=mentor, method="PATCH")
        assert answer.status_code == 422, (place, answer.text)
        assert [error["field"] for error in answer.json()["errors"]] == [place]
    assert not (await world.see(draft, by=mentor))["manager_informed"]
