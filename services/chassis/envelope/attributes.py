"""What CloudEvents demands of attribute names and values. Each function refuses with ``Rejected``."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from services.chassis.envelope.model import Rejected

PREFIX = "ce_"
CONTENT_TYPE = "content-type"
TRACE = "traceparent"
STRUCTURED = "application/cloudevents"
_DIGITS = 10  # of a sequence, so that it also orders as text
_REASONS = {"id": "no_id", "subject": "no_subject", "sequence": "bad_sequence"}
_OFFSET = re.compile(r"(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")
_UNREPRESENTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_URI = re.compile(r"[\s<>\"{}|\\^`]")


def refusal(attribute: str, fault: str) -> Rejected:
    """The refusal of ``attribute``, under the reason that Tandem has for it."""
    return Rejected(_REASONS.get(attribute, "invalid_data"), f"{attribute} {fault}")


def decode(attribute: str, raw: bytes | None) -> str:
    """The text of a header."""
    if raw is None:
        raise refusal(attribute, "is a null header")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise refusal(attribute, "is not UTF-8") from None


def is_clean(text: str) -> bool:
    """Whether ``text`` is neither empty nor holds control characters or half a surrogate pair."""
    return bool(text) and (text.isprintable() or not _UNREPRESENTABLE.search(text))


def check_text(attribute: str, text: str) -> None:
    """Refuse what ``is_clean`` denies."""
    if not is_clean(text):
        raise refusal(attribute, "holds control characters" if text else "is empty")


def check_name(name: str) -> None:
    """Refuse names that are not lower-case ASCII letters and digits, and ``data``, which is no attribute."""
    if name == "data" or not (name.isascii() and name.isalnum() and name == name.lower()):
        raise refusal("an attribute", "has a name that CloudEvents does not allow")


def check_uri(attribute: str, text: str, *, absolute: bool = False) -> None:
    """Refuse what is no URI reference by its characters, or has no scheme where ``absolute``."""
    check_text(attribute, text)
    if _NOT_IN_URI.search(text):
        raise refusal(attribute, "is not a URI")
    if absolute and not _SCHEME.match(text):
        raise refusal(attribute, "is not an absolute URI")


def check_time(text: str) -> None:
    """Refuse what is no RFC 3339 instant; a leap second is one."""
    tail = text[19:]
    shaped = text[4:5] == text[7:8] == "-" and text[10:11] in ("T", "t") and text[13:14] == text[16:17] == ":"
    if not (shaped and (tail == "Z" or _is_offset(tail)) and _exists(text)):
        raise refusal("time", "is not an RFC 3339 instant")


def _exists(text: str) -> bool:
    """Whether date and time of day exist."""
    try:
        datetime.fromisoformat(text[:17] + "59" if text[17:19] == "60" else text[:19])
    except ValueError:
        return False
    return True


@lru_cache(maxsize=2048)  # all fractions of milliseconds, as Tandem writes them
def _is_offset(tail: str) -> bool:
    return _OFFSET.fullmatch(tail) is not None


def is_sequence(text: str | bytes) -> bool:
    """Whether ``text`` is a decimal of ten ASCII digits above zero."""
    return len(text) == _DIGITS and text.isascii() and text.isdigit() and int(text) > 0


def read_traceparent(raw: bytes | None) -> str | None:
    """The W3C ``traceparent`` that these bytes are; a broken one is dropped and never costs an event."""
    if not raw or not is_traceparent(raw):
        return None
    return raw.decode()


def is_traceparent(raw: bytes) -> bool:
    """Whether these bytes have the outline of a W3C ``traceparent``: 2, 32, 16 and 2 characters with dashes."""
    return len(raw) == 55 and raw.isascii() and raw[2:3] == raw[35:36] == raw[52:53] == b"-"


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether the content type declares JSON in UTF-8; none at all counts as JSON."""
    if content_type is None:
        return True
    media, _, parameters = content_type.lower().partition(";")
    subtype = media.strip().partition("/")[2]
    return (subtype == "json" or subtype.endswith("+json")) and _is_utf8(parameters)


@lru_cache(maxsize=256)
def check_content_type(content_type: str) -> None:
    """Refuse what has not the form type/subtype."""
    check_text("datacontenttype", content_type)
    kind, _, subtype = content_type.partition(";")[0].strip().partition("/")
    if not kind or not subtype or " " in kind or " " in subtype:
        raise refusal("datacontenttype", "is not a media type")


def check_format(content_type: str) -> None:
    """Refuse event formats other than JSON in UTF-8; Kafka knows no batches."""
    media, _, parameters = content_type.lower().partition(";")
    if media.strip() != f"{STRUCTURED}+json" or not _is_utf8(parameters):
        raise refusal("content-type", "names an event format that is not read here")


def _is_utf8(parameters: str) -> bool:
    """Whether the parameters of a media type leave UTF-8 as the charset."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8", "us-ascii"):
            return False
    return True


# The few sources, types and schemas of a topic come again and again: checked once, shared as one string.


@lru_cache(maxsize=256)
def known_source(raw: bytes) -> str:
    """The ``source`` that these bytes are."""
    source = decode("source", raw)
    check_uri("source", source)
    return source


@lru_cache(maxsize=256)
def known_type(raw: bytes) -> str:
    """The ``type`` that these bytes are."""
    kind = decode("type", raw)
    check_text("type", kind)
    return kind


@lru_cache(maxsize=256)
def known_schema(raw: bytes) -> str:
    """The ``dataschema`` that these bytes are."""
    schema = decode("dataschema", raw)
    check_uri("dataschema", schema, absolute=True)
    return schema
