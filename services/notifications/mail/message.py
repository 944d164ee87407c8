"""Messages: text and HTML in the recipient's language, the same bytes at each attempt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifications.domain import FIRST_SESSION_WITHIN, Delivery
from services.notifications.settings import ADDRESS, ENCODED, Settings

LANGUAGES = ("de", "en")
_OTHERWISE = "en"
_LONGEST = 254  # characters of an address
_TEMPLATES = Path(__file__).parent.parent / "templates"
_SENDER = "Reverse Mentoring"
_POLICY = SMTP.clone(cte_type="7bit")
_MONTHS = {
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message needs of its two people: the recipient's name, address, language and zone, the partner's name."""

    name: str
    address: str
    language: str
    zone: str
    partner: str


class Unwritable(Exception):
    """No message can be made of what is known: a date beyond all calendars, a name that no header can hold."""


class Composer:
    """Makes messages of deliveries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"]),
            keep_trailing_newline=True,
        )

    def compose(self, delivery: Delivery, letter: Letter) -> bytes:
        """The message of a delivery as it goes over SMTP; its ``Message-ID`` follows from the delivery alone.

        Raises ``Unwritable``.
        """
        try:
            return self._composed(delivery, letter)
        except (ValueError, OverflowError) as error:
            raise Unwritable(type(error).__name__) from error

    def _composed(self, delivery: Delivery, letter: Letter) -> bytes:
        language = _spoken(letter.language)
        until = (delivery.happened_at.astimezone(_zone(letter.zone)) + FIRST_SESSION_WITHIN).date()
        said = {
            "name": _one_line(letter.name),
            "partner": _one_line(letter.partner),
            "role": delivery.role,
            "until": _written(until, language),
            "link": f"{self._settings.portal}/pairs/{quote(delivery.pair_id, safe='')}",
        }
        subject, text, html = (
            self._templates.get_template(f"{delivery.template}.{language}.{part}.j2").render(said)
            for part in ("subject", "txt", "html")
        )
        message = self._addressed(delivery, letter)
        message["Subject"] = _one_line(subject)
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = language  # setting the content has taken away all such headers
        message.set_boundary(f"={delivery.delivery_id}=")
        return message.as_bytes()

    def _addressed(self, delivery: Delivery, letter: Letter) -> EmailMessage:
        domain = self._settings.domain
        message = EmailMessage(_POLICY)
        message["Message-ID"] = f"<{delivery.delivery_id}@{domain}>"
        message["Date"] = format_datetime(delivery.intended_at)
        message["From"] = Address(_SENDER, addr_spec=self._settings.mail_from)
        message["To"] = letter.address
        message["Reply-To"] = self._settings.mail_reply_to
        message["List-Id"] = f"<reverse-mentoring.{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        return message


def is_usable(address: str) -> bool:
    """Whether a relay could take the address: ASCII, one mailbox, no quoting."""
    return len(address) <= _LONGEST and ENCODED not in address and re.fullmatch(ADDRESS, address) is not None


def _spoken(language: str) -> str:
    """The language to write in: the recipient's where there are templates for it."""
    primary = language.lower().partition("-")[0]
    return primary if primary in LANGUAGES else _OTHERWISE


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a name that this machine does not know
        return ZoneInfo("UTC")


def _written(day: date, language: str) -> str:
    dot = "." if language == "de" else ""
    return f"{day.day}{dot} {_MONTHS[language][day.month - 1]} {day.year}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
