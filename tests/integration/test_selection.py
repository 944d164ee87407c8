"""Promises of rounds, sheets and the board, over HTTP and a real database; the loop looks when a test says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.application import Decision, Offer, Withdrawal
from tests.support.editions import edition
from tests.support.selecting import AT, LEVELS, REASON, Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"
BEST, WORST = {"explains": 3, "knows": 3}, {"explains": 1, "knows": 1}


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    async with panel(servers, tmp_path) as made:
        yield made


def kind(answer: Any) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def fields(answer: Any) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in answer.json()["errors"]]


async def all_sheets(world: Panel) -> list[dict[str, Any]]:
    """What the database has of all sheets."""
    return [one["state"] for one in await world.collection("sheets").find({}).to_list(None)]


# Rounds


async def test_round_assigns_sheets_evenly(world: Panel) -> None:
    """Each application gets as many assessors as asked for, nobody two more than another; the topic is told once."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    applications = await world.apply(6)

    path = await world.open_round(manager, per_application=3, due_at="2026-03-01T17:00:00+01:00")
    await world.look(2)

    shown = await world.get(path, manager)
    sheets = await all_sheets(world)
    assert (shown["state"], shown["number"], shown["progress"]["sheets"]) == ("open", 1, 18)
    assert Counter(sheet["application_id"] for sheet in sheets) == dict.fromkeys(applications, 3)
    assert set(Counter(sheet["assessor_id"] for sheet in sheets).values()) == {4, 5}
    [document] = await world.collection("rounds").find({}).to_list(None)
    assert [one["type"] for one in document["outbox"]] == ["org.tandem.sheets.assigned.v1"]
    assert document["outbox"][0]["actor"] == manager
    assert set(shown["assessors"]) == set(assessors)


async def test_rubric_says_how_many_sheets(world: Panel) -> None:
    """Without a number of its own a round has as many sheets for each application as the rubric says."""
    manager = await world.person(MANAGER)
    await world.assessors(5)
    await world.apply(1)

    path = await world.open_round(manager)

    assert (await world.get(path, manager))["progress"]["sheets"] == 3


async def test_nobody_of_the_applicants_line_gets_a_sheet(world: Panel) -> None:
    """Neither managers above nor people below nor colleagues of the same manager, whoever has left in between."""
    manager = await world.person(MANAGER)
    top = await world.person("assessor")
    between = await world.person(manager_id=top, active=False)
    applicant = await world.person(manager_id=between)
    peer = await world.person("assessor", manager_id=between)
    below = await world.person("assessor", manager_id=applicant)
    free = await world.assessors(2)
    application = await world.application_of(applicant)

    await world.open_round(manager, per_application=2)
    more = await world.ask("POST", f"{world.path}/rounds", {"per_application": 3}, actor=manager)

    assert {one["assessor_id"] for one in await all_sheets(world)} == set(free)
    assert kind(more) == (409, "round-running")
    assert {one["application_id"] for one in await all_sheets(world)} == {application}
    assert not {top, peer, below} & set(free)


async def test_too_few_assessors_are_told_by_application(world: Panel) -> None:
    """A round that cannot be independent is refused, and the refusal names each application."""
    manager, [assessor, boss] = await world.person(MANAGER), await world.assessors(2)
    hard = await world.application_of(await world.person(manager_id=boss))
    await world.apply(1)

    answer = await world.ask("POST", f"{world.path}/rounds", {"per_application": 2}, actor=manager)

    assert kind(answer) == (422, "too-few-assessors")
    assert fields(answer) == [f"/applications/{hard}"]
    assert assessor not in answer.text


async def test_assessors_who_apply_or_are_none_are_refused(world: Panel) -> None:
    """Whoever applied in the edition assesses nobody; nor does who has no such role, or left."""
    manager, good = await world.person(MANAGER), await world.assessors(2)
    applied, other, gone = (
        await world.person("assessor"),
        await world.person(),
        await world.person("assessor", active=False),
    )
    await world.apply(1)
    await world.application_of(applied)

    body = {"per_application": 2, "assessors": [good[0], applied, other, gone]}
    refused = await world.ask("POST", f"{world.path}/rounds", body, actor=manager)
    path = await world.open_round(manager, per_application=2)

    assert kind(refused) == (422, "unknown-assessors")
    assert fields(refused) == ["/assessors/1", "/assessors/2", "/assessors/3"]
    assert set((await world.get(path, manager))["assessors"]) == set(good)


