"""Promises of the demo's mail server: it keeps what it takes, shows it, and delivers nothing."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx2
import pytest

from deploy.local.mailbox import Mailbox
from deploy.local.ports import HOST, Ports
from deploy.local.process import Family


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A running mailbox over a folder of its own."""
    with Family() as family:
        mailbox = Mailbox(family, Ports(tmp_path / "ports.json"), data=tmp_path / "mail", logs=tmp_path / "logs")
        mailbox.start()
        yield mailbox
        mailbox.stop()


async def send(mailbox: Mailbox, subject: str, text: str, *to: str) -> None:
    """Send a message."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "tandem@group.example", ", ".join(to), subject
    message["Message-ID"] = f"<{subject.encode().hex()}@group.example>"
    message.set_content(text)
    await aiosmtplib.send(message, hostname=HOST, port=mailbox.port, start_tls=False)


async def test_what_was_taken_is_listed_and_shown(mailbox: Mailbox, tmp_path: Path) -> None:
    """On the page, for programs, and as a file; nothing in it becomes HTML."""
    await send(mailbox, "First", "Guten Tag", "a@group.example")
    await send(mailbox, "<b>Zweite</b>", "<script>alert(1)</script> ä", "b@group.example", "c@group.example")

    async with httpx2.AsyncClient(base_url=mailbox.page) as client:
        listed = (await client.get("/messages.json")).json()
        assert [one["subject"] for one in listed] == ["First", "<b>Zweite</b>"]
        assert listed[1]["recipients"] == "b@group.example, c@group.example"
        page = (await client.get("/")).text
        assert "<b>" not in page
        shown = await client.get(f"/messages/{listed[1]['id']}")
        raw = await client.get(f"/messages/{listed[1]['id']}.eml")
    assert page.index("Zweite") < page.index("First")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ä" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert raw.headers["Content-Type"] == "message/rfc822"
    [file] = (tmp_path / "mail").glob(f"{listed[1]['id']}.eml")
    assert raw.content == file.read_bytes()


async def test_what_was_taken_outlives_the_server(mailbox: Mailbox) -> None:
    """A message that was acknowledged is on disk, also when the server is killed at once."""
    await send(mailbox, "Kept", "text", "a@group.example")
    mailbox.kill()
    mailbox.start()
    async with httpx2.AsyncClient(base_url=mailbox.page) as client:
        assert [one["subject"] for one in (await client.get("/messages.json")).json()] == ["Kept"]


@pytest.mark.parametrize("path", ["/messages/none", "/messages/../other", "/messages/../other.eml", "/messages/", "/x"])
def test_nothing_else_is_served(mailbox: Mailbox, tmp_path: Path, path: str) -> None:
    """Least of all other files."""
    (tmp_path / "other.eml").write_text("Subject: secret\n")
    connection = http.client.HTTPConnection(mailbox.page.removeprefix("http://"), timeout=10)
    connection.request("GET", path)
    assert connection.getresponse().status == 404
    connection.close()
