"""Promises about the ports of the local servers."""

from __future__ import annotations

import socket
from pathlib import Path

from deploy.local.ports import HOST, Ports


def test_a_port_is_remembered_for_its_folder(tmp_path: Path) -> None:
    """A second start over the same folder listens where the first did."""
    first = Ports(tmp_path / "ports.json").of("kafka")

    assert Ports(tmp_path / "ports.json").of("kafka") == first


def test_a_remembered_port_that_somebody_took_is_replaced(tmp_path: Path) -> None:
    """Another program on the remembered port does not keep Tandem from starting."""
    taken = Ports(tmp_path / "ports.json").of("kafka")
    with socket.socket() as somebody:
        somebody.bind((HOST, taken))
        somebody.listen()

        assert Ports(tmp_path / "ports.json").of("kafka") != taken


def test_names_never_share_a_port(tmp_path: Path) -> None:
    """Every server of a folder has a port of its own."""
    ports = Ports(tmp_path / "ports.json")

    assert len({ports.of(str(number)) for number in range(200)}) == 200


def test_no_port_lies_where_outgoing_connections_come_from(tmp_path: Path) -> None:
    """A client that retries while a server is down can never be given the server's port."""
    ports = Ports(tmp_path / "ports.json")

    assert all(ports.of(str(number)) < 32_768 for number in range(100))


def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    """Half a file, as a crash may leave it, only means that ports are chosen anew."""
    (tmp_path / "ports.json").write_text('{"kafka": 21')

    assert Ports(tmp_path / "ports.json").of("kafka")
