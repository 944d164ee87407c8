"""What can be wrong with the edition that a command is about."""

from __future__ import annotations

from services.chassis.errors import FieldError, Invalid, Refused


class UnknownEdition(Invalid):
    """Nobody has told `matching` of this edition."""

    kind = "unknown-edition"

    def __init__(self, edition_id: str) -> None:
        detail = f"There is no edition {edition_id}, or its opening has not arrived here yet."
        super().__init__(detail, fields=[FieldError("/edition_id", detail)])


class EditionOver(Refused):
    """The last day of the edition has passed, or people closed it."""

    kind = "edition-over"
