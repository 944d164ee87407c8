"""While a round is open nobody learns anything of others' sheets: by no answer, no header, no order, and no effort."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest

from services.chassis.auth.rules import RoleName
from services.chassis.http.gate import routes_of
from tests.support.editions import CALL, WORDING, edition
from tests.support.selecting import LEVELS, REASON, Panel, panel
from tests.support.servers import Running

ROLES = get_args(RoleName)
ALONE = [*((role,) for role in ROLES), ROLES, ()]
MIXED = [*ALONE, *(pair for pair in combinations(ROLES, 2) if {"programme_manager", "assessor"} & set(pair))]
NOWHERE = "00000000-0000-4000-8000-000000000000"
BEST, WORST = {"explains": 3, "knows": 3}, {"explains": 1, "knows": 1}
_UNTOLD = {"x-request-id", "date", "content-length"}
_REMEMBERED = {"editions"}  # looked up once a second, whoever asks
Answer = tuple[int, dict[str, str], Any]


@dataclass(slots=True)
class Half:
    """A round in which some sheets are filled in and others are not."""

    world: Panel
    round: str
    writers: list[str]
    applications: list[str]
    callers: dict[tuple[str, tuple[str, ...]], str]

    async def ask_everything(self, caller: str, named: Mapping[str, str]) -> dict[str, Answer]:
        """What a caller is answered on each route that reads, with these ids in its path."""
        paths = [*self.paths(named), f"/v1/sheets/{await self.own_sheet(caller)}"]
        answers = await asyncio.gather(*(self.world.ask("GET", path, actor=caller) for path in paths))
        return {path: told(answer) for path, answer in zip(paths, answers, strict=True)}

    def paths(self, named: Mapping[str, str]) -> Iterator[str]:
        """The routes that read, whichever there are, and of lists the first page of one."""
        for route in sorted(routes_of(self.world.app)):
            method, path = route.split(" ", 1)
            if method == "GET" and not path.startswith("/v1/operations"):
                yield path.format(**named)
                if path.endswith("s"):
                    yield f"{path.format(**named)}?limit=1"

    async def own_sheet(self, caller: str) -> str:
        """A sheet of the caller's, or an id that nothing has."""
        found = await self.world.collection("sheets").find_one({"state.assessor_id": caller})
        return str(found["_id"]) if found else NOWHERE

    @property
    def few(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """The callers with one role, all, or none."""
        return {who: caller for who, caller in self.callers.items() if who[1] in ALONE}


def told(answer: Any) -> Answer:
    """All that a caller could tell an answer from another one by."""
    headers = {name: value for name, value in answer.headers.items() if name not in _UNTOLD}
    return answer.status_code, headers, answer.json()


def without_progress(answer: Answer) -> Answer:
    """An answer without what those responsible are told of how many sheets are still open, and by whom."""
    status, headers, body = answer

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(one) for name, one in value.items() if name not in {"missing", "as_of", "progress"}}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return status, headers, bare(body)


@pytest.fixture
async def half(servers: Running, tmp_path: Path) -> AsyncIterator[Half]:
    async with panel(servers, tmp_path) as world:
        manager = await world.person("group_office")
        writers = await world.assessors(3)
        readers = {("assessor", mix): await world.person(*mix, "assessor") for mix in ALONE}
        applications = await world.apply(4)
        await world.oblige(2)
        round = await world.open_round(manager, per_application=2, assessors=writers)
        await _give_each_a_sheet(world, round, list(readers.values()), applications[0])
        applicants = {("applicant", mix): await world.person(*mix) for mix in ALONE}
        for applicant in applicants.values():
            await world.application_of(applicant, status="selected")
        strangers = {("stranger", mix): await world.person(*mix) for mix in MIXED}
        yield Half(world, round, writers, applications, {**readers, **applicants, **strangers})


async def _give_each_a_sheet(world: Panel, round: str, assessors: list[str], application: str) -> None:
    """More assessors in the round, each with a sheet on the same application."""
    id = round.rpartition("/")[2]
    [sheet] = await world.collection("sheets").find({"state.application_id": application}).limit(1).to_list(None)
    made = []
    for number, assessor in enumerate(assessors):
        named = f"00000000-0000-4000-9000-{number:012}"
        made.append({**sheet, "_id": named, "state": {**sheet["state"], "sheet_id": named, "assessor_id": assessor}})
    await world.collection("sheets").insert_many(made)
    await world.collection("rounds").update_one({"_id": id}, {"$push": {"state.assessors": {"$each": assessors}}})


