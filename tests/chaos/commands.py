"""Operators' commands, run as a person would, against what runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

from deploy.local.process import Child, Program
from tests.chaos.fleet import Fleet

_PATIENCE = 60.0  # seconds that a command may take


def exists(command: str) -> bool:
    """Whether the ``tandem`` program has this command."""
    return any(point.name == command for point in entry_points(group="tandem.commands"))


def begin(fleet: Fleet, *arguments: str) -> Child:
    """Start ``tandem ARGUMENTS``."""
    base = fleet.base
    name = "tandem-" + "-".join(arguments[:2])
    argv = [sys.executable, "-m", "services.chassis.cli", *arguments]
    return base.family.spawn(Program(name, argv, base.folder / "logs" / f"{name}.log", base.folder, base.env))


async def finish(fleet: Fleet, child: Child) -> tuple[int, Sequence[str]]:
    """Wait for a command's end; its exit code (-1 for one that took too long) and the last lines it said."""
    ended = await asyncio.to_thread(child.wait, _PATIENCE)
    code = child.code if ended and child.code is not None else -1
    fleet.base.family.kill(child)
    return code, child.last_lines(8)
