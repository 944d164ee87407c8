"""The programme board: what each event changes, what is counted, and that redelivery changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.projector import Projection
from services.reporting.domain import board, events, sources
from services.reporting.domain.board import Counts, Sources
from services.reporting.domain.sources import Answer, Application, Duty, Edition, Pair, Participation, Workspace
from services.reporting.projections.board import ALL
from tests.support import board_histories
from tests.support.board_histories import Delivery, Programme, Record
from tests.support.board_memory import Memory

EDITION = Edition("e", "A year", date(2026, 1, 1), date(2026, 12, 31), ("holding", "north"))


def at(hour: int) -> datetime:
    return datetime(2026, 3, 2, hour, tzinfo=UTC)


def planned(number: int, hour: int) -> events.SessionPlanned:
    return events.SessionPlanned(
        subject="p",
        at=at(1),
        edition_id="e",
        session_id=f"s{number}",
        number=number,
        planned_for=at(hour),
        minutes=60,
    )


def held(number: int, hour: int) -> events.SessionHeld:
    return events.SessionHeld(
        subject="p",
        at=at(2),
        edition_id="e",
        session_id=f"s{number}",
        number=number,
        held_at=at(hour),
        minutes=50,
        mentee_subsidiary="north",
    )


def cancelled(number: int) -> events.SessionCancelled:
    return events.SessionCancelled(subject="p", at=at(3), edition_id="e", session_id=f"s{number}", number=number)


def workspace(*happened: events.OfSessions) -> Workspace:
    state = None
    for event in happened:
        state = sources.evolve_workspace(state, event)
    assert state is not None
    return state


def pair(mentee_id: str = "boss") -> Pair:
    return Pair("p", "e", "mentor", mentee_id, "holding", "north")


def participation(mentee_id: str, duty: Duty, subsidiary: str = "north") -> Participation:
    return Participation("e", mentee_id, subsidiary, duty)


def rows(**found: Sequence[object]) -> dict[str, Counts]:
    return board.board(Sources(EDITION, **found)).rows  # type: ignore[arg-type]


def test_every_subsidiary_of_the_edition_has_a_row_in_its_order() -> None:
    """A subsidiary where nothing happens yet is shown with zeros, not left out."""
    assert list(rows().items()) == [("holding", Counts()), ("north", Counts())]


def test_a_subsidiary_the_edition_does_not_name_is_shown_after_its_own() -> None:
    """Nobody is simply missing: who moved to another company is counted there."""
    found = rows(participations=[participation("boss", Duty.OBLIGED, "abroad")])
    assert list(found) == ["holding", "north", "abroad"]
    assert found["abroad"] == Counts(obliged=1)


def test_an_exempted_executive_is_neither_obliged_nor_paired() -> None:
    """Whoever is exempted after the matching no longer counts as paired."""
    found = rows(participations=[participation("boss", Duty.EXEMPT)], pairs=[pair("boss")])
    assert found["north"] == Counts(exempt=1)


def test_paired_are_only_those_known_to_be_obliged() -> None:
    """A pair that is heard of before its participation does not make paired exceed obliged."""
    assert rows(pairs=[pair("boss")])["north"] == Counts()
    found = rows(participations=[participation("boss", Duty.OBLIGED)], pairs=[pair("boss")])
    assert found["north"] == Counts(obliged=1, paired=1)


def test_an_executive_with_two_pairs_counts_as_paired_once() -> None:
    """Paired counts executives, not pairs."""
    found = rows(participations=[participation("boss", Duty.OBLIGED)], pairs=[pair("boss"), pair("boss")])
    assert found["north"].paired == 1


def test_executive_whose_pair_ended_is_obliged_and_not_paired_until_another_comes() -> None:
    """Nobody is missing: who has lost the mentor shows as one who needs one."""
    ended, takes_part = replace(pair(), ended_at=at(4)), [participation("boss", Duty.OBLIGED)]
    for pairs, paired in (([ended], 0), ([ended, replace(pair(), pair_id="q")], 1)):
        north = rows(participations=takes_part, pairs=pairs)["north"]
        assert (north.obliged, north.paired) == (1, paired)


def test_pair_that_has_ended_has_no_next_session() -> None:
    """What it left planned is nobody's next date; what it held stays."""
    sessions = workspace(planned(1, 9), held(1, 9), planned(2, 11))
    going_on, over = board.follow(pair(), sessions), board.follow(replace(pair(), ended_at=at(10)), sessions)
    assert (going_on.sessions_held, going_on.next) == (1, sessions.sessions[1])
    assert (over.sessions_held, over.last, over.next) == (1, sessions.sessions[0], None)


