"""A row of the registry as a release keeps it: written, read back, and compared with the row of today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from services.chassis.catalog.registry import EVERY, CatalogueBroken, Entry, Row, Topic

_ROW = ("type", "version", "topic", "source", "kind", "subject")
_TOPIC = ("service", "kind", "partitions")


class Kept(BaseModel):
    """A row together with the row of its topic."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: Row
    topic: Topic


def kept(entry: Entry) -> Kept:
    """The rows that a release keeps of an entry; of a row of every service those that hold for all of them."""
    if entry.pattern is None:
        return Kept(row=entry.row, topic=entry.topic)
    summary = "One such topic of each service."
    topic = entry.topic.model_copy(update={"name": entry.pattern.topic, "service": EVERY, "summary": summary})
    return Kept(row=entry.pattern, topic=topic)


def text(rows: Kept) -> str:
    """The rows as JSON; what is not set is left out."""
    said = rows.model_dump(by_alias=True, exclude_defaults=True)
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Kept:
    """Read what ``text`` wrote. Raises ``CatalogueBroken``."""
    try:
        return Kept.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CatalogueBroken([f"{path}: {error}"]) from error


def changes(old: Kept, new: Kept) -> Iterator[str]:
    """What in ``new`` breaks ``old``, one sentence each.

    Where a record lies, who writes it and what its attributes carry stay as they are; an attribute may be added,
    and a record may become one of class *contract*, which it then stays.
    """
    for field in _ROW:
        yield from _changed(field, getattr(old.row, field), getattr(new.row, field))
    if old.row.data_class == "contract":
        yield from _changed("class", old.row.data_class, new.row.data_class)
    for attribute, carried in old.row.attributes:
        if carried is not None:
            yield from _changed(f"ce_{attribute}", carried, getattr(new.row.attributes, attribute))
    for field in _TOPIC:
        yield from _changed(f"the topic's {field}", getattr(old.topic, field), getattr(new.topic, field))


def _changed(what: str, was: object, now: object) -> Iterator[str]:
    if was != now:
        yield f"{what} was {was} and is {'nothing' if now is None else now}"