async def test_assessor_of_one_company_gets_only_its_applications(world: Panel) -> None:
    """A role that is bounded to a company opens no application of another one."""
    manager = await world.person(MANAGER)
    first, second = world.edition.subsidiaries
    bounded = await world.person("assessor", bounds=[first])
    await world.assessors(2)
    [foreign] = await world.apply(1, subsidiary=second)
    await world.apply(1)

    await world.open_round(manager, per_application=2)

    mine = [one["application_id"] for one in await all_sheets(world) if one["assessor_id"] == bounded]
    assert foreign not in mine
    assert len(mine) == 1


async def test_only_what_can_be_selected_is_assessed(world: Panel) -> None:
    """Drafts, withdrawn, declined and ineligible ones, and people who left, get no sheets; a waiver lets in."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    for status in ("draft", "withdrawn", "declined"):
        await world.apply(1, status=status)
    await world.apply(1, eligibility="unmet")
    await world.apply(1, standing="left")
    [waived] = await world.apply(1, eligibility="waived")

    await world.open_round(manager, per_application=2)

    assert {one["application_id"] for one in await all_sheets(world)} == {waived}


async def test_first_opinions_are_two_at_least(world: Panel) -> None:
    """One sheet is enough only for applications that others have assessed before, and never by one of those."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [old] = await world.apply(1)
    single = {"per_application": 1}
    refused = await world.ask("POST", f"{world.path}/rounds", single, actor=manager)
    path = await world.open_round(manager, per_application=2)
    first = {one["assessor_id"] for one in await all_sheets(world)}
    await world.score_all(assessors)
    await world.hand_in(path, first)
    await world.look()
    await world.apply(1)

    again = await world.ask("POST", f"{world.path}/rounds", single, actor=manager)
    await world.open_round(manager, **single, applications=[old])

    assert kind(refused) == kind(again) == (422, "second-opinion-missing")
    [third] = [one for one in await all_sheets(world) if one["state"] == "open"]
    assert (third["application_id"], third["assessor_id"] in first) == (old, False)


async def test_same_key_opens_one_round(world: Panel) -> None:
    """A repeated request is answered with the round that it opened, also when that is closed."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    await world.apply(1)
    headers = {"Tandem-Actor": manager, "Idempotency-Key": "once"}

    first = await world.http.post(f"{world.path}/rounds", json={"per_application": 2}, headers=headers)
    await world.look()
    await world.close_round(first.headers["Location"], manager)
    again = await world.http.post(f"{world.path}/rounds", json={"per_application": 2}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["round_id"] == again.json()["round_id"]


async def test_rounds_are_opened_in_selection_only(servers: Running, tmp_path: Path) -> None:
    """Neither while the call is open nor when matching has begun."""
    async with panel(servers, tmp_path, edition("matching")) as world:
        manager = await world.person(MANAGER)
        answer = await world.ask("POST", f"{world.path}/rounds", {}, actor=manager)

    assert kind(answer) == (409, "not-in-selection")


async def test_half_made_round_is_completed(world: Panel) -> None:
    """A round whose assignment broke off goes on with the sheets that are there; nobody gets two for one."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    await world.apply(8)
    opened = await world.ask("POST", f"{world.path}/rounds", {"per_application": 2}, actor=manager)
    await world.look()
    everything = await all_sheets(world)
    lost = [one["sheet_id"] for one in everything][:9]
    await world.collection("sheets").delete_many({"_id": {"$in": lost}})
    await world.collection("rounds").update_one(
        {"_id": opened.json()["round_id"]}, {"$set": {"state.state": "assigning", "outbox": [], "sequences": {}}}
    )

    await world.look()

    made = await all_sheets(world)
    assert Counter(one["application_id"] for one in made) == Counter(one["application_id"] for one in everything)
    assert len({(one["application_id"], one["assessor_id"]) for one in made}) == 16
    assert max(Counter(one["assessor_id"] for one in made).values()) == 4
    assert len(assessors) == 4


