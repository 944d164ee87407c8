"""Instances of matching problems in files: read exactly, or refused with a sentence that says what to mend."""

from services.matching.files.comparing import differences
from services.matching.files.documents import BYTES, Unreadable, decoded, document, text_of
from services.matching.files.reading import Read, read_instance

__all__ = ["BYTES", "Read", "Unreadable", "decoded", "differences", "document", "read_instance", "text_of"]
