"""Which assets there are: names in templates to names with the hash of the content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_PORTAL = Path(__file__).parents[1]
FRONTEND = _PORTAL / "frontend"
STATIC = _PORTAL / "static"
MANIFEST = "manifest.json"
_NEEDED = ("favicon.svg", "portal.js", "tandem.css")


class AssetsMissing(Exception):
    """The style sheet and the script were not made yet."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"the portal's assets are missing in {folder}: run `make assets`")


def assets(folder: Path = STATIC) -> Mapping[str, str]:
    """File names with their hash by the names that templates use. Raises ``AssetsMissing``."""
    try:
        names: dict[str, str] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise AssetsMissing(folder) from error
    if any(not names.get(name) or not (folder / names[name]).is_file() for name in _NEEDED):
        raise AssetsMissing(folder)
    return names
