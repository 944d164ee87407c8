"""The disk of the database, then that of the broker, is full for a while: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from services.chassis import mongo
from tests.chaos.load import load
from tests.chaos.stage import Stage

DISK = "192m"  # of each server
_FULL = 10.0  # seconds for which a disk is full
_COMES_BACK = 12.0  # seconds in which a worker that only waited goes on
_PIECE = 1 << 20  # bytes
_BALLAST = 64  # MiB


class NotPermitted(Exception):
    """This user may not mount a file system; the message says why."""


@contextmanager
def small_disks(folder: Path) -> Iterator[None]:
    """A small file system for the data of each server. Raises ``NotPermitted``."""
    mounted: list[Path] = []
    try:
        for place in (folder / "secantusdb", folder / "kafka"):
            place.mkdir(parents=True)
            _mount(place)
            mounted.append(place)
        yield
    finally:
        for place in mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def _mount(place: Path) -> None:
    if os.geteuid() != 0:
        raise NotPermitted("only root may mount a small file system")
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    try:
        subprocess.run(["mount", *options], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotPermitted(f"mount: {getattr(error, 'stderr', '') or error}".strip()) from error


async def full_disks(on: Stage, rng: Random) -> None:
    """Fill the disk of one server after the other under load; free it, and restart the server as a person would."""
    async with load(on, rng, at_once=4):
        for name, folder in (("database", "secantusdb"), ("broker", "kafka")):
            await asyncio.sleep(8)
            filler = on.fleet.base.folder / folder / "filler"
            server = on.killable[name]
            await asyncio.to_thread(_fill, filler)
            refusal = await _used_up(on) if name == "database" else "no test of its own"
            before = len(on.ledger.promises)
            await asyncio.sleep(_FULL)
            alive = server.child is not None and server.child.code is None
            acknowledged = f"{len(on.ledger.promises) - before} commands acknowledged meanwhile"
            on.say(f"full disk of the {name}: it {'runs' if alive else 'ended'}, {acknowledged}; {refusal}")
            filler.unlink()
            server.kill()
            server.spawn()
            await asyncio.to_thread(server.wait_ready)
            on.say(f"full disk of the {name}: {await _restart_halted(on)} workers had halted and were restarted")


async def _restart_halted(on: Stage) -> int:
    """Do what an operator must where a worker says that it cannot go on by itself; how many did."""
    await asyncio.sleep(_COMES_BACK)
    halted = [seat for seat in on.fleet.seats if await on.fleet.asked(seat, "/health/consumers") != 200]
    for seat in halted:
        await on.fleet.leave(seat)
        on.fleet.start(seat)
    await on.fleet.ready(halted)
    return len(halted)


async def _used_up(on: Stage) -> str:
    """Write until the database refuses: it has set some of its disk aside for its log. How it refused."""
    client = mongo.connect(on.servers.mongodb)
    try:
        for n in range(_BALLAST):
            try:
                await client["ballast"]["ballast"].insert_one({"_id": n, "bytes": os.urandom(_PIECE)})
            except Exception as error:  # whatever the server says or does not say
                return f"refused after {n} MiB: {type(error).__name__} {str(error)[:60]}"
        return f"it took {_BALLAST} MiB more"
    finally:
        await mongo.close(client)


def _fill(file: Path) -> int:
    """Take all space there is, to the last byte; the bytes taken."""
    taken, piece = 0, _PIECE
    with file.open("wb", buffering=0) as filler:
        while piece:
            try:
                taken += filler.write(b"\0" * piece)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                piece //= 2
    return taken
