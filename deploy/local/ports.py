"""Ports on loopback: chosen free, remembered per data folder, outside the range of outgoing connections."""

from __future__ import annotations

import http.client
import json
import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
# Below the ephemeral ranges of Linux and macOS: a client that retries while a server is down could
# otherwise be given the server's own port by the kernel.
_RANGE = range(20_000, 32_000)
_CHANCE = random.SystemRandom()  # two processes that were seeded alike choose different ports all the same


class Ports:
    """The ports of one data folder; the same name gets the same port as long as it is free."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, int] = _read(file)

    def of(self, name: str) -> int:
        """The port for ``name``: the remembered one where it is free, a new one otherwise."""
        port = self._known.get(name)
        if port is None or not is_free(port):
            port = self._fresh()
            self._known[name] = port
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._known, indent=1, sort_keys=True))
        return port

    def _fresh(self) -> int:
        taken = set(self._known.values())
        for port in _CHANCE.sample(_RANGE, 500):
            if port not in taken and is_free(port):
                return port
        raise OSError(f"no free port between {_RANGE.start} and {_RANGE.stop}")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def serves(address: str, path: str) -> bool:
    """Whether an HTTP server at host:port answers 200 to a GET of ``path``."""
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _read(file: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}
