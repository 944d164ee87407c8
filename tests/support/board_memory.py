"""The board's projections over a dictionary: what the projector does to a database, without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from services.chassis.candidates import Candidate, Reading, Record
from services.chassis.projector import Projection
from services.chassis.projector.selection import Head, select
from services.reporting.domain import board, sources


class Memory:
    """The head of each aggregate, by topic and subject."""

    def __init__(self, projections: Iterable[Projection[Any]]) -> None:
        self.heads: dict[tuple[str, str], Head] = {}
        self._projections = {projection.topic: projection for projection in projections}
        self._readings = {topic: Reading(one.readers) for topic, one in self._projections.items()}

    def deliver(self, records: Sequence[Record]) -> None:
        """Apply one batch; nothing in it may have to wait."""
        arrived: dict[tuple[str, str], list[Candidate]] = {}
        for record in records:
            candidate = self._readings[record.topic].candidate(record)
            assert candidate.subject is not None
            arrived.setdefault((record.topic, candidate.subject), []).append(candidate)
        for place, candidates in arrived.items():
            self._advance(place, candidates)

    def _advance(self, place: tuple[str, str], candidates: Sequence[Candidate]) -> None:
        head = self.heads.get(place, Head(0, None, None))
        selection = select(head, (), candidates)
        assert not selection.waiting, [(one.reason, one.detail) for one in selection.waiting]
        for step in selection.steps:
            assert isinstance(step, Candidate)
            assert step.event is not None
            state = self._projections[place[0]].fold(head.state, step.event, step.data)
            head = Head(step.event.sequence, step.event.id, state)
        self.heads[place] = head

    def board(self, edition_id: str) -> board.Board:
        """The board of an edition, from what lies here."""
        states = [head.state for head in self.heads.values() if head.state is not None]
        here = [state for state in states if state.edition_id == edition_id]
        return board.board(
            board.Sources(
                next(one for one in here if isinstance(one, sources.Edition)),
                [one for one in here if isinstance(one, sources.Application)],
                [one for one in here if isinstance(one, sources.Participation)],
                [one for one in here if isinstance(one, sources.Pair)],
                [one for one in here if isinstance(one, sources.Workspace)],
            )
        )
