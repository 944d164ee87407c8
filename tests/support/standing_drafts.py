"""Runs that stand in `matching` before generated requests: some wait, one is shown to members, one offers a choice."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.matching import store
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.domain.run import WAITING, Alternative, Certificate, Preview, Run, State
from tests.support.standing_matching import ENDS, MANY, PAST, Made, ids

_EVIDENCE, _DIGEST = "an-attempt", f"sha256:{'0' * 64}"
_FAR = datetime(2100, 1, 1, 9, tzinfo=UTC)


def drafts(who: str, company: str) -> Iterator[Made]:
    """Runs of editions of their own; the pair that is shown is that of this person."""
    for number in range(MANY):
        yield _made(Run(ids("waiting run", number), ids("waiting edition", number), "somebody", PAST))
    pair = ProposedPair(ids("mentor", 0), who, company, company, points=50, criteria=())
    proposal = Proposal("1", 100, executives=1, worst=50, total=50, pairs=(pair,), uncovered=(), mentors_left_out=())
    edition, proof = ids("shown edition", 0), Certificate(_DIGEST, 1)
    proposed = {"proposal": proposal, "proposed_at": PAST, "busy": False, "evidence": _EVIDENCE, "certificate": proof}
    shown = Run(ids("shown run", 0), edition, "somebody", PAST, State.PREVIEWED, **proposed)  # type: ignore[arg-type]
    yield _made(shown, preview=Preview("somebody", PAST, _FAR))
    offered = Run(ids("offered run", 0), edition, "somebody", PAST, State.PROPOSED, **proposed)  # type: ignore[arg-type]
    yield _made(offered, kind="rematch", alternatives=(Alternative(0, 1, 50, 50, (pair,)),))


def known(who: str, company: str) -> Iterator[tuple[str, Candidate]]:
    """The edition of the pair that is shown, and its members."""
    edition = ids("shown edition", 0)
    yield edition, Edition(edition, ENDS, (company,))
    yield ids("shown selected", 0), Selected(edition, ids("mentor", 0))
    yield ids("shown obliged", 0), Obliged(edition, who, exempt=False)


def kept(who: str) -> Iterator[dict[str, Any]]:
    """The chunks of the proof that is served: of one pair, without the parts that only the checker reads."""
    numbers = {"pointers": [0, 1], "neighbours": [0], "scores": [50], "capacities": [1], "classes": None}
    document = {
        "instance": {"rows": 1, "columns": 1, **numbers},
        "names": {"rows": [who], "columns": [ids("mentor", 0)]},
        "seed": 0,
        "claim": {"coverage": 1, "worst": 50, "total": 50},
        "assignment": [0],
    }
    data = zlib.compress(json.dumps(document, separators=(",", ":")).encode())
    chunk = {"run": ids("shown run", 0), "evidence": _EVIDENCE, "kind": store.CERTIFICATE, "number": 0, "bytes": data}
    yield {"_id": f"{_EVIDENCE}:{store.CERTIFICATE}:00000", **chunk}


def beside(state: object) -> Mapping[str, Any]:
    """What a run's document has beside its state: somebody is at those that wait, for good."""
    if not isinstance(state, Run) or state.state not in WAITING:
        return {}
    return {"work": {"by": "somebody", "until": _FAR, "attempts": 1, "step": "solving", "done": 0, "of": 0}}


def aims(who: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By operation what it must be asked about to succeed, by the name of the parameter."""
    run = "/v1/runs/{run_id}"
    shown, offered = [ids("shown run", 0)], [ids("offered run", 0)]
    return {
        f"POST {run}/cancellation": {"run_id": [ids("waiting run", number) for number in range(MANY)]},
        f"POST {run}/vetoes": {"run_id": shown},
        f"POST {run}/choice": {"run_id": offered},
        f"GET {run}/certificate": {"run_id": shown},
        f"GET {run}/mentors": {"run_id": shown, "mentee_id": [who]},
        f"GET {run}/comparison": {"run_id": shown, "with": offered},
    }


def _made(state: Run, **more: Any) -> Made:
    return store.RUNS, state.run_id, replace(state, **more)
