"""Subscribers state every option, and say what they promise."""

from __future__ import annotations

import pytest

from tests.architecture.sources import Source, product
from tests.architecture.subscribers import DECLARED_IN, FRAMEWORKS, OPTIONS, OURS, calls, faulty_subscribers

DECLARATION = """
class Runtime:
    def subscriber(self, topic, consumer):
        return self.broker.subscriber(
            topic,
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=WAIT,
            max_partition_fetch_bytes=FETCH_BYTES,
            group_id=consumer.name,
            group_instance_id=self.member(consumer.name),
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=raw_parser,
            decoder=raw_decoder,
        )
"""
REACTION = '''
def subscribe(runtime):
    @runtime.subscriber(TOPIC, consumer)
    async def open_workspace_on_pair_matched(records):
        """Open the workspace.

        Ordering key: the pair id. Idempotent by the fence. What cannot be read is parked.
        """
'''


def test_every_subscriber_of_the_product_is_explicit_and_says_its_promise() -> None:
    """No default of the framework decides whether a record is lost."""
    assert list(faulty_subscribers(product())) == []
    assert sum(len(calls(source, FRAMEWORKS)) for source in product()) == 1
    assert sum(len(calls(source, OURS)) for source in product()) >= 4


def test_a_complete_subscriber_is_left_alone() -> None:
    """The rule asks for nothing that the product does not have."""
    assert _declaration_faults(DECLARATION) == []
    assert _faults(REACTION) == []


def test_a_subscriber_that_goes_round_the_one_place_is_found() -> None:
    """A service that asks FastStream itself may forget an option."""
    assert _faults(DECLARATION) == [f"only {DECLARED_IN} asks FastStream; use runtime.subscriber"]


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_left_to_chance_is_found(option: str) -> None:
    """Each option counts: the framework's defaults lose records."""
    lines = [line for line in DECLARATION.splitlines() if not line.strip().startswith(f"{option}=")]
    assert _declaration_faults("\n".join(lines)) == [f"option {option} is not stated"]


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ('"earliest"', '"latest"', "option auto_offset_reset must be 'earliest', not 'latest'"),
        ("batch=True", "batch=False", "option batch must be True, not False"),
        ("NACK_ON_ERROR", "ACK_FIRST", "option ack_policy must be AckPolicy.NACK_ON_ERROR, not AckPolicy.ACK_FIRST"),
        ("parser=raw_parser", "parser=None", "option parser must be raw_parser, not None"),
        ("batch=True,", "batch=True, **more,", "options are written out, never handed on with **"),
        ("open_workspace_on_pair_matched", "handle", "handle names no reaction: <what it does>_on_<event>"),
        ("Ordering key", "Sorted by", "open_workspace_on_pair_matched does not say: ordering key"),
        ("Idempotent", "Safe", "open_workspace_on_pair_matched does not say: idempotent"),
        ("parked", "logged", "open_workspace_on_pair_matched does not say: parked"),
    ],
)
def test_an_unsafe_value_or_a_missing_promise_is_found(good: str, bad: str, fault: str) -> None:
    """What could lose a record, or leaves a reader in the dark, does not pass."""
    assert [*_declaration_faults(DECLARATION.replace(good, bad)), *_faults(REACTION.replace(good, bad))] == [fault]


def test_a_subscriber_that_decorates_nothing_is_found() -> None:
    """A reaction has a name of its own; a call that hands in a function hides it."""
    text = REACTION.replace("@runtime", "x = runtime").replace("async def", "\n    async def")
    assert _faults(text) == ["a subscriber decorates the function that is its reaction"]


def _declaration_faults(text: str) -> list[str]:
    return _faults(text, DECLARED_IN)


def _faults(text: str, path: str = "services/sessions/subscribers.py") -> list[str]:
    source = Source(path, text)
    return [violation.split(": ", 1)[1] for violation in faulty_subscribers([source])]
