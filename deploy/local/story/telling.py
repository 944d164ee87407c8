"""How the story is told to whoever started it, and how its persons act at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import typer

_AT_ONCE = 8  # persons who act at the same time


def say(line: str) -> None:
    """Tell the audience what has happened."""
    typer.echo(line)


async def together(act: Callable[[Any], Awaitable[Any]], whom: Iterable[Any]) -> list[Any]:
    """Let several persons act at the same time."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(who: Any) -> Any:
        async with places:
            return await act(who)

    return list(await asyncio.gather(*(one(who) for who in whom)))
