"""Settings of `portal`: where it lives, through which issuer it signs people in, what seals their tokens."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.chassis import settings
from services.chassis.auth.issuers import Issuer, is_loopback, issuers_from

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")
_KEY_BYTES = 32


class Settings(settings.Settings):
    """The portal's address, its client at the issuer and its key; every variable starts with ``TANDEM_``."""

    portal: str = Field(
        "http://localhost:8000", description="The portal's own address, as browsers see it; https but on this machine"
    )
    portal_key: SecretStr = Field(
        description="Seals the tokens of sessions: 32 bytes in base64; a second one, after a comma, still opens"
    )
    portal_issuer: str = Field("", description="Name of the issuer that signs people in; empty for the first one")
    portal_client: str = Field("tandem-portal", min_length=1, description="The portal's client id at the issuer")
    portal_client_secret: SecretStr = Field(SecretStr(""), description="Its secret there; empty for a public client")
    portal_scope: str = Field("openid", description="What is asked for; some issuers need offline_access or an API's")
    portal_personas: Path | None = Field(None, description="JSON file with the persons of a demo; development only")
    people_url: str = Field("http://127.0.0.1:8001", pattern=r"^https?://[^\s?#]+$", description="Where `people` is")
    applications_url: str = Field(
        "http://127.0.0.1:8002", pattern=r"^https?://[^\s?#]+$", description="Where `applications` is"
    )
    matching_url: str = Field(
        "http://127.0.0.1:8003", pattern=r"^https?://[^\s?#]+$", description="Where `matching` is"
    )

    @field_validator("portal")
    @classmethod
    def _is_an_origin(cls, address: str) -> str:
        address = address.rstrip("/")
        if not _ORIGIN.fullmatch(address):
            raise ValueError("write https://host[:port], in lower case and without a path")
        if not address.startswith("https://") and not is_loopback(_host(address)):
            raise ValueError("browsers keep the session of an https address only; http is for this machine")
        return address

    @field_validator("portal_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if any(len(_decoded(part)) != _KEY_BYTES for part in key.get_secret_value().split(",")):
            raise ValueError("write 32 random bytes in base64, such as `openssl rand -base64 32` makes")
        return key

    @model_validator(mode="after")
    def _has_an_issuer(self) -> Self:
        issuers = issuers_from(self.issuers)
        if not issuers:
            raise ValueError("the portal signs people in through an issuer: set TANDEM_ISSUERS")
        if self.portal_issuer and self.portal_issuer not in [issuer.name for issuer in issuers]:
            raise ValueError("TANDEM_PORTAL_ISSUER names none of TANDEM_ISSUERS")
        if self.issuer.audience == self.portal_client:
            raise ValueError(
                "TANDEM_PORTAL_CLIENT is the issuer's audience: ID tokens of the portal would open the API"
            )
        return self

    @property
    def issuer(self) -> Issuer:
        """The issuer that signs people in."""
        issuers = issuers_from(self.issuers)
        return next((issuer for issuer in issuers if issuer.name == self.portal_issuer), issuers[0])

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of tokens, 32 bytes each: the first seals, all open."""
        return tuple(_decoded(part) for part in self.portal_key.get_secret_value().split(","))


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text.strip(), validate=True)
    except ValueError:
        return b""
