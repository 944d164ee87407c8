"""Promises of the portal's assets: made from its own folder, served under names of their content, never half there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import Result

from services.chassis import manifests
from services.portal.assets import build, manifest
from services.portal.main import SERVICE
from tests.support.portal import environment
from tests.support.program import tandem


def served(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Result:
    """What the program says when it is to serve a portal whose assets lie in this folder."""
    monkeypatch.setattr("services.portal.main.assets", lambda: manifest.assets(folder))
    monkeypatch.setattr("services.chassis.cli.manifest", lambda name: SERVICE)
    settings = environment(mongodb="mongodb://127.0.0.1:9", issuer="http://127.0.0.1:9", people="http://x", prefix="t")
    return tandem(["serve", "portal"], settings)


@pytest.mark.parametrize("there", [{}, {"portal.js": "portal.1.js"}, {"portal.js": "", "tandem.css": "tandem.css"}])
def test_portal_refuses_to_start_without_assets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: dict[str, str]
) -> None:
    """Where an asset is missing the program ends with a message that says how to make it, and no traceback."""
    (tmp_path / "manifest.json").write_text(json.dumps(there))
    answer = served(monkeypatch, tmp_path)
    assert answer.exit_code == 1
    assert "run `make assets`" in answer.output
    assert "Traceback" not in answer.output


def test_published_names_follow_the_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A changed file gets another name, an unchanged one keeps it; what was served before is gone as a whole."""
    monkeypatch.setattr(build, "STATIC", tmp_path / "static")
    made = tmp_path / "made"
    made.mkdir()
    (made / "tandem.css").write_text("a{}")
    (made / "portal.js").write_text("1")
    first = build._publish(made)
    (made / "tandem.css").write_text("b{}")
    second = build._publish(made)
    assert first[0] == second[0]
    assert first[1] != second[1]
    names = sorted(path.name for path in (tmp_path / "static").iterdir())
    assert names == sorted([*second, *(f"{name}.gz" for name in second), "manifest.json"])
    assert gzip.decompress((tmp_path / "static" / f"{second[1]}.gz").read_bytes()) == b"b{}"


def test_no_third_party_script_lies_in_the_repository() -> None:
    """The front end's folder holds our own files and a lock file without addresses."""
    files = {path.name for path in manifest.FRONTEND.iterdir()}
    assert files == {".npmrc", "favicon.svg", "package-lock.json", "package.json", "portal.ts", "tandem.css"}
    lock = (manifest.FRONTEND / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in facts for name, facts in packages.items() if name)


def test_failed_build_says_what_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Node.js from the environment there is a sentence, and what was served stays."""
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(build.CannotBuild, match="extra `assets`"):
        build.build()
    assert manifest.assets()


def test_portal_is_a_service_like_the_others() -> None:
    """Its manifest names no topic, and lets finished sessions expire."""
    assert SERVICE.topics == ()
    [index] = SERVICE.indexes["sessions"]
    assert index.expires_after == 0
    assert "portal" in manifests.names()
