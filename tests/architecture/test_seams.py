"""What has one place only: the database driver, the present instant, the console."""

from __future__ import annotations

import pytest

from tests.architecture.seams import driver_files, driver_imports, own_clocks, printing, vague_names
from tests.architecture.sources import MEASURED, Source, product


def test_the_database_driver_is_imported_in_one_file() -> None:
    """Motor's successor can take its place by a change of one file."""
    assert list(driver_imports(product())) == []
    assert driver_files(product(), "motor") == ["services/chassis/mongo.py"]
    assert driver_files(product("services"), "pymongo") == ["services/chassis/mongo.py"]


def test_services_ask_the_injected_clock_only() -> None:
    """A year can be played through, because nothing knows another present."""
    assert list(own_clocks(product())) == []


def test_services_do_not_print() -> None:
    """What a service has to say goes to the log, in one form."""
    assert list(printing(product())) == []


def test_modules_are_named_by_what_is_in_them() -> None:
    """No module is called a helper, a manager or common."""
    assert list(vague_names(product(*MEASURED, "tests"))) == []


@pytest.mark.parametrize(
    "line",
    ["import motor", "from motor.motor_asyncio import AsyncIOMotorClient", "import pymongo as p",
     "from pymongo.errors import OperationFailure", "from bson import ObjectId"],
)  # fmt: skip
def test_a_driver_outside_its_file_is_found(line: str) -> None:
    """Whatever the driver's package, and also inside a function."""
    assert len(list(driver_imports([Source("services/people/store.py", line)]))) == 1
    assert len(list(driver_imports([Source("services/people/store.py", f"def f():\n    {line}")]))) == 1
    assert list(driver_imports([Source("services/chassis/mongo.py", line)])) == []


def test_motor_has_no_exception() -> None:
    """The local deployment may ping with PyMongo, but not with Motor."""
    assert list(driver_imports([Source("deploy/local/database.py", "import pymongo")])) == []
    assert len(list(driver_imports([Source("deploy/local/database.py", "import motor")]))) == 1


@pytest.mark.parametrize(
    "line",
    ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "datetime.today()", "time.time()",
     "field(default_factory=datetime.now)", "from time import time"],
)  # fmt: skip
def test_another_clock_is_found(line: str) -> None:
    """Called or handed on: only the clock's own file may ask."""
    assert len(list(own_clocks([Source("services/people/handlers.py", line)]))) == 1
    assert list(own_clocks([Source("services/chassis/clock.py", line)])) == []


@pytest.mark.parametrize("line", ["clock.now()", "self._clock.now()", "time.monotonic()", "time.perf_counter()"])
def test_the_injected_clock_and_counted_seconds_are_left_alone(line: str) -> None:
    """How long something takes is no instant."""
    assert list(own_clocks([Source("services/people/handlers.py", line)])) == []


def test_printing_is_found_but_in_commands() -> None:
    """Operators' commands speak to a person."""
    assert len(list(printing([Source("services/people/http.py", "print(1)")]))) == 1
    assert list(printing([Source("services/people/cli.py", "print(1)")])) == []


@pytest.mark.parametrize("path", ["services/people/utils.py", "services/helpers/x.py", "tests/support/common.py",
                                  "deploy/local/manager.py"])  # fmt: skip
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    """As a module and as a package."""
    assert len(list(vague_names([Source(path, "")]))) == 1