async def _snapshot(half: Half) -> dict[tuple[Any, str], Answer]:
    """What everybody is answered everywhere, about an application and a sheet that others fill in meanwhile."""
    foreign = await half.world.collection("sheets").find_one({"state.assessor_id": half.writers[0]})
    named = {
        "edition_id": half.world.edition.edition_id,
        "round_id": half.round.rpartition("/")[2],
        "application_id": foreign["state"]["application_id"],
        "sheet_id": foreign["_id"],
        "participation_id": NOWHERE,
    }
    seen = {}
    for who, caller in half.callers.items():
        seen |= {(who, path): answer for path, answer in (await half.ask_everything(caller, named)).items()}
    return seen


async def test_nobody_learns_anything_before_the_round_is_closed(half: Half) -> None:
    """Whatever others write, comment and hand in: no caller of any role or two roles sees any answer change.

    Bodies, counts, status codes, ETags, cursors and orders are compared. Those responsible who neither applied nor
    have sheets to hand in are told how many are still open, and by whom, and nothing else.
    """
    before = await _snapshot(half)
    await half.world.score_all(half.writers, BEST)
    for writer in half.writers:
        for sheet in (await half.world.sheets(writer))[:1]:
            assert (await half.world.score(writer, sheet, WORST, "A comment that nobody reads.")).status_code == 200
    await half.world.hand_in(half.round, half.writers)
    after = await _snapshot(half)

    told_progress = set()
    assert len(before) == len(after)
    assert len(before) > 500
    for key, answer in before.items():
        assert without_progress(after[key]) == without_progress(answer), key
        if after[key] != answer:
            told_progress.add(key[0])
    assert {kind for kind, _ in told_progress} <= {"stranger"}
    assert all({"group_office", "programme_manager"} & set(mix) for _, mix in told_progress)


async def test_others_sheets_look_like_none(half: Half) -> None:
    """Whoever reads, writes, locks or gives back somebody else's sheet is told word for word that there is none."""
    foreign = (await half.world.sheets(half.writers[0]))[0]
    await half.world.score(half.writers[0], foreign, BEST)
    body = {"scores": LEVELS}
    ways = [("GET", "", None), ("PUT", "", body), ("POST", "/lock", {}), ("POST", "/conflict", {"reason": REASON})]

    for who, caller in half.few.items():
        for method, step, said in ways:
            answers = []
            for sheet in (foreign, NOWHERE):
                half.world.commands.seen.clear()
                path = f"/v1/sheets/{sheet}{step}"
                answer = await half.world.ask(method, path, said, actor=caller, etag='"1"' if said is not None else "")
                answers.append((answer.status_code, answer.text.replace(sheet, "…"), _effort(half.world)))
            assert answers[0] == answers[1], (who, method, step)
            assert answers[0][0] in {403, 404}


async def test_effort_does_not_tell_who_was_assessed(half: Half) -> None:
    """The same question about an application with and one without handed-in sheets costs the same commands."""
    scored, untouched = half.applications[1], half.applications[2]
    for writer in half.writers:
        found = await half.world.collection("sheets").find_one(
            {"state.assessor_id": writer, "state.application_id": scored}
        )
        if found:
            await half.world.score(writer, found["_id"], BEST)
            seen = (await half.world.ask("GET", f"/v1/sheets/{found['_id']}", actor=writer)).headers["ETag"]
            await half.world.ask("POST", f"/v1/sheets/{found['_id']}/lock", {}, actor=writer, etag=seen)
    locked = await half.world.collection("sheets").count_documents(
        {"state.application_id": scored, "state.state": "locked"}
    )
    assert locked == 2

    for who, caller in half.few.items():
        for path in ("/v1/applications/{}", "/v1/applications/{}/sheets", "/v1/applications/{}/feedback"):
            efforts = []
            for application in (scored, untouched):
                half.world.commands.seen.clear()
                answer = await half.world.ask("GET", path.format(application), actor=caller)
                efforts.append((answer.status_code, _effort(half.world)))
            assert efforts[0] == efforts[1], (who, path)


def _effort(world: Panel) -> list[tuple[str, str]]:
    """Which commands went to which collection; a denial on record is an insert or an update, by lot."""
    ways = {"insert": "write", "update": "write"}
    return [(ways.get(name, name), target) for name, target, _ in world.commands.seen if target not in _REMEMBERED]


