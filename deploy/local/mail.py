"""``python -m deploy.local.mail``: a mail server that delivers nothing and shows everything it was given.

Each message is a file ``<id>.eml``, on disk before the sender is told that it was taken. A page lists them,
``/messages.json`` does so for programs, ``/messages/<id>`` shows one and ``/messages/<id>.eml`` is the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import typer
from aiosmtpd.smtp import SMTP, Envelope, Session

_ID = re.compile(r"[0-9T]{21}-[0-9a-f]{8}")
_STYLE = "body{font:16px/1.5 sans-serif;margin:2rem;max-width:60rem}td,th{text-align:left;padding:.2rem 1rem .2rem 0}"
_SAFE = "default-src 'none'; style-src 'unsafe-inline'"
_SHOWN = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the list says of a message; ``recipients`` are those of the SMTP dialogue."""

    id: str
    message_id: str
    recipients: str
    subject: str
    date: str


class Folder:
    """The messages as files, in the order of their arrival."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes, recipients: list[str]) -> str:
        """Keep a message; it is on disk when this returns. Its id."""
        id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}"
        partial = self._path / f"{id}.partial"
        with partial.open("wb") as file:
            file.write(f"X-Envelope-To: {', '.join(recipients)}\r\n".encode() + content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path / f"{id}.eml")
        return id

    def all(self) -> Iterator[Kept]:
        """All messages, the oldest first."""
        parser = BytesHeaderParser(policy=policy.default)
        for file in sorted(self._path.glob("*.eml")):
            with file.open("rb") as opened:
                headers = parser.parse(opened)
            yield Kept(id=file.stem, **{name: _header(headers, header) for name, header in _HEADERS.items()})

    def read(self, id: str) -> bytes | None:
        """A message, or None where there is none of this id."""
        file = self._path / f"{id}.eml"
        return file.read_bytes() if _ID.fullmatch(id) and file.exists() else None


def _header(message: Message, name: str) -> str:
    """A header as text; what no parser makes sense of is said to be so."""
    try:
        return str(message[name] or "")
    except Exception:  # the parser fails in many ways on what it cannot read
        return "(unreadable)"


_HEADERS = {"message_id": "Message-ID", "recipients": "X-Envelope-To", "subject": "Subject", "date": "Date"}


class Taking:
    """Takes every message that is offered (a handler of aiosmtpd)."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message, then say so."""
        content = envelope.original_content or b""
        id = await asyncio.to_thread(self._folder.keep, content, envelope.rcpt_tos)
        return f"250 kept as {id}"


def pages(folder: Folder, host: str, port: int) -> ThreadingHTTPServer:
    """The HTTP server that shows a folder; it listens already."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not _asks_for_here(self.headers.get("Host", ""), host):
                self.send_error(403, "Only from this machine")
                return
            status, kind, body = _answer(folder, self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", _SAFE)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return ThreadingHTTPServer((host, port), Pages)


def _asks_for_here(named: str, host: str) -> bool:
    """Whether a request names this machine, so that no web page reaches the mail by a name that resolves to it.

    In a container, where the page listens on every address, the port is published on loopback only.
    """
    name = named.rpartition(":")[0] if named.rpartition(":")[2].isdigit() else named
    return name in {"localhost", "127.0.0.1", "[::1]", host} or host == "0.0.0.0"


def _answer(folder: Folder, path: str) -> tuple[int, str, bytes]:
    if path == "/":
        return 200, "text/html; charset=utf-8", _list(folder)
    if path == "/messages.json":
        return 200, "application/json", json.dumps([asdict(kept) for kept in folder.all()], indent=1).encode()
    id = path.removeprefix("/messages/")
    message = folder.read(id.removesuffix(".eml"))
    if message is None:
        return 404, "text/plain; charset=utf-8", b"There is no such page.\n"
    if id.endswith(".eml"):
        return 200, "message/rfc822", message
    return 200, "text/html; charset=utf-8", _shown(id, message)


def _list(folder: Folder) -> bytes:
    rows = [
        f'<tr><td>{escape(kept.date)}<td>{escape(kept.recipients)}<td><a href="/messages/{kept.id}">'
        f"{escape(kept.subject) or '(no subject)'}</a>"
        for kept in reversed(list(folder.all()))
    ]
    table = f"<table><tr><th>Date<th>To<th>Subject{''.join(rows)}</table>"
    return _page("Mail", f"<p>{len(rows)} messages, none of which left this machine.</p>{table}")


def _shown(id: str, raw: bytes) -> bytes:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    shown = "".join(f"<tr><th>{name}<td>{escape(_header(message, name))}" for name in _SHOWN)
    text = _text(message, raw)
    links = f'<p><a href="/">all messages</a> · <a href="/messages/{id}.eml">as a file</a></p>'
    return _page(_header(message, "Subject"), f"{links}<table>{shown}</table><pre>{escape(text)}</pre>")


def _text(message: EmailMessage, raw: bytes) -> str:
    """The text of a message, or all of it as it came where that cannot be read."""
    try:
        part = message.get_body(("plain", "html"))
        return str(part.get_content()) if part else ""
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _page(title: str, body: str) -> bytes:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f"{head}<h1>{escape(title)}</h1>{body}".encode()


async def serve(folder: Folder, host: str, smtp_port: int, http_port: int) -> None:
    """Take and show mail until the process is asked to end (SIGTERM, Ctrl-C)."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    shown = pages(folder, host, http_port)
    thread = threading.Thread(target=shown.serve_forever, daemon=True)
    thread.start()
    server = await loop.create_server(
        lambda: SMTP(Taking(folder), hostname="localhost", enable_SMTPUTF8=True), host, smtp_port
    )
    await ended.wait()
    server.close()
    shown.shutdown()
    shown.server_close()


def main(
    folder: Annotated[Path, typer.Option(help="Where the messages are kept.")] = Path(".local/mail"),
    host: Annotated[str, typer.Option(help="Address to listen on.", envvar="TANDEM_MAIL_HOST")] = "127.0.0.1",
    smtp_port: Annotated[int, typer.Option(help="Port for mail.")] = 1025,
    http_port: Annotated[int, typer.Option(help="Port of the page.")] = 8025,
) -> None:
    """Take mail, deliver none, show it on a page."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(Folder(folder), host, smtp_port, http_port))


if __name__ == "__main__":
    typer.run(main)
