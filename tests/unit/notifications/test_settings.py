"""Settings of the mail relay are checked at the start, and the password never shows."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from services.notifications.settings import Settings


def test_a_password_never_goes_in_the_clear() -> None:
    """A relay with a log-in is spoken to over TLS, or the service does not start."""
    with pytest.raises(ValidationError, match="TANDEM_SMTP_TLS"):
        Settings(smtp_user="tandem", smtp_password=SecretStr("a secret"))
    assert Settings(smtp_user="tandem", smtp_tls="starttls").smtp_user == "tandem"


def test_the_relay_and_the_senders_domain_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says where mail goes and in whose name."""
    monkeypatch.setenv("TANDEM_SMTP", "relay.nordlicht.example:587")
    monkeypatch.setenv("TANDEM_MAIL_FROM", "tandem@nordlicht.example")
    monkeypatch.setenv("TANDEM_PORTAL", "https://tandem.nordlicht.example/")
    monkeypatch.setenv("TANDEM_SMTP_PASSWORD", "a secret")
    settings = Settings()
    assert settings.relay == ("relay.nordlicht.example", 587)
    assert settings.domain == "nordlicht.example"
    assert settings.portal == "https://tandem.nordlicht.example"
    assert "a secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp", "relay"),
        ("smtp", "relay:99999"),
        ("mail_from", "=?utf-8?q?a?=@x.example"),
        ("smtp_tls", "maybe"),
        ("mail_from", "Tandem <t@x>"),
        ("mail_reply_to", "x"),
        ("portal", "ftp://x"),
    ],
)
def test_what_would_fail_only_at_the_first_message_fails_at_the_start(name: str, value: str) -> None:
    """A relay without a port, a sender that is no address, a link that is none."""
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})
