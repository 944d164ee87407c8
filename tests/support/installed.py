"""Makes services known to child processes as if they were installed, for tests of whatever runs services."""

from __future__ import annotations

from pathlib import Path

_SERVICES = """
from fastapi import FastAPI

from services.chassis.service import Index, Service, Topic


def healthy() -> FastAPI:
    app = FastAPI()
    app.get("/health/ready")(lambda: {})
    return app


def broken() -> FastAPI:
    raise RuntimeError("this service cannot start")


INDEXES = {"things": [Index((("kind", 1),), unique=True)]}
TOPICS = [Topic("tandem.things.v1", "event")]
HEALTHY = Service("healthy", healthy, owns=TOPICS, indexes=INDEXES, aggregates=["things"])
BROKEN = Service("broken", broken)
"""
_ENTRY_POINTS = """[tandem.services]
healthy = trial_services:HEALTHY
broken = trial_services:BROKEN

[tandem.commands]
lost = trial_services:no_such_thing
"""


def install(folder: Path) -> dict[str, str]:
    """Write a distribution with the services ``healthy`` and ``broken``; the environment that finds it.

    Its commands ``lost`` cannot be loaded.
    """
    information = folder / "trial_services-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: trial-services\nVersion: 1\n")
    (information / "entry_points.txt").write_text(_ENTRY_POINTS)
    (folder / "trial_services.py").write_text(_SERVICES)
    return {"PYTHONPATH": str(folder)}
