"""``python -m tests.support.dying_dispatch``: `notifications` dies when the relay has taken a message.

The death comes by ``os._exit``, before anything is recorded of it, as a power cut would.
"""

from __future__ import annotations

import asyncio
import os

from services.notifications.domain import Delivery
from services.notifications.mail import Answer
from services.notifications.main import SERVICE
from services.notifications.worker import Dispatch

DIED = 9  # the exit status


async def die(self: Dispatch, delivery: Delivery, answer: Answer) -> Delivery:
    """Stands in for the record of what the relay answered."""
    os._exit(DIED)


async def run() -> None:
    """Work until then."""
    app = SERVICE.app()
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


if __name__ == "__main__":
    Dispatch._recorded = die  # type: ignore[method-assign]
    asyncio.run(run())
