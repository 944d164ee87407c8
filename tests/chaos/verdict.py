"""What came of a run: the counts from stores and topics, and what clients were promised, compared."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace

import httpx2

from deploy.local import check
from tests.chaos.caller import Caller
from tests.chaos.fleet import Fleet, Seat
from tests.chaos.stage import Stage

DRAINED_WITHIN = 150.0  # seconds after the last fault
MAILED_AT_MOST = 2  # once, and once more where a crash came between the sending and its record
_WELL_WITHIN = 30.0  # seconds after all has arrived
_BUGS = (
    "consumer_halted",
    "task_halted",
    "request_failed",
    "timer_failed",
    "event_refused_by_broker",
    "fork_detected",
    "park_limit_reached",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The counts, and every reason why the run failed: none when all is as promised."""

    counts: check.Counts | None
    lost: int
    reasons: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything is as promised."""
        return not self.reasons

    def __str__(self) -> str:
        """All figures: ``mailed`` counts what is different, ``repeated`` what came more than once."""
        counted = asdict(self.counts) if self.counts else {}
        counted.pop("differing", None)  # told as a reason
        if mailed := counted.pop("mailed", None):
            counted |= {"mailed": mailed["different"], "repeated": mailed["messages"] - mailed["different"]}
        return " ".join(f"{name}={value}" for name, value in {**counted, "lost": self.lost}.items())


NOTHING = Verdict(None, 0)  # of what was skipped


async def judge(stage: Stage, *, seconds: float = DRAINED_WITHIN, forgiving: bool = False) -> Verdict:
    """Wait until all that is under way has arrived, at most so many seconds, then compare everything.

    ``forgiving``: what services said while they could not work is no reason, only what is missing is.
    """
    counts = await _drained(stage, seconds)
    lost = await stage.ledger.lost(stage.caller)
    boards = await stage.ledger.wrong_boards(stage.caller)
    reasons = [*stage.ledger.failures, *(f"lost: {one}" for one in lost), *boards]
    if not _agree(counts):
        reasons.append(f"the counts do not agree: {counts}")
    reasons += [*await _repeats(stage), *stage.fleet.ended, *await _unhealthy(stage.fleet)]
    if not forgiving:
        reasons += halted(stage.fleet)
        reasons += [f"answered 500: {one}" for one in stage.caller.figures.internal_errors]
    return Verdict(counts, len(lost), reasons)


def _agree(counts: check.Counts) -> bool:
    """Whether the counts agree; mail may be repeated after a crash, so only what is different counts."""
    once = replace(counts.mailed, messages=counts.mailed.different)
    return replace(counts, mailed=once).agree


async def _repeats(stage: Stage) -> list[str]:
    """The messages that came more than twice, whatever was killed how often."""
    async with httpx2.AsyncClient(timeout=30) as http:
        kept = (await http.get(f"{stage.mailbox.page}/messages.json")).json()
    times = Counter(one["message_id"] for one in kept)
    return [f"message {id} came {count} times" for id, count in times.items() if count > MAILED_AT_MOST]


async def _drained(stage: Stage, seconds: float) -> check.Counts:
    deadline = time.monotonic() + seconds
    while True:
        counts = await check.count(stage.addresses)
        if _agree(counts) or time.monotonic() > deadline:
            return counts


async def _unhealthy(fleet: Fleet) -> list[str]:
    """Which workers are not well although nothing has hit them for a while."""
    deadline = time.monotonic() + _WELL_WITHIN
    while True:
        answers = {f"{seat} /health/{path}": await fleet.asked(seat, f"/health/{path}") for seat, path in _asked(fleet)}
        ill = [f"{what} answers {status}" for what, status in answers.items() if status != 200]
        if not ill or time.monotonic() > deadline:
            return ill
        await asyncio.sleep(0.5)


def _asked(fleet: Fleet) -> list[tuple[Seat, str]]:
    return [(seat, path) for seat in fleet.seats for path in ("live", "ready", "consumers")]


def halted(fleet: Fleet) -> list[str]:
    """Bugs that workers have logged, each once with how often: halts, and errors that nobody foresaw."""
    found: Counter[str] = Counter()
    for entry in _errors(fleet):
        found[f"{entry.get('event')} {entry.get('consumer', entry.get('task', ''))}: {_last(entry)}"] += 1
    return [f"logged {times} times: {what}" for what, times in found.items()]


def _errors(fleet: Fleet) -> Iterator[dict[str, object]]:
    for log in fleet.logs():
        for line in log.read_text(errors="replace").splitlines():
            if any(word in line for word in _BUGS):
                try:
                    yield json.loads(line)
                except ValueError:
                    yield {"event": line[:300]}


def _last(entry: dict[str, object]) -> str:
    return str(entry.get("exception", "")).strip().rpartition("\n")[2][:300]


def figures(caller: Caller, faults: Counter[str]) -> str:
    """A line of what was asked and what was done to the services."""
    done: Iterable[str] = (f"{kind}={times}" for kind, times in sorted(faults.items()))
    asked = caller.figures
    return f"commands={asked.commands} resent={asked.resent} refused_by_all={asked.refused_by_all} {' '.join(done)}"