def test_pair_that_has_ended_stays_so() -> None:
    """It is its last event; a later one of another kind would not bring it back."""
    who = {"subject": "p", "at": at(1), "edition_id": "e", "mentor_id": "m", "mentee_id": "boss"}
    who |= {"mentor_subsidiary": "holding", "mentee_subsidiary": "north"}
    matched, ended = events.PairMatched(**who), events.PairEnded(**who, ended_at=at(4))  # type: ignore[arg-type]
    state = sources.evolve_pair(sources.evolve_pair(None, matched), ended)
    assert state.ended_at == sources.evolve_pair(state, matched).ended_at == at(4)


def test_declined_applications_count_as_applications_only() -> None:
    """Applications are all that stand; selected are those that became mentors, whether they accepted yet or not."""
    answers = [Application("e", "holding", answer) for answer in Answer]
    assert rows(applications=answers)["holding"] == Counts(applications=5, selected=2)


def test_an_escalated_executive_is_obliged_and_one_who_left_counts_nowhere() -> None:
    """Escalation changes nothing about taking part; whoever left the scope is in no number, pair or not."""
    people = [participation("boss", Duty.ESCALATED), participation("chief", Duty.LEFT)]
    found = rows(participations=people, pairs=[pair("boss"), pair("chief")])
    assert found["north"] == Counts(obliged=1, paired=1)


def test_totals_are_the_sum_of_the_rows_and_narrowing_keeps_one_row() -> None:
    """What is shown in all is what the rows shown add up to."""
    people = [participation("one", Duty.OBLIGED), participation("two", Duty.OBLIGED, "holding")]
    shown = board.board(Sources(EDITION, participations=people))
    assert shown.totals == Counts(obliged=2)
    assert shown.narrowed("north").rows == {"north": Counts(obliged=1)}
    assert shown.narrowed("north").totals == Counts(obliged=1)


def test_as_of_is_the_latest_instant_any_event_named() -> None:
    """The board says how far it goes by the events' own time; events without one change nothing."""
    dated = Participation("e", "boss", "north", Duty.OBLIGED, at(9))
    undated = participation("other", Duty.OBLIGED)
    shown = board.board(Sources(EDITION, participations=[dated, undated], workspaces=[workspace(held(1, 8))]))
    assert shown.as_of == at(9)
    assert board.board(Sources(EDITION)).as_of is None


def test_as_of_of_some_subsidiaries_says_nothing_of_the_others() -> None:
    """Whoever sees a part of the board does not learn from its date that something happened elsewhere."""
    people = [
        Participation("e", "boss", "north", Duty.OBLIGED, at(1)),
        Participation("e", "chief", "holding", Duty.OBLIGED, at(9)),
    ]
    shown = board.board(Sources(EDITION, participations=people, workspaces=[workspace(held(1, 5))]))
    assert shown.narrowed(["north"]).as_of == at(2)
    assert shown.narrowed(["holding"]).as_of == at(9)
    assert shown.narrowed([]).as_of is None


def test_an_event_that_names_an_earlier_instant_does_not_set_the_board_back() -> None:
    """Clocks of other services differ; ``as_of`` only ever moves on."""
    early = events.SessionCancelled(subject="p", at=at(1), edition_id="e", session_id="s1", number=1)
    assert workspace(held(1, 9), early).as_of == at(2)


def test_a_pair_shows_the_session_held_last_and_the_earliest_still_planned() -> None:
    """Last and next go by the beginnings of the sessions, not by the order in which they were recorded."""
    sessions = workspace(
        planned(1, 9),
        planned(2, 11),
        planned(3, 15),
        planned(4, 14),
        planned(5, 13),
        held(2, 12),
        held(1, 13),
        cancelled(5),
    )
    line = board.follow(pair(), sessions)
    assert line.sessions_held == 2
    assert line.last is not None
    assert (line.last.number, line.last.held_at) == (1, at(13))
    assert line.next is not None
    assert line.next.number == 4


def test_a_pair_without_a_workspace_has_no_sessions() -> None:
    """A pair is listed from the moment it is matched."""
    line = board.follow(pair(), None)
    assert (line.sessions_held, line.last, line.next) == (0, None, None)


def test_a_session_held_or_cancelled_without_a_plan_is_taken_in() -> None:
    """The board believes the sessions' owner even where it never heard of a plan."""
    line = board.follow(pair(), workspace(held(1, 9), cancelled(2)))
    assert (line.sessions_held, line.next) == (1, None)


