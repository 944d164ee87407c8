"""Which room may know which: the arrows between a service's rooms, the chassis and third parties."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.architecture.sources import Imported, Source, imports

_WIRE = frozenset({"pydantic", "pydantic_core"})
_IMPURE = frozenset(
    {"asyncio", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "socket", "subprocess"}
    | {"tempfile", "threading", "time", "urllib", "uuid"}
)


@dataclass(frozen=True, slots=True)
class Room:
    """What the files of a room may import: rooms of their own service, the chassis or not, third parties."""

    rooms: frozenset[str] = frozenset()
    chassis: bool = True
    packages: frozenset[str] = frozenset()
    pure: bool = False


def _rooms(*names: str) -> frozenset[str]:
    return frozenset(names)


_ANY = _rooms(
    *("access", "domain", "handlers", "contracts", "store", "http", "subscribers", "settings", "projections", "audit"),
    "mappings",
)
ROOMS = {
    "domain": Room(chassis=False, pure=True),
    "handlers": Room(_rooms("domain", "contracts", "store")),
    "contracts": Room(_rooms("domain"), packages=_WIRE),
    "store": Room(_rooms("domain", "contracts", "projections"), packages=_WIRE),
    "access": Room(_rooms("domain", "contracts", "store")),
    "http": Room(_rooms("access", "domain", "handlers", "contracts", "store", "audit"), packages=_WIRE | {"fastapi"}),
    "subscribers": Room(
        _rooms("domain", "handlers", "contracts", "store", "projections", "audit"), packages=frozenset({"faststream"})
    ),
    "settings": Room(packages=_WIRE | {"pydantic_settings"}),
    "cli": Room(_ANY, packages=frozenset({"typer", "rich", "httpx2"})),
    "main": Room(
        _ANY
        | _rooms(
            "enrolment",
            "rechecking",
            "selecting",
            "worker",
            "mail",
            "application",
            "assets",
            "clients",
            "pages",
            "sign_in",
        ),
        packages=frozenset({"fastapi"}),
    ),
}
# Rooms that only some services have: (service, room) -> what it may import; the reason stands beside it.
MORE_ROOMS = {
    # folds of other services' topics, one declaration per topic; store and subscribers both need them
    ("matching", "projections"): Room(_rooms("domain", "contracts"), packages=_WIRE),
    ("reporting", "projections"): Room(_rooms("domain", "contracts"), packages=_WIRE),
    # the audit trail: a table of all events that no fold makes; what is staged, and how it is read
    ("reporting", "audit"): Room(_rooms("contracts")),
    # the numerical part of matching: pure, but on arrays, which the standard library has none of
    ("matching", "assignment"): Room(_rooms("kernels"), chassis=False, packages=frozenset({"numpy"}), pure=True),
    # its loops, compiled: what was compiled lies on disk
    ("matching", "kernels"): Room(chassis=False, packages=frozenset({"numpy", "numba"})),
    # re-matching within few changes, on arrays as well
    ("matching", "rematching"): Room(_rooms("assignment"), chassis=False, packages=frozenset({"numpy"}), pure=True),
    # what lies behind a solution and what would change it, on arrays as well
    ("matching", "whatif"): Room(_rooms("assignment"), chassis=False, packages=frozenset({"numpy"}), pure=True),
    # between people and numbers: the domain's formula over arrays, for all pairs at once
    ("matching", "tables"): Room(
        _rooms("domain", "assignment"), chassis=False, packages=frozenset({"numpy"}), pure=True
    ),
    # the checker of proofs: whoever doubts the solver reads it alone, so it shares no code with anything
    ("matching", "verification"): Room(chassis=False, packages=frozenset({"numpy"}), pure=True),
    # instances from files and answers to them: for analysts, without people, store or topics
    ("matching", "files"): Room(_rooms("assignment"), chassis=False, packages=frozenset({"numpy"})),
    # solves and checks files on this machine, and asks no service
    ("matching", "cli"): Room(_rooms("assignment", "files", "verification"), packages=frozenset({"typer", "rich"})),
    # what runs in a process of its own: no chassis, so no server; from people to numbers and back, checked on the way
    ("matching", "solving"): Room(
        _rooms("domain", "tables", "assignment", "rematching", "verification", "whatif"),
        chassis=False,
        packages=frozenset({"numpy"}) | _WIRE,
    ),
    # background loops: neither a request nor a record starts them
    ("matching", "worker"): Room(_rooms("domain", "contracts", "store", "handlers", "solving")),
    ("notifications", "worker"): Room(_rooms("domain", "store", "handlers", "mail")),
    # messages and the dialogue with the mail relay: no store, no topic
    ("notifications", "mail"): Room(_rooms("domain", "settings"), packages=frozenset({"aiosmtplib", "jinja2"})),
    # the portal shows pages: routes know the session, the clients of other services and the templates, nobody else does
    ("portal", "http"): Room(
        _rooms("clients", "pages", "sign_in", "store"),
        packages=_WIRE | {"fastapi", "prometheus_client", "starlette", "structlog"},
    ),
    # the order in which a request passes what stands around the pages
    ("portal", "application"): Room(_rooms("http", "sign_in", "store"), packages=frozenset({"fastapi"})),
    # templates, languages and formats: what a page looks like, whatever it tells
    ("portal", "pages"): Room(packages=frozenset({"babel", "jinja2"})),
    # other services over HTTP, in the name of whoever is signed in
    ("portal", "clients"): Room(packages=_WIRE | {"httpx2"}),
    # the dialogue with the issuer, the session of a browser, the tokens in it
    ("portal", "sign_in"): Room(
        _rooms("store"), packages=frozenset({"authlib", "cryptography", "httpx2", "joserfc", "starlette"})
    ),
    # style sheet and script, made at set-up by Node.js; served by name
    ("portal", "assets"): Room(chassis=False),
    # how the files of HR systems are read is data: shipped files and a caller's own, in YAML
    ("people", "mappings"): Room(_rooms("domain"), chassis=False, packages=_WIRE | {"yaml"}),
    # the first officer is made where nobody may ask for anything yet: in the database, over the same commands as HTTP
    ("people", "bootstrap"): Room(_rooms("domain", "store", "handlers"), packages=frozenset({"typer"}) | _WIRE),
    ("people", "handlers"): Room(_rooms("domain", "contracts", "store", "mappings")),
    # what is learnt of a person counts in their applications: a background loop beside enrolment
    ("applications", "selecting"): Room(_rooms("domain", "store", "handlers")),
    ("applications", "rechecking"): Room(_rooms("store", "handlers")),
    ("applications", "enrolment"): Room(_rooms("domain", "contracts", "store", "handlers")),
}
# Parts of the chassis that not every room with access to it may use.
DOORS = {
    "services.chassis.http": _rooms("http", "main", "application"),
    "services.chassis.auth": _rooms("access", "bootstrap", "http", "main", "handlers", "settings", "sign_in"),
    "services.chassis.runtime": _rooms("subscribers", "main", "application"),
    "services.chassis.kafka": _rooms(),
    "services.chassis.relay": _rooms(),
    "services.chassis.mongo": _rooms(
        *("bootstrap", "store", "http", "handlers", "worker", "enrolment", "rechecking", "audit")
    ),
    "services.chassis.provision": _rooms("cli"),
    "services.chassis.manifests": _rooms("cli"),
}


def unknown_rooms(sources: Iterable[Source]) -> Iterator[str]:
    """Files of a service that lie in no known room."""
    for source in sources:
        service, room = _place(source)
        if service not in {None, "chassis"} and room != "__init__" and _room(service, room) is None:
            yield source.at(source.tree, f"{room} is no room of a service; see ROOMS and MORE_ROOMS")


def wrong_arrows(sources: Iterable[Source]) -> Iterator[str]:
    """Imports that no arrow allows."""
    for source in sources:
        for imported in imports(source):
            if reason := _fault(source, imported):
                yield source.at(imported.node, reason)


def misplaced(paths: Iterable[str]) -> Iterator[str]:
    """Python files in folders that hold no logic: all of ``schemas/``, and ``deploy/`` but ``deploy/local``."""
    for path in paths:
        if path.startswith(("schemas/", "deploy/")) and not path.startswith("deploy/local/"):
            yield f"{path}: schemas/ and deploy/ (but deploy/local) hold no Python"


def _place(source: Source) -> tuple[str | None, str]:
    """The service a file belongs to, None where it is none's, and its room."""
    match source.parts:
        case ("services", service, room, *_):
            return service, room
        case _:
            return None, ""


