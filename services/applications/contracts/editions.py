"""What goes out of an edition: ids, dates and stages, never a text that people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from services.applications.contracts.topics import TOPIC
from services.applications.domain import edition
from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict


class EditionOpened(Strict):
    """An edition was opened for these subsidiaries; a group-wide one for all there were, and those that come later."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: Instant
    group_wide: bool | None = None


class CallOpenedForAll(Strict):
    """The call of an edition was opened, without a limit of age."""

    edition_id: str
    reference_date: date
    languages: tuple[str, ...]
    closes_at: Instant
    opened_at: Instant
    opens_at: Instant | None = None


class CallOpened(CallOpenedForAll):
    """The call of an edition was opened, with a limit of age."""

    maximum_age: int


class EditionChanged(Strict):
    """An edition changed: which parts, not what they say; its companies where a group-wide one took some in."""

    edition_id: str
    changed: tuple[str, ...]
    at: Instant
    subsidiaries: tuple[str, ...] | None = None


class EditionStaged(Strict):
    """People moved an edition on to a stage after its call."""

    edition_id: str
    stage: Literal["selection", "matching", "running"]
    reached_at: Instant


class EditionClosed(Strict):
    """People closed an edition; a reason stays in the service."""

    edition_id: str
    closed_at: Instant


EDITION_OPENED = "org.tandem.edition.opened.v1"
CALL_OPENED = "org.tandem.call.opened.v1"
CALL_OPENED_FOR_ALL = "org.tandem.call.opened.v2"
EDITION_CHANGED = "org.tandem.edition.changed.v1"
EDITION_STAGED = "org.tandem.edition.staged.v1"
EDITION_CLOSED = "org.tandem.edition.closed.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    EDITION_OPENED: EditionOpened,
    CALL_OPENED: CallOpened,
    CALL_OPENED_FOR_ALL: CallOpenedForAll,
    EDITION_CHANGED: EditionChanged,
    EDITION_STAGED: EditionStaged,
    EDITION_CLOSED: EditionClosed,
}


def of_edition(event: edition.Event) -> Outgoing | None:
    """An event of an edition as it goes to the topic, if it does."""
    match event:
        case edition.EditionOpened():
            return _out(EDITION_OPENED, EditionOpened.model_validate(event, from_attributes=True), event.edition_id)
        case edition.CallOpened():
            return _call_opened(event)
        case edition.StageReached(edition_id=id, stage=stage, reached_at=at):
            return _out(EDITION_STAGED, EditionStaged(edition_id=id, stage=stage, reached_at=at), id)
        case edition.EditionClosed(edition_id=id, closing=closing):
            return _out(EDITION_CLOSED, EditionClosed(edition_id=id, closed_at=closing.closed_at), id)
        case edition.EditionDrafted(edition=drafted):
            return _changed(drafted.edition_id, ("drafted",), drafted.created_at)
        case edition.EditionAmended() | edition.CallDrafted():
            return _changed(event.edition_id, event.changed, event.at)
        case edition.FormChanged():
            return _changed(event.edition_id, ("form",), event.at)
        case edition.RubricChanged():
            return _changed(event.edition_id, ("rubric",), event.at)
        case edition.ScopeExtended(subsidiaries=subsidiaries):
            return _changed(event.edition_id, ("scope",), event.at, subsidiaries)
        case edition.RoundCountedIn():
            return None


def _call_opened(event: edition.CallOpened) -> Outgoing:
    call = event.call
    said = {
        "edition_id": event.edition_id,
        "reference_date": call.reference_date,
        "languages": call.languages,
        "closes_at": call.closes_at,
        "opened_at": event.opened_at,
        "opens_at": call.opens_at,
    }
    if call.maximum_age is None:
        return _out(CALL_OPENED_FOR_ALL, CallOpenedForAll.model_validate(said), event.edition_id)
    limited = CallOpened.model_validate({**said, "maximum_age": call.maximum_age})
    return _out(CALL_OPENED, limited, event.edition_id)


def _changed(
    edition_id: str, changed: tuple[str, ...], at: datetime, subsidiaries: tuple[str, ...] | None = None
) -> Outgoing:
    data = EditionChanged(edition_id=edition_id, changed=changed, at=at, subsidiaries=subsidiaries)
    return _out(EDITION_CHANGED, data, edition_id)


def _out(type_: str, data: BaseModel, edition_id: str) -> Outgoing:
    return Outgoing(TOPIC, type_, data, edition=edition_id)
