"""From where the issuer may be asked, and under which names: it signs in anybody who presses a button."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from pydantic import TypeAdapter

from services.chassis.auth.issuers import is_below_localhost, is_loopback
from services.chassis.settings import Network, is_private

_NETWORK: TypeAdapter[Network] = TypeAdapter(Network)


@dataclass(frozen=True, slots=True)
class Reach:
    """This machine, and a private ``network`` of containers where one is named.

    Ports of that network are published on loopback only; what comes through one bears the address of its gateway.
    """

    network: Network | None = None

    @classmethod
    def of(cls, network: str) -> Self:
        """The reach over a network, address/bits; an empty text names none. Raises ``ValueError`` for a public one."""
        if not network:
            return cls()
        read = _NETWORK.validate_python(network)
        if not is_private(read):
            raise ValueError(f"{network} is no private network, such as that of the containers: 172.30.40.0/24")
        return cls(read)

    def listens(self, host: str) -> bool:
        """Whether the issuer may listen on this address."""
        return is_loopback(host) or self.network is not None

    def names(self, host: str | None) -> bool:
        """Whether the host name, of the issuer or in a request, can be this machine's only."""
        return is_loopback(host or "") or (self.network is not None and is_below_localhost(host or ""))

    def admits(self, address: str) -> bool:
        """Whether a request from this address is answered."""
        try:
            read = ip_address(address)
        except ValueError:
            return False
        return read.is_loopback or (self.network is not None and read in self.network)


HERE = Reach()
