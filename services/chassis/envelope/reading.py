"""From a Kafka record to a CloudEvent, in binary and in structured mode."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic_core import from_json

from services.chassis.envelope import attributes as rules
from services.chassis.envelope.attributes import CONTENT_TYPE, PREFIX, TRACE, refusal
from services.chassis.envelope.model import Envelope, Event, Record, Rejected

_OWN = frozenset({"id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "specversion"})
_LARGEST = 2**31  # CloudEvents integers have 32 bits


def read(record: Record) -> Envelope:
    """The CloudEvent in ``record``. Raises ``Rejected`` for what is none.

    Headers that CloudEvents does not define are ignored, whatever they hold. In structured mode the
    ``ce_`` headers are ignored too: the value alone counts.
    """
    try:
        return _read(record)
    except Rejected as error:
        if record.value is None:
            raise Rejected("tombstone", f"there is no value, and {error.detail}") from error
        raise


def check_json(event: Envelope | Event) -> None:
    """Refuse data under a JSON content type that are not JSON; other data pass. Raises ``Rejected``."""
    data = event.data
    if data is None or (isinstance(event, Envelope) and not _declares_json(event)):
        return
    try:
        from_json(data, allow_inf_nan=False)
    except ValueError:
        raise Rejected("bad_json", "the data are not JSON") from None


def _declares_json(envelope: Envelope) -> bool:
    return envelope.datacontenttype is not None and rules.is_json(envelope.datacontenttype)


def _read(record: Record) -> Envelope:
    headers, repeated, size = _headers(record)
    content_type = None
    if CONTENT_TYPE in headers:
        content_type = rules.decode(CONTENT_TYPE, headers[CONTENT_TYPE])
        if CONTENT_TYPE in repeated:
            raise refusal(CONTENT_TYPE, "is there twice")
    if content_type is not None and content_type.lower().startswith(rules.STRUCTURED):
        rules.check_format(content_type)
        envelope = _structured(record.value)
    else:
        envelope = _binary(record.value, _own_headers(headers, repeated), content_type)
    envelope.size = size
    envelope.traceparent = rules.read_traceparent(headers.get(TRACE))
    return envelope


def _headers(record: Record) -> tuple[dict[str, bytes | None], set[str], int]:
    """The headers by name, the names that come more than once, and the bytes of all with the value."""
    headers: dict[str, bytes | None] = {}
    repeated: set[str] = set()
    size = len(record.value or b"")
    for name, value in record.headers:
        size += len(name.encode("utf-8", "surrogatepass")) + len(value or b"")
        if name in headers:
            repeated.add(name)
        headers[name] = value
    return headers, repeated, size


def _own_headers(headers: Mapping[str, bytes | None], repeated: set[str]) -> dict[str, str]:
    """The attributes that the ``ce_`` headers hold."""
    found: dict[str, str] = {}
    for header, raw in headers.items():
        if header.startswith(PREFIX):
            name = header[len(PREFIX) :]
            rules.check_name(name)
            if header in repeated:
                raise refusal(name, "is there twice")
            found[name] = rules.decode(name, raw)
    return found


def _binary(value: bytes | None, found: dict[str, str], content_type: str | None) -> Envelope:
    if found.pop("datacontenttype", content_type) != content_type:
        raise refusal("datacontenttype", "belongs into the header content-type")
    if content_type is not None:
        found["datacontenttype"] = content_type
    return _envelope(found, value)


def _structured(value: bytes | None) -> Envelope:
    members = _members(value)
    data, encoded = members.pop("data", _ABSENT), members.pop("data_base64", None)
    found = {name: _text(name, member) for name, member in members.items() if member is not None}
    envelope = _envelope(found, None)
    envelope.structured = True
    if encoded is not None:
        if data is not _ABSENT:
            raise refusal("data", "is there twice, as data and as data_base64")
        envelope.data = _decoded(encoded)
    elif data is not _ABSENT:
        envelope.data = _encoded(data, envelope.datacontenttype)
    return envelope


def _envelope(found: dict[str, str], data: bytes | None) -> Envelope:
    """The event of these attributes, each held against the rules."""
    for name in ("id", "source", "type", "specversion"):
        if name not in found:
            raise refusal(name, "is missing")
    if found["specversion"] != "1.0":
        raise refusal("specversion", "is not 1.0")
    rules.check_uri("source", found["source"])
    for name in ("id", "type", "subject"):
        if name in found:
            rules.check_text(name, found[name])
    if "time" in found:
        rules.check_time(found["time"])
    if "dataschema" in found:
        rules.check_uri("dataschema", found["dataschema"], absolute=True)
    if "datacontenttype" in found:
        rules.check_content_type(found["datacontenttype"])
    return Envelope(
        id=found["id"],
        source=found["source"],
        type=found["type"],
        subject=found.get("subject"),
        time=found.get("time"),
        dataschema=found.get("dataschema"),
        datacontenttype=found.get("datacontenttype"),
        data=data,
        extensions={name: text for name, text in found.items() if name not in _OWN},
    )


# The JSON event format.

_ABSENT = object()  # a member that is not there, where null means something


class _Members(dict[str, Any]):
    """A JSON object that knows whether one of its names came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.ambiguous = len(self) != len(pairs)


def _members(value: bytes | None) -> dict[str, Any]:
    try:
        parsed = json.loads((value or b"").decode(), object_pairs_hook=_Members, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Rejected("bad_json", "the structured event is not JSON") from None
    if not isinstance(parsed, _Members):
        raise refusal("the structured event", "is not a JSON object")
    if parsed.ambiguous:
        raise refusal("the structured event", "has a member twice")
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _text(name: str, member: object) -> str:
    """The canonical text of an attribute's JSON value."""
    rules.check_name(name)
    if isinstance(member, bool):
        return "true" if member else "false"
    if isinstance(member, int) and -_LARGEST <= member < _LARGEST:
        return str(member)
    if not isinstance(member, str):
        raise refusal(name, "has a value of a type that attributes do not have")
    if not member.isprintable() and any("\ud800" <= character <= "\udfff" for character in member):
        raise refusal(name, "holds half a surrogate pair")
    return member


def _encoded(data: object, content_type: str | None) -> bytes:
    """The bytes of the member ``data``: JSON text, or the text itself where another type is declared."""
    if rules.is_json(content_type):
        try:
            return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise refusal("data", "cannot be written as JSON") from None
    if not isinstance(data, str):
        raise refusal("data", "is neither text nor declared as JSON")
    try:
        return data.encode()
    except UnicodeEncodeError:
        raise refusal("data", "holds half a surrogate pair") from None


def _decoded(encoded: object) -> bytes:
    if not isinstance(encoded, str):
        raise refusal("data_base64", "is not text")
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise refusal("data_base64", "is not base64") from None
