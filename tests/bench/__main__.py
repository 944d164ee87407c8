"""``python -m tests.bench``: measures, prints a table and writes .local/bench.json.

Fails on wrong effects only; a missed target prints MISSED.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from deploy.local import check
from deploy.local.addresses import Addresses
from deploy.local.display import Display
from deploy.local.running import run
from deploy.local.servers import servers
from deploy.local.supervisor import Plan, Supervisor
from tests.bench import latency, rows, throughput

LOCAL = Path(__file__).resolve().parents[2] / ".local"


def main() -> int:
    """Measure everything; the exit code."""
    console = Console(stderr=True)
    LOCAL.mkdir(exist_ok=True)
    found: list[rows.Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=LOCAL) as scratch:
        with servers(Path(scratch) / "servers") as own:
            try:
                found += throughput.measure(own, console)
            except throughput.WrongEffects as error:
                console.print(str(error), markup=False)
                return 1
        code = run(Plan(Path(scratch) / "tandem"), console, lambda *parts: found.extend(_whole(*parts)))
    if code == 0:
        rows.write(found, LOCAL / "bench.json")
        rows.show(found, Console(width=140))
    return code


def _whole(supervisor: Supervisor, where: Addresses, display: Display) -> list[rows.Row]:
    """Latency and memory over all services with the story played; the counts must agree afterwards."""
    display.say(["measuring latency"])
    measured = asyncio.run(latency.measure(where))
    counts = asyncio.run(check.count(where))
    if not counts.agree:
        raise SystemExit(f"wrong effects: {counts}")
    return [*measured, *latency.memory(supervisor.pids())]


if __name__ == "__main__":
    sys.exit(main())
