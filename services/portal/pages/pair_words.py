"""The words of published tandems: why they end, and why one could not be published. English, translated when shown."""

from __future__ import annotations

from collections.abc import Mapping

from services.portal.pages.refusals import N_

OTHER = "other"
GIVEN: Mapping[str, str] = {  # reasons that people give
    "by_agreement": N_("By agreement of the two"),
    "mentor_withdrawn": N_("The mentor gives it up"),
    "mentor_left": N_("The mentor has left"),
    "mentee_left": N_("The executive has left"),
    "mentor_moved_out": N_("The mentor works in a company now that does not take part"),
    "mentee_moved_out": N_("The executive works in a company now that does not take part"),
    "mentee_exempted": N_("The executive is exempt"),
    OTHER: N_("Something else, which I write below"),
}
REASONS: Mapping[str, str] = {
    **GIVEN,
    OTHER: N_("Something else"),
    "rematched": N_("It gave way to another tandem"),
}
CONFLICTS: Mapping[str, str] = {  # beside the rules of the matching
    "mentee_exempt": N_("The executive is exempt."),
    "pair_refused": N_("What HR's roster says of one of the two cannot be published. Have it corrected."),
}
BY_ITSELF = "matching"  # who ended it where nobody did
