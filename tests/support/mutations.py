"""Every way in which a record may arrive spoiled, each with the reason under which it must be parked."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from services.chassis.envelope import LIMIT
from services.chassis.parking import ParkedRecord as Record
from tests.support.tallies import STRANGE, record

Spoil = Callable[[Record], Record]


@dataclass(frozen=True, slots=True)
class Sent:
    """A record of a log, and the reason under which it must be parked when it arrives (none: it is good)."""

    record: Record
    reason: str = ""
    unknown: bool = False


def _headers(**changed: bytes | None) -> Spoil:
    """Other values in some ``ce_`` headers."""
    renamed = {f"ce_{name}": value for name, value in changed.items()}
    return lambda record: replace(record, headers=list({**dict(record.headers), **renamed}.items()))


def _without(header: str) -> Spoil:
    return lambda record: replace(record, headers=[one for one in record.headers if one[0] != header])


def _twice(header: str) -> Spoil:
    return lambda record: replace(record, headers=[*record.headers, (header, b"again")])


def _typed(content_type: bytes | None) -> Spoil:
    renamed = {"content-type": content_type}
    return lambda record: replace(record, headers=list({**dict(record.headers), **renamed}.items()))


def _value(value: bytes | None) -> Spoil:
    return lambda record: replace(record, value=value)


def _cut(record: Record) -> Record:
    return replace(record, value=(record.value or b"")[:-1])


def _swollen(record: Record) -> Record:
    return replace(record, value=json.dumps({"amount": 1, "note": "x" * LIMIT}).encode())


def _ahead(record: Record) -> Record:
    """A sequence that is well-formed, but of a place far ahead."""
    sequence = int(dict(record.headers)["ce_sequence"] or b"0") + 1000
    return _headers(sequence=b"%010d" % sequence)(record)


SPOILED: Mapping[str, tuple[str, Spoil]] = {
    "value is cut off": ("bad_json", _cut),
    "value is empty": ("bad_json", _value(b"")),
    "value is not UTF-8": ("bad_json", _value(b'{"amount":1,"note":"\xff"}')),
    "value is no object": ("invalid_data", _value(b"[1]")),
    "amount is no number": ("invalid_data", _value(b'{"amount":"much"}')),
    "amount is missing": ("invalid_data", _value(b"{}")),
    "tombstone": ("tombstone", _value(None)),
    "oversize": ("oversize", _swollen),
    "no id": ("no_id", _without("ce_id")),
    "empty id": ("no_id", _headers(id=b"")),
    "null id": ("no_id", _headers(id=None)),
    "id is not UTF-8": ("no_id", _headers(id=b"\xff\xfe")),
    "no subject": ("no_subject", _without("ce_subject")),
    "null subject": ("no_subject", _headers(subject=None)),
    "subject is not UTF-8": ("no_subject", _headers(subject=b"\xc3\x28")),
    "subject is there twice": ("no_subject", _twice("ce_subject")),
    "no sequence": ("bad_sequence", _without("ce_sequence")),
    "null sequence": ("bad_sequence", _headers(sequence=None)),
    "sequence is a word": ("bad_sequence", _headers(sequence=b"soon")),
    "sequence is zero": ("bad_sequence", _headers(sequence=b"0000000000")),
    "sequence is negative": ("bad_sequence", _headers(sequence=b"-000000001")),
    "sequence is too long": ("bad_sequence", _headers(sequence=b"00000000001")),
    "sequence is far ahead": ("gap", _ahead),
    "null type": ("invalid_data", _headers(type=None)),
    "actor is not UTF-8": ("invalid_data", _headers(actor=b"\xff")),
    "time is none": ("invalid_data", _headers(time=b"yesterday")),
    "version is another": ("invalid_data", _headers(specversion=b"0.3")),
    "format is another": ("invalid_data", _typed(b"application/cloudevents+avro")),
    "batch": ("invalid_data", _typed(b"application/cloudevents-batch+json")),
    "null content type": ("invalid_data", _typed(None)),
    "content is no JSON": ("invalid_data", _typed(b"text/plain")),
    "structured, but it is not": ("no_id", _typed(b"application/cloudevents+json")),
}


QUEUED = "gap: queued behind a spoiled one"
EVENTS = 4  # of each spoiled subject, two of them spoiled


@dataclass(frozen=True, slots=True)
class Log:
    """What goes to the topic first, and the good records that come again later."""

    sent: list[Sent]
    again: list[Record]

    @property
    def distances(self) -> list[int]:
        """Before each spoiled record, how many good ones lie since the last one."""
        found, since = [], 0
        for one in self.sent:
            since += 1
            if _is_spoiled(one):
                found.append(since - 1)
                since = 0
        return found


def spoiled_log(seed: int, subjects: int, neighbours: int) -> Log:
    """A log with two spoiled records in each of so many ``subjects``, one after every one to twenty good ones.

    The good ones are those of the same subjects, which queue, and those of so many ``neighbours``.
    """
    chance = random.Random(seed)
    again: list[Record] = []
    waiting = [_subject(chance, f"spoiled-{n:04}", again) for n in range(subjects)]
    good = _neighbours(chance, [f"good-{n:03}" for n in range(neighbours)])
    sent: list[Sent] = []
    between = 0
    while waiting:
        subject = chance.choice(waiting)
        for one in _up_to_the_next_spoiled(subject):
            if _is_spoiled(one):
                sent += islice(good, max(0, chance.randint(1, 20) - between))
            between = 0 if _is_spoiled(one) else between + 1
            sent.append(one)
        if not subject:
            waiting.remove(subject)
    return Log(sent, again)


def _is_spoiled(one: Sent) -> bool:
    return one.reason not in ("", QUEUED)


def _subject(chance: random.Random, name: str, again: list[Record]) -> deque[Sent]:
    """One subject's records in order; the good versions of the spoiled ones join ``again``."""
    spoiled = sorted(chance.sample(range(1, EVENTS + 1), 2))
    records: deque[Sent] = deque()
    for sequence in range(1, EVENTS + 1):
        good = record(name, sequence)
        if sequence in spoiled:
            reason, spoil = SPOILED[chance.choice(sorted(SPOILED))]
            again.append(good)
            records.append(Sent(spoil(good), reason))
        else:
            records.append(Sent(good, QUEUED if sequence > spoiled[0] else ""))
    return records


def _up_to_the_next_spoiled(subject: deque[Sent]) -> Iterator[Sent]:
    """Take a subject's next records up to a spoiled one, and what follows the last spoiled one with it."""
    while subject:
        yield (one := subject.popleft())
        if _is_spoiled(one) and any(map(_is_spoiled, subject)):
            return


def _neighbours(chance: random.Random, names: list[str]) -> Iterator[Sent]:
    """Good records without end; every fiftieth is of a type that nobody knows."""
    sequences = dict.fromkeys(names, 0)
    while True:
        name = chance.choice(names)
        sequences[name] += 1
        unknown = chance.randrange(50) == 0
        one = record(name, sequences[name], type=STRANGE) if unknown else record(name, sequences[name])
        yield Sent(one, unknown=unknown)
