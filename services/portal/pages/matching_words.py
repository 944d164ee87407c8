"""The words of matching: criteria, rules, states of runs, what can be changed; English, translated when shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.portal.pages.refusals import N_

CRITERIA: Mapping[str, str] = {
    "learning_wishes": N_("Learning wishes"),
    "availability": N_("Half days in common"),
    "languages": N_("Language"),
    "hierarchy": N_("Distance in the line"),
    "place": N_("Place"),
    "other_subsidiary": N_("Another company"),
}
# state of a run -> how it is marked, and its words
STATES: Mapping[str, tuple[str, str]] = {
    "requested": ("wait", N_("is about to be computed")),
    "solving": ("wait", N_("is being computed")),
    "proposed": ("open", N_("draft")),
    "previewed": ("part", N_("shown to the pairs")),
    "approved": ("part", N_("approved, not published")),
    "publishing": ("wait", N_("is being published")),
    "published": ("done", N_("published")),
    "rejected": ("off", N_("discarded")),
    "superseded": ("off", N_("overtaken by a published one")),
    "failed": ("stop", N_("came to nothing")),
    "cancelled": ("off", N_("cancelled")),
}
STEPS: Mapping[str, str] = {
    "reading": N_("People, profiles and rules are being read."),
    "scoring": N_("Every pair is being counted."),
    "solving": N_("The best proposal is being found."),
    "proving": N_("The proof is being checked by a program of its own."),
    "writing": N_("What would help those without a tandem is being worked out, and all is written down."),
}
FAILURES: Mapping[str, str] = {
    "solver_failed": N_(
        "The computation broke off three times. Start it again; if it happens again, tell the operators the number "
        "below."
    ),
    "proof_refused": N_(
        "The program that checks proofs did not accept this one, so nothing is proposed. Tell the operators the "
        "number below."
    ),
    "overrides_contradict": N_(
        "What people laid down contradicts itself, or what is known by now. Withdraw some of it, then start again."
    ),
    "too_large": N_("This is more than can be computed and kept here. Divide the edition into several."),
    "too_slow": N_(
        "The computation took longer than it may. Start it again; if it happens again, divide the edition into several."
    ),
}
# Rules that forbid a pair, with the names of the two; also why one of them cannot be matched at all.
RULES: Mapping[str, str] = {
    "same_person": N_("Both are the same person."),
    "reporting_line": N_("%(mentor)s and %(executive)s stand in one reporting line."),
    "same_manager": N_("%(mentor)s and %(executive)s report to the same person."),
    "subsidiary_rule": N_("The policy does not allow these two companies together."),
    "no_common_language": N_("The two share no language at the level that the policy asks for."),
    "no_common_place": N_("The two cannot meet as the policy asks for."),
    "earlier_pair": N_("The two were a tandem before."),
    "conflict": N_("One of the two has declared a conflict."),
    "blocked": N_("Somebody ruled this pair out."),
    "forced_elsewhere": N_("%(executive)s is forced together with somebody else."),
    "forced_twice": N_("%(executive)s is forced together with several mentors."),
    "forced_and_blocked": N_("%(mentor)s and %(executive)s are forced and ruled out at once."),
    "forced_and_conflict": N_("%(mentor)s and %(executive)s are forced, but one of them has declared a conflict."),
    "beyond_places": N_("%(mentor)s has fewer free places than forced pairs."),
    "below_forced": N_("%(mentor)s needs more places for forced pairs and tandems."),
    "below_taken": N_("%(mentor)s has more tandems than these places."),
    "already_set": N_("Just this stands already."),
    "edition_over": N_("The edition was closed or over before they became a tandem."),
    "pair_refused": N_("What HR's roster says of one of the two cannot be published."),
    "mentor_unknown_person": N_("HR's roster does not name %(mentor)s."),
    "mentor_left": N_("%(mentor)s has left."),
    "mentor_executive": N_("%(mentor)s is an executive now."),
    "mentor_moved_out": N_("%(mentor)s works in a company now that does not take part."),
    "mentor_no_profile": N_("The profile of %(mentor)s has not arrived yet."),
    "mentor_full": N_("%(mentor)s has no free place left."),
    "mentor_not_selected": N_("%(mentor)s is not selected for this edition."),
    "mentee_unknown_person": N_("HR's roster does not name %(executive)s."),
    "mentee_left": N_("%(executive)s has left."),
    "mentee_exempt": N_("%(executive)s is exempt."),
    "mentee_out_of_scope": N_("%(executive)s is not in the scope of the edition any more."),
    "mentee_already_paired": N_("%(executive)s has a mentor already."),
}
# Rules as a reason why many pairs are forbidden.
BARRED: Mapping[str, str] = {
    "same_person": N_("the same person"),
    "reporting_line": N_("one reporting line"),
    "same_manager": N_("the same manager"),
    "subsidiary_rule": N_("companies that the policy does not allow together"),
    "no_common_language": N_("no common language at the level asked for"),
    "no_common_place": N_("no common place, and no video"),
    "earlier_pair": N_("a tandem before"),
    "conflict": N_("a declared conflict"),
    "blocked": N_("ruled out by somebody"),
}
UNCOVERED: Mapping[str, str] = {
    "unknown_person": N_("HR's roster does not name this executive."),
    "left": N_("This executive has left."),
    "no_mentor_allowed": N_("No mentor with a free place is allowed by the rules."),
    "no_mentor_free": N_("Others need the mentors who are allowed."),
    "pair_goes_on": N_("Nobody else is there, so the tandem that somebody ruled out goes on until it is ended."),
}
LEFT_OUT: Mapping[str, str] = {
    "unknown_person": N_("HR's roster does not name this mentor"),
    "left": N_("has left"),
    "executive": N_("is an executive now"),
    "moved_out": N_("works in a company now that does not take part"),
    "no_profile": N_("the profile has not arrived yet"),
    "full": N_("has no free place left"),
}
CHANGED: Mapping[str, str] = {
    "taking_part": N_("taking part"),
    "employment": N_("joined or left"),
    "company": N_("company"),
    "manager": N_("manager"),
    "skills": N_("platforms"),
    "wishes": N_("learning wishes"),
    "languages": N_("languages"),
    "place": N_("place of work"),
    "availability": N_("half days"),
    "capacity": N_("places"),
    "pair": N_("tandem"),
}
RELAXATIONS: Mapping[str, str] = {
    "extra_place": N_("%(mentor)s takes one place more"),
    "reserve": N_("%(mentor)s is taken from the reserve list"),
    "language_level": N_("A common language suffices at level %(value)s"),
    "subsidiary_rule": N_("Any two companies may be together"),
    "meeting": N_("The two need not meet in one place"),
    "same_manager": N_("The two may report to the same person"),
    "earlier_pair": N_("Two who were a tandem before may be one again"),
}
OF_POLICY = frozenset({"language_level", "subsidiary_rule", "meeting", "same_manager", "earlier_pair"})
BLOCK, FORCE = "block", "force"
CONFLICT, BLOCKED, ALREADY_PAIRED = "conflict", "blocked", "mentee_already_paired"  # codes that pages tell apart
_SAID: Mapping[str, tuple[str, str]] = {  # kind of override -> what it lays down
    BLOCK: (N_("%(mentor)s and %(executive)s are ruled out"), ""),
    FORCE: (N_("%(mentor)s and %(executive)s are forced"), ""),
    "conflict": (N_("%(mentor)s and %(executive)s: one of the two declared a conflict"), ""),
    "place": (N_("%(mentor)s has one place"), N_("%(mentor)s has %(places)s places")),
}


class LaidDown(Protocol):
    """An override of a pair or of a mentor's places."""

    @property
    def kind(self) -> str:
        """Block, force, conflict or place."""
        ...

    @property
    def places(self) -> int | None:
        """Of a place: how many."""
        ...


