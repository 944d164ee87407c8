"""The first officer of the story. Nobody is in yet who could let her in, so the operator's command does it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from deploy.local.addresses import Addresses
from deploy.local.shell import settings
from deploy.local.story import roster


async def bootstrap(where: Addresses) -> str:
    """Make her an officer directly in the database; what the command said, a refusal where there is one already too."""
    argv = [sys.executable, "-m", "services.chassis.cli", "bootstrap-officer", *_described()]
    process = await asyncio.create_subprocess_exec(
        *argv,
        env={**os.environ, **settings(where)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode(errors="replace").strip()


def _described() -> Sequence[str]:
    row = roster.rows()[roster.OFFICER]
    named = {"login": row["login"], "employee-number": roster.OFFICER}
    named |= {name: row[name] for name in ("name", "email", "subsidiary")}
    return [word for name, value in named.items() for word in (f"--{name}", value)]
