"""Secrets that one machine's processes share: made at random once, kept in the data folder for their owner only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path


class Keyring:
    """The secrets of one data folder by name, in a file of mode 0600."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, name: str, make: Callable[[], str]) -> str:
        """The secret ``name``: the one that is kept, or a new one."""
        kept = self._read()
        if name not in kept:
            kept[name] = make()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_name(f"{self._file.name}.partial")
            partial.unlink(missing_ok=True)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                json.dump(kept, opened, indent=1)
            partial.replace(self._file)
        return kept[name]

    def _read(self) -> dict[str, str]:
        """What is kept; a file that holds anything else is an error, since what it sealed would be lost unseen."""
        try:
            return dict(json.loads(self._file.read_text()))
        except FileNotFoundError:
            return {}
