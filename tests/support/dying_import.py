"""``python -m tests.support.dying_import POINT ORDINAL``: `people` dies in the middle of a roster import.

The death comes by ``os._exit``, as a power cut would: at the ORDINAL-th time that lines of a dry run (``listed``)
or a batch of people (``written``) are in the database and nothing is recorded of it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

from services.chassis.aggregate import Repository
from services.people.main import SERVICE
from services.people.store import Imports

DIED = 9  # the exit status
_POINTS: dict[str, tuple[type[Any], str]] = {
    "listed": (Imports, "write_changes"),
    "written": (Repository, "handle_many"),
}


def dying(work: Callable[..., Any], ordinal: int) -> Callable[..., Any]:
    """The same work, after which the process is gone at the ``ordinal``-th time."""
    left = ordinal

    async def until_then(*arguments: Any) -> Any:
        nonlocal left
        done = await work(*arguments)
        left -= 1
        if not left:
            os._exit(DIED)
        return done

    return until_then


async def run() -> None:
    """Work until then."""
    app = SERVICE.app()
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


if __name__ == "__main__":
    owner, name = _POINTS[sys.argv[1]]
    setattr(owner, name, dying(getattr(owner, name), int(sys.argv[2])))
    asyncio.run(run())
