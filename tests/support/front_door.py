"""The front door as people meet it: issuer, services and the portal, each on a port of its own, over real servers.

A small group of invented companies is there, and its people may sign in. Names of companies end in a tag of the run,
since the directory's topic is shared with other tests.
"""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from services.applications.main import SERVICE as APPLICATIONS
from services.chassis import mongo, provision
from services.chassis.service import Service
from services.matching.main import SERVICE as MATCHING
from services.people.main import SERVICE as PEOPLE
from services.portal.main import SERVICE as PORTAL
from tests.support.applications import never
from tests.support.asking import client_of
from tests.support.importing import imported
from tests.support.issuing import Issuing, issuing, persona, portal_client
from tests.support.portal import environment
from tests.support.servers import Running
from tests.support.topics import of_others
from tests.support.waiting import until, until_async

_COLUMNS = "employee_number,name,email,subsidiary,birth_date,entry_date,manager,executive,language,zone,login,roles"
# number, name, company, manager, executive, language, roles; numbers with a Y are of young people, of 2001
_CAST = (
    ("H1", "Petra Winter", "Holding", "", "true", "de", ""),
    ("H2", "Jana Kurz", "Holding", "H1", "", "en", "programme_manager"),
    ("H3", "Ada Okafor", "Holding", "H1", "", "en", "group_office"),
    ("H4", "Ulf Weiss", "Holding", "H1", "", "en", "hr_integrator"),
    ("H5", "Ines Steen", "Holding", "H1", "", "en", "operator"),
    ("H6", "Karl Brandt", "Holding", "H1", "", "de", "data_protection"),
    ("M1", "Lena Hoff", "Messen", "H1", "", "de", ""),
    ("M2", "Tim Albers", "Messen", "H1", "", "en", "assessor"),
    ("M3", "Noor Haddad", "Messen", "M2", "", "en", ""),
    ("M4", "Ole Fromm", "Messen", "M2", "", "en", ""),
    ("M5", "Pia Gramm", "Messen", "M2", "", "en", ""),
    ("M6", "Tom Uhlig", "Messen", "M2", "", "en", ""),  # the roster's tests let these two leave
    ("M7", "Rieke Sand", "Messen", "M2", "", "en", ""),
    ("M8", "Bernd Koester", "Messen", "H1", "true", "de", ""),
    ("S1", "Rosa Lenz", "Services", "H1", "true", "de", ""),
    ("S2", "Bodo Arndt", "Services", "S1", "", "de", "assessor"),
    ("S3", "Gesa Mohr", "Services", "H1", "", "en", "assessor"),
    ("Y1", "Yara Timm", "Services", "S1", "", "de", ""),
    ("Y2", "Jan Ruge", "Services", "S1", "", "en", ""),
    ("Y3", "Mika Sohn", "Messen", "H1", "", "de", ""),
    ("Y4", "Ella Voss", "Services", "S1", "", "de", ""),
    # a company whose people become tandems, so that nobody else's are "a tandem of before"
    ("A1", "Marcus Lim", "Asia", "", "true", "en", ""),
    ("A2", "Grace Chen", "Asia", "", "true", "en", ""),
    ("A3", "Wei Tan", "Asia", "", "", "en", ""),
    ("A4", "Joy Goh", "Asia", "", "", "en", ""),
    ("A5", "Ben Ong", "Asia", "", "", "en", ""),
)


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Where everything is; a login is the last name in lower case."""

    portal: str
    people: str
    applications: str
    matching: str
    issuer: Issuing
    tag: str

    def company(self, name: str) -> str:
        """A company's name in this run."""
        return f"{name} {self.tag}"

    def roster(self, *without: str, **changed: str) -> str:
        """The roster of everybody, without some numbers; ``changed`` gives somebody (by number) another company."""
        rows = [_COLUMNS]
        for number, name, company, manager, executive, language, roles in _CAST:
            if number in without:
                continue
            login = f"idp:{_login(name)}"
            where = self.company(changed.get(number, company))
            born = "2001-04-01" if number.startswith("Y") else "1990-04-01"
            cells = (number, name, f"{_login(name)}@example.com", where, born, "2020-02-01", manager)
            rows.append(",".join((*_numbered(self.tag, cells), executive, language, "Europe/Berlin", login, roles)))
        return "\n".join(rows) + "\n"


