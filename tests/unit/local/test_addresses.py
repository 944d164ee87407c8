"""Promises about ``addresses.json``."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.addresses import VARIABLE, Addresses, NotRunning, running

_SOME = Addresses("127.0.0.1:1", "mongodb://127.0.0.1:2/", {"people": "http://127.0.0.1:3"}, "/somewhere/clock")


def test_what_is_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People's tools read exactly what runs."""
    monkeypatch.delenv(VARIABLE, raising=False)
    _SOME.write(tmp_path / "addresses.json")

    assert running(tmp_path) == _SOME
    assert [path.name for path in tmp_path.iterdir()] == ["addresses.json"]


def test_what_the_supervisor_hands_down_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the story is played for the first time there is no file yet."""
    monkeypatch.setenv(VARIABLE, _SOME.to_json())

    assert running(tmp_path) == _SOME


def test_without_anything_running_the_way_to_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error helps on."""
    monkeypatch.delenv(VARIABLE, raising=False)

    with pytest.raises(NotRunning, match="make demo"):
        running(tmp_path)


def test_browsers_reach_the_portal_by_name() -> None:
    """Cookies ignore ports, so portal and issuer must not share a host; without a portal there is no address."""
    assert Addresses("k", "m", {"portal": "http://127.0.0.1:3"}).portal == "http://localhost:3"
    assert _SOME.portal is None
