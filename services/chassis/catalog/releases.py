"""Released texts: kept for ever below ``released/<release>/``, and compared with what stands now."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.chassis.catalog.compatibility import compatible
from services.chassis.catalog.registry import Catalogue, CatalogueBroken, Contract, contract
from services.chassis.catalog.schema import faults

_SUMS = "SHA256SUMS"
_RELEASE = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Released:
    """One version of one contract as a release carried it; ``folder`` is relative to the root."""

    release: str
    folder: Path
    contract: Contract


def released(root: Path) -> Iterator[Released]:
    """Every released text, oldest first. A release holds only what changed in it."""
    for release in _releases(root):
        base = root / "released" / release
        for path in sorted(base.glob("events/*/v*")):
            yield Released(release, path.relative_to(base), contract(path))


def breaks(catalogue: Catalogue) -> list[str]:
    """How the catalogue breaks what was released, and which released text was altered; empty if all is well."""
    now = {entry.row.folder: entry.contract for entry in catalogue.entries}
    found = list(_altered(catalogue.root))
    for earlier in released(catalogue.root):
        current = now.get(earlier.folder)
        where = f"{earlier.folder} of {earlier.release}"
        if current is None:
            found.append(f"{where}: the version is gone")
            continue
        found += [f"{where}: {line}" for line in compatible(earlier.contract, current)]
        for name, example in earlier.contract.examples.items():
            found += [f"{where}: example {name}: {fault}" for fault in faults(current.reader, example)]
    return found


def release(catalogue: Catalogue, version: str) -> list[Path]:
    """Keep under ``released/<version>`` what is new or differs from the last release; the folders kept.

    Raises ``CatalogueBroken`` where the version is no next one or the catalogue breaks an earlier one.
    """
    problems = [*_version_problems(catalogue.root, version), *breaks(catalogue)]
    if problems:
        raise CatalogueBroken(problems)
    latest = {one.folder: catalogue.root / "released" / one.release / one.folder for one in released(catalogue.root)}
    base = catalogue.root / "released" / version
    base.mkdir(parents=True)
    kept = [folder for folder in _folders(catalogue) if _texts(catalogue.root / folder) != _texts(latest.get(folder))]
    for folder in kept:
        shutil.copytree(catalogue.root / folder, base / folder)
    (base / _SUMS).write_text(
        "".join(f"{digest}  {path}\n" for path, digest in _digests(base).items()), encoding="utf-8"
    )
    return kept


def _releases(root: Path) -> list[str]:
    names = [path.name for path in (root / "released").glob("*") if _RELEASE.fullmatch(path.name)]
    return sorted(names, key=_number)


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _version_problems(root: Path, version: str) -> Iterator[str]:
    if not _RELEASE.fullmatch(version):
        yield f"{version} is no release number; write e.g. 1.2.0"
        return
    newest = _releases(root)[-1:]
    if newest and _number(version) <= _number(newest[0]):
        yield f"{version} does not come after {newest[0]}; what was released is never written again"


def _folders(catalogue: Catalogue) -> list[Path]:
    return [entry.row.folder for entry in catalogue.entries]


def _texts(folder: Path | None) -> dict[Path, bytes]:
    if folder is None:
        return {}
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def _digests(base: Path) -> dict[str, str]:
    paths = sorted(base.rglob("*.json"))
    return {str(path.relative_to(base)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _altered(root: Path) -> Iterator[str]:
    for name in _releases(root):
        base = root / "released" / name
        sums = base / _SUMS
        lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
        noted = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
        now = _digests(base)
        for path in sorted(noted.keys() | now.keys()):
            if noted.get(path) != now.get(path):
                yield f"released/{name}/{path} was altered; released texts stay as they are"
