"""Rules of access: each route of a service names, in one table, whose roles it takes; no route goes without.

A table is keyed ``METHOD /path``, the path as the OpenAPI document has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.auth.principal import Principal, Scope
from services.chassis.errors import Denied

RoleName = Literal[
    "programme_manager", "assessor", "group_office", "hr_integrator", "auditor", "data_protection", "operator"
]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route: holders of one of ``roles``, within the subsidiaries for which they hold it.

    ``also`` says in words who else may, which the route then decides itself, record by record.
    With ``group_wide`` a role counts only where it holds for the whole group.
    """

    roles: frozenset[str]
    also: str = ""
    group_wide: bool = False


Rules = Mapping[str, Rule]


def roles(*names: RoleName, also: str = "", group_wide: bool = False) -> Rule:
    """Holders of one of these roles, and ``also`` who else."""
    return Rule(frozenset(names), also, group_wide)


def everyone(who: str) -> Rule:
    """Everybody who is signed in; ``who`` says what the route gives to whom."""
    return Rule(frozenset(), who)


OPERATIONS: Rule = roles("operator", group_wide=True)


class RoleMissing(Denied):
    """None of the caller's roles opens this."""

    kind = "role-missing"
    title = "Your roles do not open this"


class OutsideScope(Denied):
    """A role opens this, but not for these subsidiaries."""

    kind = "outside-your-subsidiaries"
    title = "Not for these subsidiaries"


class OwnCase(Denied):
    """Nobody decides on what concerns themselves."""

    kind = "own-case"
    title = "Not for yourself"


class Hidden(Denied):
    """What may not be seen: it looks as if it did not exist, and the attempt is on record."""

    status = 404
    kind = "not-found"
    title = "There is no such resource"


@dataclass(frozen=True, slots=True)
class Permit:
    """What a rule lets a principal do in one request: ``scope`` is where the rule's roles hold for them."""

    principal: Principal
    scope: Scope
    route: str = ""

    @property
    def id(self) -> str:
        """The principal's id."""
        return self.principal.id

    def is_one_of(self, *persons: str | None) -> bool:
        """Whether the principal is one of these persons."""
        return self.principal.kind == "person" and self.principal.id in persons

    def query(self, *fields: str, own: Sequence[str] = ()) -> dict[str, Any]:
        """A database query for what may be listed: what lies in the scope by a field, or names the principal."""
        within = self.scope.query(*fields) if self.scope else None
        if within == {}:
            return {}
        mine: list[dict[str, Any]] = [{name: self.principal.id} for name in own]
        either = [*([within] if within else []), *mine]
        if not either:
            return {"_id": {"$in": []}}
        return either[0] if len(either) == 1 else {"$or": either}

    def show(self, what: str, id: str, subsidiaries: Iterable[str | None], *, own: Sequence[str | None] = ()) -> None:
        """Let pass what belongs to one of these subsidiaries in scope, or to the principal. Raises ``Hidden``."""
        if not (any(map(self.scope.covers, subsidiaries)) or self.is_one_of(*own)):
            raise self.hidden(what, id)

    def show_all(self, what: str, id: str, subsidiaries: Iterable[str]) -> None:
        """Let pass what belongs to subsidiaries that are all in scope. Raises ``Hidden``."""
        if not (self.scope and self.scope.covers_all(subsidiaries)):
            raise self.hidden(what, id)

    def within(self, what: str, subsidiaries: Iterable[str]) -> None:
        """Let pass a command about these subsidiaries, all in scope. Raises ``OutsideScope``."""
        if not (self.scope and self.scope.covers_all(subsidiaries)):
            detail = "Name only subsidiaries for which you hold a role that may do this."
            raise OutsideScope(detail, resource_kind=_word(what), rule=OutsideScope.kind)

    def not_own(self, what: str, id: str, *persons: str | None) -> None:
        """Let pass whoever is none of the persons concerned. Raises ``OwnCase``."""
        if self.is_one_of(*persons):
            detail = "This concerns yourself, so somebody else has to decide it."
            raise OwnCase(detail, resource_kind=_word(what), resource_id=id, rule=OwnCase.kind)

    def hidden(self, what: str, id: str) -> Hidden:
        """The answer about what may not be seen: word for word the one about what is not there."""
        return Hidden(f"There is no {what} {id}.", resource_kind=_word(what), resource_id=id, rule="hidden")


def permit(rule: Rule, principal: Principal, route: str) -> Permit:
    """What the rule lets the principal do. Raises ``RoleMissing`` where that is nothing."""
    scope = principal.scope_of(rule.roles)
    if rule.group_wide and not scope.everything:
        scope = Scope()
    if not scope and not rule.also:
        names = ", ".join(sorted(rule.roles))
        for_all = " for the whole group" if rule.group_wide else ""
        detail = f"This needs one of the roles {names}{for_all}; ask your programme office."
        raise RoleMissing(detail, resource_kind="route", resource_id=route.replace(" ", ":"), rule=RoleMissing.kind)
    return Permit(principal, scope, route)


def _word(what: str) -> str:
    return what.replace(" ", "_")
