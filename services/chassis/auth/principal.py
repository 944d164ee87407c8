"""A principal: who is asking, and where each of their roles holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from services.chassis.directory import Account, Person, Role, Subsidiary

Kind = Literal["person", "service_account"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The subsidiaries for which something holds: these, or ``everything`` of the group."""

    subsidiaries: frozenset[str] = frozenset()
    everything: bool = False

    def __bool__(self) -> bool:
        return self.everything or bool(self.subsidiaries)

    def covers(self, subsidiary: str | None) -> bool:
        """Whether it holds for this subsidiary; for what belongs to none only where it holds for everything."""
        return self.everything or subsidiary in self.subsidiaries

    def covers_all(self, subsidiaries: Iterable[str]) -> bool:
        """Whether it holds for each of these."""
        return self.everything or self.subsidiaries.issuperset(subsidiaries)

    def meets(self, subsidiaries: Iterable[str]) -> bool:
        """Whether it holds for at least one of these."""
        return self.everything or not self.subsidiaries.isdisjoint(subsidiaries)

    def narrowed(self, subsidiaries: Sequence[str]) -> tuple[str, ...]:
        """Those of these for which it holds, in their order."""
        return tuple(one for one in subsidiaries if self.covers(one))

    def query(self, *names: str) -> dict[str, Any]:
        """A database query for what belongs, by any of these fields, to a subsidiary for which it holds."""
        if self.everything:
            return {}
        within = {"$in": sorted(self.subsidiaries)}
        either = [{name: within} for name in names]
        return either[0] if len(either) == 1 else {"$or": either}

    def joined(self, other: Scope) -> Scope:
        """Where either holds."""
        return Scope(self.subsidiaries | other.subsidiaries, self.everything or other.everything)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a person or a service account; ``id`` is what events and the audit trail know them by."""

    id: str
    kind: Kind
    subsidiary: str | None = None
    executive: bool = False
    scopes: Mapping[str, Scope] = field(default_factory=dict)

    def scope_of(self, roles: Iterable[str]) -> Scope:
        """Where at least one of these roles holds."""
        joined = Scope()
        for role in roles:
            joined = joined.joined(self.scopes.get(role, Scope()))
        return joined


def of_person(person: Person, tree: Mapping[str, Subsidiary]) -> Principal:
    """The principal that a person is."""
    scopes = _scopes(person.roles, tree)
    return Principal(person.person_id, "person", person.subsidiary, executive=person.executive, scopes=scopes)


def of_account(account: Account, tree: Mapping[str, Subsidiary]) -> Principal:
    """The principal that a service account is."""
    return Principal(account.account_id, "service_account", scopes=_scopes(account.roles, tree))


def _scopes(roles: Sequence[Role], tree: Mapping[str, Subsidiary]) -> dict[str, Scope]:
    scopes: dict[str, Scope] = {}
    for role in roles:
        bounded = Scope(_with_those_below(role.subsidiaries, tree), everything=not role.subsidiaries)
        scopes[role.role] = scopes.get(role.role, Scope()).joined(bounded)
    return scopes


def _with_those_below(tops: Iterable[str], tree: Mapping[str, Subsidiary]) -> frozenset[str]:
    """These subsidiaries and all companies below them; a circle, which should not be, ends."""
    reached, wave = set(tops), set(tops)
    while wave:
        wave = {id for id, one in tree.items() if one.parent_id in wave} - reached
        reached |= wave
    return frozenset(reached)
