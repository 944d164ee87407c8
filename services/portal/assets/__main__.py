"""``python -m services.portal.assets``: make the portal's style sheet and script."""

from __future__ import annotations

import sys

from services.portal.assets.build import CannotBuild, build


def main() -> int:
    """Make the assets and say what was made; 1 where that is impossible."""
    try:
        names = build()
    except CannotBuild as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"portal assets: {', '.join(names)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
