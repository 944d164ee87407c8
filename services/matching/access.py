"""Who may do what in `matching`: a rule for each route, and what a rule leaves to the record.

Matching goes over all subsidiaries of an edition, so a run is for those who are responsible for all of them:
the group office, or the programme manager of an edition of their own companies. A pair is also for those
who are responsible for one of its two members, and for the two themselves.
"""

from __future__ import annotations

from typing import Any

from services.chassis.auth.rules import Permit, Rules, everyone, roles
from services.matching.domain.overrides import Override
from services.matching.domain.pair import Pair
from services.matching.domain.policies import KeptPolicy, Owner
from services.matching.domain.run import Run
from services.matching.store import Candidates

_RUNNING = roles("programme_manager", "group_office")
_PAIRS = roles("programme_manager", "group_office", "auditor", also="the pair")
RULES: Rules = {
    "POST /v1/runs": _RUNNING,
    "GET /v1/runs": _RUNNING,
    "GET /v1/runs/{run_id}": _RUNNING,
    "POST /v1/runs/{run_id}/cancellation": _RUNNING,
    "POST /v1/runs/{run_id}/choice": _RUNNING,
    "POST /v1/runs/{run_id}/preview": _RUNNING,
    "POST /v1/runs/{run_id}/review": _RUNNING,
    "POST /v1/runs/{run_id}/publication": _RUNNING,
    "GET /v1/runs/{run_id}/certificate": _RUNNING,
    "GET /v1/runs/{run_id}/why-not": _RUNNING,
    "GET /v1/runs/{run_id}/mentors": _RUNNING,
    "GET /v1/runs/{run_id}/comparison": _RUNNING,
    "GET /v1/runs/{run_id}/changes": _RUNNING,
    "GET /v1/runs/{run_id}/obstacles": _RUNNING,
    "POST /v1/runs/{run_id}/vetoes": everyone("who is of the pair that is shown to them"),
    "GET /v1/proposals": everyone("the own pairs that are shown before they are published"),
    "GET /v1/candidates": _RUNNING,
    "GET /v1/policies": _RUNNING,
    "POST /v1/policies": _RUNNING,
    "GET /v1/policies/{policy_id}": _RUNNING,
    "PUT /v1/policies/{policy_id}": _RUNNING,
    "POST /v1/policies/{policy_id}/versions": _RUNNING,
    "GET /v1/editions/{edition_id}/overrides": _RUNNING,
    "POST /v1/editions/{edition_id}/overrides": _RUNNING,
    "POST /v1/editions/{edition_id}/overrides/undo": _RUNNING,
    "POST /v1/editions/{edition_id}/overrides/{override_id}/withdrawal": _RUNNING,
    "GET /v1/pairs": _PAIRS,
    "GET /v1/pairs/{pair_id}": _PAIRS,
    "POST /v1/pairs/{pair_id}/end": _RUNNING,
}
_GROUP = "*"  # no company's id, so that only a role for the whole group covers it
_MEMBERS = ("state.mentor_id", "state.mentee_id")
_SUBSIDIARIES = ("state.mentor_subsidiary", "state.mentee_subsidiary")


async def run_edition(permit: Permit, candidates: Candidates, edition_id: str, *, what: str, id: str) -> None:
    """Let pass whoever is responsible for all subsidiaries of the edition that a run is about. Raises ``Hidden``.

    An edition that nobody has told of yet is as good as one that is not there, but for the group office.
    """
    if permit.scope.everything:
        return
    edition = await candidates.edition(edition_id)
    if edition is None or not edition.subsidiaries:
        raise permit.hidden(what, id)
    permit.show_all(what, id, edition.subsidiaries)


async def runs(permit: Permit, candidates: Candidates) -> dict[str, Any]:
    """The query for the runs that the caller may see. Raises ``Unavailable``."""
    if permit.scope.everything:
        return {}
    known = await candidates.editions()
    mine = [one.edition_id for one in known if one.subsidiaries and permit.scope.covers_all(one.subsidiaries)]
    return {"state.edition_id": {"$in": mine}}


def shown_run(permit: Permit, run: Run, mentee_id: str) -> None:
    """Let pass the two of a pair of a run that is or was shown to its members. Raises ``Hidden``."""
    pair = run.pair_of(mentee_id)
    if pair is None or run.preview is None or not permit.is_one_of(pair.mentor_id, pair.mentee_id):
        raise permit.hidden("run", run.run_id)


def pairs(permit: Permit) -> dict[str, Any]:
    """The query for the pairs that the caller may see."""
    return permit.query(*_SUBSIDIARIES, own=_MEMBERS)


def show_pair(permit: Permit, pair: Pair) -> None:
    """Let pass the pair and those responsible for one of the two. Raises ``Hidden``."""
    permit.show(
        "pair", pair.pair_id, [pair.mentor_subsidiary, pair.mentee_subsidiary], own=[pair.mentor_id, pair.mentee_id]
    )


def sees_why(permit: Permit, pair: Pair) -> bool:
    """Whether the caller may see why a pair ended: those responsible do, the two learn it from them."""
    return any(map(permit.scope.covers, (pair.mentor_subsidiary, pair.mentee_subsidiary)))


def end_pair(permit: Permit, pair: Pair) -> None:
    """Let pass those responsible for one of the two who are none of them. Raises ``Hidden``, ``OwnCase``."""
    permit.show("pair", pair.pair_id, [pair.mentor_subsidiary, pair.mentee_subsidiary])
    permit.not_own("pair", pair.pair_id, pair.mentor_id, pair.mentee_id)


def policies(permit: Permit) -> dict[str, Any]:
    """The query for the policies that the caller may use: those of the group, and those of companies of theirs."""
    within = permit.query("state.owner.subsidiaries")
    return {"$or": [{"state.owner.group_wide": True}, within]} if within else {}


def show_policy(permit: Permit, kept: KeptPolicy) -> None:
    """Let pass whoever may use a policy. Raises ``Hidden``."""
    if not kept.owner.group_wide:
        permit.show("policy", kept.policy_id, kept.owner.subsidiaries)


def make_policy(permit: Permit, owner: Owner) -> None:
    """Let pass whoever manages the programmes that a policy is made for. Raises ``OutsideScope``."""
    permit.within("policy", [_GROUP] if owner.group_wide else owner.subsidiaries)


def change_policy(permit: Permit, kept: KeptPolicy) -> None:
    """Let pass whoever manages all programmes that a policy was made for. Raises ``Hidden``, ``OutsideScope``."""
    show_policy(permit, kept)
    make_policy(permit, kept.owner)


def sees_why_not(permit: Permit, one: Override) -> bool:
    """Whether the caller may read the reason of an override: not of a conflict that the other one of them declared."""
    return one.kind != "conflict" or one.by == permit.id or not permit.is_one_of(one.mentor_id, one.mentee_id or "")


def set_override(permit: Permit, edition_id: str, *persons: str | None) -> None:
    """Let pass whoever is none of those whom an override concerns. Raises ``OwnCase``."""
    permit.not_own("edition", edition_id, *persons)