def test_sessions_count_for_the_executives_subsidiary() -> None:
    """Only held sessions count, each under the subsidiary its event names."""
    found = rows(workspaces=[workspace(planned(1, 9), planned(2, 10), held(1, 9))])
    assert found == {"holding": Counts(), "north": Counts(sessions_held=1)}


def test_a_call_belongs_to_an_open_edition() -> None:
    """The closing of the call is part of the edition; a call without an edition is refused."""
    call = events.CallOpened(subject="e", at=at(4), closes_at=at(20))
    after = sources.evolve_applications(EDITION, call)
    assert isinstance(after, Edition)
    assert (after.call_closes_at, after.as_of) == (at(20), at(4))
    again = events.EditionOpened(
        subject="e", at=at(5), name="Renamed", starts_on=EDITION.starts_on, ends_on=EDITION.ends_on, subsidiaries=()
    )
    restated = sources.evolve_applications(after, again)
    assert isinstance(restated, Edition)
    assert (restated.name, restated.call_closes_at) == ("Renamed", at(20))
    with pytest.raises(sources.Misplaced, match="before"):
        sources.evolve_applications(None, call)


def test_an_edition_may_change_before_it_is_opened_and_take_companies_in_later() -> None:
    """A draft has no board; companies that are named later have a row from then on."""
    drafted = events.EditionChanged(subject="e", at=at(1), subsidiaries=None)
    grown = events.EditionChanged(subject="e", at=at(6), subsidiaries=("holding", "north", "new"))
    staged, closed = events.EditionStaged(subject="e", at=at(7)), events.EditionClosed(subject="e", at=at(8))
    assert sources.evolve_applications(None, drafted) is None
    state: sources.OfApplications | None = EDITION
    for event in (drafted, grown, staged, closed):
        state = sources.evolve_applications(state, event)
    assert isinstance(state, Edition)
    assert (state.subsidiaries, state.as_of) == (("holding", "north", "new"), at(8))
    with pytest.raises(sources.Misplaced):
        sources.evolve_applications(None, staged)


def test_an_event_for_another_kind_of_aggregate_is_refused() -> None:
    """An edition cannot be selected as a mentor."""
    selected = events.MentorSelected(subject="e", at=None, edition_id="e", subsidiary="north")
    with pytest.raises(sources.Misplaced, match="edition e"):
        sources.evolve_applications(EDITION, selected)


def test_a_waiver_changes_nothing_on_the_board_but_its_time() -> None:
    """The decision on a waiver is heard of and leaves the application as it is."""
    waiver = events.WaiverDecided(subject="a", at=at(5))
    after = sources.evolve_applications(Application("e", "north", Answer.OPEN, at(4)), waiver)
    assert after == Application("e", "north", Answer.OPEN, at(5))


def test_a_waiver_on_a_draft_is_passed_over() -> None:
    """It is decided before anything was handed in; what follows is taken in as ever."""
    waiver = events.WaiverDecided(subject="a", at=at(4))
    assert sources.evolve_applications(None, waiver) is None
    with pytest.raises(sources.Misplaced):
        sources.evolve_applications(EDITION, waiver)


@pytest.mark.parametrize("projection", ALL, ids=lambda one: one.name)
def test_an_aggregate_of_which_nothing_known_was_heard_is_read_back(projection: Projection[Any]) -> None:
    """Where all events so far are of types nobody here knows, the document holds no state, and that is fine."""
    assert projection.state.validate_python(projection.state.dump_python(None, mode="json")) is None


@given(st.data(), st.lists(board_histories.programmes, min_size=1, max_size=2))
def test_any_delivery_of_a_history_gives_the_same_board(data: st.DataObject, drawn: list[Programme]) -> None:
    """Interleaving, records delivered twice and prefixes delivered again leave the board as the plain history does."""
    told = [life for n, programme in enumerate(drawn) for life in board_histories.lives(programme, str(n))]
    log: list[Record] = data.draw(board_histories.logs(told), label="log")
    arrived: list[Delivery] = data.draw(board_histories.deliveries(len(log)), label="deliveries")
    plain, memory = Memory(ALL), Memory(ALL)
    plain.deliver([record for life in told for record in life.records])
    for delivery in arrived:
        memory.deliver([log[n] for n in delivery.positions])
    assert memory.heads == plain.heads
    for n, programme in enumerate(drawn):
        shown = memory.board(board_histories.edition_of(str(n)))
        assert shown.rows == programme.counts()
