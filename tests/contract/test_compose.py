"""deploy/compose against what it must hold: nobody outside gets in, nothing runs as root, every service is there."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.addresses import Addresses
from services.chassis import manifests
from services.chassis.settings import Settings
from tests.support.containers import KAFKA_IMAGE, MONGO_IMAGE

FOLDER = Path("deploy/compose")
_VARIABLE = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def _read(name: str) -> dict[str, Any]:
    """A compose file as it is where the environment sets nothing."""
    text = _VARIABLE.sub(lambda found: found.group(1), (FOLDER / name).read_text())
    read: dict[str, Any] = yaml.safe_load(text)
    return read


COMPOSE, DEMO = _read("compose.yaml"), _read("compose.demo.yaml")
PARTS: dict[str, dict[str, Any]] = {**COMPOSE["services"], **{f"demo {k}": v for k, v in DEMO["services"].items()}}
WHOLE = {name: part for name, part in PARTS.items() if "image" in part}  # the others only add to a part
OURS = {name: part for name, part in WHOLE.items() if part["image"].startswith("tandem")}
SERVING = {name: part for name, part in COMPOSE["services"].items() if part.get("command", [""])[0] == "serve"}
JOBS = {name for name, part in WHOLE.items() if part.get("restart") == "no"}


def test_every_service_is_composed_under_its_name() -> None:
    """Whoever adds a service adds it here, or half a product comes up."""
    assert sorted(SERVING) == manifests.names()
    assert all(part["command"] == ["serve", name] for name, part in SERVING.items())


@pytest.mark.parametrize("name", sorted(PARTS))
def test_ports_are_published_on_loopback_alone(name: str) -> None:
    """There is no log-in yet, and an engine publishes on all addresses, past the host's firewall, unless told."""
    part = PARTS[name]
    assert all(str(port).startswith("127.0.0.1:") for port in part.get("ports", []))
    assert not part.keys() & {"network_mode", "pid", "privileged", "devices"}


def test_no_two_parts_publish_the_same_port() -> None:
    """They would not come up together."""
    ports = [str(port).split(":")[1] for part in PARTS.values() for port in part.get("ports", [])]
    assert len(set(ports)) == len(ports) == len(SERVING) + 1


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
    assert all(added[name]["volumes"] == ["clock:/var/lib/tandem:ro"] for name in SERVING)
    told = json.loads(added["story"]["environment"]["TANDEM_ADDRESSES"])
    where = Addresses.from_json(json.dumps(told))
    assert where.services == {name: f"http://{name}:8000" for name in SERVING}
    assert where.clock == added["people"]["environment"]["TANDEM_CLOCK"]
    servers = SERVING["people"]["environment"]
    assert (where.kafka, where.mongodb) == (servers["TANDEM_KAFKA"], servers["TANDEM_MONGODB"])


def test_the_servers_are_those_that_the_tests_run_on() -> None:
    """What was not tried is not composed."""
    assert (COMPOSE["services"]["kafka"]["image"], COMPOSE["services"]["mongo"]["image"]) == (KAFKA_IMAGE, MONGO_IMAGE)


def test_all_data_lie_in_named_volumes() -> None:
    """`compose down` keeps them, and a host's folder is never touched."""
    mounted = {str(volume).split(":")[0] for part in PARTS.values() for volume in part.get("volumes", [])}
    assert mounted == {*COMPOSE["volumes"], *DEMO["volumes"]}
