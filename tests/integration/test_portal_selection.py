"""Promises of the board: what is shown when, its order, its file, and what it wants of whom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from tests.support.portal_forms import problem, words_of
from tests.support.portal_selection import EDITION, ME, NOW, RANKED, ROUND, board, entry, selector_at
from tests.support.portal_stage import Stage


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
    assert "2 Mentor 2 Messen 80.25 78.2 4.00 2 1 2 proposed: select tie" in before
    assert "2 Mentor 3 Messen 80.25 78.2 31.00 2 1 3 proposed: reserve list tie assessors disagree" in after
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


@pytest.mark.parametrize(
    ("places", "tied", "short"),
    [({"short": 2, "tied": 2}, True, False), ({"short": 3, "tied": 1}, True, True), ({"short": 1}, False, True)],
)
async def test_missing_places_are_told_from_a_tie(
    stage: Stage, browser: httpx2.AsyncClient, places: dict[str, int], tied: bool, short: bool
) -> None:
    """A tie that people decide is no lack of places."""
    needed = {"needed": 4, "selected": 0, "proposed": 2, **places}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1), places=needed)))
    told = words_of((await browser.get("/editions/e1/selection")).text)
    assert ("A tie on the cut line" in told) is tied
    assert ("What is decided and proposed does not suffice" in told) is short


async def test_list_is_downloaded_without_formulas(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """The panel's file holds all columns, and no cell that a spreadsheet would compute."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    names = [{"id": "m1", "name": "=cmd()"}, {"id": "m2", "name": "Ada; =1+1"}]
    stage.people.answer("GET /v1/names", (200, names))
    answer = await browser.get("/editions/e1/selection/list.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, one, two, *_, last = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert first[:5] == ["Rank", "Tied", "Name", "Company", "Median"]
    assert one[:9] == ["1", "no", "'=cmd()", "Messen", "90.5", "4.0", "2", "1", "1"]
    assert two[2] == "Ada; '=1+1"
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
    home = (await browser.get("/")).text
    assert '<a href="/editions/e1/selection/a4">Decide on Mentor 4, who has no rank</a>' in home
    stage.people.answer("GET /v1/editions/e1/board", (200, board(unmet, {**unmet, "application_id": "a6"})))
    assert "Decide on those without a rank: 2" in words_of((await browser.get("/")).text)


async def test_who_was_assessed_too_seldom_is_undecided_too(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Nothing is proposed for who has one sheet, but the rank stands and somebody has to decide."""
    few = entry(2, sheets=1, flags=["few-sheets"])
    taken = entry(1, status="selected")
    stage.people.answer("GET /v1/editions/e1/board", (200, board(taken, few)))
    assert "Decide by the cut line" in (await browser.get("/editions/e1/selection")).text
    assert "fewer than two sheets" in (await browser.get("/editions/e1/selection/decide")).text
    assert "Select the mentors" in (await browser.get("/")).text


async def test_board_says_what_its_columns_are(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Once for all of them, folded; numbers of a column have as many decimals."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1, median=90.0), entry(2, median=82.5))))
    told = words_of((await browser.get("/editions/e1/selection", headers={"Accept-Language": "de"})).text)
    assert "Was die Spalten sagen" in told
    assert "90,00" in told
    assert "82,50" in told


async def test_board_without_any_counted_sheet_leads_to_another_round(
    stage: Stage, browser: httpx2.AsyncClient
) -> None:
    """An empty table would say nothing."""
    alone = entry(1, rank=None, median=None, spread=None, cumulated=None, totals=[], sheets=0)
    stage.people.answer("GET /v1/editions/e1/board", (200, board(alone)))
    page = (await browser.get("/editions/e1/selection")).text
    assert "No sheet was counted" in page
    assert page.count('href="/editions/e1/selection/rounds/new"') == 1
    assert "applications by rank" not in page


async def test_board_asks_the_round_how_far_it_is(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where the board does not tell; while sheets are being assigned nobody knows yet, and the page says so."""
    told = {name: fact for name, fact in ROUND.items() if name != "progress"}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(rounds=[told])))
    assert "4 of 6" in words_of((await browser.get("/editions/e1/selection")).text)
    stage.people.answer("GET /v1/rounds/r1", (200, told))
    assert "known once the round is open" in words_of((await browser.get("/editions/e1/selection")).text)