# Sheets


async def test_sheet_is_saved_in_parts_and_handed_in_complete(world: Panel) -> None:
    """What is scored so far is kept with its total; without a score for each criterion it cannot be handed in."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    path = f"/v1/sheets/{sheet}"

    saved = await world.score(assessor, sheet, {"explains": 2}, "Kann es erklären.")
    early = await world.ask("POST", f"{path}/lock", {}, actor=assessor, etag=saved.headers["ETag"])
    wrong = await world.score(assessor, sheet, {"explains": 4, "charm": 1})
    full = await world.score(assessor, sheet)
    locked = await world.ask("POST", f"{path}/lock", {}, actor=assessor, etag=full.headers["ETag"])
    late = await world.score(assessor, sheet, WORST)

    assert (saved.json()["total"], saved.json()["missing"]) == (40.0, ["knows"])
    assert (kind(early), fields(early)) == ((422, "sheet-incomplete"), ["/scores/knows"])
    assert (wrong.status_code, fields(wrong)) == (422, ["/scores/explains", "/scores/charm"])
    assert (locked.json()["state"], locked.json()["total"]) == ("locked", 80.0)
    assert kind(late) == (409, "sheet-not-open")


async def test_stale_save_is_refused(world: Panel) -> None:
    """Of two tabs that saw the same, the second one's save is refused and changes nothing."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessor)).headers["ETag"]

    answers = [
        await world.ask("PUT", f"/v1/sheets/{sheet}", {"scores": scores}, actor=assessor, etag=seen)
        for scores in (BEST, WORST)
    ]

    assert [one.status_code for one in answers] == [200, 412]
    assert (await world.get(f"/v1/sheets/{sheet}", assessor))["scores"] == BEST


async def test_conflict_gets_the_sheet_to_somebody_else(world: Panel) -> None:
    """Who declares a conflict loses the sheet and what was written, and never gets the applicant again."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    path = await world.open_round(manager, per_application=2)
    first = sorted({one["assessor_id"] for one in await all_sheets(world)})
    [sheet] = await world.sheets(first[0])
    saved = await world.score(first[0], sheet)

    given_back = await world.ask(
        "POST", f"/v1/sheets/{sheet}/conflict", {"reason": REASON}, actor=first[0], etag=saved.headers["ETag"]
    )
    await world.look()
    await world.score_all(assessors)
    await world.hand_in(path, {*assessors} - {first[0]})
    await world.look()

    assert (given_back.json()["state"], given_back.json()["application"]) == ("conflicted", None)
    assert given_back.json()["scores"] == {}
    assert await world.sheets(first[0]) == []
    board = await world.get(f"{world.path}/board", manager)
    assert [(one["sheets"], one["flags"]) for one in board["entries"]] == [(2, ["conflict"])]
    again = await world.ask("POST", f"{world.path}/rounds", {"per_application": 1, "assessors": first}, actor=manager)
    assert (kind(again), fields(again)) == ((422, "too-few-assessors"), [f"/applications/{application}"])


async def test_missing_replacement_is_told_and_two_opinions_suffice(world: Panel) -> None:
    """Where nobody independent is left the manager learns of which application; a first round ends with two sheets."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    path = await world.open_round(manager, per_application=3)
    [sheet] = await world.sheets(assessors[0])
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessors[0])).headers["ETag"]
    await world.ask("POST", f"/v1/sheets/{sheet}/conflict", {"reason": REASON}, actor=assessors[0], etag=seen)
    await world.look(2)
    short = (await world.get(path, manager))["progress"]["short"]

    await world.score_all(assessors[1:])
    await world.hand_in(path, assessors[1:])
    await world.look(2)

    assert short == [application]
    assert (await world.get(path, manager))["state"] == "closed"


