"""deploy/compose against what it must hold: nobody outside gets in, nothing runs as root, every service is there."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.local.addresses import Addresses
from deploy.local.issuer.demo import trust
from deploy.local.issuer.issuing import PERSONAS
from services.chassis import manifests
from services.chassis.settings import Settings
from tests.support.containers import KAFKA_IMAGE, MONGO_IMAGE

FOLDER = Path("deploy/compose")
_VARIABLE = re.compile(r"\$\{[A-Z_]+:-([^{}]*)\}")  # an innermost one


def _read(name: str) -> dict[str, Any]:
    """A compose file as it is where the environment sets nothing."""
    text, found = (FOLDER / name).read_text(), 1
    while found:
        text, found = _VARIABLE.subn(r"\1", text)
    read: dict[str, Any] = yaml.safe_load(text)
    return read


COMPOSE, DEMO = _read("compose.yaml"), _read("compose.demo.yaml")
PARTS: dict[str, dict[str, Any]] = {**COMPOSE["services"], **{f"demo {k}": v for k, v in DEMO["services"].items()}}
WHOLE = {name: part for name, part in PARTS.items() if "image" in part}  # the others only add to a part
OURS = {name: part for name, part in WHOLE.items() if part["image"].startswith("tandem")}
SERVING = {name: part for name, part in COMPOSE["services"].items() if part.get("command", [""])[0] == "serve"}
JOBS = {name for name, part in WHOLE.items() if part.get("restart") == "no"}

# What tandem.sh makes at the first start.
MADE = {"TANDEM_KEY_PEPPERS": f"1:{'0' * 64}", "TANDEM_PORTAL_KEY": b64encode(bytes(32)).decode()}


def test_every_service_is_composed_under_its_name() -> None:
    """Whoever adds a service adds it here, or half a product comes up."""
    assert sorted(SERVING) == manifests.names()
    assert all(part["command"] == ["serve", name] for name, part in SERVING.items())


@pytest.mark.parametrize("name", sorted(PARTS))
def test_ports_are_published_on_loopback_alone(name: str) -> None:
    """It is all plain HTTP, and an engine publishes on all addresses, past the host's firewall, unless told."""
    part = PARTS[name]
    assert all(str(port).startswith("127.0.0.1:") for port in part.get("ports", []))
    assert not part.keys() & {"network_mode", "pid", "privileged", "devices"}


def test_no_two_parts_publish_the_same_port() -> None:
    """They would not come up together."""
    ports = [str(port).split(":")[1] for part in PARTS.values() for port in part.get("ports", [])]
    assert len(set(ports)) == len(ports) == len(SERVING) + 2  # mail and the demo's issuer


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_every_container_has_few_rights_and_a_limit(name: str) -> None:
    """No capability that is not named, no way to get more, not all of the host's memory."""
    part = WHOLE[name]
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*[mg]", part["mem_limit"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_run_read_only_and_not_as_root(name: str) -> None:
    """Whoever gets into one finds nothing to change."""
    part = OURS[name]
    assert part["read_only"] is True
    assert part["user"] == "10001:10001"
    assert part["tmpfs"] == ["/tmp:size=64m,mode=1777"]
    assert "cap_add" not in part


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_stays_up_has_a_health_check_and_what_ends_has_none(name: str) -> None:
    """`up --wait` means something."""
    check = WHOLE[name]["healthcheck"]
    assert check == {"disable": True} if name in JOBS else check["test"][0] == "CMD"


@pytest.mark.parametrize("name", sorted(SERVING))
def test_a_service_starts_after_provisioning_and_gets_time_to_stop(name: str) -> None:
    """Topics first, upgrades included; a service gives its requests 15 seconds."""
    part = SERVING[name]
    assert part["depends_on"]["provision"] == {"condition": "service_completed_successfully"}
    assert part["restart"] == "unless-stopped"
    assert part["stop_grace_period"] == "20s"


def test_provisioning_waits_for_both_servers() -> None:
    """A fresh MongoDB takes no write before it is a replica set."""
    needs = COMPOSE["services"]["provision"]["depends_on"]
    assert needs["kafka"] == {"condition": "service_healthy"}
    assert needs["replica-set"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(SERVING))
def test_every_variable_is_a_setting_with_a_value_it_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable would be ignored in silence."""
    given = {**SERVING[name]["environment"], **DEMO["services"][name]["environment"]}
    given |= {variable: value for variable, value in MADE.items() if variable in given}
    settings = _settings(name)
    for variable, value in given.items():
        monkeypatch.setenv(variable, str(value))

    read = settings()

    assert {variable.removeprefix("TANDEM_").lower() for variable in given} <= set(settings.model_fields)
    assert (read.host, read.instance, read.clock) == (
        "0.0.0.0",
        f"compose-{name}",
        Path("/var/lib/tandem/clock"),
    )


def _settings(name: str) -> type[Settings]:
    own = f"services.{name}.settings"
    found: type[Settings] = import_module(own).Settings if find_spec(own) else Settings
    return found


def test_the_trusted_network_is_the_one_of_the_containers() -> None:
    """Neither more nor less: the gateway's address lies in it, the office's does not."""
    [network] = COMPOSE["networks"]["tandem"]["ipam"]["config"]
    trusted = {part["environment"]["TANDEM_TRUSTED_NETWORK"] for part in SERVING.values()}
    assert trusted == {network["subnet"]}
    assert ip_network(network["subnet"]).prefixlen >= 24


def test_the_containers_neighbours_know_them_by_the_name_they_answer_to() -> None:
    """A service answers requests for its host name only, and neighbours ask for the part's name."""
    assert {name: part["hostname"] for name, part in SERVING.items()} == {name: name for name in SERVING}


