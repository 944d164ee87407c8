"""The commands about policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.chassis.aggregate import AlreadyTaken, Command, Contended, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Refused
from services.matching import store
from services.matching.domain import policies
from services.matching.domain.policies import BY_ID, KeptPolicy, Owner, terms_of
from services.matching.domain.policy import Policy

Policies = Repository[KeptPolicy, policies.Event]
_Decide = Callable[[KeptPolicy | None], Sequence[policies.Event]]
_TRIES = 5  # others may make a version of the same policy at the same moment


class NameTaken(Refused):
    """Another policy has this name, or one that reads like it."""

    kind = "policy-name-taken"


class BuiltIn(Refused):
    """The policies that come with the product are nobody's to change."""

    kind = "policy-built-in"


@dataclass(frozen=True, slots=True)
class PolicyHandlers:
    """The commands about policies; those that come with the product are read like any other."""

    policies: Policies
    clock: Clock

    async def policy(self, policy_id: str) -> Policy:
        """The policy as it reads now. Raises ``NotFound``, ``Unavailable``."""
        return BY_ID.get(policy_id) or (await self.policies.get(policy_id)).state.policy

    async def used(self, policy: Policy, run_id: str, command: Command) -> None:
        """Have a policy stay as it reads here, since a run by it may be published; nothing else is in the way of that.

        Doing it again changes nothing. Raises ``Contended`` where somebody has changed it meanwhile, ``Unavailable``.
        """
        if policy.policy_id in BY_ID:
            return
        now, plain = self.clock.now(), Command(actor=command.actor, traceparent=command.traceparent)

        def decide(state: KeptPolicy) -> Sequence[policies.Event]:
            if state.policy != policy:
                raise Contended("The policy was changed at this moment; try again.")
            return policies.use(state, run_id, now)

        await self.policies.change(policy.policy_id, decide, plain)

    async def create(
        self, policy_id: str, command: Command, said: Mapping[str, Any], *, based_on: str, owner: Owner
    ) -> Loaded[KeptPolicy]:
        """Make a policy: what is not ``said``, by the names of ``Terms``, it has from the one that it is based on.

        Raises ``NameTaken``, ``NotFound``.
        """
        terms = replace(terms_of(await self.policy(based_on)), **said)
        now, by = self.clock.now(), command.actor or ""

        def decide(state: KeptPolicy | None) -> Sequence[policies.Event]:
            return policies.create(state, policy_id, terms, owner=owner, based_on=based_on, by=by, at=now)

        return await self._named(terms.name, policy_id, decide, command)

    async def change(self, policy_id: str, command: Command, said: Mapping[str, Any]) -> Loaded[KeptPolicy]:
        """Word a policy anew that no run has used; what is not ``said`` stays. Raises ``BuiltIn``, ``NameTaken``."""
        before = (await self.kept(policy_id)).state
        newest = await store.newest_version(self.policies.collection, before.family)
        now, name = self.clock.now(), str(said.get("name", before.policy.name))

        def decide(state: KeptPolicy | None) -> Sequence[policies.Event]:
            assert state is not None
            terms = replace(terms_of(state.policy), **said)
            return policies.change(state, terms, at=now, has_versions=newest > 1)

        return await self._named(name, policy_id, decide, command)

    async def add_version(
        self, before_id: str, policy_id: str, command: Command, said: Mapping[str, Any]
    ) -> Loaded[KeptPolicy]:
        """Make a new version of a policy; what is not ``said`` stays as it was. Raises ``BuiltIn``, ``NotFound``."""
        before = (await self.kept(before_id)).state
        terms, now, by = replace(terms_of(before.policy), **said), self.clock.now(), command.actor or ""
        for _ in range(_TRIES):
            version = 1 + await store.newest_version(self.policies.collection, before.family)

            def decide(state: KeptPolicy | None, version: int = version) -> Sequence[policies.Event]:
                return policies.add_version(state, policy_id, terms, before=before, version=version, by=by, at=now)

            try:
                return await self.policies.handle(policy_id, decide, command)
            except AlreadyTaken:
                continue
        raise AlreadyTaken("Others make versions of this policy at the same moment; try again.")

    async def kept(self, policy_id: str) -> Loaded[KeptPolicy]:
        """A policy that can be changed at all. Raises ``BuiltIn``, ``NotFound``, ``Unavailable``."""
        if policy_id in BY_ID:
            raise BuiltIn("This policy comes with the product; make one of your own that is based on it.")
        return await self.policies.get(policy_id)

    async def _named(
        self,
        name: str,
        policy_id: str,
        decide: _Decide,
        command: Command,
    ) -> Loaded[KeptPolicy]:
        try:
            return await self.policies.handle(policy_id, decide, command)
        except AlreadyTaken as error:
            detail = f"Another policy is called {name}, or nearly so; choose another name."
            raise NameTaken(detail, fields=[FieldError("/name", detail)]) from error
