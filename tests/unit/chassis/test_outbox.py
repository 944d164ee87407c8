"""The outbox: what lies in a document is exactly what will be published."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.chassis import envelope
from services.chassis.outbox import Origin, Outgoing, Unpublishable, event_of, pending
from services.chassis.parking import ParkedRecord
from services.chassis.wire import Instant, Strict

AT = datetime(2026, 4, 1, 9, 30, 0, 123_456, tzinfo=UTC)
ORIGIN = Origin("/tandem/small", "a-caller", AT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


class NoteWritten(Strict):
    """A note."""

    text: str
    written_at: Instant


def outgoing(text: str = "ä note", at: datetime = AT) -> Outgoing:
    return Outgoing(
        "tandem.notes.v1", "org.tandem.note.written.v1", NoteWritten(text=text, written_at=at), "2026", "north"
    )


def test_an_entry_gives_the_event_back_after_its_way_through_a_document() -> None:
    """Subject, sequence, origin, data: nothing is lost and nothing made up."""
    entry = pending(outgoing(), subject="a-note", sequence=7, origin=ORIGIN)
    event = event_of(json.loads(json.dumps(entry)), "a-note")
    assert (event.subject, event.sequence, event.source, event.actor) == ("a-note", 7, "/tandem/small", "a-caller")
    assert (event.edition, event.subsidiary, event.traceparent) == ("2026", "north", ORIGIN.traceparent)
    assert event.time == "2026-04-01T09:30:00.123Z"
    assert json.loads(event.data) == {"text": "ä note", "written_at": "2026-04-01T09:30:00.123Z"}


def test_an_entry_is_published_the_same_each_time() -> None:
    """A relay that publishes twice publishes the same bytes, under the same id."""
    entry = pending(outgoing(), subject="a-note", sequence=7, origin=ORIGIN)
    assert envelope.write(event_of(entry, "a-note")) == envelope.write(event_of(dict(entry), "a-note"))


def test_every_entry_has_an_id_of_its_own() -> None:
    """The same fact told twice is two events."""
    one, other = (pending(outgoing(), subject="a-note", sequence=7, origin=ORIGIN) for _ in range(2))
    assert one["id"] != other["id"]


def test_what_is_pending_can_be_read_by_the_readers() -> None:
    """The strict reader takes what the writer made of it."""
    value, headers = envelope.write(event_of(pending(outgoing(), subject="a", sequence=1, origin=ORIGIN), "a"))
    read = envelope.read_event(ParkedRecord("tandem.notes.v1", 0, 0, b"a", value, list(headers)))
    assert (read.subject, read.sequence, read.type) == ("a", 1, "org.tandem.note.written.v1")


def test_instants_go_out_in_utc_whatever_offset_they_came_with() -> None:
    """They order as text, so they must all be of one form."""
    local = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    entry = pending(outgoing(at=local), subject="a", sequence=1, origin=Origin("/tandem/small", None, local))
    assert entry["time"] == json.loads(entry["data"])["written_at"] == "2026-04-01T09:30:00.123Z"


@pytest.mark.parametrize("text", ["x" * 70_000, "ä" * 33_000, "\\" * 33_000])
def test_an_event_that_fits_in_no_record_is_refused_at_the_command(text: str) -> None:
    """64 KiB of bytes, not of characters; the caller is told, since nobody could publish it later."""
    with pytest.raises(Unpublishable) as refused:
        pending(outgoing(text), subject="a", sequence=1, origin=ORIGIN)
    assert (refused.value.status, refused.value.kind) == (422, "unpublishable")
    assert text not in refused.value.detail


@pytest.mark.parametrize("subject", ["", "a\nb", "\x00", "x" * 70_000])
def test_a_subject_that_no_reader_would_take_is_refused_at_the_command(subject: str) -> None:
    """What can not be read must not be accepted."""
    with pytest.raises(Unpublishable):
        pending(outgoing(), subject=subject, sequence=1, origin=ORIGIN)
