"""Promises of deciding many at once: what is chosen, what is noted of it, and that nobody's word is written over."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support.portal import CHANGING
from tests.support.portal_forms import hidden, sent, words_of
from tests.support.portal_selection import ME, RANKED, board, selector_at
from tests.support.portal_stage import Stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of an assessor who manages an edition too, in whose round she has three sheets."""
    async with selector_at(stage) as one:
        yield one


async def test_decisions_follow_the_cut_line_unless_changed(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """What is proposed is chosen already, nobody is proposed to be declined, and what is left open is not decided."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 2, "refused": []}))
    page = await browser.get("/editions/e1/selection/decide")
    assert re.findall(r'<option value="(\w+)" selected', page.text) == ["selected", "selected", "reserved"]
    fields = {**hidden(page.text), "on-a1": "selected", "on-a2": "", "on-a3": "declined"}
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert re.findall(r'<option value="(\w*)" selected', answer.text) == ["selected", "declined"]
    reason = "In the order of the ranks."
    await browser.post("/editions/e1/selection/decide", data={**fields, "reason": reason}, headers=CHANGING)
    decisions = [{"application_id": "a1", "decision": "selected"}, {"application_id": "a3", "decision": "declined"}]
    assert sent(stage, "POST", "/v1/editions/e1/decisions")[1] == {"decisions": decisions, "reason": reason}
    refused = [{"application_id": "a3", "kind": "contended", "detail": "x"}]
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": refused}))
    answer = await browser.post("/editions/e1/selection/decide", data={**fields, "reason": reason}, headers=CHANGING)
    assert "Mentor 3 Many are changing this at once." in words_of(answer.text)


async def test_what_is_noted_keeps_its_own_reason(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Deciding many tells what is noted of each, and leaves alone what stays: nobody's own reason is written over."""
    because = {"decision": "selected", "reason": "Drawn of the two,\nwith both there.", "decided_by": "p1"}
    noted = [RANKED[0] | {"pending": because}, *RANKED[1:]]
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*noted)))
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": []}))
    page = await browser.get("/editions/e1/selection/decide")
    assert "noted: Drawn of the two, with both there." in words_of(page.text)
    fields = {**hidden(page.text), "on-a1": "selected", "on-a2": "", "on-a3": "", "reason": "In rank\r\norder."}
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert "Nothing is decided differently" in words_of(answer.text)
    await browser.post("/editions/e1/selection/decide", data={**fields, "on-a2": "selected"}, headers=CHANGING)
    decisions = [{"application_id": "a2", "decision": "selected"}]
    assert sent(stage, "POST", "/v1/editions/e1/decisions")[1]["decisions"] == decisions
    noted[1] = RANKED[1] | {"pending": {"decision": "selected", "reason": "In rank\norder.", "decided_by": ME["id"]}}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*noted)))
    again = await browser.post("/editions/e1/selection/decide", data={**fields, "on-a2": "selected"}, headers=CHANGING)
    assert again.status_code == 303, "the same form once more, because an answer got lost, is no refusal"


MOVED = "Somebody decided otherwise meanwhile: Mentor 1."
OTHER = {"decision": "declined", "reason": "Leaves in May.", "decided_by": "p9"}
_RESERVE = OTHER | {"decision": "reserved", "released_at": "2026-12-02T10:00:00Z"}
RELEASED = {"status": "reserved", "decision": _RESERVE}


