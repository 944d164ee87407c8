"""HTTP as every service speaks it: problems, ETags, idempotency keys, request ids."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from services.chassis.ids import random_id
from services.chassis.settings import Settings
from tests.support.asking import ask_raw
from tests.support.servers import Running
from tests.support.small_service import SECRET, Small, running_small

NOWHERE = "127.0.0.1:1"  # no broker ever listens there
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest_asyncio.fixture(scope="module")
async def small(servers: Running) -> AsyncIterator[Small]:
    """The small service on a real database, its broker away."""
    settings = Settings(kafka=NOWHERE, mongodb=servers.mongodb, database_prefix="test_http")
    async with running_small(settings) as running:
        yield running


def problem_of(answer: httpx2.Response, status: int, kind: str) -> Any:
    """The problem in an answer, after checking that it is one of this kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == (f"urn:tandem:problem:{kind}", status)
    assert body["title"]
    assert body["detail"]
    return body


async def write(small: Small, text: str, *, key: str | None = None, **headers: str) -> httpx2.Response:
    """Ask for a new note."""
    headers = {"Idempotency-Key": key or random_id(), **headers}
    return await small.http.post("/v1/notes", json={"text": text}, headers=headers)


async def test_what_is_created_is_found_at_its_location_under_its_version(small: Small) -> None:
    """201 names the place and the version; the place answers with the same."""
    created = await write(small, "first")
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    shown = await small.http.get(created.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (created.json(), '"1"')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "a", "weight": "heavy"}, "/weight"),
        ({"text": "a", "due": "2026-01-01T00:00:00"}, "/due"),
        ({"text": "a", "labels": {"x": "y"}}, "/labels/x"),
        ({"text": "a", "labels": {"a/b~c": "y"}}, "/labels/a~1b~0c"),
        ({"text": "a", "txet": "b"}, "/txet"),
        ([], "body"),
        (None, "body"),
    ],
)
async def test_an_invalid_body_is_answered_with_the_place_of_each_fault(small: Small, body: Any, field: str) -> None:
    """422 with a JSON pointer; unknown fields are faults too."""
    answer = await small.http.post("/v1/notes", json=body, headers={"Idempotency-Key": random_id()})
    assert [error["field"] for error in problem_of(answer, 422, "invalid")["errors"]] == [field]


async def test_what_is_no_json_is_answered_with_the_position(small: Small) -> None:
    """422 says where the reader stopped."""
    headers = {"Idempotency-Key": random_id(), "content-type": "application/json"}
    answer = await small.http.post("/v1/notes", content='{"text": }', headers=headers)
    error = problem_of(answer, 422, "invalid")["errors"][0]
    assert error["field"] == "body"
    assert "character 9" in error["message"]


async def test_an_invalid_parameter_is_named(small: Small) -> None:
    """422 says whether it stood in the path or in the query."""
    path = await small.http.get("/v1/failing/nothing")
    assert problem_of(path, 422, "invalid")["errors"][0]["field"] == "path how"
    query = await small.http.get("/v1/failing/refused", params={"number": "many"})
    assert problem_of(query, 422, "invalid")["errors"][0]["field"] == "query number"


async def test_a_caller_who_does_not_say_who_he_is_is_sent_away(small: Small) -> None:
    """401 that says how to sign in."""
    headers = {"Idempotency-Key": random_id(), "Tandem-Actor": ""}
    answer = await small.http.post("/v1/notes", json={"text": "a"}, headers=headers)
    problem_of(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="tandem"'


async def test_what_is_not_there_is_not_found(small: Small) -> None:
    """404 for a path, for an id and for a change of what does not exist."""
    problem_of(await small.http.get("/v1/nothing"), 404, "not-found")
    problem_of(await small.http.get("/v1/notes/"), 404, "not-found")
    problem_of(await small.http.get("/v1/notes/unknown"), 404, "not-found")
    change = await small.http.post("/v1/notes/unknown/text", json={"text": "a"}, headers={"If-Match": '"1"'})
    problem_of(change, 404, "not-found")


async def test_a_method_that_is_not_offered_is_answered_with_those_that_are(small: Small) -> None:
    """405 names all methods of the path, not only the first route's."""
    answer = await small.http.delete("/v1/notes")
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_what_a_rule_refuses_says_so(small: Small) -> None:
    """409 for a rule, 422 with its fields where the input is at fault."""
    problem_of(await small.http.get("/v1/failing/refused"), 409, "refused")
    fields = problem_of(await small.http.get("/v1/failing/invalid"), 422, "invalid")["errors"]
    assert fields == [{"field": "/text", "message": "write one"}]


async def test_a_bug_shows_nothing_of_the_inside_but_the_id_that_the_log_has(small: Small) -> None:
    """500 under the request's id; the log has the details under the same."""
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = await small.http.get("/v1/failing/bug", headers={"X-Request-Id": "a-bug"})
    problem_of(answer, 500, "internal")
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] == "a-bug"
    (line,) = [line for line in lines if line["event"] == "request_failed"]
    assert (line["request_id"], str(line["exc_info"])) == ("a-bug", SECRET)


async def test_a_bug_in_the_middle_of_an_answer_breaks_the_connection(small: Small) -> None:
    """Half an answer is never ended as if it were whole."""
    with pytest.raises(RuntimeError, match=SECRET):
        await ask_raw(small.app, "GET", "/v1/failing/half", headers=[(b"tandem-actor", b"a-caller")])


async def test_an_unreadable_clock_is_a_503(small: Small) -> None:
    """Whoever plays a year sees that the clock file is at fault, and tries again."""
    answer = await small.http.get("/v1/failing/clock")
    problem_of(answer, 503, "clock-unreadable")
    assert answer.headers["retry-after"] == "2"