def _numbered(tag: str, cells: tuple[str, ...]) -> Iterator[str]:
    """Employee numbers with the run's tag."""
    number, *middle, manager = cells
    yield from (f"{number}-{tag}", *middle, f"{manager}-{tag}" if manager else "")


def _login(name: str) -> str:
    return name.rpartition(" ")[2].lower()


@contextmanager
def running(app: FastAPI, listening: socket.socket) -> Iterator[str]:
    """The application on this socket, as in production, with its own authentication."""
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="running", daemon=True)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive(), "the application is served")
        assert server.started, "the application did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@asynccontextmanager
async def front_door(servers: Running, folder: Path) -> AsyncIterator[FrontDoor]:
    """Everything, once the directory has arrived and people are let in."""
    tag, patch = uuid.uuid4().hex[:6], pytest.MonkeyPatch()
    with (
        socket.socket() as for_people,
        socket.socket() as for_applications,
        socket.socket() as for_matching,
        socket.socket() as for_portal,
        _issuer(folder, for_portal) as issuer,
    ):
        origin = f"http://localhost:{for_portal.getsockname()[1]}"
        people, applications, matching = (_bound(one) for one in (for_people, for_applications, for_matching))
        where = {"people": people, "applications": applications, "matching": matching}
        given = environment(mongodb=servers.mongodb, issuer=issuer.url, prefix=f"t{tag}", **where)
        pepper = f"1:{uuid.uuid4().hex * 2}"
        own = {"TANDEM_KAFKA": servers.kafka, "TANDEM_PORTAL": origin, "TANDEM_KEY_PEPPERS": pepper}
        own["TANDEM_PORTAL_PERSONAS"] = str(folder / "personas.json")
        for name, value in {**given, **own}.items():
            patch.setenv(name, value)
        try:
            client = mongo.connect(servers.mongodb)
            others = Service("others", never, owns=of_others(PEOPLE, APPLICATIONS, MATCHING))
            services = [PEOPLE, APPLICATIONS, MATCHING, PORTAL, others]
            await provision.provision(services, kafka=servers.kafka, client=client, prefix=f"t{tag}")
            await mongo.close(client)
            door = FrontDoor(origin, **where, issuer=issuer, tag=tag)
            await _filled(door)
            with (
                running(PEOPLE.app(), for_people),
                running(APPLICATIONS.app(), for_applications),
                running(MATCHING.app(), for_matching),
                running(PORTAL.app(), for_portal),
            ):
                await _let_in(door)
                yield door
        finally:
            patch.undo()


def _bound(listening: socket.socket) -> str:
    """Where a service will listen."""
    listening.bind(("127.0.0.1", 0))
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def _issuer(folder: Path, for_portal: socket.socket) -> Iterator[Issuing]:
    for_portal.bind(("127.0.0.1", 0))
    origin = f"http://localhost:{for_portal.getsockname()[1]}"
    registered = portal_client(f"{origin}/sign-in/return", after_sign_out=[f"{origin}/signed-out"])
    people = {_login(name): persona(name) for _, name, *_ in _CAST}
    people["nobody"] = persona("Not Known")
    with issuing(folder, personas=people, clients=[registered]) as issuer:
        yield issuer


async def _filled(door: FrontDoor) -> None:
    """Have the roster taken over by somebody whose word is taken, before anybody else is let in."""
    async with client_of(PEOPLE.app(), caller="set-up") as http:
        job = await imported(http, door.roster().encode())
        assert job["outcome"]["joined"] == len(_CAST), job


async def _let_in(door: FrontDoor) -> None:
    """Wait until every service knows everybody by the directory."""

    async def known() -> bool:
        asked = [(path, _bearer(door, _login(one[1]))) for one in _CAST for path in places]
        async with httpx2.AsyncClient(timeout=30) as http:
            answers = [await http.get(path, headers=headers) for path, headers in asked]
        return all(answer.status_code == 200 for answer in answers)

    places = (f"{door.people}/v1/me", f"{door.applications}/v1/editions", f"{door.matching}/v1/proposals")

    await until_async(known, "everybody is let in", seconds=60)


def _bearer(door: FrontDoor, login: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {door.issuer.minter.token(login)}"}
