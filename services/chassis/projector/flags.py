"""Carries out what operators flagged: a parked record is tried again, or given up for good.

Only the consumer of the record's partition does so. Everything here bears repetition and racing: what is
given up is written down first, and the fenced write of the projection decides whether it was passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from services.chassis import mongo
from services.chassis.candidates import Record
from services.chassis.logging import get_logger
from services.chassis.parking import Parking
from services.chassis.parking.drops import Drop
from services.chassis.parking.rows import record_of
from services.chassis.projector.projector import Projector

log = get_logger(__name__)


@runtime_checkable
class Repairable(Protocol):
    """An applier whose parked records, which lie in ``parking``, can be tried again or given up."""

    parking: Parking

    async def apply(self, records: Sequence[Record]) -> Sequence[Record]:
        """Apply a batch."""
        ...


async def carry_out(applier: Repairable, partitions: Iterable[int]) -> None:
    """Carry out the flags on parked records of these partitions. Raises ``Unavailable``; repeat it then."""
    partitions = list(partitions)
    flagged = await applier.parking.flagged(partitions)
    dropped = [row for row in flagged if row["flag"]["action"] == "drop"]
    for row in dropped:  # all before any takes effect: what one of them frees must not overtake another
        for drop in await _wanted(applier, row):
            await applier.parking.drops.add(drop)
    for row in dropped:
        await _drop(applier, row)
    for row in flagged:
        if row["flag"]["action"] == "retry":
            await _retry(applier, row)
    if isinstance(applier, Projector):
        await _settle(applier, partitions)


async def _retry(applier: Repairable, row: mongo.Document) -> None:
    """Try the record again; what stands in its place afterwards says whether it still waits."""
    if isinstance(applier, Projector) and _is_placed(row):
        await applier.revisit(row["partition"], [row["subject"]])
        left = await applier.parking.again(row)
    else:
        await applier.apply([record_of(row)])
        left = await applier.parking.again(row)
        if left and left["times"] == row["times"]:  # it was not parked again under this name: it is settled
            await applier.parking.remove([row["_id"]])
            left = None
    if left:
        await applier.parking.tried(row)
    log.info("parked_record_retried", ref=row["ref"], settled=left is None, **_where(row))


async def _drop(applier: Repairable, row: mongo.Document) -> None:
    if not isinstance(applier, Projector) or not _is_placed(row) or row["reason"] == "fork":
        await applier.parking.remove([row["_id"]])
    if isinstance(applier, Projector) and row["subject"] is not None:
        await applier.revisit(row["partition"], [row["subject"]])
    left = await applier.parking.again(row)
    if left and row["flag"].get("missing"):
        await applier.parking.tried(row)
    log.info("parked_record_dropped", ref=row["ref"], settled=left is None, **_where(row))


async def _wanted(applier: Repairable, row: mongo.Document) -> list[Drop]:
    """What is to be given up: this record, or instead all that it waits for and that never came."""
    if not isinstance(applier, Projector) or not _is_placed(row):
        return [_gives_up(row, "record")]
    if row["reason"] == "fork":
        return [_gives_up(row, "copy")]
    if not row["flag"].get("missing"):
        return [_gives_up(row, "sequence")]
    head = await applier.head(row["subject"])
    queued = await applier.parking.sequences(row["subject"])
    missing = [n for n in range(head.sequence + 1, row["sequence"]) if n not in queued]
    return [_gives_up(row, "sequence", sequence=n, event_id=None) for n in missing]


def _gives_up(row: mongo.Document, kind: str, **instead: int | None) -> Drop:
    flag = row["flag"]
    place = {name: row[name] for name in ("partition", "offset", "subject", "sequence", "event_id")}
    return Drop(kind=kind, by=flag["by"], reason=flag["reason"], at=flag["at"], **{**place, **instead})  # type: ignore[arg-type]


async def _settle(projector: Projector, partitions: Sequence[int]) -> None:
    """Close what was passed over; withdraw what a good copy overtook, so that a rebuild does as was done here."""
    drops = projector.parking.drops
    for row in await drops.unsettled(partitions):
        head = await projector.head(row["subject"])
        if row["sequence"] in head.skipped:
            await drops.settle(row)
        elif head.sequence >= row["sequence"]:
            await drops.withdraw(row)
            log.warning("drop_overtaken", **_where(row))


def _is_placed(row: mongo.Document) -> bool:
    return row["subject"] is not None and row["sequence"] is not None


def _where(row: mongo.Document) -> dict[str, object]:
    return {name: row[name] for name in ("partition", "offset", "subject", "sequence")}
