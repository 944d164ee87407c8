"""What is said of a failure that nobody foresaw: what it is and where, without any value, which may be about people."""

from __future__ import annotations

import traceback
from pathlib import Path

_OURS = Path(__file__).parents[2]  # services
_FRAMES = 3


def place_of(error: BaseException) -> str:
    """The kind of a failure and our own innermost lines on the way to it, the last one first."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS)]
    lines = [f"{Path(one.filename).name} line {one.lineno}" for one in reversed(ours[-_FRAMES:])]
    return " from ".join([f"{type(error).__name__} in {lines[0]}", *lines[1:]]) if lines else type(error).__name__
