"""What goes out of a pair: without points, wishes or skills, and without what people wrote."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict
from services.matching.contracts.topics import TOPIC
from services.matching.domain import pair


class PairMatched(Strict):
    """A mentor and an executive became a pair of the edition."""

    pair_id: str
    edition_id: str
    run_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    policy_version: str
    matched_at: Instant


class PairEnded(Strict):
    """A pair is one no more; the subsidiaries are those of when it was matched."""

    pair_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    reason: pair.Reason
    ended_at: Instant


MATCHED = "org.tandem.pair.matched.v1"
ENDED = "org.tandem.pair.ended.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {MATCHED: PairMatched, ENDED: PairEnded}


def of_pair(event: pair.Event) -> Outgoing:
    """What becomes of a pair, as it goes to the topic; the note of its end stays in the pair."""
    match event:
        case pair.PairMatched(made):
            matched = PairMatched(
                pair_id=made.pair_id,
                edition_id=made.edition_id,
                run_id=made.run_id,
                mentor_id=made.mentor_id,
                mentee_id=made.mentee_id,
                mentor_subsidiary=made.mentor_subsidiary,
                mentee_subsidiary=made.mentee_subsidiary,
                policy_version=made.policy_version,
                matched_at=made.matched_at,
            )
            return _of(made, MATCHED, matched)
        case pair.PairEnded(over, end):
            ended = PairEnded(
                pair_id=over.pair_id,
                edition_id=over.edition_id,
                mentor_id=over.mentor_id,
                mentee_id=over.mentee_id,
                mentor_subsidiary=over.mentor_subsidiary,
                mentee_subsidiary=over.mentee_subsidiary,
                reason=end.reason,
                ended_at=end.at,
            )
            return _of(over, ENDED, ended)


def _of(one: pair.Pair, type_: str, data: Strict) -> Outgoing:
    return Outgoing(TOPIC, type_, data, edition=one.edition_id, subsidiary=one.mentee_subsidiary)
