"""Why a run came to nothing, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Mapping

SOLVER_FAILED = "solver_failed"
PROOF_REFUSED = "proof_refused"
TOO_LARGE = "too_large"
TOO_SLOW = "too_slow"
OVERRIDES_CONTRADICT = "overrides_contradict"
_SENTENCES: Mapping[str, str] = {
    SOLVER_FAILED: "Solving broke off three times; request the run again, and tell the operators its id if it recurs.",
    PROOF_REFUSED: "The independent checker did not accept the proof, so nothing is proposed; tell the operators.",
    OVERRIDES_CONTRADICT: "What was laid down contradicts itself, or what is known by now; withdraw some of it.",
    TOO_LARGE: "This is more than can be solved and kept here; divide the edition into several.",
    TOO_SLOW: "Solving took longer than it may here; request the run again, or divide the edition into several.",
}


def of_failure(reason: str, detail: str | None = None) -> str:
    """Why a run came to nothing and what to do about it."""
    sentence = _SENTENCES.get(reason, reason)
    return f"{sentence} {detail}" if detail else sentence