async def test_sheets_of_who_withdraws_or_drops_out_are_taken_back(world: Panel) -> None:
    """An application that is withdrawn needs no sheets; an assessor who leaves the group is replaced."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    gone, stays = await world.apply(2)
    path = await world.open_round(manager, per_application=2)
    leaver = next(one["assessor_id"] for one in await all_sheets(world) if one["application_id"] == stays)
    await world.change(gone, status="withdrawn", withdrawn=Withdrawal(None, AT))
    await world.person("assessor", id=leaver, active=False)

    await world.look(2)
    left = [one for one in await all_sheets(world) if one["state"] == "open"]
    await world.score_all({*assessors} - {leaver})
    await world.hand_in(path, {*assessors} - {leaver})
    await world.look()

    assert {one["application_id"] for one in left} == {stays}
    assert len(left) == 2
    assert leaver not in {one["assessor_id"] for one in left}
    assert (await world.get(path, manager))["state"] == "closed"


async def test_sheet_of_an_assessor_who_came_into_the_line_is_taken_back(world: Panel) -> None:
    """Whoever becomes the applicant's manager during a round is replaced, and keeps the sheets of others."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    mentors = [await world.person() for _ in range(2)]
    hers, others = [await world.application_of(one) for one in mentors]
    await world.open_round(manager, per_application=2)
    before = await all_sheets(world)
    both = {one["assessor_id"] for one in before if one["application_id"] == hers}
    boss = next(
        id for id in sorted(both) if id in {one["assessor_id"] for one in before if one["application_id"] == others}
    )
    above = await world.person(manager_id=boss)
    await world.person(id=mentors[0], manager_id=above)

    await world.look(2)
    after = {(one["application_id"], one["assessor_id"]): one["state"] for one in await all_sheets(world)}

    assert after[hers, boss] == "void"
    assert after[others, boss] == "open"
    assert {who for (what, who), state in after.items() if (what, state) == (hers, "open")} == {*assessors} - {boss}


async def test_round_ends_by_itself_when_everything_is_in(world: Panel) -> None:
    """The last sheet that is handed in closes the round; the topic is told once, and who says so is the service."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    await world.apply(2)
    path = await world.open_round(manager, per_application=2)
    await world.score_all(assessors)
    await world.hand_in(path, assessors[:1])
    await world.look()
    waiting = await world.get(path, manager)

    await world.hand_in(path, assessors[1:])
    await world.look(2)

    closed = await world.get(path, manager)
    assert (waiting["state"], waiting["progress"]["open_by"]) == ("open", [{"assessor_id": assessors[1], "open": 2}])
    assert (closed["state"], closed["closed_by"], closed["closing_reason"]) == ("closed", None, None)
    [document] = await world.collection("rounds").find({}).to_list(None)
    assert document["outbox"][-1]["type"] == "org.tandem.round.closed.v1"
    assert (document["outbox"][-1]["actor"], len(document["outbox"])) == ("applications", 2)


async def test_early_closing_counts_what_is_complete(world: Panel) -> None:
    """A saved complete sheet counts as if it had been handed in, a started one does not; the reason is kept."""
    manager, [one, other] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    path = await world.open_round(manager, per_application=2)
    await world.score(one, (await world.sheets(one))[0])
    await world.score(other, (await world.sheets(other))[0], {"explains": 3})

    await world.close_round(path, manager)

    states = {sheet["assessor_id"]: sheet["state"] for sheet in await all_sheets(world)}
    assert states == {one: "locked", other: "missed"}
    shown = await world.get(path, manager)
    assert (shown["closed_by"], shown["closing_reason"]) == (manager, REASON)
    [entry] = (await world.get(f"{world.path}/board", manager))["entries"]
    assert (entry["sheets"], entry["median"]) == (1, 80.0)


async def test_closing_that_broke_off_is_ended_by_the_loop(world: Panel) -> None:
    """After a crash between the beginning and the end of a closing the loop goes on, in the name of who began."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    await world.apply(3)
    path = await world.open_round(manager, per_application=2)
    await world.score_all(assessors)
    crashed = {"state.state": "closing", "state.cause": "closed_early", "state.closed_by": manager}
    await world.collection("rounds").update_one({}, {"$set": crashed, "$inc": {"version": 1}})

    refused = await world.score(assessors[0], (await world.sheets(assessors[0]))[0], WORST)
    await world.look()

    assert kind(refused) == (409, "round-not-open")
    assert {one["state"] for one in await all_sheets(world)} == {"locked"}
    assert (await world.get(path, manager))["state"] == "closed"


