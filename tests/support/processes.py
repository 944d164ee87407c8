"""Looks for processes that work over a folder, as a person would who suspects that something was left."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def working_in(folder: Path) -> list[str]:
    """The command lines of all living processes that name ``folder`` or work inside it; zombies do not count."""
    return [line for process in PROC.glob("[0-9]*") if (line := _line(process, str(folder)))]


def _line(process: Path, folder: str) -> str | None:
    try:
        line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        where = str((process / "cwd").readlink())
    except OSError:
        return None
    return f"{process.name} {line}" if folder in line or where.startswith(folder) else None
