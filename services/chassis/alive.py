"""``python -m services.chassis.alive``: asks the service in this container whether it lives; exit code 0 if so.

Standard library alone, since an engine asks every few seconds and an import of the service takes longer than it runs.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

_PATIENCE = 4.0  # seconds


def verdict(port: int) -> str:
    """What is wrong with the service on this port of loopback, or nothing."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/health/live")
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        return f"no answer on port {port}: {error!r}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"{answer.status} {body}"


def main() -> None:
    """Ask on ``TANDEM_PORT``, or on the default port 8000."""
    if wrong := verdict(int(os.environ.get("TANDEM_PORT") or 8000)):
        sys.exit(wrong)


if __name__ == "__main__":
    main()