# The board


async def judged(world: Panel, *totals: int, places: int) -> tuple[str, list[str]]:
    """A closed round in which two assessors gave these levels (1 to 3) to an application each; manager and ids."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    applications = await world.apply(len(totals))
    await world.oblige(places)
    path = await world.open_round(manager, per_application=2)
    of = {one["sheet_id"]: one for one in await all_sheets(world)}
    for assessor in assessors:
        for sheet in await world.sheets(assessor):
            level = totals[applications.index(of[sheet]["application_id"])]
            assert (await world.score(assessor, sheet, {"explains": level, "knows": level})).status_code == 200
    await world.hand_in(path, assessors)
    await world.look()
    return manager, applications


async def test_board_ranks_and_proposes(world: Panel) -> None:
    """The best fill the places, the rest is reserved in order; nobody is ever proposed to be declined."""
    manager, [low, high, middle] = await judged(world, 1, 3, 2, places=1)

    board = await world.get(f"{world.path}/board", manager)

    found = [(one["application_id"], one["rank"], one["proposal"], one["reserve_number"]) for one in board["entries"]]
    assert found == [(high, 1, "selected", None), (middle, 2, "reserved", 1), (low, 3, "reserved", 2)]
    assert board["places"] == {"needed": 1, "selected": 0, "proposed": 1, "short": 0}
    assert [one["median"] for one in board["entries"]] == [100.0, 66.67, 33.33]
    assert (board["state"], [one["number"] for one in board["rounds"]]) == ("ranked", [1])
    assert all(len(one["totals"]) == 2 for one in board["entries"])


async def test_board_flags_what_people_must_look_at(world: Panel) -> None:
    """Waivers and departures are flagged; who left the group is ranked but not proposed, who withdrew is neither."""
    manager, [first, second, third] = await judged(world, 2, 2, 3, places=2)
    await world.change(first, eligibility="waived")
    await world.change(third, standing="left")
    [sheet] = [one for one in await all_sheets(world) if one["application_id"] == second][:1]
    await world.collection("sheets").update_one(
        {"_id": sheet["sheet_id"]}, {"$set": {"state.scores": {"explains": 3, "knows": 1}}}
    )
    tied = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}
    await world.change(second, status="withdrawn", withdrawn=Withdrawal(None, AT))
    after = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}

    assert tied[first]["flags"] == ["waiver"]
    assert (tied[third]["flags"], tied[third]["proposal"]) == (["left"], None)
    assert (after[second]["flags"], after[second]["rank"]) == (["withdrawn"], None)
    assert after[first]["proposal"] == "selected"


async def test_many_decisions_are_prepared_at_once(world: Panel) -> None:
    """Each stands alone: what a rule forbids is told by application, the others are prepared; again changes nothing."""
    manager, [one, two, gone] = await judged(world, 3, 2, 1, places=1)
    await world.change(gone, status="withdrawn", withdrawn=Withdrawal(None, AT))
    unknown = "00000000-0000-4000-8000-000000000000"
    wanted = [(one, "selected"), (two, "reserved"), (gone, "declined"), (unknown, "declined")]
    body = {"decisions": [{"application_id": id, "decision": said} for id, said in wanted], "reason": REASON}

    first = await world.ask("POST", f"{world.path}/decisions", body, actor=manager)
    again = await world.ask("POST", f"{world.path}/decisions", body, actor=manager)

    assert first.json()["decided"] == again.json()["decided"] == 2
    assert {one["application_id"]: one["kind"] for one in first.json()["refused"]} == {
        gone: "withdrawn",
        unknown: "not-found",
    }
    entries = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}
    assert (entries[one]["pending"]["decision"], entries[one]["pending"]["decided_by"]) == ("selected", manager)
    documents = await world.collection("applications").find({"_id": {"$in": [one, two]}}).to_list(None)
    assert [len(document["outbox"]) for document in documents] == [1, 1]


async def test_vacancy_names_the_next_reserve(world: Panel) -> None:
    """A selected mentor who withdraws, or lets the last day pass, leaves a place for the first reserve."""
    manager, [chosen, next_one, last] = await judged(world, 3, 2, 1, places=1)
    said = Decision("selected", None, manager, AT, released_at=AT)
    await world.change(chosen, status="selected", decision=said)
    for one in (next_one, last):
        await world.change(one, status="reserved", decision=replace(said, decision="reserved"))
    full = await world.get(f"{world.path}/board", manager)
    await world.change(chosen, status="withdrawn", withdrawn=Withdrawal(None, AT))
    open_place = await world.get(f"{world.path}/board", manager)
    await world.change(next_one, status="selected", decision=said)
    filled = await world.get(f"{world.path}/board", manager)

    assert (full["vacancies"], full["places"]["selected"]) == ([], 1)
    assert open_place["vacancies"] == [{"left": chosen, "cause": "withdrawn", "next": next_one}]
    assert filled["vacancies"] == []


async def test_place_that_nobody_accepted_is_vacant(servers: Running, tmp_path: Path) -> None:
    """After the last day for accepting, in the edition's zone, the place is free and told why."""
    async with panel(servers, tmp_path, edition("selection", accept_by=date(2026, 2, 20))) as world:
        manager, [chosen] = await judged(world, 3, places=1)
        said = Decision("selected", None, manager, AT, released_at=AT)
        await world.change(chosen, status="selected", decision=said, offer=Offer(places=2))
        world.clock.write_text("2026-02-20T22:59:59Z")
        before = await world.get(f"{world.path}/board", manager)
        world.clock.write_text("2026-02-20T23:00:00Z")
        after = await world.get(f"{world.path}/board", manager)

    assert (before["vacancies"], before["places"]["selected"]) == ([], 2)
    assert after["vacancies"] == [{"left": chosen, "cause": "not-accepted", "next": None}]
    assert after["places"]["short"] == 1


