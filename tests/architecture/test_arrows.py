"""Rooms and arrows: what may know what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.architecture.arrows import MORE_ROOMS, ROOMS, misplaced, unknown_rooms, wrong_arrows
from tests.architecture.sources import ROOT, Source, product

TOPICS_ONLY = "they meet in topics only"


def test_every_file_of_a_service_lies_in_a_known_room() -> None:
    """A reader who knows one service is at home in all of them."""
    assert list(unknown_rooms(product("services"))) == []


def test_the_products_imports_follow_the_arrows() -> None:
    """Rooms know inwards only, and services know each other by topics alone."""
    assert list(wrong_arrows(product())) == []


def test_schemas_and_deploy_hold_no_logic() -> None:
    """Contracts and deployment are read, not run; deploy/local is the one exception."""
    assert list(misplaced(_python_files())) == []


def test_every_additional_room_still_exists() -> None:
    """An exception that nobody needs any more is taken from the list."""
    rooms = {source.parts[1:3] for source in product("services")}
    assert set(MORE_ROOMS) - rooms == set()


@pytest.mark.parametrize(
    "path", ["services/people/tools.py", "services/people/tools/csv.py", "services/people/worker.py"]
)
def test_a_room_that_nobody_knows_is_found(path: str) -> None:
    """Neither a module nor a package may be added to a service without a word; another service's room is none here."""
    assert _rules(unknown_rooms([Source(path, "")])) == [
        f"{path.split('/')[2].removesuffix('.py')} is no room of a service; see ROOMS and MORE_ROOMS"
    ]


def test_rooms_may_be_modules_or_packages() -> None:
    """A room that outgrew its size is a package of the same name."""
    sources = [Source(f"services/people/{room}{rest}", "") for room in ROOMS for rest in (".py", "/inner.py")]
    assert list(unknown_rooms([*sources, Source("services/people/__init__.py", "")])) == []


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        ("people/domain.py", "import pydantic", "domain may not use pydantic"),
        ("people/domain/person.py", "from services.chassis.ids import random_id", "domain may not know the chassis"),
        ("people/domain.py", "from services.people import store", "domain may not know store"),
        ("people/domain.py", "import uuid", "domain is pure, so not uuid"),
        ("people/domain.py", "from asyncio import sleep", "domain is pure, so not asyncio"),
        ("people/handlers.py", "from services.people.http import routes", "handlers may not know http"),
        ("people/handlers.py", "import fastapi", "handlers may not use fastapi"),
        ("people/handlers.py", "from services.chassis import kafka", "handlers may not use services.chassis.kafka"),
        ("people/contracts.py", "from services.people.store import People", "contracts may not know store"),
        ("people/contracts.py", "from services.chassis import mongo", "contracts may not use services.chassis.mongo"),
        ("people/store.py", "from .handlers import Handlers", "store may not know handlers"),
        ("people/http/routes.py", "from ..main import SERVICE", "http may not know main"),
        ("people/http.py", "from services.people import subscribers", "http may not know subscribers"),
        ("people/http.py", "import aiokafka", "http may not use aiokafka"),
        ("people/subscribers.py", "from services.chassis.http import Body",
         "subscribers may not use services.chassis.http"),
        ("people/subscribers.py", "import fastapi", "subscribers may not use fastapi"),
        ("people/main.py", "import faststream", "main may not use faststream"),
        ("people/cli.py", "from services.people.main import SERVICE", "cli may not know main"),
        ("people/http.py", "from services.matching.domain import run", f"people never imports matching: {TOPICS_ONLY}"),
        ("people/main.py", "import services.matching.main", f"people never imports matching: {TOPICS_ONLY}"),
        ("people/main.py", "import services.people", "main may not know ?"),
        ("people/__init__.py", "from services.people.main import SERVICE", "a service's package is empty"),
        ("matching/assignment.py", "from services.chassis import mongo", "assignment may not know the chassis"),
        ("matching/verification/checking.py", "from services.matching.assignment import solve",
         "verification may not know assignment"),
        ("matching/verification/checking.py", "from services.matching.tables import build",
         "verification may not know tables"),
        ("matching/verification/checking.py", "from services.matching.rematching import rematch",
         "verification may not know rematching"),
        ("matching/verification/checking.py", "import scipy", "verification may not use scipy"),
        ("matching/assignment/solving.py", "from services.matching.verification import verify",
         "assignment may not know verification"),
        ("matching/domain/run.py", "import numpy as np", "domain may not use numpy"),
        ("chassis/relay.py", "from services.people.contracts import TOPIC",
         "services knows no service but by its manifest, so not services.people.contracts.TOPIC"),
        ("people/store.py", "from tests.support import servers", "nothing imports tests but itself"),
        ("chassis/cli.py", "from deploy.local import cli", "nothing imports deploy but itself"),
    ],
)  # fmt: skip
def test_an_import_against_the_arrows_is_found(path: str, line: str, rule: str) -> None:
    """Each arrow holds: at the top of a file, inside a function and for type checkers alone."""
    everywhere = f"{line}\ndef f():\n    {line}\nif TYPE_CHECKING:\n    {line}\n"
    assert _rules(wrong_arrows([Source(f"services/{path}", everywhere)])) == [rule] * 3


@pytest.mark.parametrize("target", ["services.people.store", "services.people.main"])
def test_the_local_deployment_knows_services_by_their_manifests_only(target: str) -> None:
    """What starts services does not reach into them."""
    found = _rules(wrong_arrows([Source("deploy/local/story.py", f"import {target}")]))
    assert found == [f"deploy knows no service but by its manifest, so not {target}"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("people/domain/person.py", "from services.people.domain import cells"),
        ("people/domain.py", "import csv, zoneinfo, itertools"),
        ("people/handlers.py", "from services.people import contracts, domain, store"),
        ("people/store.py", "from pydantic import TypeAdapter"),
        ("people/http/routes.py", "from services.people.http.views import View"),
        ("people/http.py", "from services.chassis.http import Body"),
        ("people/main.py", "from services.people import http, subscribers"),
        ("matching/assignment.py", "import numpy as np"),
        ("chassis/mongo.py", "import motor"),
    ],
)
def test_an_import_along_the_arrows_is_left_alone(path: str, line: str) -> None:
    """The rules forbid nothing that the design allows."""
    assert list(wrong_arrows([Source(f"services/{path}", line)])) == []


def test_python_among_schemas_or_deployments_is_found() -> None:
    """A script beside the schemas would be logic that nobody checks."""
    paths = ["schemas/build.py", "deploy/docker/entry.py", "deploy/local/kafka.py", "services/people/http.py"]
    assert [violation.partition(":")[0] for violation in misplaced(paths)] == paths[:2]


def _rules(violations: Iterator[str]) -> list[str]:
    return [violation.split(": ", 1)[1] for violation in violations]


def _python_files() -> list[str]:
    paths = [path for folder in ("schemas", "deploy") for path in ROOT.joinpath(folder).rglob("*.py")]
    return [path.relative_to(ROOT).as_posix() for path in paths]
