"""Health: a process knows which of its loops turn, and what the others wait for."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from services.chassis import health
from services.chassis.health import Health, State


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a process counts, to be moved by the test."""
    counted = [1_000.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: counted[0])
    return counted


def test_a_process_without_loops_is_alive_and_consumes() -> None:
    """What is not there waits for nothing."""
    assert Health().alive
    assert Health().consuming
    assert Health().report() == {}


def test_consuming_means_that_every_loop_turns() -> None:
    """One that has not begun, waits or was stopped makes it false; the others do not matter."""
    own = Health()
    own.expect("pairs")
    own.expect("relay")
    assert not own.consuming
    own.turned("pairs")
    assert not own.consuming
    own.turned("relay")
    assert own.consuming
    own.waiting("pairs", "Kafka does not answer.")
    assert not own.consuming
    own.turned("pairs")
    own.stopped("relay", "bug: KeyError()")
    assert not own.consuming


def test_the_report_says_why_a_loop_does_not_turn_and_only_then() -> None:
    """A reason goes away as soon as the loop turns again."""
    own = Health()
    own.expect("pairs")
    own.waiting("relay", "The database does not answer.")
    assert own.report() == {
        "pairs": {"state": "starting"},
        "relay": {"state": "waiting", "reason": "The database does not answer."},
    }
    own.turned("relay")
    own.stopped("pairs", "bug: KeyError()")
    assert own.report() == {"pairs": {"state": "stopped", "reason": "bug: KeyError()"}, "relay": {"state": "running"}}


def test_expecting_a_loop_that_turns_already_changes_nothing() -> None:
    """Whoever comes first, the loop's own word counts."""
    own = Health()
    own.turned("pairs")
    own.expect("pairs")
    assert own.consuming


def test_a_relay_that_does_not_turn_for_a_minute_is_dead(seconds: list[float]) -> None:
    """Waiting for a server is turning; only silence is not."""
    own = Health()
    own.expect("relay", turns=True)
    seconds[0] += 59
    assert own.alive
    own.waiting("relay", "Kafka does not answer.")
    seconds[0] += 59
    assert own.alive
    seconds[0] += 2
    assert not own.alive
    own.turned("relay")
    assert own.alive


def test_a_loop_that_turns_hourly_is_not_dead_in_between(seconds: list[float]) -> None:
    """It counts as stuck a minute after its next turn was due."""
    own = Health()
    own.expect("adoption", turns=True, every=3600)
    own.turned("adoption")
    seconds[0] += 3659
    assert own.alive
    seconds[0] += 2
    assert not own.alive


def test_consumers_may_be_idle_for_any_time(seconds: list[float]) -> None:
    """Without records a consumer has no reason to turn."""
    own = Health()
    own.turned("pairs")
    seconds[0] += 86_400
    assert own.alive
    assert own.consuming


def test_the_report_measures_the_age_of_each_loop(seconds: list[float]) -> None:
    """Operators see in the metrics how long ago a loop turned."""
    own = Health()
    own.turned("measured")
    seconds[0] += 12
    own.report()
    assert REGISTRY.get_sample_value("tandem_loop_age_seconds", {"loop": "measured"}) == 12


def test_a_consumer_that_does_not_come_back_from_a_batch_is_dead(seconds: list[float]) -> None:
    """After ten minutes; to wait for a server in between, or to be stopped, is to come back."""
    own = Health()
    own.busy("pairs")
    seconds[0] += 599
    assert own.alive
    seconds[0] += 2
    assert not own.alive
    own.waiting("pairs", "The database does not answer.")
    assert own.alive
    seconds[0] += 3_600
    assert own.alive
    own.busy("pairs")
    own.stopped("pairs", "bug: KeyError()")
    seconds[0] += 3_600
    assert own.alive
    own.busy("pairs")
    own.turned("pairs")
    seconds[0] += 3_600
    assert own.alive


def test_a_batch_that_begins_anew_after_waiting_has_its_time(seconds: list[float]) -> None:
    """Each attempt counts for itself, also while health still says that the consumer waits."""
    own = Health()
    own.waiting("pairs", "The database does not answer.")
    own.busy("pairs")
    assert own.report()["pairs"]["state"] == "waiting"
    seconds[0] += 601
    assert not own.alive


def test_the_report_shows_each_loops_state_as_a_metric() -> None:
    """Exactly one state is 1, the others are there as 0: an alarm needs no series to appear."""
    own = Health()
    own.turned("shown")
    own.stopped("shown", "bug")
    own.report()
    values = {
        state: REGISTRY.get_sample_value("tandem_loop_state", {"loop": "shown", "state": state}) for state in State
    }
    assert values == {state: float(state is State.STOPPED) for state in State}
