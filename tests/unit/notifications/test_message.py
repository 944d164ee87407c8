"""Messages: what they say, to whom, and what never stands in them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications import domain, mail
from services.notifications.mail import Composer, Letter, Unwritable, is_usable
from services.notifications.settings import Settings
from tests.support.deliveries import DELIVERY

TEMPLATES = Path(mail.__file__).parents[1] / "templates"
LETTER = Letter("Lena Hoff", "lena@group.example", "de", "Europe/Berlin", "Dr. Ümit Winter")


def message(letter: Letter = LETTER, delivery: domain.Delivery = DELIVERY) -> EmailMessage:
    """The message as its recipient's program reads it."""
    settings = Settings(mail_from="tandem@nordlicht.example", mail_reply_to="kurz@nordlicht.example")
    found = message_from_bytes(Composer(settings).compose(delivery, letter), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text(found: EmailMessage, kind: str = "plain") -> str:
    """One of the two forms of its text."""
    part = found.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_headers_say_that_a_machine_wrote_and_whom_an_answer_reaches() -> None:
    """Out-of-office replies are not provoked, rules can sort, and the id follows from the delivery alone."""
    found = message()
    assert found["Message-ID"] == "<d@nordlicht.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Id"] == "<reverse-mentoring.nordlicht.example>"
    assert found["From"] == "Reverse Mentoring <tandem@nordlicht.example>"
    assert (found["To"], found["Reply-To"]) == ("lena@group.example", "kurz@nordlicht.example")
    assert found["Date"].datetime == DELIVERY.intended_at


def test_the_same_delivery_gives_the_same_bytes() -> None:
    """A repeated message is the same message."""
    composer = Composer(Settings())
    assert composer.compose(DELIVERY, LETTER) == composer.compose(DELIVERY, LETTER)


@pytest.mark.parametrize(
    ("language", "role", "words"),
    [
        ("de", "mentor", "Ihre Führungskraft im Reverse Mentoring ist Dr. Ümit Winter."),
        ("de-AT", "mentee", "Ihre Mentorin oder Ihr Mentor im Reverse Mentoring ist Dr. Ümit Winter."),
        ("en", "mentor", "Your executive in reverse mentoring is Dr. Ümit Winter."),
        ("fr", "mentee", "Your mentor in reverse mentoring is Dr. Ümit Winter."),
    ],
)
def test_each_role_reads_of_the_other_in_a_language_there_is(language: str, role: str, words: str) -> None:
    """Whose language has no templates reads English."""
    found = message(replace(LETTER, language=language), replace(DELIVERY, role=role))
    assert words in text(found)
    assert words.removesuffix("Dr. Ümit Winter.") in text(found, "html")
    assert found["Content-Language"] == ("de" if language.startswith("de") else "en")


def test_the_date_is_that_of_the_recipients_zone() -> None:
    """Late in the evening in Berlin it is the next day in Singapore."""
    evening = replace(DELIVERY, happened_at=datetime(2026, 4, 1, 20, tzinfo=UTC))
    assert "15. April 2026" in text(message(delivery=evening))
    assert "16. April 2026" in text(message(replace(LETTER, zone="Asia/Singapore"), evening))
    assert "15. April 2026" in text(message(replace(LETTER, zone="../nowhere"), evening))


def test_the_subject_names_nobody() -> None:
    """Subjects are shown on locked screens and kept in relays' logs."""
    for language in mail.message.LANGUAGES:
        subject = message(replace(LETTER, language=language))["Subject"]
        assert not any(word in subject for word in ("Winter", "Hoff", "Lena"))


def test_names_are_text_and_nothing_else() -> None:
    """A name is no HTML, and its line breaks break nothing."""
    found = message(replace(LETTER, partner="<b>Eve</b>\r\nBcc: all@group.example"))
    assert "<b>Eve</b> Bcc: all@group.example" in text(found)
    assert "&lt;b&gt;Eve&lt;/b&gt; Bcc" in text(found, "html")
    assert found["Bcc"] is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_makes_a_message_that_any_relay_takes(name: str, partner: str) -> None:
    """The bytes are ASCII in lines of at most 998, whatever people are called."""
    letter = replace(
        LETTER, name=name.encode("utf-8", "replace").decode(), partner=partner.encode("utf-8", "replace").decode()
    )
    raw = Composer(Settings()).compose(DELIVERY, letter)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n", raw)


def test_every_template_is_there_in_every_language_and_form() -> None:
    """A message for which a form is missing would fail only when it is due."""
    wanted = {
        f"{domain.PAIR_PUBLISHED}.{language}.{part}.j2"
        for language in ("de", "en")
        for part in ("subject", "txt", "html")
    }
    assert {file.name for file in TEMPLATES.iterdir()} == wanted


def test_what_no_calendar_holds_makes_no_message() -> None:
    """A forged instant must not stop the dispatch: the delivery fails for good."""
    with pytest.raises(Unwritable):
        message(delivery=replace(DELIVERY, happened_at=datetime.max.replace(tzinfo=UTC)))


def test_the_link_cannot_be_led_elsewhere() -> None:
    """A pair's id is one part of the path, whatever it holds."""
    found = text(message(delivery=replace(DELIVERY, pair_id="../x?y z")))
    assert "/pairs/..%2Fx%3Fy%20z" in found


@pytest.mark.parametrize("address", ["a@b.example", "first.last+tag@sub-1.group.example", "o'neil@group.example"])
def test_ordinary_addresses_are_usable(address: str) -> None:
    """What relays take."""
    assert is_usable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c",
        "a b@c",
        "a@b\n",
        "a@b\r\nBcc: c@d",
        "<a@b>",
        ".a@b",
        "ä@b",
        "a@" + "b" * 260,
        '"a"@b',
        "=?utf-8?q?a=0D=0ABcc=3Ac=40d?=@e.example",
    ],
)
def test_what_could_be_misread_is_not_usable(address: str) -> None:
    """An address with line breaks or quotes is never handed to a relay."""
    assert not is_usable(address)
