"""Policies as they are kept: made, changed until a run has used them, and from then on as they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from services.matching.domain.policy import BUILT_IN, STANDARD, MalformedPolicy, Policy, Priority, Rules, Weights
from services.matching.domain.rules import RuleBroken

_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
BY_ID: Mapping[str, Policy] = {one.policy_id: one for one in BUILT_IN.values()}
"""The policies that nobody keeps, by their id."""

LENIENT = replace(
    STANDARD,
    policy_id="lenient",
    name="lenient",
    rules=Rules(language_level="A1", same_manager=False, earlier_pairs=False),
)
"""Forbids no more than any policy does: what breaks its rules can never be a pair."""


class PolicyExists(RuleBroken):
    """The policy was made before."""

    kind = "policy-exists"


class PolicyUsedBefore(RuleBroken):
    """What pairs were counted by stays as it is."""

    kind = "policy-used"


class NameReserved(RuleBroken):
    """The name would read like a policy that comes with the product."""

    kind = "policy-name-taken"
    field = "/name"


class NameFixed(RuleBroken):
    """All versions of a policy have one name."""

    kind = "policy-name-fixed"
    field = "/name"


@dataclass(frozen=True, slots=True)
class Terms:
    """What people say of a policy; ``changed`` names the parts in which two differ."""

    name: str
    rules: Rules = STANDARD.rules
    weights: Weights = STANDARD.weights
    priority_weights: tuple[int, int, int] = STANDARD.priority_weights
    veto_days: int = STANDARD.veto_days
    priority: Priority = STANDARD.priority

    def differences(self, other: Terms) -> tuple[str, ...]:
        """The names of the parts that ``other`` says otherwise."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name))


def terms_of(policy: Policy) -> Terms:
    """What was said of a policy."""
    return Terms(**{one.name: getattr(policy, one.name) for one in fields(Terms)})


def worded(policy_id: str, version: int, terms: Terms) -> Policy:
    """The policy that these terms make. Raises ``MalformedPolicy``."""
    said = {one.name: getattr(terms, one.name) for one in fields(Terms)}
    return Policy(policy_id=policy_id, version=version, **said)


@dataclass(frozen=True, slots=True)
class Owner:
    """For whose programmes a policy was made: these companies, or the whole group."""

    subsidiaries: tuple[str, ...]
    group_wide: bool


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One version of a policy.

    ``family`` is the id of the first version, ``based_on`` of the policy whose words it began with. ``label`` is
    unique. ``used_by`` is the first run, trial runs aside, that pairs were proposed by it in.
    """

    policy: Policy
    label: str
    family: str
    owner: Owner
    based_on: str
    created_by: str
    created_at: datetime
    changed_at: datetime | None = None
    used_by: str | None = None
    used_at: datetime | None = None

    @property
    def policy_id(self) -> str:
        """The id of this version."""
        return self.policy.policy_id


@dataclass(frozen=True, slots=True)
class PolicyCreated:
    """Somebody made a policy, or a new version of one."""

    kept: KeptPolicy


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """Somebody changed a policy that no run had used; ``changed`` names the parts."""

    policy: Policy
    changed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class PolicyUsed:
    """A run proposes pairs by this policy, which stays as it is from now on."""

    run_id: str
    at: datetime


Event = PolicyCreated | PolicyChanged | PolicyUsed


def create(
    state: KeptPolicy | None, policy_id: str, terms: Terms, *, owner: Owner, based_on: str, by: str, at: datetime
) -> list[Event]:
    """Make a policy. Raises ``PolicyExists``, ``NameReserved``, ``MalformedPolicy``."""
    _must_be_new(state)
    _must_be_in_one_script(terms.name)
    policy = _named(worded(policy_id, 1, terms))
    kept = KeptPolicy(policy, policy.label, policy_id, owner, based_on, created_by=by, created_at=at)
    return [PolicyCreated(kept)]


def add_version(
    state: KeptPolicy | None, policy_id: str, terms: Terms, *, before: KeptPolicy, version: int, by: str, at: datetime
) -> list[Event]:
    """Make a new version of the policy ``before``, of the same name. Raises ``PolicyExists``, ``MalformedPolicy``."""
    _must_be_new(state)
    policy = worded(policy_id, version, replace(terms, name=before.policy.name))
    kept = replace(before, policy=policy, label=policy.label, based_on=before.policy_id, created_by=by, created_at=at)
    return [PolicyCreated(replace(kept, changed_at=None, used_by=None, used_at=None))]


def change(state: KeptPolicy, terms: Terms, *, at: datetime, has_versions: bool) -> list[Event]:
    """Word a policy anew while no run has used it; a name only while there is one version of it.

    Raises ``PolicyUsedBefore``, ``NameFixed``, ``NameReserved``, ``MalformedPolicy``.
    """
    changed = terms_of(state.policy).differences(terms)
    if not changed:
        return []
    if state.used_by:
        raise PolicyUsedBefore("A run has used this policy, so it stays as it is; make a new version of it.")
    if "name" in changed and has_versions:
        raise NameFixed(f"Other versions are called {state.policy.name} too; make a new policy for another name.")
    if "name" in changed:
        _must_be_in_one_script(terms.name)
    return [PolicyChanged(_named(worded(state.policy_id, state.policy.version, terms)), changed, at)]


def use(state: KeptPolicy, run_id: str, at: datetime) -> list[Event]:
    """Propose pairs by this policy; that it was used before changes nothing."""
    return [] if state.used_by else [PolicyUsed(run_id, at)]


def evolve(state: KeptPolicy | None, event: Event) -> KeptPolicy:
    """The policy after an event."""
    if isinstance(event, PolicyCreated):
        return event.kept
    assert state is not None
    match event:
        case PolicyChanged(policy, _, at):
            return replace(state, policy=policy, label=policy.label, changed_at=at)
        case PolicyUsed(run_id, at):
            return replace(state, used_by=run_id, used_at=at)


def _must_be_new(state: KeptPolicy | None) -> None:
    if state:
        raise PolicyExists(f"This policy was made at {state.created_at:%Y-%m-%d %H:%M} UTC.")


def _must_be_in_one_script(name: str) -> None:
    """Refuse a word with letters of two scripts that look alike. Raises ``MalformedPolicy``."""
    for word in "".join(sign if sign.isalpha() else " " for sign in name).split():
        if len({script for sign in word if (script := unicodedata.name(sign, "").partition(" ")[0]) in _ALIKE}) > 1:
            detail = f"Write each word of the name in one script; {word} has letters of another one."
            raise MalformedPolicy(detail, faults=[("/name", detail)])


def _named(policy: Policy) -> Policy:
    """The policy, whose name is nobody else's."""
    word = policy.label.rpartition(".")[0]
    if word in {one.name for one in BUILT_IN.values()}:
        raise NameReserved(f"A policy that comes with the product is called {word}; choose another name.")
    return policy