async def test_sheets_of_an_application_are_shown_after_the_round(world: Panel) -> None:
    """Those responsible see who gave what and why; so do its own assessors, and nobody else."""
    manager, [application] = await judged(world, 3, places=1)
    wrote = (await all_sheets(world))[0]["assessor_id"]
    [other] = await world.assessors(1)
    path = f"/v1/applications/{application}/sheets"

    by_manager, by_author = await world.get(path, manager), await world.get(path, wrote)
    hidden = await world.ask("GET", path, actor=other)

    assert by_manager == by_author
    assert [(one["round"], one["total"], one["scores"]) for one in by_manager] == [(1, 100.0, BEST)] * 2
    assert hidden.status_code == 404


async def test_feedback_is_means_after_the_decision(world: Panel) -> None:
    """The applicant alone learns means by criterion once the decision was released, never anybody's own sheet."""
    manager, [application] = await judged(world, 2, places=1)
    applicant = world.applications[application].mentor_id
    path = f"/v1/applications/{application}/feedback"
    early = await world.ask("GET", path, actor=applicant)
    said = Decision("declined", REASON, manager, AT, released_at=AT)
    await world.change(application, status="declined", decision=said)

    shown = await world.get(path, applicant)
    foreign = await world.ask("GET", path, actor=manager)
    await world.collection("sheets").update_one({}, {"$set": {"state.state": "missed"}})
    single = await world.ask("GET", path, actor=applicant)

    assert (early.status_code, foreign.status_code) == (404, 404)
    assert shown["sheets"] == 2
    assert [(one["criterion_id"], one["mean"], one["levels"]) for one in shown["criteria"]] == [
        ("explains", 2.0, 3),
        ("knows", 2.0, 3),
    ]
    assert kind(single) == (409, "too-few-sheets")


async def test_level_is_a_whole_number(world: Panel) -> None:
    """A level is a whole number from 1 on: neither true nor a text nor a half."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessor)).headers["ETag"]

    for level in (True, "2", 1.5, 0):
        body = {"scores": {**LEVELS, "knows": level}}
        answer = await world.ask("PUT", f"/v1/sheets/{sheet}", body, actor=assessor, etag=seen)
        assert (answer.status_code, fields(answer)) == (422, ["/scores/knows"])
