"""From bytes to text. No statistics: a rule that is right, says that it guessed, or asks."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, replace

from services.people.domain.reading.faults import RosterUnusable

_MARKS = (  # the longer marks first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape"})  # the first takes hours
_CHOICES = "name the encoding, e.g. cp1252 (Western European) or cp1250 (Polish, Czech), or save the file as CSV UTF-8"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2007\u2009\u200a\u202f\u205f\u3000"
_UNSEEN = "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero-width space and joiner, stray mark


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file; ``guessed`` says that no mark, no rule and nobody named its encoding."""

    text: str
    encoding: str
    guessed: bool = False


def decoded(body: bytes, encoding: str | None = None) -> Decoded:
    """Decode by the named encoding, else by the byte order mark, else as UTF-8, else as Windows-1252.

    Letters are composed (NFC), all spaces are the ordinary one, and letters of no width are gone, so that what looks
    the same is the same. Raises ``RosterUnusable`` for bytes that the encoding lacks and for mixed encodings.
    """
    found = _by_name(body, encoding) if encoding else _by_rule(body)
    return found if found.text.isascii() else replace(found, text=_alike(found.text))


def _alike(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for letter in _SPACES:
        text = text.replace(letter, " ")
    for letter in _UNSEEN:
        text = text.replace(letter, "")
    return text


def _by_name(body: bytes, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        if name in _NO_CHARSETS:
            raise LookupError(name)
        return Decoded(body.decode(name), name)
    except (LookupError, UnicodeDecodeError, ValueError) as error:
        at = _line(body, error)
        reason = f"it has bytes that this encoding lacks, the first on line {at}" if at else "there is no such encoding"
        raise RosterUnusable("encoding", f"The file cannot be read as {encoding}: {reason}; {_CHOICES}.") from None


def _by_rule(body: bytes) -> Decoded:
    mark = next((name for bytes_, name in _MARKS if body.startswith(bytes_)), None)
    if mark:
        return _by_name(body, mark)
    start = body[:4096]
    if start.count(0) * 4 > len(start):
        raise RosterUnusable("encoding", "The file has NUL bytes: if it is UTF-16, name that encoding (utf-16-le).")
    try:
        return Decoded(body.decode(), "utf-8")
    except UnicodeDecodeError as error:
        return _western(body, error)


def _western(body: bytes, broken: UnicodeDecodeError) -> Decoded:
    """A file that is not UTF-8; where much of it is, its broken place is named rather than its names garbled."""
    line = _line(body, broken)
    if not body.decode(errors="ignore").isascii():
        raise RosterUnusable(f"line {line}", f"Line {line} is not UTF-8, though other lines are; {_CHOICES}.")
    try:
        return Decoded(body.decode(_WESTERN), _WESTERN, guessed=True)
    except UnicodeDecodeError as error:
        line = _line(body, error)
        raise RosterUnusable(f"line {line}", f"Line {line} is neither UTF-8 nor Windows-1252; {_CHOICES}.") from None


def _line(body: bytes, error: Exception) -> int | None:
    """The line of the first byte that could not be decoded."""
    return body.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else None
