"""``python -m tests.support.dying_solver``: `matching` dies while a process solves a run for it.

The death comes by ``os._exit``, as a power cut would, once the solving process has its task and tells how far it is;
before, the process's id goes to the standard output.
"""

from __future__ import annotations

import asyncio
import os

from services.matching.main import SERVICE
from services.matching.solving.frames import Frame
from services.matching.worker import Child

DIED = 9  # the exit status
_give = Child.give


async def given(child: Child, *frames: Frame) -> None:
    """Hand over the task, and die at the first sign of life."""
    await _give(child, *frames)
    while await child.next(1.0) is None:
        pass
    os.write(1, f"{child.pid}\n".encode())
    os._exit(DIED)


async def run() -> None:
    """Work until then."""
    app = SERVICE.app()
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


if __name__ == "__main__":
    Child.give = given  # type: ignore[assignment,method-assign]
    asyncio.run(run())
