"""What the caller of ``tandem people import`` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.chassis.clock import SystemClock
from services.people.domain.reading.mapping import Layout
from services.people.domain.reading.reading import Wanted
from services.people.mappings import layout, shipped


@dataclass(frozen=True, slots=True)
class Wishes:
    """A file, how it is to be read, and what is to be shown of it."""

    file: Path
    mapping: str = ""
    partial: bool = False
    as_of: date | None = None
    encoding: str = ""
    subsidiary: str = ""
    source: str = ""
    leavers: int | None = None
    as_json: bool = False
    faults: Path | None = None

    def wanted(self) -> Wanted:
        """The same for the reader."""
        return Wanted(
            as_of=self.as_of or SystemClock().now().date(),
            encoding=self.encoding or None,
            subsidiary=self.subsidiary or None,
            whole=not self.partial,
            source=self.source or None,
        )

    def layouts(self) -> tuple[Layout, ...]:
        """The mappings among which the header chooses. Raises ``RosterUnusable``, ``OSError``, ``UnicodeError``."""
        named = tuple(one for one in shipped() if one.name == self.mapping)
        if named or not self.mapping:
            return named or shipped()
        return (layout(self.mapping_text()),)

    def mapping_text(self) -> str:
        """The text of the caller's own mapping file. Raises ``OSError``, ``UnicodeError``."""
        return Path(self.mapping).read_text("utf-8")

    def has_own_mapping(self) -> bool:
        """Whether the mapping is a file of the caller's rather than a shipped one."""
        return bool(self.mapping) and self.mapping not in {one.name for one in shipped()}
