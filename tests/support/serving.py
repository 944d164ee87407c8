"""An application on a real port of this machine, served as in production, but by a thread of the test's process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from tests.support.trusting import trusting
from tests.support.waiting import until


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application's address while the block lasts; it has an event loop of its own and takes the caller's word."""
    with guarded(trusting(app)) as address:
        yield address


@contextmanager
def guarded(app: FastAPI) -> Iterator[str]:
    """The same with the authentication that the application was made with."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # or asyncio would let answers wait for acknowledgements
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="served", daemon=True)
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive(), "the application is served")
            assert server.started, "the application did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
