"""The W3C trace context that goes with a request into its logs and events."""

from __future__ import annotations

import re
import secrets

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def continued(traceparent: str | None) -> str:
    """The caller's ``traceparent`` if it is one, the beginning of a new trace otherwise."""
    if traceparent and _TRACEPARENT.fullmatch(traceparent):
        return traceparent
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