async def test_reason_of_a_closed_round_stands_behind_its_person(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A sentence ends with its own full stop."""
    closed = {**ROUND, "state": "closed", "closing_reason": "Two of them are ill.", "closed_by": "p9"}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(entry(1), rounds=[closed])))
    assert "Gesa Mohr: Two of them are ill. " in words_of((await browser.get("/editions/e1/selection")).text)


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
    stage.people.answer("GET /v1/me", (200, {**ME, "profile": {}}))
    told = words_of((await browser.get("/")).text)
    assert told.index("Say which platforms you know") < told.index("Apply as a mentor: 2027/28")


async def test_who_takes_part_sees_no_board(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A manager with sheets to hand in, or who applied, learns why the page is closed to her."""
    stage.people.answer("GET /v1/editions/e1/board", problem(403, "own-case"))
    answer = await browser.get("/editions/e1/selection")
    assert answer.status_code == 403
    assert "You take part in this selection yourself" in answer.text


async def test_lapsed_places_are_not_counted_and_told_together(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who did not accept in time fills no place; many free places are one notice and one task."""
    lapsed = [entry(number, status="selected", flags=["not-accepted"], cumulated=0) for number in range(1, 5)]
    here, reserve = entry(5, status="accepted"), entry(6, status="reserved", mentor_id="m5", reserve_number=1)
    free = [{"left": f"a{number}", "cause": "not-accepted", "next": None} for number in range(1, 5)]
    free[0]["next"] = "a6"
    places = {"needed": 5, "selected": 1, "proposed": 1, "short": 3}
    stage.people.answer(
        "GET /v1/editions/e1/board", (200, board(*lapsed, here, reserve, vacancies=free, places=places))
    )
    page = (await browser.get("/editions/e1/selection")).text
    told = words_of(page)
    assert "Places filled 1 of 5 1 person above the line" in told
    assert told.count("4 selected mentors are gone, and their places are free") == 1
    assert "A place is free" not in told
    assert page.count("a6?to=selected") == 1
    assert told.count("not accepted in time") >= 4
    home = words_of((await browser.get("/")).text)
    assert home.count("Decide on the next reserve: Mentor 5") == 1
    assert home.count("Places are free, and the reserve list names nobody") == 1


async def test_board_says_why_another_round_was_opened(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Beside the day of its opening; and when nobody is left to be assessed it offers no other one."""
    again = [{**ROUND, "state": "closed", "reason": "The totals lie apart."}]
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED, rounds=again)))
    page = (await browser.get("/editions/e1/selection")).text
    assert ("The totals lie apart." in page, "Open another round" in page) == (True, True)
    assert "Ask for another sheet" in page
    told = [entry(1, status="selected"), entry(2, status="declined", flags=["disagreement"])]
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*told, rounds=again)))
    page = (await browser.get("/editions/e1/selection")).text
    assert ("Open another round" in page, "Ask for another sheet" in page) == (False, False)


async def test_reserves_are_counted_in_the_order_they_follow(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Who is proposed for a place that became free is the first of the list still, and the row says so."""
    gone = entry(1, status="withdrawn", flags=["withdrawn"], cumulated=None)
    following = entry(2, status="reserved", proposal="selected", reserve_number=1)
    next_ones = [entry(3, status="reserved", reserve_number=2), entry(4, rank=3, status="reserved", reserve_number=2)]
    last = entry(5, status="reserved", reserve_number=4)
    vacancy = {"left": "a1", "cause": "withdrawn", "next": "a2"}
    found = board(gone, following, *next_ones, last, vacancies=[vacancy])
    stage.people.answer("GET /v1/editions/e1/board", (200, found))
    told = words_of((await browser.get("/editions/e1/selection")).text)
    assert "Next on the reserve list: Mentor 2." in told
    rows = told.partition("by rank")[2]
    assert "number 1 on the reserve list, proposed: select" in rows.partition("Mentor 3")[0]
    assert rows.count("number 2 on the reserve list") == 2
    assert "number 4 on the reserve list" in rows.partition("Mentor 5")[2]
