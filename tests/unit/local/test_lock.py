"""Promises about the lock of a data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local.lock import Held, lock


def test_a_held_folder_names_its_holder(tmp_path: Path) -> None:
    """Whoever comes second is told at once which process works in the folder."""
    with lock(tmp_path), pytest.raises(Held, match=f"is in use by process {os.getpid()} "), lock(tmp_path):
        pass


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    """An orderly end leaves no trace that keeps the next one out."""
    with lock(tmp_path):
        pass

    with lock(tmp_path):
        assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} ")


def test_what_a_crash_left_in_the_file_is_no_lock(tmp_path: Path) -> None:
    """The operating system holds the lock, so a file that a killed process left holds nobody out."""
    (tmp_path / "lock").write_text("process 999999 (gone) since 2026-01-01T00:00:00Z\n")

    with lock(tmp_path) as held:
        assert held
