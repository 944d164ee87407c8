"""Logs of libraries: what they repeat is said seldom."""

from __future__ import annotations

import logging

from services.chassis.logging import Seldom


def record(message: str, *about: object, name: str = "aiokafka") -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, about, None)


def test_a_client_that_cannot_reach_its_server_is_heard_once() -> None:
    """Sixty lines a second of the same would drown everything else."""
    seldom = Seldom(seconds=60)
    passed = [seldom.filter(record("Unable to connect to node %s", node)) for node in range(5)]
    assert passed == [True, False, False, False, False]
    assert seldom.filter(record("Unable to update metadata"))
    assert seldom.filter(record("Unable to connect to node %s", 1, name="pymongo"))


def test_it_is_heard_again_after_a_while() -> None:
    """An outage that lasts must stay visible."""
    seldom = Seldom(seconds=0)
    assert [seldom.filter(record("Unable to update metadata")) for _ in range(2)] == [True, True]
