"""Promises of the seam to the driver: what "try again" means, and who may be told so."""

from __future__ import annotations

from typing import Any

import pytest
from bson.errors import InvalidDocument
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure, PyMongoError, WTimeoutError

from services.chassis import mongo

DUPLICATE, INTERRUPTED, UNKNOWN_OPERATOR, TOO_LARGE, UNAUTHORIZED = 11000, 11602, 9, 10334, 13


def bulk(*codes: int, concern: int | None = None) -> BulkWriteError:
    details: dict[str, Any] = {"writeErrors": [{"code": code} for code in codes], "writeConcernErrors": []}
    if concern:
        details["writeConcernErrors"].append({"code": concern})
    return BulkWriteError(details)


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("connection closed"),
        WTimeoutError("waiting for replication timed out", 64),
        OperationFailure("not primary", 10107),
        OperationFailure("node is shutting down", 91),
        bulk(INTERRUPTED),
        bulk(DUPLICATE, INTERRUPTED),
        bulk(concern=91),
        bulk(DUPLICATE, concern=64),
    ],
)
def test_a_server_that_cannot_answer_now_is_unavailable(error: PyMongoError) -> None:
    """Connections lost, primaries lost and acknowledgements that did not come are waited for, in bulk writes too."""
    with pytest.raises(mongo.Unavailable), mongo.unavailable():
        raise error


@pytest.mark.parametrize("error", [OperationFailure("unknown operator", 9), bulk(DUPLICATE), bulk(UNKNOWN_OPERATOR)])
def test_other_failures_pass_as_they_are(error: PyMongoError) -> None:
    """A wrong query stays a bug, and duplicate keys are the caller's business."""
    with pytest.raises(type(error)) as passed, mongo.unavailable():
        raise error
    assert passed.value is error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OverflowError("MongoDB can only handle up to 8-byte ints"), mongo.Unstorable),
        (InvalidDocument("cannot encode object"), mongo.Unstorable),
        (bulk(TOO_LARGE), mongo.Unstorable),
        (bulk(DUPLICATE, TOO_LARGE), mongo.Unstorable),
        (bulk(TOO_LARGE, INTERRUPTED), mongo.Unavailable),
        (bulk(INTERRUPTED), mongo.Unavailable),
        (bulk(concern=64), mongo.Unavailable),
        (AutoReconnect("connection closed"), mongo.Unavailable),
        (bulk(DUPLICATE), BulkWriteError),
        (bulk(UNAUTHORIZED), BulkWriteError),
        (bulk(TOO_LARGE, UNAUTHORIZED), BulkWriteError),
    ],
)
def test_only_what_a_document_is_to_blame_for_is_unstorable(error: Exception, expected: type[Exception]) -> None:
    """A lost primary is waited for and a missing right is a bug; neither may park a good event."""
    with pytest.raises(expected) as raised, mongo.writing():
        raise error
    assert type(raised.value) is expected


@pytest.mark.parametrize(
    ("error", "only"),
    [
        (bulk(DUPLICATE, DUPLICATE), True),
        (bulk(DUPLICATE, UNKNOWN_OPERATOR), False),
        (bulk(DUPLICATE, concern=64), False),
        (bulk(), False),
    ],
)
def test_duplicates_alone_mean_that_somebody_was_first(error: BulkWriteError, only: bool) -> None:
    """Anything else beside them must not be taken for a lost race."""
    assert mongo.only_duplicates(error) is only


def test_long_lists_of_ids_are_cut() -> None:
    """Nothing is lost or doubled at the cuts."""
    assert list(mongo.in_chunks(list("abcde"), 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(mongo.in_chunks([])) == []
