"""The one file that knows the MongoDB driver, so that PyMongo's own async client can take Motor's place.

Everything else uses the names exported here. Collections speak Motor's dialect, which PyMongo's async
client shares but for ``close`` and ``aggregate``; those two go through functions of this module.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from bson.errors import InvalidBSON, InvalidDocument, InvalidStringData
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    WTimeoutError,
)

from services.chassis.errors import Refused, Transient

__all__ = [
    "BulkWriteError",
    "Client",
    "Collection",
    "Database",
    "Document",
    "Driver",
    "DuplicateKeyError",
    "InsertOne",
    "OperationFailure",
    "TooLarge",
    "Unavailable",
    "Unstorable",
    "UpdateOne",
    "aggregate",
    "close",
    "connect",
    "fitting",
    "in_chunks",
    "insert",
    "only_duplicates",
    "unavailable",
    "writing",
]

# Neither driver's stubs describe the other, so the driver's objects stay untyped at this one seam.
Client = Any
Database = Any
Collection = Any
Document = dict[str, Any]
Driver = Literal["motor", "pymongo"]
K = TypeVar("K")

_DRIVERS: Mapping[Driver, Any] = {"motor": AsyncIOMotorClient, "pymongo": AsyncMongoClient}
_DUPLICATE_KEY = 11000
# Invalid BSON, schema validation, document too large (at insert, at update), index key too large.
_DOCUMENT_TO_BLAME = {22, 121, 10334, 17419, 17420, 17280}
_TOO_LARGE = {10334, 17419, 17420}
# Not primary, shutting down, interrupted, stepped down, a full disk or other trouble of its own (14031, 1): the server
# says "ask again", and no document is to blame.
_AGAIN = {1, 14031, 6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}


class Unstorable(Exception):
    """What was to be written can never be: too large, or a value the database has no form for."""


class TooLarge(Refused):
    """What is to be kept together is larger than a document may be."""

    kind = "too-large"
    title = "This is too much for one"


class Unavailable(Transient):
    """The database is away or has no primary; nothing was half-written."""

    kind = "database-unavailable"


def connect(uri: str, *, driver: Driver = "motor") -> Client:
    """A client whose writes are majority and journalled and whose times are aware UTC; opens no connection yet."""
    return _DRIVERS[driver](
        uri,
        w="majority",
        journal=True,
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=2000,
        connectTimeoutMS=2000,
        socketTimeoutMS=20000,
    )


async def close(client: Client) -> None:
    """Close the client's connections, whichever driver it is of."""
    closing = client.close()
    if inspect.isawaitable(closing):
        await closing


async def aggregate(collection: Collection, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Run an aggregation pipeline and return all its documents."""
    cursor = collection.aggregate(list(pipeline))
    if inspect.isawaitable(cursor):
        cursor = await cursor
    return [document async for document in cursor]


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn the driver's "server is away" errors into ``Unavailable``; all others pass."""
    try:
        yield
    except (ConnectionFailure, NetworkTimeout, WTimeoutError, ExecutionTimeout) as error:
        raise Unavailable("The database does not answer; try again in a moment.") from error
    except BulkWriteError as error:
        if _interrupted(error):
            raise Unavailable("The database lost its primary during a write; try again.") from error
        raise
    except OperationFailure as error:
        if error.code in _AGAIN or error.has_error_label("RetryableWriteError"):
            raise Unavailable("The database has no primary at the moment; try again.") from error
        raise


@contextmanager
def fitting() -> Iterator[None]:
    """Turn the refusal of a document that is larger than any may be into ``TooLarge``; all others pass."""
    try:
        yield
    except (DocumentTooLarge, OperationFailure) as error:
        if isinstance(error, OperationFailure) and error.code not in _TOO_LARGE:
            raise
        raise TooLarge("Nothing was changed, since it would be too large to be kept; divide it.") from error


def _interrupted(error: BulkWriteError) -> bool:
    """Whether a bulk write failed for want of a primary or of acknowledgements; it may be repeated as a whole."""
    details = error.details or {}
    failures = details.get("writeErrors", [])
    return bool(details.get("writeConcernErrors")) or any(failure.get("code") in _AGAIN for failure in failures)


@contextmanager
def writing() -> Iterator[None]:
    """As ``unavailable``; besides, a write that can never succeed becomes ``Unstorable``. Duplicate keys pass.

    Only what the document itself is to blame for counts: a refusal that would meet every document, such
    as a missing right or a full disk, passes as it is.
    """
    try:
        with unavailable():
            yield
    except (OverflowError, InvalidBSON, InvalidDocument, InvalidStringData) as error:
        raise Unstorable(f"{type(error).__name__}: {str(error)[:200]}") from error
    except BulkWriteError as error:
        failures = (error.details or {}).get("writeErrors", [])
        blamed = [failure for failure in failures if failure.get("code") in _DOCUMENT_TO_BLAME]
        if not blamed or any(failure.get("code") not in _DOCUMENT_TO_BLAME | {_DUPLICATE_KEY} for failure in failures):
            raise
        raise Unstorable(str(blamed[0].get("errmsg", error))[:200]) from error


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether a bulk write failed on duplicate keys alone: somebody else was first."""
    details = error.details or {}
    failures = details.get("writeErrors", [])
    return (
        bool(failures)
        and all(f.get("code") == _DUPLICATE_KEY for f in failures)
        and not details.get("writeConcernErrors")
    )


async def insert(collection: Collection, documents: Sequence[Document]) -> list[bool | Exception]:
    """Insert these documents, whichever others among them fail; for each whether it was new, or why it failed.

    Raises ``Unavailable``, with some of them perhaps inserted, and what the driver says of documents it cannot send.
    """
    if len(documents) == 1:
        return [await _inserted(collection, documents[0])]
    failed: Mapping[int, int] = {}
    try:
        with unavailable():
            await collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        failed = {failure["index"]: failure["code"] for failure in (error.details or {})["writeErrors"]}
    return [
        failed[index] != _DUPLICATE_KEY and await _inserted(collection, document) if index in failed else True
        for index, document in enumerate(documents)
    ]


async def _inserted(collection: Collection, document: Document) -> bool | Exception:
    try:
        with unavailable():
            await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    except OperationFailure as error:
        return error
    return True


def in_chunks(ids: Sequence[K], size: int = 100) -> Iterator[list[K]]:
    """Cut a list of ids for ``$in``, whose cost grows faster than its length on some engines."""
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
