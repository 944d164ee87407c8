"""A run until it has its proposal: requested, begun, solved, failed or cancelled."""

from __future__ import annotations

from datetime import datetime

from services.matching.domain.run.events import Event, RunBegun, RunCancelled, RunFailed, RunProposed, RunRequested
from services.matching.domain.run.findings import Found
from services.matching.domain.run.refusals import NotCancellable, RunExists
from services.matching.domain.run.state import WAITING, Failure, Run


def request(state: Run | None, run: Run) -> list[Event]:
    """Ask for a run. Raises ``RunExists``."""
    if state:
        raise RunExists(f"This run is {state.state} already; look at it instead of requesting it again.")
    return [RunRequested(run)]


def begin(state: Run, attempt: str) -> list[Event]:
    """Note who is at a run: from this moment on an earlier attempt can neither give it a proposal nor give it up."""
    return [RunBegun(attempt)] if state.state in WAITING and state.attempt != attempt else []


def propose(state: Run, found: Found, at: datetime) -> list[Event]:
    """Give a run its proposal; a second one, one of another attempt, or one that nobody waits for is dropped."""
    return [RunProposed(found, at)] if _awaits(state, found.evidence) else []


def fail(state: Run, failure: Failure, attempt: str | None = None) -> list[Event]:
    """Give a run up that nobody can solve, or that this attempt cannot.

    One that has its proposal, was cancelled, or that another attempt is at by now, stays what it is.
    """
    awaits = state.state in WAITING if attempt is None else _awaits(state, attempt)
    return [RunFailed(state, failure)] if awaits else []


def cancel(state: Run, at: datetime) -> list[Event]:
    """Want no proposal any more. Raises ``NotCancellable``."""
    if state.state not in WAITING:
        raise NotCancellable(f"The run is {state.state}; only one that waits for its proposal can be cancelled.")
    return [RunCancelled(state, at)]


def _awaits(state: Run, attempt: str | None) -> bool:
    """Whether the run waits for the word of this attempt; of a run that nobody began, anybody's counts."""
    return state.state in WAITING and state.attempt in (None, attempt)
