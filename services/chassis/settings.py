"""Settings every service shares, read once from the environment by its composition root."""

from __future__ import annotations

import re
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.auth.api_keys import peppers_from
from services.chassis.auth.issuers import is_loopback, issuers_from, refused

MONGODB_OPTIONS = "w=majority&journal=true&retryWrites=false"


Network = IPv4Network | IPv6Network
_PRIVATE: tuple[Network, ...] = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"))
)
_COLLECTOR = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)?")
_EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_MONGODB = re.compile(r"mongodb(\+srv)?://[^/?\s]+")


class Settings(BaseSettings):
    """Where the servers are and how a process behaves; every variable starts with ``TANDEM_``."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True, extra="ignore", env_ignore_empty=True)

    kafka: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, host:port[,host:port]")
    mongodb: str = Field(
        f"mongodb://127.0.0.1:27017/?directConnection=true&{MONGODB_OPTIONS}",
        description="MongoDB address; writes are majority and journalled whatever it says",
    )
    database_prefix: str = Field(
        "tandem", pattern=r"^[a-z][a-z0-9_]{0,30}$", description="Databases are <prefix>_<service>"
    )
    group_prefix: str = Field(
        "tandem", pattern=r"^[a-z][a-z0-9_-]{0,30}$", description="Consumer groups are <prefix>.<service>.<topic>"
    )
    instance: str = Field(
        "", description="Unique name of this process (a pod's name): a restart rejoins its groups at once"
    )
    issuers: str = Field("", description="JSON list of who may sign tokens; see docs/integrators.md")
    key_peppers: SecretStr = Field(
        SecretStr(""),
        description="Secrets that API keys are digested with: 1:<64 hex digits>[,2:…]",
    )
    access_contact: str = Field(
        "your programme office", max_length=200, description="Whom to ask for access; named to whoever is not let in"
    )
    trusted_network: Network | None = Field(
        None, description="Private network whose callers may ask for health and metrics, as this machine may"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535)
    clock: Path | None = Field(None, description="File with an instant that stands in for the present")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp: str = Field("", description="OTLP collector to send traces to, http[s]://host:port; none where it is empty")
    trace_ratio: float = Field(1.0, ge=0, le=1, description="Share of the traces begun here that are recorded")

    @field_validator("mongodb")
    @classmethod
    def _names_a_server(cls, uri: str) -> str:
        if not _MONGODB.match(uri):
            raise ValueError("write mongodb://host:port/?options, or mongodb+srv://name/")
        return uri

    @field_validator("otlp")
    @classmethod
    def _can_export(cls, collector: str) -> str:
        if collector and not _COLLECTOR.fullmatch(collector):
            raise ValueError("write http://host:port, or https://…; /v1/traces is added")
        if collector and not _is_installed(_EXPORTER):
            raise ValueError("the exporter is not installed: pip install tandem[telemetry]")
        return collector

    @field_validator("trusted_network")
    @classmethod
    def _nobody_from_outside(cls, network: Network | None) -> Network | None:
        if network and not is_private(network):
            raise ValueError("only a private network can be trusted, such as that of the containers: 172.30.40.0/24")
        return network

    @field_validator("issuers")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        issuers_from(text)
        return text

    @field_validator("key_peppers")
    @classmethod
    def _are_peppers(cls, text: SecretStr) -> SecretStr:
        peppers_from(text.get_secret_value())
        return text

    @model_validator(mode="after")
    def _develops_here_only(self) -> Self:
        if reason := refused(issuers_from(self.issuers), self.host, trusted=self.trusted_network is not None):
            raise ValueError(reason)
        if self.clock and not is_loopback(self.host) and not self.trusted_network:
            raise ValueError("time from a file (TANDEM_CLOCK) is for this machine: listen on 127.0.0.1")
        return self


def is_private(network: Network) -> bool:
    """Whether all its addresses are of those that the internet does not route."""
    return any(_within(network, private) for private in _PRIVATE)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even its parents
        return False


def _within(network: Network, larger: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(larger, IPv4Network) and network.subnet_of(larger)
    return isinstance(larger, IPv6Network) and network.subnet_of(larger)
