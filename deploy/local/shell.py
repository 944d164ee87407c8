"""The settings of what runs, as a program beside it takes them from its environment."""

from __future__ import annotations

from deploy.local.addresses import Addresses
from deploy.local.issuer.demo import trust


def settings(where: Addresses) -> dict[str, str]:
    """The variables that say where everything is; those of parts that do not run are left out."""
    named = {"KAFKA": where.kafka, "MONGODB": where.mongodb, "SMTP": where.smtp, "CLOCK": where.clock}
    named["ISSUERS"] = trust(where.issuer) if where.issuer else None
    return {f"TANDEM_{name}": value for name, value in named.items() if value}
