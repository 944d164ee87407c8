"""Settings every service shares, read once from the environment by its composition root."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MONGODB_OPTIONS = "w=majority&journal=true&retryWrites=false"


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
    host: str = Field("127.0.0.1", description="Address to listen on; loopback only until there is a log-in")
    port: int = Field(8000, ge=0, le=65535)
    clock: Path | None = Field(None, description="File with an instant that stands in for the present")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("mongodb")
    @classmethod
    def _names_a_server(cls, uri: str) -> str:
        if not _MONGODB.match(uri):
            raise ValueError("write mongodb://host:port/?options, or mongodb+srv://name/")
        return uri

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        if host != "localhost" and not _is_loopback(host):
            raise ValueError("there is no log-in yet, so services listen on loopback only: use 127.0.0.1 or ::1")
        return host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
