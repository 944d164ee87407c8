"""Copies of schemas/ whose rows a test may date as it needs."""

from __future__ import annotations

import re
from pathlib import Path


def all_of_one_release(root: Path, release: str) -> None:
    """Date every row of the registry below ``root`` by the same release."""
    registry = root / "registry.yaml"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(re.sub(r"^(    since: ).*$", rf"\g<1>{release}", text, flags=re.MULTILINE), encoding="utf-8")
