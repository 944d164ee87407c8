"""What has one place only: the database driver, the present instant, the console; and names that say nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source, dotted, imports

_DRIVERS = {"motor", "pymongo", "bson", "gridfs"}
DRIVER_FILES = {
    "services/chassis/mongo.py",  # the seam
    "deploy/local/database.py",  # asks the server it has just started whether it answers, without an event loop
}
_CLOCK = "services/chassis/clock.py"
_PRESENT = {"now", "utcnow", "today"}
_VAGUE = re.compile(r"(utils?|helpers?|managers?|common|misc|base)")


def driver_imports(sources: Iterable[Source]) -> Iterator[str]:
    """Imports of a MongoDB driver outside the one file that may know it; Motor's has no exception."""
    for source in sources:
        for imported in imports(source):
            top = imported.target.split(".")[0]
            allowed = source.path == "services/chassis/mongo.py" or (top != "motor" and source.path in DRIVER_FILES)
            if top in _DRIVERS and not allowed:
                yield source.at(imported.node, f"{top} is imported in services/chassis/mongo.py only")


def driver_files(sources: Iterable[Source], driver: str) -> list[str]:
    """The files that import this driver."""
    return [source.path for source in sources if any(i.target.split(".")[0] == driver for i in imports(source))]


def own_clocks(sources: Iterable[Source]) -> Iterator[str]:
    """Calls in services that ask the operating system for the present instant; counting seconds is no such call."""
    for source in sources:
        if source.path.startswith("services/") and source.path != _CLOCK:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Attribute | ast.Name) and _tells_the_time(dotted(node)):
                    yield source.at(node, f"{dotted(node)}: the present instant comes from the injected clock")
            for imported in imports(source):
                if imported.target in {"time.time", "time.time_ns"}:
                    yield source.at(imported.node, f"{imported.target}: the present instant comes from the clock")


def _tells_the_time(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    if last in _PRESENT:
        return owner.rpartition(".")[2] in {"datetime", "date"}
    return name in {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"}


def printing(sources: Iterable[Source]) -> Iterator[str]:
    """Calls of ``print`` in services, but in their commands."""
    for source in sources:
        if source.path.startswith("services/") and "cli" not in source.parts:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and dotted(node.func) == "print":
                    yield source.at(node, "services log; only their commands write to the console")


def vague_names(sources: Iterable[Source]) -> Iterator[str]:
    """Modules and packages whose name says nothing of what they do."""
    for source in sources:
        for part in source.parts:
            if _VAGUE.fullmatch(part):
                yield source.at(source.tree, f"{part} says nothing of what is in it")
