"""CloudEvents 1.0 over Kafka: a strict reader of both content modes, Tandem's profile, a binary writer.

``read`` takes any valid CloudEvent. ``profile`` takes from it what Tandem can use: an aggregate
(subject), a sequence, JSON data, at most ``LIMIT`` bytes. ``read_event`` is both at once and fast.
What is refused is a ``Rejected`` with the reason to park it under. Whether the data are JSON is
left to the typed reader of the data, which finds out in the same pass; ``check_json`` asks alone.
"""

from services.chassis.envelope.events import profile, read_event
from services.chassis.envelope.hints import id_hint, sequence_hint, subject_hint
from services.chassis.envelope.model import LIMIT, Envelope, Event, Record, Rejected
from services.chassis.envelope.reading import check_json, read
from services.chassis.envelope.writing import headers_of, write

__all__ = [
    "LIMIT",
    "Envelope",
    "Event",
    "Record",
    "Rejected",
    "check_json",
    "headers_of",
    "id_hint",
    "profile",
    "read",
    "read_event",
    "sequence_hint",
    "subject_hint",
    "write",
]
