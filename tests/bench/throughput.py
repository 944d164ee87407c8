"""The projector beside the yardstick's contenders: the same 100,000 events, the same servers, in turn."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from statistics import median
from typing import Any

from rich.console import Console

from deploy.local.servers import Servers
from tests.bench.children import ROOT, WrongEffects, python
from tests.bench.rows import Row

SHARED = ROOT.parent / "shared" / "bench"
EVENTS = 100_000
SLOW_EVENTS = 2_000  # for the one-message-one-update contender, which needs a minute for ten thousand
ROUNDS = 5
PLAIN, WRITE_BEHIND, PER_MESSAGE = "c1_aiokafka.py", "c7_adaptive.py", "c3_faststream_one.py"


def measure(servers: Servers, console: Console) -> list[Row]:
    """Medians over interleaved rounds. Raises ``WrongEffects``."""
    if not SHARED.is_dir():
        console.print(f"SKIPPED: the yardstick is not at {SHARED}, so the projector cannot be measured beside it")
        return []
    speeds = _rounds(_environment(servers, EVENTS), console)
    per_message = _contend([str(SHARED / PER_MESSAGE)], _environment(servers, SLOW_EVENTS), fill=True)
    return [
        Row("projection, beside c7 (plain, write-behind)", *_typical(speeds, WRITE_BEHIND), 0.6),
        Row("projection, beside c1 (plain, batches of 2,000)", *_typical(speeds, PLAIN)),
        Row(
            "projection, beside c3 (one message, one update)",
            median(speeds["tandem"]),
            "records/s",
            per_message["per_s"],
        ),
        Row("write operations per 1,000 records", 1000 * median(speeds["tandem operations"]), "operations"),
    ]


def _typical(speeds: Mapping[str, list[float]], other: str) -> tuple[float, str, float]:
    """Value, unit and baseline of the round with the median ratio: neighbours in time, since disks drift."""
    rounds = sorted(zip(speeds["tandem"], speeds[other], strict=True), key=lambda pair: pair[0] / pair[1])
    value, baseline = rounds[len(rounds) // 2]
    return value, "records/s", baseline


def _rounds(environment: dict[str, str], console: Console) -> dict[str, list[float]]:
    python(["-m", "tests.bench.contender", "produce"], environment)
    python([str(SHARED / "job.py"), environment["JOB_COUNT"]], environment)
    yardsticks = {name: [str(SHARED / name)] for name in (WRITE_BEHIND, PLAIN)}
    contenders = {"tandem": ["-m", "tests.bench.contender"], **yardsticks}
    speeds: dict[str, list[float]] = defaultdict(list)
    for number in range(1, ROUNDS + 1):
        for name, command in contenders.items():
            result = _contend(command, environment)
            speeds[name].append(result["per_s"])
            if name == "tandem":
                speeds["tandem operations"].append(result["ops"] / result["records"])
            console.print(f"round {number} of {ROUNDS}: {name} {result['per_s']:,} records/s", highlight=False)
    return speeds


def _contend(command: list[str], environment: dict[str, str], *, fill: bool = False) -> dict[str, Any]:
    if fill:
        python([str(SHARED / "job.py"), environment["JOB_COUNT"]], environment)
    lines = python(command, environment).splitlines()
    result: dict[str, Any] = json.loads(next(line for line in lines if line.startswith("{")))
    if result["wrong"]:
        raise WrongEffects(f"{result['name']}: {result['wrong']} documents are wrong")
    return result


def _environment(servers: Servers, events: int) -> dict[str, str]:
    return {"JOB_KAFKA": servers.kafka, "JOB_MONGO": servers.mongodb, "JOB_COUNT": str(events)}
