"""What `matching` answers about policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.chassis.wire import Instant, Strict
from services.matching.domain import policy
from services.matching.domain.policies import KeptPolicy


class RulesView(Strict):
    """What a pair must not be."""

    subsidiary: policy.SubsidiaryRule
    language_level: policy.Level
    meeting: policy.MeetingRule
    same_manager: bool
    earlier_pairs: bool


class WeightsView(Strict):
    """The most points of each criterion."""

    learning_wishes: int
    availability: int
    languages: int
    hierarchy: int
    place: int
    other_subsidiary: int


class PolicyView(Strict):
    """One version of a policy; ``label`` is what runs and pairs call it by.

    ``used`` says that a run proposed pairs by it, so that it stays as it is, as those that are ``built_in`` do.
    ``family`` is the id of its first version. ``subsidiaries`` are those of its programmes that the caller manages.
    """

    policy_id: str
    name: str
    version: int
    label: str
    family: str
    built_in: bool
    used: bool
    rules: RulesView
    weights: WeightsView
    priority_weights: tuple[int, int, int]
    units_per_point: int
    veto_days: int
    priority: policy.Priority
    group_wide: bool
    subsidiaries: tuple[str, ...]
    based_on: str | None
    created_by: str | None
    created_at: Instant | None
    changed_at: Instant | None
    used_at: Instant | None


def of_policy(kept: KeptPolicy, known: Callable[[Sequence[str]], tuple[str, ...]]) -> PolicyView:
    """A policy of the customer's; of its companies those that the caller may know."""
    return PolicyView(
        **_said(kept.policy),
        family=kept.family,
        built_in=False,
        used=kept.used_by is not None,
        group_wide=kept.owner.group_wide,
        subsidiaries=known(kept.owner.subsidiaries),
        based_on=kept.based_on,
        created_by=kept.created_by,
        created_at=kept.created_at,
        changed_at=kept.changed_at,
        used_at=kept.used_at,
    )


def of_built_in(one: policy.Policy) -> PolicyView:
    """A policy that comes with the product: everybody's, and nobody's to change."""
    return PolicyView(
        **_said(one),
        family=one.policy_id,
        built_in=True,
        used=True,
        group_wide=True,
        subsidiaries=(),
        based_on=None,
        created_by=None,
        created_at=None,
        changed_at=None,
        used_at=None,
    )


def _said(one: policy.Policy) -> dict[str, object]:
    return {
        "policy_id": one.policy_id,
        "name": one.name,
        "version": one.version,
        "label": one.label,
        "rules": RulesView.model_validate(one.rules, from_attributes=True),
        "weights": WeightsView.model_validate(one.weights, from_attributes=True),
        "priority_weights": one.priority_weights,
        "units_per_point": one.units_per_point,
        "veto_days": one.veto_days,
        "priority": one.priority,
    }
