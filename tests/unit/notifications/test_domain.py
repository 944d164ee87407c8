"""Rules of a delivery: what is settled stays settled, and what happened counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications import domain
from services.notifications.domain import Delivery, Reason, State
from tests.support.deliveries import DELIVERY, NOW


def after(events: list[domain.Event], state: Delivery | None = DELIVERY) -> Delivery:
    """The delivery after these events."""
    found = reduce(domain.evolve, events, state)
    assert found is not None
    return found


def test_what_happened_before_the_first_start_is_suppressed_and_nothing_else() -> None:
    """An event of that very instant is mailed, one of a moment earlier is not."""
    mailed = after(domain.intend(None, DELIVERY, mailing_since=NOW), None)
    late = after(domain.intend(None, DELIVERY, mailing_since=NOW + timedelta(milliseconds=1)), None)
    assert (mailed.state, mailed.reason) == (State.INTENDED, None)
    assert (late.state, late.reason, late.settled_at) == (State.SUPPRESSED, Reason.OLDER_THAN_START, NOW)


def test_a_delivery_is_intended_once() -> None:
    """The same event again changes nothing, also when it has become older than the start."""
    assert domain.intend(DELIVERY, DELIVERY, mailing_since=NOW + timedelta(days=1)) == []


def test_pauses_double_up_to_four_hours() -> None:
    """A minute, two, four …"""
    state, pauses = DELIVERY, []
    for attempt in range(1, 11):
        state = after(domain.deferred(state, 451, attempt=attempt, now=NOW), state)
        assert state.next_attempt_at is not None
        pauses.append((state.next_attempt_at - NOW) / timedelta(minutes=1))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]
    assert (state.attempts, state.last_code) == (10, 451)


def test_an_attempt_is_recorded_once() -> None:
    """Two workers may make the same attempt; only one of them counts."""
    once = after(domain.deferred(DELIVERY, 451, attempt=1, now=NOW))
    assert domain.deferred(once, 452, attempt=1, now=NOW) == []


def test_a_message_is_given_up_after_three_days() -> None:
    """Not a moment earlier."""
    later = NOW + domain.GIVE_UP_AFTER
    assert after(domain.deferred(DELIVERY, 451, attempt=1, now=later - timedelta(seconds=1))).is_open
    failed = after(domain.deferred(DELIVERY, 451, attempt=1, now=later))
    assert (failed.state, failed.reason, failed.attempts) == (State.FAILED, Reason.GIVEN_UP, 1)


def test_a_relay_that_says_nothing_twice_gets_no_third_copy() -> None:
    """It had the whole message both times; whoever looks after mail must find out what became of it."""
    once = after(domain.unconfirmed(DELIVERY, attempt=1, now=NOW))
    assert (once.state, once.attempts, once.unconfirmed) == (State.INTENDED, 1, 1)
    assert once.next_attempt_at == NOW + timedelta(minutes=15)
    twice = after(domain.unconfirmed(once, attempt=2, now=NOW), once)
    assert (twice.state, twice.reason) == (State.FAILED, Reason.UNCONFIRMED)
    assert domain.unconfirmed(once, attempt=1, now=NOW) == []


def test_sent_counts_whatever_else_was_recorded() -> None:
    """A slower worker whose message was taken tells the truth, whatever a faster one has recorded."""
    failed = after(domain.fail(DELIVERY, Reason.REFUSED, 550, now=NOW))
    sent = after(domain.sent(failed, 250, now=NOW), failed)
    assert (sent.state, sent.reason, sent.attempts, sent.last_code) == (State.SENT, None, 2, 250)
    assert domain.sent(sent, 250, now=NOW) == []


def test_a_failure_without_an_answer_is_no_attempt() -> None:
    """Whoever never spoke to the relay has not tried."""
    failed = after(domain.fail(DELIVERY, Reason.UNUSABLE_ADDRESS, None, now=NOW))
    assert (failed.attempts, failed.last_code, failed.settled_at) == (0, None, NOW)


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.SUPPRESSED])
@given(st.sampled_from(list(Reason)))
def test_what_is_settled_is_neither_suppressed_nor_failed_nor_put_off(state: State, reason: Reason) -> None:
    """Late results of other attempts change nothing."""
    settled = replace(DELIVERY, state=state, settled_at=NOW)
    assert domain.suppress(settled, reason, now=NOW) == []
    assert domain.fail(settled, reason, 550, now=NOW) == []
    assert domain.deferred(settled, 451, attempt=1, now=NOW) == []