async def test_names_that_are_hidden_cannot_be_told(servers: Running, tmp_path: Path) -> None:
    """Where names are hidden no answer to an assessor holds an id that depends on who applied, not even the sheet's."""
    hidden = edition("selection")
    wording = replace(WORDING, names_hidden=True)
    hidden = replace(hidden, call=replace(CALL, wording=wording, opened_at=hidden.opened_at))
    async with panel(servers, tmp_path, hidden) as world:
        manager, assessors = await world.person("group_office"), await world.assessors(2)
        [application] = await world.apply(1)
        mentor = world.applications[application].mentor_id
        path = await world.open_round(manager, per_application=2)
        [sheet] = await world.sheets(assessors[0])
        texts = [
            (await world.ask("GET", place, actor=assessors[0])).text
            for place in (f"/v1/sheets/{sheet}", f"{world.path}/sheets", path, f"{world.path}/rounds")
        ]
        await world.score_all(assessors)
        await world.hand_in(path, assessors)
        await world.look()
        after = await world.ask("GET", f"/v1/applications/{application}/sheets", actor=assessors[0])
        [round] = await world.collection("rounds").find({}).to_list(None)

    assert not any(mentor in text or application in text for text in texts)
    assert '"name_hidden":true' in texts[0]
    assert round["state"]["seed"] not in "".join(texts)
    assert after.status_code == 404


async def test_sheets_come_in_another_order_for_each_assessor(servers: Running, tmp_path: Path) -> None:
    """No order of a list says anything: it is by ids that are drawn for each sheet, and scoring does not move them."""
    async with panel(servers, tmp_path) as world:
        manager, [one, other] = await world.person("group_office"), await world.assessors(2)
        await world.apply(12)
        await world.open_round(manager, per_application=2)
        documents = await world.collection("sheets").find().to_list(None)
        ids = {one["_id"]: one["state"]["application_id"] for one in documents}
        orders = [[ids[sheet] for sheet in await world.sheets(who)] for who in (one, other)]
        before = await world.sheets(one)
        for sheet in before[5:]:
            await world.score(one, sheet, BEST)

        assert orders[0] != orders[1]
        assert sorted(orders[0]) == sorted(orders[1])
        assert await world.sheets(one) == before


def _matters_of_the_selection(edition: str, round: str, application: str) -> list[tuple[str, str, Any, str]]:
    """What parties to a selection may not do or see: method, path, body, ETag."""
    declined = {"decision": "declined", "reason": REASON}
    many = {"decisions": [{"application_id": application.rpartition("/")[2], "decision": "declined"}], "reason": REASON}
    late = {"person_id": application.rpartition("/")[2], "until": "2026-03-01T12:00:00Z", "reason": REASON}
    return [
        ("GET", f"{edition}/board", None, ""),
        ("GET", f"{application}/sheets", None, ""),
        ("POST", f"{edition}/decisions", many, ""),
        ("POST", f"{round}/closure", {"reason": REASON}, '"2"'),
        ("POST", f"{application}/decision", declined, '"1"'),
        ("POST", f"{application}/waiver", {"decision": "refused", "reason": REASON}, '"1"'),
        ("POST", f"{application}/acceptance-extension", {"until": "2026-05-01", "reason": REASON}, '"1"'),
        ("POST", f"{edition}/release", {}, ""),
        ("POST", f"{edition}/late-admissions", late, ""),
    ]


async def test_managers_who_assess_or_applied_see_nothing_of_the_selection(servers: Running, tmp_path: Path) -> None:
    """Whoever is both on the panel and responsible hands in first; whoever applied leaves the selection to others."""
    async with panel(servers, tmp_path) as world:
        manager = await world.person("group_office")
        both = await world.person("programme_manager", "assessor")
        applied = await world.person("programme_manager")
        [application, _] = await world.apply(2)
        await world.application_of(applied)
        await world.assessors(1)
        path = await world.open_round(manager, per_application=2)
        [other] = [one for one in (await world.get(path, manager))["assessors"] if one != both]
        asked = _matters_of_the_selection(world.path, path, f"/v1/applications/{application}")
        answers = {
            (who, place): (await world.ask(method, place, said, actor=who, etag=etag)).json()
            for who in (both, applied)
            for method, place, said, etag in asked
        }
        shown = [await world.get(path, who) for who in (both, applied)]
        await world.score_all([both, other])
        await world.hand_in(path, [both])
        after = await world.get(f"{world.path}/board", both)
        decided = await world.ask("POST", f"{world.path}/release", {}, actor=both)

    assert decided.status_code == 200
    assert {answer["type"] for answer in answers.values()} == {"urn:tandem:problem:own-case"}
    assert [one["progress"] for one in shown] == [None, None]
    assert after["missing"] == [{"assessor_id": other, "open": 3}]


