"""What the count says of a topic: everything accepted must be published and staged, event by event."""

from __future__ import annotations

from collections import defaultdict

import pytest

from deploy.local.topic_counts import TopicCount

Events = dict[tuple[str, int], set[str]]
TWO: Events = {("a", 1): {"/s|1"}, ("a", 2): {"/s|2"}}


def count(accepted: int, published: Events, staged: Events) -> TopicCount:
    return TopicCount("tandem.pairs.v1", accepted, defaultdict(set, published), defaultdict(set, staged))


def test_a_topic_agrees_where_all_that_was_accepted_was_published_and_staged() -> None:
    """An empty topic agrees too; copies of an event count once."""
    assert count(2, TWO, TWO).agrees
    assert count(0, {}, {}).agrees


@pytest.mark.parametrize(
    ("accepted", "published", "staged", "said"),
    [
        (3, TWO, TWO, "accepted=3 published=2 staged=2, 0 events not staged, 0 staged that are not there"),
        (2, TWO, {("a", 1): {"/s|1"}}, "accepted=2 published=2 staged=1, 1 events not staged, 0 staged that"),
        (2, TWO, {**TWO, ("a", 2): {"/s|9"}}, "staged=2, 1 events not staged, 1 staged that are not there"),
        (2, {**TWO, ("a", 2): {"/s|2", "/s|3"}}, TWO, "1 events not staged"),
    ],
)
def test_a_topic_that_disagrees_says_how(accepted: int, published: Events, staged: Events, said: str) -> None:
    """Also where the numbers are equal and the events are not."""
    found = count(accepted, published, staged)
    assert not found.agrees
    assert said in str(found)
    assert str(found).startswith("tandem.pairs.v1: ")


def test_a_sequence_with_two_events_is_a_fork() -> None:
    """Both of them staged is as it should be, and a fork nevertheless."""
    forked: Events = {**TWO, ("a", 2): {"/s|2", "/s|3"}}
    assert (count(2, forked, forked).forks, count(2, forked, forked).agrees) == (1, True)
