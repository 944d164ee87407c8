"""A run until it has its proposal: requested, begun, solved, failed or cancelled."""

from __future__ import annotations

from datetime import datetime

from services.matching.domain.run.events import Event, RunBegun, RunCancelled, RunFailed, RunProposed, RunRequested
from services.matching.domain.run.findings import Found
from services.matching.domain.run.refusals import NotCancellable, RunExists
from services.matching.domain.run.state import WAITING, Failure, Run, State


def request(state: Run | None, run: Run) -> list[Event]:
    """Ask for a run. Raises ``RunExists``."""
    if state:
        raise RunExists(f"This run is {state.state} already; look at it instead of requesting it again.")
    return [RunRequested(run)]


def begin(state: Run) -> list[Event]:
    """Note that a run is being solved; whoever goes on with it changes nothing."""
    return [RunBegun()] if state.state is State.REQUESTED else []


def propose(state: Run, found: Found, at: datetime) -> list[Event]:
    """Give a run its proposal; a second one, or one that nobody waits for any more, is dropped."""
    return [RunProposed(found, at)] if state.state in WAITING else []


def fail(state: Run, failure: Failure) -> list[Event]:
    """Give a run up that nobody can solve; one that has its proposal, or was cancelled, stays what it is."""
    return [RunFailed(state, failure)] if state.state in WAITING else []


def cancel(state: Run, at: datetime) -> list[Event]:
    """Want no proposal any more. Raises ``NotCancellable``."""
    if state.state not in WAITING:
        raise NotCancellable(f"The run is {state.state}; only one that waits for its proposal can be cancelled.")
    return [RunCancelled(state, at)]
