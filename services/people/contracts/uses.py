"""What `people` reads of the access logs of all services: which API key was used when."""

from __future__ import annotations

from services.chassis.wire import GivenInstant, Id, Incoming


class KeyUsed(Incoming):
    """An API key opened a service."""

    key_id: Id
    at: GivenInstant
