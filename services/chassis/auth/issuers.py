"""Who may sign tokens: the issuers that the settings name, and what is expected of each one's tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

Algorithm = Literal["RS256", "PS256", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256")
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Claim = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]
_REASSIGNED = frozenset({"email", "mail", "preferred_username", "upn", "unique_name", "name"})  # claims, in lower case
_AUTHORITY = r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_ISSUER = re.compile(rf"{_AUTHORITY}(?:/[\w.~%/-]*)?", re.ASCII)
_LINK = re.compile(rf"{_AUTHORITY}(?:/[\w.~%/:@!$&'()*+,;=-]*)?(?:\?[\w.~%/:@!$&'()*+,;=?-]*)?", re.ASCII)


class Issuer(BaseModel):
    """One issuer of access tokens, as the settings describe it.

    ``name`` is the beginning of its people's logins, ``audience`` what its tokens must be meant for, ``subject_claim``
    the claim that tells people apart; it is compared with the login in the directory, never an e-mail address.
    ``typ`` is what the issuer writes into a token's header (``JWT`` stands for no ``typ`` too), ``leeway`` the seconds
    that its clock may differ. ``discovery`` is where it describes itself, by default below its own address.
    A ``development`` issuer lives on this machine and may do without https; in a network of containers it may have
    a name below ``.localhost``, which is never anybody's outside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    issuer: str
    audience: Claim
    subject_claim: Claim = "sub"
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ALGORITHMS
    typ: Literal["at+jwt", "JWT"] = "at+jwt"
    leeway: Annotated[int, Field(ge=0, le=60)] = 60
    development: bool = False
    discovery: str = ""

    @model_validator(mode="after")
    def _lives_where_it_may(self) -> Self:
        if not _ISSUER.fullmatch(self.issuer):
            raise ValueError("issuer: write its address as its tokens bear it, https://host[:port][/path]")
        for field, url in (("issuer", self.issuer), ("discovery", self.document)):
            if reason := self.mistrusts(url):
                raise ValueError(f"{field}: {reason}")
        return self

    @field_validator("subject_claim")
    @classmethod
    def _tells_people_apart_for_good(cls, claim: str) -> str:
        if claim.lower() in _REASSIGNED:
            raise ValueError("people can change it, or pass it on to others; name the claim of their id there")
        return claim

    @property
    def document(self) -> str:
        """The address of the discovery document."""
        return self.discovery or f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"

    @property
    def in_containers(self) -> bool:
        """Whether its name is one that only a network of containers gives it."""
        return is_below_localhost(_host(self.issuer) or "")

    def mistrusts(self, url: str) -> str | None:
        """Why nothing is fetched from there on the issuer's behalf; None where it may be."""
        host = _host(url)
        if not host:
            return "this is no address, https://host[:port]/path"
        if self.development and not is_loopback(host) and not (self.in_containers and host == _host(self.issuer)):
            return "a development issuer lives on this machine: http://127.0.0.1:port"
        if not self.development and not url.startswith("https://"):
            return "it must begin with https://; plain http is for development issuers on this machine"
        return None


def is_loopback(host: str) -> bool:
    """Whether the host, a name or an address without brackets, is this machine and nothing else."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_below_localhost(host: str) -> bool:
    """Whether the host is a name that RFC 6761 keeps for one machine: browsers take it for loopback by themselves.

    Other programs ask their resolver, so it means this machine only where the network gives the name.
    """
    *labels, last = host.lower().split(".")
    return last == "localhost" and bool(labels) and all(labels)


def issuers_from(text: str) -> tuple[Issuer, ...]:
    """The issuers in a JSON list, in its order; none for an empty text.

    Raises ``ValueError`` that names the issuer and the field, and never repeats what was written there.
    """
    if not text.strip():
        return ()
    try:
        issuers = _ISSUERS.validate_json(text)
    except ValidationError as error:
        raise ValueError("; ".join(_faults(error))) from None
    for field, values in (("name", (one.name for one in issuers)), ("issuer", (one.issuer for one in issuers))):
        if twice := sorted(value for value, times in Counter(values).items() if times > 1):
            raise ValueError(f"each issuer stands there once, but two have the {field} {twice[0]}")
    return issuers


def refused(issuers: Iterable[Issuer], host: str, *, trusted: bool = False) -> str | None:
    """Why a service that listens on ``host`` may not trust these issuers; None where it may.

    ``trusted``: it runs in a network of containers that nobody reaches from elsewhere.
    """
    developing = [issuer for issuer in issuers if issuer.development]
    if trusted or not developing:
        return None
    if named := [issuer.name for issuer in developing if issuer.in_containers]:
        names = ", ".join(named)
        return f"{names} has a name below .localhost, which means this machine in a TANDEM_TRUSTED_NETWORK only"
    if not is_loopback(host):
        names = ", ".join(issuer.name for issuer in developing)
        return f"development issuers sign in anybody, so with {names} a service listens on loopback only: 127.0.0.1"
    return None


_ISSUERS: TypeAdapter[tuple[Issuer, ...]] = TypeAdapter(Annotated[tuple[Issuer, ...], Field(max_length=16)])


def _host(url: str) -> str | None:
    """The host of an address, None where it is none."""
    if not _LINK.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.port != 0 else None
    except ValueError:  # such a port or address of IPv6 there cannot be
        return None


def _faults(error: ValidationError) -> Iterable[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place, *field = (str(part) for part in fault["loc"]) if fault["loc"] else ("",)
        message = fault["msg"].removeprefix("Value error, ")
        where = [f"issuer {int(place) + 1}" if place.isdigit() else "the list of issuers", *field]
        yield f"{', '.join(where)}: {message}"
