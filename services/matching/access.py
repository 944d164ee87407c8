"""Who may do what in `matching`: a rule for each route, and what a rule leaves to the record.

Matching goes over all subsidiaries of an edition, so a run is for those who are responsible for all of them:
the group office, or the programme manager of an edition of their own companies. A pair is also for those
who are responsible for one of its two members, and for the two themselves.
"""

from __future__ import annotations

from typing import Any

from services.chassis.auth.rules import Permit, Rules, roles
from services.matching.domain.pair import Pair
from services.matching.store import Candidates

_RUNNING = roles("programme_manager", "group_office")
_PAIRS = roles("programme_manager", "group_office", "auditor", also="the pair")
RULES: Rules = {
    "POST /v1/runs": _RUNNING,
    "GET /v1/runs": _RUNNING,
    "GET /v1/runs/{run_id}": _RUNNING,
    "POST /v1/runs/{run_id}/review": _RUNNING,
    "POST /v1/runs/{run_id}/publication": _RUNNING,
    "GET /v1/candidates": _RUNNING,
    "GET /v1/pairs": _PAIRS,
    "GET /v1/pairs/{pair_id}": _PAIRS,
}
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


def pairs(permit: Permit) -> dict[str, Any]:
    """The query for the pairs that the caller may see."""
    return permit.query(*_SUBSIDIARIES, own=_MEMBERS)


def show_pair(permit: Permit, pair: Pair) -> None:
    """Let pass the pair and those responsible for one of the two. Raises ``Hidden``."""
    permit.show(
        "pair", pair.pair_id, [pair.mentor_subsidiary, pair.mentee_subsidiary], own=[pair.mentor_id, pair.mentee_id]
    )
