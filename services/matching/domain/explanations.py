"""Sentences for the reasons that matching gives: what is the matter and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_RULES: Mapping[str, str] = {
    "same_person": "is the executive",
    "reporting_line": "stands in one reporting line with the executive, directly or through others",
    "same_manager": "reports to the same person as the executive",
    "subsidiary_rule": "works in a company that the policy does not allow together with the executive's",
    "no_common_language": "shares no language with the executive at the level that the policy asks for",
    "no_common_place": "cannot meet the executive as the policy asks for",
    "earlier_pair": "was a pair with the executive before",
    "conflict": "and the executive have a declared conflict",
    "blocked": "was ruled out for the executive by the programme's people",
}
_UNCOVERED: Mapping[str, str] = {
    "unknown_person": "The directory does not name this executive; HR's roster must name them first.",
    "left": "The directory says that this executive has left; the edition follows by itself.",
    "no_mentor_free": "Others need the mentors this executive could have; select more mentors or raise a capacity.",
    "pair_goes_on": "There is no other mentor, so the pair that people ruled out goes on until somebody ends it.",
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
    "forced_elsewhere": "The executive is forced together with another mentor; start another run.",
    "edition_over": "The edition was closed, or its last day had passed, before the pair was made.",
}
_ABSENT: Mapping[str, str] = {
    "mentee_exempt": "Executive {mentee} is not to be matched in this edition; check the id or the exemption.",
    "mentee_left": "Executive {mentee} has left.",
    "mentee_out_of_scope": "Executive {mentee} is not in scope of this edition any more.",
    "mentee_unknown_person": "The directory does not name executive {mentee}; HR's roster must name them first.",
    "mentee_already_paired": "Executive {mentee} has a mentor in this edition already; end that pair first.",
    "mentor_not_selected": "Mentor {mentor} is not selected for this edition; check the id or the selection.",
    "mentor_left": "Mentor {mentor} has left.",
    "mentor_executive": "Mentor {mentor} is an executive now; executives take part as mentees.",
    "mentor_moved_out": "Mentor {mentor} works outside the edition's companies now.",
    "mentor_unknown_person": "The directory does not name mentor {mentor}; HR's roster must name them first.",
    "mentor_no_profile": "The profile of mentor {mentor} has not arrived; wait for it, or have the mentor complete it.",
}
_CONTRADICTIONS: Mapping[str, str] = {
    "forced_and_blocked": "Mentor {mentor} and executive {mentee} are forced and blocked; withdraw one of the two.",
    "forced_and_conflict": "Mentor {mentor} and executive {mentee} are forced, but one of them declared a conflict; "
    "withdraw the forced pair.",
    "forced_twice": "Executive {mentee} is forced together with several mentors; withdraw all but one.",
    "beyond_places": "Mentor {mentor} has fewer free places than forced pairs; give a place more or withdraw a pair.",
    "below_forced": "Mentor {mentor} needs more places for forced and active pairs; withdraw a forced pair first.",
    "below_taken": "Mentor {mentor} has more active pairs than these places; end a pair first.",
    "already_set": "Just this stands already; there is nothing to add.",
}


def of_uncovered(reason: str, barred: Sequence[tuple[str, int]]) -> str:
    """Why an executive has no mentor; ``barred`` counts the mentors by the rules that forbid them."""
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


def of_contradiction(code: str, mentor_id: str, mentee_id: str | None) -> str:
    """Why an override cannot be carried out; people are named by their ids."""
    if code in _RULES:
        return f"Mentor {mentor_id} and executive {mentee_id} cannot be forced: the mentor {_RULES[code]}."
    sentence = _CONTRADICTIONS.get(code) or _ABSENT.get(code, code)
    return sentence.format(mentor=mentor_id, mentee=mentee_id)
