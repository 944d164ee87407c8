"""Sentences for the reasons that runs give: what is the matter and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_RULES: Mapping[str, str] = {
    "same_person": "is the executive",
    "reporting_line": "reports to the executive, directly or through others",
    "no_common_language": "shares no language with the executive",
}
_UNCOVERED: Mapping[str, str] = {
    "unknown_person": "The directory does not name this executive; HR's roster must name them first.",
    "left": "The directory says that this executive has left; the edition follows by itself.",
    "no_mentor_free": "Others need the mentors this executive could have; select more mentors or raise a capacity.",
}
_LEFT_OUT: Mapping[str, str] = {
    "unknown_person": "The directory does not name this mentor; HR's roster must name them first.",
    "left": "The directory says that this mentor has left.",
    "executive": "This mentor is an executive now; executives take part as mentees.",
    "moved_out": "This mentor works in a company now that does not take part in the edition.",
    "no_profile": "The mentor's profile has not arrived; nothing is known of skills and capacity.",
    "full": "The mentor offers no further place in this edition.",
}
_CONFLICTS: Mapping[str, str] = {
    "mentee_exempt": "The executive was exempted from the edition meanwhile.",
    "mentee_left": "The executive has left meanwhile.",
    "mentee_out_of_scope": "The executive is not in scope of the edition any more.",
    "mentee_unknown_person": "The directory does not name the executive any more.",
    "mentee_already_paired": "The executive has another mentor in this edition already.",
    "mentor_not_selected": "The mentor is not selected for this edition any more; start another run.",
    "mentor_left": "The mentor has left meanwhile; start another run for the executive.",
    "mentor_executive": "The mentor is an executive now; start another run for the executive without a mentor.",
    "mentor_moved_out": "The mentor works outside the edition's companies now; start another run for the executive.",
    "mentor_unknown_person": "The directory does not name the mentor any more; start another run for the executive.",
    "mentor_no_profile": "The mentor's profile is gone; start another run for the executive.",
    "pair_refused": "The directory's data of mentor or executive cannot be published; have HR's roster corrected.",
    "mentor_full": "The mentor's places are taken by others meanwhile; start another run for the executive.",
}


def of_uncovered(reason: str, barred: Sequence[tuple[str, int]]) -> str:
    """Why an executive has no mentor; ``barred`` counts the mentors by the rule that forbids them."""
    if reason != "no_mentor_allowed":
        return _UNCOVERED.get(reason, reason)
    if not barred:
        return "There is no mentor with a free place; select mentors or raise a capacity."
    told = ", ".join(f"{number} because the mentor {_RULES.get(rule, rule)}" for rule, number in barred)
    return f"No mentor with a free place is allowed: {told}. Select other mentors."


def of_left_out(reason: str) -> str:
    """Why a selected mentor was not considered."""
    return _LEFT_OUT.get(reason, reason)


def of_conflict(reason: str) -> str:
    """Why a proposed pair was not published."""
    if reason in _RULES:
        return f"By now the mentor {_RULES[reason]}; start another run for the executive."
    return _CONFLICTS.get(reason, reason)
