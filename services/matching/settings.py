"""Settings of `matching`: what a run may need."""

from __future__ import annotations

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """How much memory and time a run may take; every variable starts with ``TANDEM_``."""

    matching_pairs: int = Field(
        5_000_000,
        ge=1,
        description="Allowed pairs that a run may have: a solving process takes 0.3 GB, and 0.07 GB for each million",
    )
    matching_seconds: int = Field(1800, ge=1, description="Seconds after which a run that is being solved is given up")
