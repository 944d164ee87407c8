"""The dialogue with the mail relay: a few connections at a time, each used again until the turn is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from services.chassis.errors import Transient
from services.notifications.settings import Settings

AT_ONCE = 4  # connections
_CONNECTED_WITHIN, _ANSWERED_WITHIN = 5.0, 15.0  # seconds, per step of the dialogue
_TAKEN_WITHIN = 45.0  # seconds for the relay to take over a message; a worker's claim lasts longer
_TAKEN, _CLOSING, _FOR_GOOD = 250, 421, 500  # SMTP codes (RFC 5321); from 500 on a refusal is for good


class Unconfirmed(Exception):
    """The relay got the whole message and did not say what became of it: it may have been delivered."""


class MailRelayAway(Transient):
    """The relay does not answer, broke off, or takes nothing from this sender; nothing is known of the message."""

    kind = "mail-relay-unavailable"


class Verdict(StrEnum):
    """What the relay made of a message."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Answer:
    """The relay's verdict and its SMTP code."""

    verdict: Verdict
    code: int


class Mailer:
    """Hands messages to the relay; a relay that could not be reached is not asked again in the same turn."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(AT_ONCE)
        self._idle: list[SMTP] = []
        self._away = ""

    async def send(self, message: bytes, recipient: str) -> Answer:
        """Send one message to one recipient. Raises ``MailRelayAway``, ``Unconfirmed``."""
        async with self._places, self._connection() as connection:
            try:
                await connection.mail(self._settings.mail_from)
                await connection.rcpt(recipient)
            except SMTPRecipientRefused as refused:
                await connection.rset()
                return _answer(refused.code)
            return await self._handed_over(connection, message)

    async def _handed_over(self, connection: SMTP, message: bytes) -> Answer:
        try:
            await connection.data(message, timeout=_TAKEN_WITHIN)
        except SMTPDataError as refused:
            return _answer(refused.code)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            connection.close()
            raise Unconfirmed(type(error).__name__) from error
        return Answer(Verdict.TAKEN, _TAKEN)

    async def rest(self) -> None:
        """The turn is over: close the connections, and ask the relay anew next time."""
        self._away = ""
        while self._idle:
            connection = self._idle.pop()
            with suppress(SMTPException, OSError):
                await connection.quit(timeout=1)
            connection.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        """An idle connection or a new one; it is kept only where the dialogue came to its end."""
        connection = self._idle.pop() if self._idle else await self._connected()
        try:
            yield connection
        except (SMTPException, OSError) as error:
            connection.close()
            raise MailRelayAway(_what(error)) from error
        except BaseException:
            connection.close()
            raise
        if connection.is_connected:
            self._idle.append(connection)

    async def _connected(self) -> SMTP:
        if self._away:
            raise MailRelayAway(self._away)
        settings, (host, port) = self._settings, self._settings.relay
        connection = SMTP(
            hostname=host,
            port=port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            local_hostname=settings.domain,
            timeout=_ANSWERED_WITHIN,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
        )
        try:
            await connection.connect(timeout=_CONNECTED_WITHIN)
        except (SMTPException, OSError) as error:
            self._away = _what(error)
            raise MailRelayAway(self._away) from error
        return connection


def _answer(code: int) -> Answer:
    """A refusal, for now or for good. Raises ``MailRelayAway`` where the relay is about to go."""
    if code == _CLOSING:
        raise MailRelayAway("the mail relay is closing down")
    return Answer(Verdict.NEVER if code >= _FOR_GOOD else Verdict.LATER, code)


def _what(error: Exception) -> str:
    """What went wrong, without the relay's words: they may hold an address."""
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return f"the mail relay does not take mail: {type(error).__name__}{code}"