async def test_what_somebody_noted_meanwhile_is_seen_first(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A page that is older than another one's word does nothing, names whom it concerns, and shows that word."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(*RANKED)))
    fields = {**hidden((await browser.get("/editions/e1/selection/decide")).text), "reason": "In rank order."}
    fields |= {"on-a1": "selected", "on-a2": "selected", "on-a3": ""}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | {"pending": OTHER}, *RANKED[1:])))
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": []}))
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert MOVED in words_of(answer.text)
    assert not [one for one in stage.people.asked if one[1] == "/v1/editions/e1/decisions"]
    assert re.findall(r'<option value="(\w*)" selected', answer.text) == ["declined", "selected"]
    seen = {**hidden(answer.text), "reason": "In rank order.", "on-a2": "selected"}
    for choice, decided in (("declined", {"a2"}), ("reserved", {"a1", "a2"})):
        await browser.post("/editions/e1/selection/decide", data={**seen, "on-a1": choice}, headers=CHANGING)
        _, body = sent(stage, "POST", "/v1/editions/e1/decisions")
        assert {one["application_id"] for one in body["decisions"]} == decided


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        ({}, RELEASED),
        ({"pending": _RESERVE | {"released_at": None}}, RELEASED),
        ({"pending": OTHER}, {"pending": OTHER | {"decided_at": "2026-12-02T09:00:00Z"}}),
        ({"pending": OTHER}, {"pending": OTHER | {"reason": "Moves to another company."}}),
    ],
    ids=["released", "seen before its release", "noted again", "another reason"],
)
async def test_older_page_writes_over_no_word(
    stage: Stage, browser: httpx2.AsyncClient, before: dict[str, Any], meanwhile: dict[str, Any]
) -> None:
    """Not over a released one, which is on the page no more, nor over the same word of another time or reason."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | before, *RANKED[1:])))
    fields = {**hidden((await browser.get("/editions/e1/selection/decide")).text), "reason": "In rank order."}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | meanwhile, *RANKED[1:])))
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": []}))
    fields |= {"on-a1": "selected", "on-a2": "selected"}
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert MOVED in words_of(answer.text)
    assert not [one for one in stage.people.asked if one[1] == "/v1/editions/e1/decisions"]


async def test_who_withdrew_meanwhile_is_told_by_the_service(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """A word that is there no more is nobody's decision; the others are done, and this one is named."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | {"pending": OTHER}, *RANKED[1:])))
    fields = hidden((await browser.get("/editions/e1/selection/decide")).text)
    fields |= {"on-a1": "selected", "on-a2": "selected", "reason": "In rank order."}
    gone = RANKED[0] | {"status": "withdrawn", "rank": None}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(gone, *RANKED[1:])))
    refused = [{"application_id": "a1", "kind": "withdrawn", "detail": "x"}]
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": refused}))
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert "Mentor 1 This application was withdrawn." in words_of(answer.text)


async def test_what_was_left_open_is_not_decided_by_sending_again(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Where somebody decided on what was left open, the page that comes back shows that word and changes nothing."""
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | {"pending": OTHER}, *RANKED[1:])))
    fields = {"command_id": "c", "on-a1": "", "on-a2": "", "on-a3": "reserved", "reason": ""}
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert re.findall(r'<option value="(\w*)" selected', answer.text) == ["declined", "reserved"]


async def test_what_is_noted_for_a_reserve_can_be_set_back(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Until its release the reserve list can be chosen again, on the page of many and on its own one."""
    released = {"decision": "reserved", "reason": "By rank.", "decided_by": "p9"}
    noted = {"status": "reserved", "decision": released, "pending": OTHER | {"decision": "selected"}}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | noted, *RANKED[1:])))
    stage.people.answer("POST /v1/editions/e1/decisions", (200, {"decided": 1, "refused": []}))
    page = (await browser.get("/editions/e1/selection/decide")).text
    assert '<option value="reserved">' in page[: page.index("Mentor 2")]
    fields = {**hidden(page), "on-a1": "reserved", "reason": "Noted by mistake."}
    await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    decisions = [{"application_id": "a1", "decision": "reserved"}]
    assert sent(stage, "POST", "/v1/editions/e1/decisions")[1]["decisions"] == decisions
    one = {"application_id": "a1", "edition_id": "e1", "mentor_id": "m1", "version": 6, **noted}
    stage.people.answer("GET /v1/applications/a1", (200, one))
    stage.people.answer("POST /v1/applications/a1/decision", (200, one))
    fields = hidden((await browser.get("/editions/e1/selection/a1")).text)
    fields |= {"decision": "reserved", "reason": "Noted by mistake."}
    answer = await browser.post("/editions/e1/selection/a1", data=fields, headers=CHANGING)
    assert answer.headers["location"] == "/editions/e1/selection"
    told = words_of((await browser.get("/editions/e1/selection")).text)
    assert "What was noted is taken back. The reserve list stands as it was released." in told


async def test_own_decisions_sent_from_a_new_page_are_none(stage: Stage, browser: httpx2.AsyncClient) -> None:
    """Whoever opens the page anew and sends what is noted already, with the same reason, reads that nothing changes."""
    own = {"decision": "selected", "reason": "In rank order.", "decided_by": ME["id"]}
    stage.people.answer("GET /v1/editions/e1/board", (200, board(RANKED[0] | {"pending": own}, *RANKED[1:])))
    fields = hidden((await browser.get("/editions/e1/selection/decide")).text)
    fields |= {"on-a1": "selected", "reason": "In rank order."}
    answer = await browser.post("/editions/e1/selection/decide", data=fields, headers=CHANGING)
    assert answer.status_code == 422
    assert "Nothing is decided differently" in words_of(answer.text)