def said_of(one: LaidDown) -> str:
    """The sentence about an override, to be filled with ``mentor``, ``executive`` and ``places``."""
    single, several = _SAID.get(one.kind, ("%(mentor)s", ""))
    return several if several and one.places != 1 else single


# criterion -> sentences from a full share down to none: (least share, sentence)
_WHY: Mapping[str, tuple[tuple[float, str], ...]] = {
    "learning_wishes": (
        (0.99, N_("All learning wishes are met, or none were stated.")),
        (0.5, N_("The greater part of the learning wishes is met.")),
        (0.01, N_("A smaller part of the learning wishes is met.")),
        (0.0, N_("None of the learning wishes is met.")),
    ),
    "availability": (
        (0.99, N_("At least three half days of the week suit both.")),
        (0.6, N_("Two half days of the week suit both.")),
        (0.4, N_("Of one of the two no half days are known, or they live by different clocks.")),
        (0.3, N_("One half day of the week suits both.")),
        (0.0, N_("No half day of the week suits both.")),
    ),
    "languages": (
        (0.99, N_("They share a language like native speakers.")),
        (0.6, N_("They share a language at level C1.")),
        (0.3, N_("They share a language at level B2.")),
        (0.0, N_("They share a language below level B2.")),
    ),
    "hierarchy": (
        (0.99, N_("Their reporting lines are far apart.")),
        (0.6, N_("There is a good distance between their reporting lines.")),
        (0.4, N_("There is some distance between their reporting lines, or one of them is not known.")),
        (0.01, N_("There is little distance between their reporting lines.")),
        (0.0, N_("They work close to one another in the line.")),
    ),
    "place": (
        (0.99, N_("They work in the same place.")),
        (0.4, N_("They can meet by video, or a place is not known.")),
        (0.0, N_("They work in different places, and one of the two wants no video.")),
    ),
    "other_subsidiary": (
        (0.99, N_("They work in different companies.")),
        (0.0, N_("They work in the same company.")),
    ),
}


def why(criterion: str, share: float) -> str:
    """What a share (0 to 1) of a criterion says of a pair; empty for a criterion that is not known here."""
    for least, sentence in _WHY.get(criterion, ()):
        if share >= least:
            return sentence
    return ""
