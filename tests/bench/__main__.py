"""``python -m tests.bench [PART…]``: measures, prints a table and writes .local/bench.json.

Fails on wrong effects only; a missed target prints MISSED. What each figure means is told in docs/benchmarks.md.
Parts that are named are measured alone, and nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from deploy.local import check
from deploy.local.addresses import Addresses
from deploy.local.display import Display
from deploy.local.running import run
from deploy.local.servers import servers
from deploy.local.supervisor import Plan, Supervisor
from tests.bench import (
    access,
    applications,
    latency,
    load,
    matching,
    mentoring,
    rebuilding,
    recovery,
    roster,
    rows,
    selection,
    throughput,
    verification,
)
from tests.bench.children import ROOT, WrongEffects

LOCAL = ROOT / ".local"
Part = Callable[[Path, Console], list[rows.Row]]


def main() -> int:
    """Measure; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all without one")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    console = Console(stderr=True)
    LOCAL.mkdir(exist_ok=True)
    began = time.monotonic()
    try:
        found = [row for name in chosen for row in _measured(name, console)]
    except WrongEffects as error:
        console.print(f"wrong effects: {error}", markup=False, highlight=False)
        return 1
    if set(chosen) == set(PARTS):
        rows.write(found, LOCAL / "bench.json")
    rows.show(found, Console(width=140))
    console.print(f"measured in {(time.monotonic() - began) / 60:.1f} minutes", highlight=False)
    return 0


def _measured(name: str, console: Console) -> list[rows.Row]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=LOCAL) as scratch:
        return PARTS[name](Path(scratch), console)


def _throughput(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return throughput.measure(own, console)


def _access(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return access.measure(own, scratch, console)


def _applications(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return applications.measure(own, scratch, console)


def _selection(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return selection.measure(own, console)


def _roster(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return roster.measure(own, console)


def _rebuilding(scratch: Path, console: Console) -> list[rows.Row]:
    with servers(scratch) as own:
        return rebuilding.measure(own, console)


def _verification(scratch: Path, console: Console) -> list[rows.Row]:
    return verification.measure(console)


def _matching(scratch: Path, console: Console) -> list[rows.Row]:
    return matching.measure(console)


def _mentoring(scratch: Path, console: Console) -> list[rows.Row]:
    return mentoring.measure(console)


def _whole(scratch: Path, console: Console) -> list[rows.Row]:
    """Over all services with the story played. Raises ``WrongEffects``."""
    found: list[rows.Row] = []

    def then(supervisor: Supervisor, where: Addresses, display: Display) -> None:
        found.extend(_over_all(supervisor, where, display))

    if run(Plan(scratch), console, then):
        raise WrongEffects("Tandem did not come up, or did not stay up")
    return found


def _over_all(supervisor: Supervisor, where: Addresses, display: Display) -> list[rows.Row]:
    """Latency, load and memory; the counts must agree afterwards."""
    display.say(["measuring latency"])
    raw = asyncio.run(latency.round_trips(where))
    alone = asyncio.run(latency.measure(where, raw))
    memory = latency.memory(supervisor.pids())
    loaded = asyncio.run(load.measure(where, raw, display))
    counts = asyncio.run(check.count(where))
    if not counts.agree:
        raise WrongEffects(str(counts))
    return [*alone, *loaded, *memory]


PARTS: Mapping[str, Part] = {
    "throughput": _throughput,
    "rebuilding": _rebuilding,
    "whole": _whole,
    "access": _access,
    "roster": _roster,
    "applications": _applications,
    "selection": _selection,
    "matching": _matching,
    "verification": _verification,
    "mentoring": _mentoring,
    "recovery": recovery.measure,
}

if __name__ == "__main__":
    sys.exit(main())
