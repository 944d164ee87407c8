"""Compares two builds of a projection, each document at an offset vector that both have reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from services.chassis import mongo

_PAGE = 500  # documents
_SHOWN = 20  # differing subjects that are named
_FIELDS = ("seq", "last", "state", "skipped")


@dataclass(slots=True)
class Comparison:
    """What came of it: documents that are equal, that differ (some are named), and that stand at other sequences.

    ``moving`` are subjects of which one build has seen more than the other: they are looked at again when both
    have gone on. ``only_live`` and ``only_build`` count documents that the other build does not have.
    """

    equal: int = 0
    different: int = 0
    only_live: int = 0
    only_build: int = 0
    named: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether every document is the same in both."""
        return not (self.different or self.only_live or self.only_build or self.moving)

    def differs(self, subject: str) -> None:
        """Count a document that differs."""
        self.different += 1
        if len(self.named) < _SHOWN:
            self.named.append(subject)


async def compare(
    live: mongo.Collection, build: mongo.Collection, progress: Callable[[int], None] | None = None
) -> Comparison:
    """Compare all documents of two builds, side by side in the order of their subjects. Raises ``Unavailable``."""
    found = Comparison()
    lives, builds = _documents(live), _documents(build)
    one, other = await anext(lives, None), await anext(builds, None)
    seen = 0
    while one or other:
        if other is None or (one and one["_id"] < other["_id"]):
            found.only_live += 1
            found.moving.append(str(one["_id"]))  # type: ignore[index]
            one = await anext(lives, None)
        elif one is None or other["_id"] < one["_id"]:
            found.only_build += 1
            found.moving.append(str(other["_id"]))
            other = await anext(builds, None)
        else:
            judge(one, other, found)
            one, other = await anext(lives, None), await anext(builds, None)
        seen += 1
        if progress and seen % _PAGE == 0:
            progress(seen)
    return found


async def again(live: mongo.Collection, build: mongo.Collection, before: Comparison) -> Comparison:
    """Look once more at the subjects that were moving; the other figures stay. Raises ``Unavailable``."""
    found = Comparison(equal=before.equal, different=before.different, named=before.named)
    for chunk in mongo.in_chunks(before.moving):
        query = {"_id": {"$in": chunk}}
        with mongo.unavailable():
            lives = {one["_id"]: one for one in await live.find(query).to_list(None)}
            builds = {one["_id"]: one for one in await build.find(query).to_list(None)}
        for subject in chunk:
            one, other = lives.get(subject), builds.get(subject)
            if one and other:
                judge(one, other, found)
            elif one or other:
                found.only_live += one is not None
                found.only_build += other is not None
                found.moving.append(subject)
    return found


def judge(one: mongo.Document, other: mongo.Document, found: Comparison) -> None:
    """Count a pair of documents as equal, different, or at different sequences."""
    if one["seq"] != other["seq"]:
        found.moving.append(str(one["_id"]))
    elif _content(one) == _content(other):
        found.equal += 1
    else:
        found.differs(str(one["_id"]))


def _content(document: mongo.Document) -> tuple[Any, ...]:
    return tuple(document.get(name) or None for name in _FIELDS)


async def _documents(collection: mongo.Collection) -> AsyncIterator[mongo.Document]:
    after: Any = None
    while True:
        query = {"_id": {"$gt": after}} if after is not None else {}
        with mongo.unavailable():
            page = await collection.find(query).sort("_id", 1).limit(_PAGE).to_list(None)
        for document in page:
            yield document
        if len(page) < _PAGE:
            return
        after = page[-1]["_id"]
