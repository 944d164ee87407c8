"""What can be wrong with the edition that a command is about."""

from __future__ import annotations

from datetime import datetime

from services.chassis.errors import FieldError, Invalid, Refused
from services.matching.domain.candidates import Edition


class UnknownEdition(Invalid):
    """Nobody has told `matching` of this edition."""

    kind = "unknown-edition"

    def __init__(self, edition_id: str) -> None:
        detail = f"There is no edition {edition_id}, or its opening has not arrived here yet."
        super().__init__(detail, fields=[FieldError("/edition_id", detail)])


class EditionOver(Refused):
    """The last day of the edition has passed, or people closed it."""

    kind = "edition-over"


def refuse_over(edition: Edition | None, at: datetime) -> None:
    """Let pass what is done in an edition that goes on, or that nobody has told of. Raises ``EditionOver``."""
    if edition is not None and edition.is_over(at):
        ended = "was closed" if edition.closed else f"ended on {edition.ends_on}"
        raise EditionOver(f"The edition {ended}; nobody is matched in it any more.")