async def test_third_opinion_does_not_know_the_first_two(servers: Running, tmp_path: Path) -> None:
    """While somebody has a round to do, even with all sheets handed in, they see no earlier sheets of others."""
    async with panel(servers, tmp_path) as world:
        manager, [one, two, three] = await world.person("group_office"), await world.assessors(3)
        [first] = await world.apply(1)
        path = await world.open_round(manager, per_application=2, assessors=[one, two])
        await world.score_all([one, two])
        await world.hand_in(path, [one, two])
        await world.look()
        place = f"/v1/applications/{first}/sheets"
        between = await world.ask("GET", place, actor=one)
        [own] = [sheet for sheet in between.json() if sheet["assessor_id"] == one]
        [new] = await world.apply(1)
        third = await world.open_round(manager, per_application=2, assessors=[one, three], applications=[new])
        open_sheets = await world.sheets(one)
        meanwhile = await world.ask("GET", place, actor=one)
        other = await world.ask("GET", place, actor=two)
        await world.score_all([one])
        await world.hand_in(third, [one])
        handed_in = await world.ask("GET", place, actor=one)
        board = await world.get(f"{world.path}/board", manager)

    assert (between.status_code, own["total"], len(open_sheets)) == (200, 80.0, 1)
    assert (meanwhile.status_code, other.status_code, handed_in.status_code) == (404, 200, 404)
    assert (board["state"], board["entries"]) == ("round-open", [])


# The race of a save against the closing


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.08])
async def test_save_that_meets_the_closing_counts_or_is_refused(servers: Running, tmp_path: Path, delay: float) -> None:
    """Many saves while the round closes: what was answered 200 counts as it was saved, what was refused does not.

    Whatever is seen once the round is closed is never different later.
    """
    async with panel(servers, tmp_path) as world:
        manager, assessors = await world.person("group_office"), await world.assessors(6)
        await world.apply(20)
        path = await world.open_round(manager, per_application=3)
        await world.score_all(assessors, WORST)
        own = [(who, sheet) for who in assessors for sheet in await world.sheets(who)]
        seen = [await world.ask("GET", f"/v1/sheets/{sheet}", actor=who) for who, sheet in own]
        versions = {sheet: one.headers["ETag"] for (_, sheet), one in zip(own, seen, strict=True)}

        async def save(who: str, sheet: str, after: float) -> tuple[str, int]:
            await asyncio.sleep(after)
            place = f"/v1/sheets/{sheet}"
            answer = await world.ask("PUT", place, {"scores": BEST}, actor=who, etag=versions[sheet])
            return sheet, answer.status_code

        async def close() -> dict[str, Any]:
            await asyncio.sleep(delay)
            await world.close_round(path, manager)
            return {one["_id"]: one["state"] for one in await world.collection("sheets").find().to_list(None)}

        saves = [save(who, sheet, number * 0.004) for number, (who, sheet) in enumerate(own)]
        first, *answered = await asyncio.gather(close(), *saves)
        assert isinstance(first, dict)
        later = {one["_id"]: one["state"] for one in await world.collection("sheets").find().to_list(None)}

    assert {status for _, status in answered} <= {200, 409, 412}
    assert later == first
    assert {state["state"] for state in later.values()} == {"locked"}
    for sheet, status in answered:
        assert later[sheet]["scores"] == (BEST if status == 200 else WORST)


async def test_sheet_made_while_the_round_closes_is_never_written(servers: Running, tmp_path: Path) -> None:
    """A replacement that a slow process makes after the close stays unseen, refuses scores and blocks nobody."""
    async with panel(servers, tmp_path) as world:
        manager, assessors = await world.person("programme_manager", "assessor"), await world.assessors(3)
        await world.apply(1)
        path = await world.open_round(manager, per_application=2, assessors=assessors)
        slow = world.assigning()
        stale = (await slow.rounds.get(path.rpartition("/")[2])).state
        [given_back, *_] = [one for one in assessors if await world.sheets(one)]
        [sheet] = await world.sheets(given_back)
        seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=given_back)).headers["ETag"]
        await world.ask("POST", f"/v1/sheets/{sheet}/conflict", {"reason": REASON}, actor=given_back, etag=seen)
        await world.close_round(path, manager)

        await slow.refill(stale)

        [late] = [one["state"] for one in await world.collection("sheets").find({"state.state": "void"}).to_list(None)]
        answer = await world.score(late["assessor_id"], late["sheet_id"])
        board = await world.get(f"{world.path}/board", manager)

    assert answer.status_code == 409
    assert [one["sheets"] for one in board["entries"]] == [0]