async def test_a_change_needs_the_version_that_the_caller_saw(small: Small) -> None:
    """428 without If-Match, 400 for one that was never served, 412 for an old one, the next ETag for the right one."""
    place = (await write(small, "before")).headers["location"]

    async def change(**headers: str) -> httpx2.Response:
        return await small.http.post(f"{place}/text", json={"text": "after"}, headers=headers)

    problem_of(await change(), 428, "precondition-required")
    for wrong in ("*", "1", 'W/"1"', '"1", "2"', '"one"', '"-1"', f'"{"9" * 19}"'):
        problem_of(await change(**{"If-Match": wrong}), 400, "malformed-header")
    changed = await change(**{"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    problem_of(await change(**{"If-Match": '"1"'}), 412, "lost-update")
    assert (await small.http.get(place)).headers["etag"] == '"2"'


async def test_creating_needs_a_key_that_names_the_request(small: Small) -> None:
    """400 without one and for one that cannot be kept."""
    problem_of(await small.http.post("/v1/notes", json={"text": "a"}), 400, "malformed-header")
    for wrong in ("two words", "x" * 129, "ümlaut"):
        answer = await small.http.post(
            "/v1/notes", json={"text": "a"}, headers={"Idempotency-Key": wrong.encode("latin-1")}
        )
        problem_of(answer, 400, "malformed-header")


async def test_the_same_key_again_creates_nothing_twice(small: Small) -> None:
    """A repeated request gets the first one's answer, also when both arrive at the same moment."""
    key = random_id()
    answers = await asyncio.gather(*(write(small, "once", key=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["note_id"] for answer in answers}) == 1
    assert {answer.headers["etag"] for answer in answers} == {'"1"'}


async def test_a_key_belongs_to_its_caller(small: Small) -> None:
    """Two callers who choose the same key create two things."""
    key = random_id()
    mine, theirs = await write(small, "a", key=key), await write(small, "a", key=key, **{"Tandem-Actor": "another"})
    assert mine.json()["note_id"] != theirs.json()["note_id"]


async def test_a_key_that_comes_again_with_another_request_is_refused(small: Small) -> None:
    """422: the caller mixed two requests up, and neither is guessed."""
    key = random_id()
    await write(small, "one text", key=key)
    problem_of(await write(small, "another text", key=key), 422, "idempotency-key-reused")


async def test_a_repeated_change_is_no_lost_update(small: Small) -> None:
    """With its key a change may be sent again although its If-Match is old by now."""
    place = (await write(small, "before")).headers["location"]
    headers = {"If-Match": '"1"', "Idempotency-Key": random_id()}
    first = await small.http.post(f"{place}/text", json={"text": "after"}, headers=headers)
    again = await small.http.post(f"{place}/text", json={"text": "after"}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["etag"] == again.headers["etag"] == '"2"'


async def test_commands_go_on_without_a_broker_until_the_backlog_is_full(small: Small) -> None:
    """The 65th unpublished event of one aggregate is a 503 with Retry-After, and is not written."""
    place = (await write(small, "0")).headers["location"]
    for n in range(1, 64):
        answer = await small.http.post(f"{place}/text", json={"text": str(n)}, headers={"If-Match": f'"{n}"'})
        assert answer.status_code == 200, answer.text
    full = await small.http.post(f"{place}/text", json={"text": "64"}, headers={"If-Match": '"64"'})
    problem_of(full, 503, "backlog-full")
    assert full.headers["retry-after"] == "5"
    assert (await small.http.get(place)).json()["text"] == "63"


async def test_a_request_keeps_the_id_it_came_with_and_gets_one_otherwise(small: Small) -> None:
    """What could not be a log's id is replaced."""
    kept = await small.http.get("/v1/notes", headers={"X-Request-Id": "from-the-portal.7"})
    assert kept.headers["x-request-id"] == "from-the-portal.7"
    for unusable in ("", "two words", "x" * 65, "a\tb"):
        answer = await small.http.get("/v1/notes", headers={"X-Request-Id": unusable})
        assert len(answer.headers["x-request-id"]) == 36
    assert len((await small.http.get("/v1/nothing")).headers["x-request-id"]) == 36


async def test_a_trace_is_carried_on_or_begun(small: Small) -> None:
    """A command gets the place of its request's span in the caller's trace; anything else begins a new one."""
    carried = (await small.http.get("/v1/failing/caller/name", headers={"traceparent": TRACE})).json()["traceparent"]
    assert carried[:36] == TRACE[:36]  # the trace
    assert carried[36:52] != TRACE[36:52]  # the span
    assert carried[52:] == TRACE[52:]  # whether it is sampled
    begun = (await small.http.get("/v1/failing/caller/name", headers={"traceparent": "00-nonsense"})).json()
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", begun["traceparent"])
    assert begun["traceparent"][:36] != TRACE[:36]


async def test_requests_are_counted_by_route_and_status(small: Small) -> None:
    """The metrics name routes, never ids."""
    place = (await write(small, "counted")).headers["location"]
    await small.http.get(place)
    text = (await small.http.get("/metrics")).text
    assert 'tandem_http_requests_total{method="GET",route="/v1/notes/{note_id}",status="200"}' in text
    assert place not in text


async def test_openapi_says_that_every_operation_may_answer_with_a_problem(small: Small) -> None:
    """Callers learn the form of refusals from the contract, and of no other form."""
    document = (await small.http.get("/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert operations
    for operation in operations:
        assert {"4XX", "5XX"} <= set(operation["responses"])
        for status in ("4XX", "5XX"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    assert {"Problem", "FieldProblem"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in json.dumps(document)