def test_the_demo_gives_every_service_the_same_clock_and_the_story_their_addresses() -> None:
    """The story moves one file, and reaches each service under its name."""
    added = DEMO["services"]
    assert all("clock:/var/lib/tandem:ro" in added[name]["volumes"] for name in SERVING)
    told = json.loads(added["story"]["environment"]["TANDEM_ADDRESSES"])
    where = Addresses.from_json(json.dumps(told))
    assert where.services == {name: f"http://{name}:8000" for name in SERVING if name != "portal"}
    assert where.clock == added["people"]["environment"]["TANDEM_CLOCK"]
    servers = SERVING["people"]["environment"]
    assert (where.kafka, where.mongodb) == (servers["TANDEM_KAFKA"], servers["TANDEM_MONGODB"])


def test_the_demos_services_trust_its_issuer_and_no_other_and_the_story_signs_as_it() -> None:
    """Whatever the environment names: the story's people are known to the demo issuer alone."""
    where = Addresses.from_json(DEMO["services"]["story"]["environment"]["TANDEM_ADDRESSES"])
    told = {name: json.loads(DEMO["services"][name]["environment"]["TANDEM_ISSUERS"]) for name in SERVING}
    assert where.issuer is not None
    assert told == {name: json.loads(trust(where.issuer)) for name in SERVING}
    folders = {**_mounted("story"), **_mounted("portal")}
    assert folders[f"{where.issuer_folder}"] == "issuer"
    assert DEMO["services"]["portal"]["environment"]["TANDEM_PORTAL_PERSONAS"] == f"{where.issuer_folder}/{PERSONAS}"


def test_the_demo_issuer_has_one_address_inside_and_outside_and_admits_this_machine_only() -> None:
    """Tokens name it; browsers take names below .localhost for this machine, and the network gives it this one."""
    part, portal = DEMO["services"]["issuer"], DEMO["services"]["portal"]["environment"]["TANDEM_PORTAL"]
    given = dict(option.removeprefix("--").split("=", 1) for option in part["command"])
    where = Addresses.from_json(DEMO["services"]["story"]["environment"]["TANDEM_ADDRESSES"])
    url = urlsplit(given["url"])
    assert (given["url"], given["port"], given["portal"]) == (where.issuer, str(url.port), portal)
    assert part["ports"] == [f"127.0.0.1:{url.port}:{url.port}"]
    assert part["networks"]["tandem"]["aliases"] == [url.hostname]
    assert given["trusted-network"] == SERVING["people"]["environment"]["TANDEM_TRUSTED_NETWORK"]
    assert _mounted("issuer")[given["folder"]] == "issuer"
    assert f"http://127.0.0.1:{url.port}/jwks" in part["healthcheck"]["test"][-1]


def test_the_portal_and_the_mail_name_the_address_that_browsers_use() -> None:
    """By name: cookies ignore ports, and the portal answers requests for exactly this host."""
    [published] = SERVING["portal"]["ports"]
    address = f"http://localhost:{published.split(':')[1]}"
    for parts in (SERVING, DEMO["services"]):
        assert {parts[name]["environment"]["TANDEM_PORTAL"] for name in ("portal", "notifications")} == {address}


def test_the_portal_finds_every_service_that_it_calls() -> None:
    """Whoever lets it call another one says here where that is."""
    called = {field for field in _settings("portal").model_fields if field.endswith("_url")}
    environment = SERVING["portal"]["environment"]
    assert {field: environment.get(f"TANDEM_{field.upper()}") for field in called} == {
        field: f"http://{field.removesuffix('_url')}:8000" for field in called
    }


def _mounted(name: str) -> dict[str, str]:
    """The volumes of a part of the demo by the folder where they are mounted."""
    mounts = [str(volume).split(":") for volume in DEMO["services"][name]["volumes"]]
    return {mount[1]: mount[0] for mount in mounts}


def test_the_servers_are_those_that_the_tests_run_on() -> None:
    """What was not tried is not composed."""
    assert (COMPOSE["services"]["kafka"]["image"], COMPOSE["services"]["mongo"]["image"]) == (KAFKA_IMAGE, MONGO_IMAGE)


def test_all_data_lie_in_named_volumes() -> None:
    """`compose down` keeps them, and a host's folder is never touched."""
    mounted = {str(volume).split(":")[0] for part in PARTS.values() for volume in part.get("volumes", [])}
    assert mounted == {*COMPOSE["volumes"], *DEMO["volumes"]}
