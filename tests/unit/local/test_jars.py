"""Promises about Kafka's jars."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deploy.local import jars


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache for one pinned jar; its download delivers what lies in ``offered``."""
    digest = hashlib.sha256(b"right").hexdigest()
    pins, offered = tmp_path / "pins", tmp_path / "offered"
    pins.write_text(f"{digest}  one.jar\n")
    offered.mkdir()
    monkeypatch.setattr(jars, "_PINS", pins)
    monkeypatch.setattr(jars, "_download", lambda work, progress: sorted(offered.iterdir()))
    return offered


def test_jars_that_are_there_are_not_downloaded_again(pinned: Path, tmp_path: Path) -> None:
    """A second start needs no network."""
    (pinned / "one.jar").write_bytes(b"right")
    first = jars.kafka_jars(tmp_path / "cache")
    (pinned / "one.jar").unlink()

    assert jars.kafka_jars(tmp_path / "cache") == first


def test_a_jar_that_differs_from_its_pin_is_refused(pinned: Path, tmp_path: Path) -> None:
    """Nothing runs that the pins do not name."""
    (pinned / "one.jar").write_bytes(b"wrong")

    with pytest.raises(jars.JarsDiffer, match=r"one\.jar: pinned "):
        jars.kafka_jars(tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def test_a_jar_that_nobody_pinned_is_refused(pinned: Path, tmp_path: Path) -> None:
    """A new transitive jar must be looked at and pinned first."""
    (pinned / "one.jar").write_bytes(b"right")
    (pinned / "two.jar").write_bytes(b"new")

    with pytest.raises(jars.JarsDiffer, match=r"two\.jar: pinned None"):
        jars.kafka_jars(tmp_path / "cache")


def test_a_damaged_jar_is_downloaded_again(pinned: Path, tmp_path: Path) -> None:
    """Half a file, as a crash may leave it, mends itself."""
    (pinned / "one.jar").write_bytes(b"right")
    folder = jars.kafka_jars(tmp_path / "cache")
    (folder / "one.jar").write_bytes(b"ri")

    assert (jars.kafka_jars(tmp_path / "cache") / "one.jar").read_bytes() == b"right"
