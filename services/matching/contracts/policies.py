"""What goes out of a policy, for the audit trail: which one, and which parts of it, never what they say."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict
from services.matching.contracts.topics import ACCESS
from services.matching.domain import policies


class PolicyCreated(Strict):
    """Somebody made a policy, or a new version of one."""

    policy_id: str
    policy_version: str
    based_on: str
    at: Instant


class PolicyChanged(Strict):
    """Somebody changed a policy that no run had used: which parts, not what they say."""

    policy_id: str
    policy_version: str
    changed: tuple[str, ...]
    at: Instant


POLICY_CREATED = "org.tandem.policy.created.v1"
POLICY_CHANGED = "org.tandem.policy.changed.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {POLICY_CREATED: PolicyCreated, POLICY_CHANGED: PolicyChanged}


def of_policy(event: policies.Event) -> Outgoing | None:
    """What people do with a policy; which run used it is told by the run."""
    match event:
        case policies.PolicyCreated(kept):
            created = PolicyCreated(
                policy_id=kept.policy_id, policy_version=kept.label, based_on=kept.based_on, at=kept.created_at
            )
            return Outgoing(ACCESS, POLICY_CREATED, created)
        case policies.PolicyChanged(policy, changed, at):
            said = PolicyChanged(policy_id=policy.policy_id, policy_version=policy.label, changed=changed, at=at)
            return Outgoing(ACCESS, POLICY_CHANGED, said)
        case policies.PolicyUsed():
            return None