def _room(service: str | None, room: str) -> Room | None:
    return MORE_ROOMS.get((service or "", room)) or ROOMS.get(room)


def _fault(source: Source, imported: Imported) -> str | None:
    service, room = _place(source)
    top, *_ = imported.target.split(".")
    if top == "__future__":
        return None
    if top in {"tests", "deploy"}:
        allowed = top == "deploy" and source.parts[0] == "deploy"
        return None if allowed else f"nothing imports {top} but itself"
    if top == "services":
        return _inside(source, service, room, imported.target)
    if service in {None, "chassis"}:
        return None
    return _outside(service, room, top)


def _inside(source: Source, service: str | None, room: str, target: str) -> str | None:
    """What is wrong with an import of ``services.…``."""
    _, other, *below = target.split(".")
    if other == "chassis":
        return _from_chassis(service, room, target)
    if service == "chassis" or service is None:
        return f"{source.parts[0]} knows no service but by its manifest, so not {target}"
    if other != service:
        return f"{service} never imports {other}: they meet in topics only"
    wanted = below[0] if below else "?"
    rules = _room(service, room)
    if rules is None or wanted == room or wanted in rules.rooms:
        return None if rules else "a service's package is empty"
    return f"{room} may not know {wanted}"


def _from_chassis(service: str | None, room: str, target: str) -> str | None:
    if service in {None, "chassis"}:
        return None
    rules = _room(service, room)
    if rules is not None and not rules.chassis:
        return f"{room} may not know the chassis"
    for door, rooms in DOORS.items():
        if (target == door or target.startswith(f"{door}.")) and room not in rooms:
            return f"{room} may not use {door}"
    return None


def _outside(service: str | None, room: str, top: str) -> str | None:
    """What is wrong with an import of the standard library or a third party."""
    rules = _room(service, room)
    if rules is None:
        return None
    if top in sys.stdlib_module_names:
        return f"{room} is pure, so not {top}" if rules.pure and top in _IMPURE else None
    return None if top in rules.packages else f"{room} may not use {top}"
