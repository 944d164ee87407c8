"""Promises of the board: what is shown when, its order, its file, and what it wants of whom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from tests.support.portal_selection import EDITION, NOW, RANKED, ROUND, board, entry, problem, selector_at, words_of
from tests.support.portal_stage import Stage, stage_of
from tests.support.servers import Running


@pytest.fixture(scope="module")
async def stage(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The portal of this file."""
    async with stage_of(servers, tmp_path_factory.mktemp("issuer")) as one:
        yield one


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of an assessor who manages an edition too, in whose round she has three sheets."""
    async with selector_at(stage) as one:
        yield one


async def test_board_of_an_open_round_shows_who_is_missing_and_no_score(browser: httpx2.AsyncClient) -> None:
    """While a round is open its page names those who have sheets open, and no application."""
    told = words_of((await browser.get("/editions/e1/selection")).text)
    assert "4 of 6" in told
    assert "Gesa Mohr 2" in told
    assert "Mentor" not in told.replace("mentor places", "").replace("Mentors", "")
    assert "Close the round early" in told
    assert "Download" not in told


async def test_ranked_board_has_a_cut_line_ties_and_flags(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The line is drawn where the places suffice; equal ranks are ties; normalised scores stand beside raw ones."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    page = await browser.get("/editions/e1/selection")
    told = words_of(page.text)
    assert "2 of 2" in told
    assert "3 applications by rank" in told
    before, after = told.split("Cut line: 2 places are needed.")
    assert "2 Mentor 2 Messen 80.25 78.2 4 2 1 2 proposed: select tie" in before
    assert "2 Mentor 3 Messen 80.25 78.2 31 2 1 3 proposed: reserve list tie assessors disagree" in after
    assert "Not ranked" in after
    assert "Mentor 4 Messen withdrawn" in after
    assert 'href="/editions/e1/selection/rounds/new?ask=disagreement"' in page.text
    assert 'aria-sort="ascending"><a href="/editions/e1/selection?sort=rank"' in page.text
    by_spread = await browser.get("/editions/e1/selection?sort=spread")
    assert "Cut line" not in by_spread.text
    assert re.findall(r"Mentor \d", words_of(by_spread.text))[:3] == ["Mentor 3", "Mentor 1", "Mentor 2"]


async def test_tie_at_the_cut_is_left_to_people(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where the places end within a tie, the line is drawn below all of it and says so."""
    tied = [entry(one, rank=2, tied=True, flags=["tie-at-cut"], cumulated=one) for one in (2, 3)]
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1), *tied, entry(4))))
    told = words_of((await browser.get("/editions/e1/selection")).text)
    before, after = told.split("Cut line: the 2 places end within the tie of rank 2.")
    assert "Mentor 3" in before
    assert "Mentor 4" in after


async def test_list_is_downloaded_without_formulas(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The panel's file holds all columns, and no cell that a spreadsheet would compute."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    stage.people.answer("GET /v1/names", (200, [{"id": "m1", "name": "=cmd()"}]))
    answer = await browser.get("/editions/e1/selection/list.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, one, *_, last = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert first[:5] == ["Rank", "Tied", "Name", "Company", "Median"]
    assert one[:9] == ["1", "no", "'=cmd()", "Messen", "90.5", "4.0", "2", "1", "1"]
    assert last[0] == ""


async def test_vacancy_proposes_and_a_person_decides(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A free place names the next reserve on the board and the overview; the way leads to a decision, not past it."""
    reserve = entry(3, status="reserved", reserve_number=1)
    gone = entry(1, rank=None, status="withdrawn", flags=["withdrawn"])
    vacancy = {"left": "a1", "cause": "withdrawn", "next": "a3"}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(reserve, gone, vacancies=[vacancy])))
    page = await browser.get("/editions/e1/selection")
    told = words_of(page.text)
    assert "Mentor 1 has withdrawn. Next on the reserve list: Mentor 3." in told
    assert "number 1 on the reserve list" in told
    assert 'href="/editions/e1/selection/a3?to=selected"' in page.text
    home = await browser.get("/")
    assert 'href="/editions/e1/selection/a3?to=selected">Decide on the next reserve: Mentor 3</a>' in home.text


async def test_decision_on_the_next_reserve_waits_for_its_release(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Once it is noted, board and overview lead to the release and no more to the decision."""
    reserve = entry(3, status="reserved", reserve_number=1, pending={"decision": "selected"})
    gone = entry(1, rank=None, status="withdrawn", flags=["withdrawn"])
    vacancy = {"left": "a1", "cause": "withdrawn", "next": "a3"}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(reserve, gone, vacancies=[vacancy])))
    page, home = await browser.get("/editions/e1/selection"), await browser.get("/")
    assert "A decision on Mentor 3 is noted: release it" in page.text
    assert "Release 1 decision" in words_of(home.text)
    for one in (page, home):
        assert "a3?to=selected" not in one.text


async def test_who_is_undecided_without_a_rank_is_named(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who is not eligible is on no page of proposals, so the board leads to each; not to those who withdrew."""
    unmet = entry(4, rank=None, median=None, spread=None, totals=[], flags=["unmet"])
    gone = entry(5, rank=None, status="withdrawn", flags=["withdrawn"], totals=[])
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1), unmet, gone)))
    page = (await browser.get("/editions/e1/selection")).text
    assert "1 application without a rank is undecided" in words_of(page)
    assert page.count('href="/editions/e1/selection/a4"') == 2
    assert page.count('href="/editions/e1/selection/a5"') == 1


async def test_overview_says_what_assessing_and_selecting_want(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Sheets to hand in, a round that is over its day, decisions to release: each leads to its page."""
    late = {**ROUND, "due_at": (NOW - timedelta(days=2)).isoformat()}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(rounds=[late])))
    home = await browser.get("/")
    told = words_of(home.text)
    assert "Assess applications: 3 of 3 still to hand in" in told
    assert "6 days left" in told
    assert 'href="/editions/e1/selection/rounds/r1/close">Close the round, or wait' in home.text
    pending = entry(1, pending={"decision": "selected"})
    stage.people.answer("GET /v1/editions/e1/board", (200, board(pending)))
    assert "Release 1 decision" in words_of((await browser.get("/")).text)
    stage.people.answer("GET /v1/editions/e1/board", problem(403, "own-case"))
    assert "Release" not in words_of((await browser.get("/")).text)


async def test_work_for_others_comes_before_a_call(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever has a role may answer a call too, but what others wait for stands first."""
    call = {"closes_at": (NOW + timedelta(days=9)).isoformat(), "reference_date": "2026-07-01"}
    called = {**EDITION, "edition_id": "e2", "name": "2027/28", "stage": "call_open", "group_wide": True, "call": call}
    stage.people.answer("GET /v1/editions", (200, [EDITION, called]))
    told = words_of((await browser.get("/")).text)
    assert told.index("Assess applications: 3 of 3") < told.index("Apply as a mentor: 2027/28")


async def test_who_takes_part_sees_no_board(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A manager with sheets to hand in, or who applied, learns why the page is closed to her."""
    stage.people.answer("GET /v1/editions/e1/board", problem(403, "own-case"))
    answer = await browser.get("/editions/e1/selection")
    assert answer.status_code == 403
    assert "You take part in this selection yourself" in answer.text
