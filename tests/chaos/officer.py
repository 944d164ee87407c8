"""Whoever acts first: an officer made in the database, in whose name everything is done that is nobody's own."""

from __future__ import annotations

from tests.chaos import commands
from tests.chaos.caller import OFFICER, Caller, Refused, eventually
from tests.chaos.fleet import Fleet, NotReady

_DESCRIBED = ("--employee-number", "O1", "--name", "Olga Officer", "--email", "olga@chaos.example")
_ON_ITS_WAY = "role-missing"  # the person is known and her role not yet


async def let_in(fleet: Fleet, caller: Caller) -> None:
    """Make the officer and wait until `people` lets her in. Raises ``NotReady``."""
    login = ("--login", f"idp:{OFFICER}")
    child = commands.begin(fleet, "bootstrap-officer", *login, *_DESCRIBED, "--subsidiary", "Company O")
    code, said = await commands.finish(fleet, child)
    if code:
        raise NotReady(f"tandem bootstrap-officer ended with {code}: {' / '.join(said)}")

    async def is_in() -> bool | None:
        try:
            await caller.get("people", "/v1/people?limit=1")
        except Refused as error:
            if error.kind == _ON_ITS_WAY:
                return None
            raise
        return True

    await eventually(is_in, "the officer is let in")
