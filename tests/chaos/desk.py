"""How a programme's persons ask: every command under a key of its own, and noted once it was acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.caller import OFFICER, Answer, Caller, Request
from tests.chaos.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the persons of one programme hand in what they want; ``name`` keeps their keys apart from all others."""

    name: str
    caller: Caller
    ledger: Ledger

    async def create(
        self, service: str, path: str, body: Mapping[str, Any], *, actor: str = OFFICER, word: str = ""
    ) -> Answer:
        """Post what makes something. Raises ``Refused``, ``Unanswered``."""
        key = self.key(path, actor, word)
        return await self.caller.ask(Request("POST", service, path, actor, key, body=body))

    async def change(
        self,
        service: str,
        path: str,
        step: str,
        body: Mapping[str, Any],
        *,
        actor: str = OFFICER,
        method: str = "POST",
        word: str = "",
    ) -> Answer:
        """Change the resource at ``path`` by ``path/step``, as it stands now. Raises ``Refused``, ``Unanswered``.

        ``word`` tells this command from others of the same step.
        """
        key = self.key(f"{path}/{step}", word)
        return await self.caller.change(Request(method, service, path, actor, key, body=body), step)

    def key(self, *words: str) -> str:
        """The idempotency key of what these words say."""
        return ".".join((self.name, *words)).replace("/", ".")[-128:]

    def acknowledged(self, service: str, path: str, what: str, holds: Callable[[Any], bool]) -> None:
        """A command was answered with success: at the end this must hold of what is at ``path``."""
        self.ledger.acknowledged(service, path, f"{self.name} {what}", holds)
