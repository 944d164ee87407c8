"""Released texts: kept for ever below ``released/<release>/``, and compared with what stands now.

``released/RELEASES`` lists the releases with the digest of their ``SHA256SUMS``, which list their files.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.chassis.catalog import rows
from services.chassis.catalog.compatibility import compatible
from services.chassis.catalog.registry import Catalogue, CatalogueBroken, Contract, Entry, contract
from services.chassis.catalog.schema import faults

_LIST = Path("released", "RELEASES")
_SUMS = "SHA256SUMS"
_ROW = Path("row.json")
_RELEASE = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Released:
    """One version of one contract as a release carried it; ``folder`` is relative to the root."""

    release: str
    folder: Path
    contract: Contract
    rows: rows.Kept


def released(root: Path) -> Iterator[Released]:
    """Every released text, oldest first. A release holds only what changed in it. Raises ``CatalogueBroken``."""
    for name, folder in _places(root):
        yield _read(root, name, folder)


def breaks(catalogue: Catalogue) -> list[str]:
    """How the catalogue breaks what was released, and which released text was altered; empty if all is well."""
    now = {entry.row.folder: entry for entry in catalogue.entries}
    found = [*_altered(catalogue.root), *_misdated(catalogue)]
    for name, folder in _places(catalogue.root):
        try:
            earlier = _read(catalogue.root, name, folder)
        except CatalogueBroken as error:
            found += error.problems
        else:
            found += [f"{folder} of {name}: {line}" for line in _broken(earlier, now.get(folder))]
    return found


def release(catalogue: Catalogue, version: str) -> list[Path]:
    """Keep under ``released/<version>`` what is new or differs from the last release; the folders kept.

    Raises ``CatalogueBroken`` where the version is no next one, a new row names another one,
    or the catalogue breaks an earlier one.
    """
    root = catalogue.root
    problems = [*_version_problems(root, version), *breaks(catalogue), *_new_rows_problems(catalogue, version)]
    if problems:
        raise CatalogueBroken(problems)
    latest = {folder: _texts(root / "released" / name / folder) for name, folder in _places(root)}
    texts = {entry.row.folder: _texts_now(root, entry) for entry in catalogue.entries}
    kept = [folder for folder in texts if texts[folder] != latest.get(folder)]
    base = root / "released" / version
    base.mkdir(parents=True)
    for folder in kept:
        shutil.copytree(root / folder, base / folder)
        (base / folder / _ROW).write_bytes(texts[folder][_ROW])
    _write_sums(base / _SUMS, _digests(base))
    _write_sums(root / _LIST, {**_noted(root / _LIST), f"{version}/{_SUMS}": _digest(base / _SUMS)})
    return kept


def _places(root: Path) -> list[tuple[str, Path]]:
    """Release and folder of every released text, oldest first."""
    found = []
    for name in _releases(root):
        base = root / "released" / name
        found += [(name, path.relative_to(base)) for path in sorted(base.glob("events/*/v*"))]
    return found


def _read(root: Path, name: str, folder: Path) -> Released:
    path = root / "released" / name / folder
    return Released(name, folder, contract(path), rows.read(path / _ROW))


def _broken(earlier: Released, current: Entry | None) -> Iterator[str]:
    if current is None:
        yield "the version is gone"
        return
    yield from compatible(earlier.contract, current.contract)
    yield from rows.changes(earlier.rows, rows.kept(current))
    for name, example in earlier.contract.examples.items():
        yield from (f"example {name}: {fault}" for fault in faults(current.contract.reader, example))


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


def _misdated(catalogue: Catalogue) -> Iterator[str]:
    """Rows whose ``since`` is neither the first release that carries them nor one that is yet to come."""
    newest = _releases(catalogue.root)[-1:]
    first = _first(catalogue.root)
    for row in (entry.row for entry in catalogue.entries):
        carried = first.get(row.folder)
        if carried and carried != row.since:
            yield f"{row.name}: since is {row.since}, but the first release that carries it is {carried}"
        elif not carried and newest and _number(row.since) <= _number(newest[0]):
            yield f"{row.name}: since is {row.since}, which carries no such row; write a release after {newest[0]}"


def _new_rows_problems(catalogue: Catalogue, version: str) -> Iterator[str]:
    first = _first(catalogue.root)
    for row in (entry.row for entry in catalogue.entries):
        if row.folder not in first and row.since != version:
            yield f"{row.name}: since is {row.since}, but {version} would be the first release that carries it"


def _first(root: Path) -> dict[Path, str]:
    """The first release of each folder."""
    return {folder: name for name, folder in reversed(_places(root))}


def _texts(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def _texts_now(root: Path, entry: Entry) -> dict[Path, bytes]:
    return {**_texts(root / entry.row.folder), _ROW: rows.text(rows.kept(entry)).encode()}


def _altered(root: Path) -> Iterator[str]:
    """Files, and whole releases, that are gone, new or not what they were."""
    releases = {f"{name}/{_SUMS}": _digest(root / "released" / name / _SUMS) for name in _releases(root)}
    yield from _differences(Path("released"), _noted(root / _LIST), releases)
    for name in _releases(root):
        base = root / "released" / name
        yield from _differences(base.relative_to(root), _noted(base / _SUMS), _digests(base))


def _differences(base: Path, noted: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(noted.keys() | now.keys()):
        if noted.get(path) != now.get(path):
            how = "is gone" if path not in now else "was altered" if path in noted else "was added"
            yield f"{base / path} {how}; released texts stay as they are"


def _digests(base: Path) -> dict[str, str]:
    return {path.relative_to(base).as_posix(): _digest(path) for path in sorted(base.rglob("*.json"))}


def _digest(path: Path) -> str:
    """SHA-256 in hexadecimal; empty where there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _noted(path: Path) -> dict[str, str]:
    """Digests by file, as ``sha256sum`` writes them; none where there is no such list."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _write_sums(path: Path, digests: Mapping[str, str]) -> None:
    path.write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()), encoding="utf-8")
