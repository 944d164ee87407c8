"""Settings of `notifications`: through which relay and in whose name it mails."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.chassis import settings

ADDRESS = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"

ENCODED = "=?"  # begins an encoded word, which a header's reader turns into something else


class Settings(settings.Settings):
    """The mail relay and the addresses that appear in messages; every variable starts with ``TANDEM_``."""

    smtp: str = Field("127.0.0.1:1025", pattern=r"^[^\s:]+:\d{1,5}$", description="Mail relay, host:port")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        "none", description="none only on this machine or a trusted network; certificates are checked"
    )
    smtp_user: str = Field("", description="User name at the relay; without it nobody logs in")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the relay")
    mail_from: str = Field(
        "reverse-mentoring@tandem.example", pattern=ADDRESS, description="Sender; its domain also names messages"
    )
    mail_reply_to: str = Field(
        "programme-office@tandem.example", pattern=ADDRESS, description="Whom an answer reaches: a person"
    )
    portal: str = Field("http://127.0.0.1:8000", pattern=r"^https?://\S+$", description="Base address of links")

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _says_what_it_is(cls, address: str) -> str:
        if ENCODED in address:
            raise ValueError("an encoded word is no address")
        return address

    @field_validator("smtp")
    @classmethod
    def _names_a_port(cls, relay: str) -> str:
        if not 0 < int(relay.rpartition(":")[2]) < 65536:
            raise ValueError("a port is a number from 1 to 65535")
        return relay

    @field_validator("portal")
    @classmethod
    def _without_slash(cls, address: str) -> str:
        return address.rstrip("/")

    @model_validator(mode="after")
    def _never_a_password_in_the_clear(self) -> Self:
        if self.smtp_user and self.smtp_tls == "none":
            raise ValueError("whoever logs in at the relay needs TANDEM_SMTP_TLS=starttls or tls")
        return self

    @property
    def relay(self) -> tuple[str, int]:
        """Host and port of the mail relay."""
        host, _, port = self.smtp.rpartition(":")
        return host, int(port)

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.mail_from.rpartition("@")[2]
