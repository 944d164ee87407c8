"""Debian's Chromium for the browser tests: where it is, and how to get it (``python -m tests.support.chromium``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAME = "chromium"
_BY_HAND = (
    "The browser tests need Chromium as `chromium` on the path. On Debian and Ubuntu, as root:\n"
    "  apt-get update && apt-get install --yes --no-install-recommends chromium\n"
    "Elsewhere install it by the system's own means."
)


def path() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return shutil.which(NAME) or shutil.which("chromium-browser")


def install() -> bool:
    """Install Chromium by apt, as root or through sudo, and say so; whether it is there afterwards."""
    rights = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if shutil.which("apt-get") is None or (rights and shutil.which("sudo") is None):
        return False
    sys.stderr.write("Chromium is not on the path: installing Debian's package (113 MB to fetch, 350 MB on disk)\n")
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    for command in (["update"], ["install", "--yes", "--no-install-recommends", NAME]):
        if subprocess.run([*apt, *command], stdin=subprocess.DEVNULL, check=False).returncode != 0:
            return False
    return path() is not None


def main() -> int:
    """Make sure that Chromium is there; 1, and how to do it by hand, where that is impossible."""
    if path() or install():
        return 0
    sys.stderr.write(f"{_BY_HAND}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
