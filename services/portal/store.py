"""Sessions of browsers in MongoDB: what is stored opens nothing by itself.

A document's id is the hash of the cookie; tokens are sealed in a field of their own, so that a slow page that
writes its ``data`` back never writes an old refresh token. Both ends of a session are part of every query; the
index that lets documents expire only sweeps. Sessions run on the machine's own clock, as tokens do.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.chassis import mongo
from services.chassis.clock import Clock
from services.chassis.service import Index

COLLECTION = "sessions"
INDEXES = {COLLECTION: [Index((("ends_at", 1),), expires_after=0)]}
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
BEFORE_SIGN_IN = timedelta(minutes=10)  # it holds the state of a sign-in under way
_CLAIM = timedelta(seconds=30)  # for one process to refresh the tokens; longer than it waits for the issuer
_TOUCH = IDLE / 10  # an idle end is moved only after that much of it has passed


@dataclass(frozen=True, slots=True)
class Sealed:
    """Tokens as they are stored; ``version`` grows with each refresh, ``expires_at`` is the access token's end."""

    content: bytes = field(repr=False)
    version: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """One session as it was found: what pages keep in it, and the tokens of who is signed in."""

    id: str
    data: Mapping[str, Any]
    tokens: Sealed | None
    idle_until: datetime
    ends_at: datetime


def new_cookie() -> str:
    """A value that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def id_of(cookie: str) -> str:
    """The id of the session that this cookie opens."""
    return hashlib.sha256(cookie.encode()).hexdigest()


class Sessions:
    """The sessions of all browsers; every method raises ``mongo.Unavailable``."""

    def __init__(self, database: mongo.Database, clock: Clock) -> None:
        self._sessions: mongo.Collection = database[COLLECTION]
        self.now = clock.now

    async def find(self, id: str) -> Stored | None:
        """The session, if it is neither idle too long nor over."""
        now = self.now()
        with mongo.unavailable():
            found = await self._sessions.find_one({"_id": id, "idle_until": {"$gt": now}, "ends_at": {"$gt": now}})
        return _stored(found) if found else None

    async def insert(self, id: str, data: Mapping[str, Any], tokens: Sealed | None) -> None:
        """A new session; a long one with tokens, a short one for the way to the issuer."""
        now = self.now()
        lasts, idle = (LONGEST, IDLE) if tokens else (BEFORE_SIGN_IN, BEFORE_SIGN_IN)
        ends = {"idle_until": now + idle, "ends_at": now + lasts}
        with mongo.unavailable():
            await self._sessions.insert_one({"_id": id, "data": dict(data), "tok": _document(tokens), **ends})

    async def update(self, session: Stored, data: Mapping[str, Any] | None) -> None:
        """Keep ``data`` where it was changed, and note that the session is in use, now and then."""
        now = self.now()
        idle = IDLE if session.tokens else BEFORE_SIGN_IN
        change: dict[str, Any] = {} if data is None else {"data": dict(data)}
        if now + idle - session.idle_until > _TOUCH and session.tokens:
            change["idle_until"] = now + idle
        if change:
            with mongo.unavailable():
                await self._sessions.update_one({"_id": session.id}, {"$set": change})

    async def delete(self, id: str) -> None:
        """End a session; its cookie opens nothing from now on."""
        with mongo.unavailable():
            await self._sessions.delete_one({"_id": id})

    async def claim(self, id: str, version: int) -> bool:
        """Whether the caller is the one who refreshes these tokens; nobody else is, for ten seconds."""
        now = self.now()
        free = {"$or": [{"claim": None}, {"claim": {"$lt": now}}]}
        with mongo.unavailable():
            claimed = await self._sessions.update_one(
                {"_id": id, "tok.version": version, **free}, {"$set": {"claim": now + _CLAIM}}
            )
        return bool(claimed.modified_count)

    async def release(self, id: str, version: int) -> None:
        """Give the claim back: the issuer did not answer, the old tokens stay."""
        with mongo.unavailable():
            await self._sessions.update_one({"_id": id, "tok.version": version}, {"$unset": {"claim": ""}})

    async def refreshed(self, id: str, version: int, tokens: Sealed) -> None:
        """Put the new tokens in place of those of ``version``, unless the session ended meanwhile."""
        change = {"$set": {"tok": _document(tokens)}, "$unset": {"claim": ""}}
        with mongo.unavailable():
            await self._sessions.update_one({"_id": id, "tok.version": version}, change)


def _stored(document: mongo.Document) -> Stored:
    tok = document.get("tok")
    tokens = Sealed(bytes(tok["sealed"]), tok["version"], tok["expires_at"]) if tok else None
    return Stored(document["_id"], document["data"], tokens, document["idle_until"], document["ends_at"])


def _document(tokens: Sealed | None) -> mongo.Document | None:
    if tokens is None:
        return None
    return {"sealed": tokens.content, "version": tokens.version, "expires_at": tokens.expires_at}
