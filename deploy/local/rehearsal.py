"""For rehearsals: a record on the topic of pairs that cannot be applied, and what must follow it."""

from __future__ import annotations

import json

from deploy.local.addresses import Addresses
from services.chassis import envelope
from services.chassis.ids import random_id
from services.chassis.kafka import Publisher

_TOPIC, _TYPE, _AT = "tandem.pairs.v1", "org.tandem.pair.matched.v1", "2026-04-01T09:00:00.000Z"


async def spoil(addresses: Addresses) -> str:
    """Publish a pair's first event with a number where an id belongs, and a second one that waits for it; the pair."""
    pair = random_id()
    publisher = Publisher(addresses.kafka)
    try:
        await publisher.publish([(_TOPIC, _event(pair, 1, mentor_id=17))])
        await publisher.publish([(_TOPIC, _event(pair, 2, mentor_id="nobody"))])
    finally:
        await publisher.stop()
    return pair


def _event(pair: str, sequence: int, *, mentor_id: str | int) -> envelope.Event:
    told = {"pair_id": pair, "edition_id": "rehearsal", "run_id": "rehearsal", "mentor_id": mentor_id}
    more = {"mentee_id": "nobody", "mentor_subsidiary": "none", "mentee_subsidiary": "none"}
    data = json.dumps({**told, **more, "policy_version": "0", "matched_at": _AT}).encode()
    return envelope.Event(
        id=random_id(), source="/tandem/rehearsal", type=_TYPE, subject=pair, sequence=sequence, time=_AT, data=data
    )
