"""The words of policies: who must not be together, what counts how much, and an example in figures.

English, translated when shown. The figures follow the definition of each criterion, which `matching` counts by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.portal.pages.refusals import N_

FULL_MARKS = 100
HIGHEST_LEVEL = 4  # of a platform
SUBSIDIARY = (
    ("any", N_("Any two companies may be together")),
    ("must_differ", N_("The two must work for different companies")),
    ("must_be_same", N_("The two must work for the same company")),
)
MEETING = (
    ("any", N_("The two need not meet in one place")),
    ("same_place_or_remote", N_("The two work in one place, or both can meet by video")),
    ("same_place", N_("The two work in one place")),
)
FORBIDDEN = (("yes", N_("forbidden")), ("no", N_("allowed")))
PRIORITY = (
    ("none", N_("All executives count alike")),
    ("by_level", N_("The top of the reporting line comes first where not everybody can get a mentor")),
)
SAME_MANAGER, EARLIER_PAIRS = N_("Two who report to the same person"), N_("Two who were a tandem before")
ALWAYS = (
    N_("Nobody is a tandem with themselves."),
    N_("Nobody is a tandem with somebody of their own reporting line, up or down, at any distance."),
    N_("Declared conflicts and pairs that somebody ruled out are never proposed."),
)
HOW: Mapping[str, str] = {
    "learning_wishes": N_(
        "For each platform that the executive wants to learn: the mentor's level, 0 to 4, times the weight of the "
        "wish, of the highest that could be. Without a wish: all points."
    ),
    "availability": N_(
        "A third for each half day of the week that suits both, three at most. Half the points where one of the two "
        "named none, or where they live by different clocks."
    ),
    "languages": N_("The language that both speak best, by the lower level: B2 a third, C1 two thirds, C2 all points."),
    "hierarchy": N_(
        "Steps up to the nearest common superior and down again: 2 none, 3 a quarter, 6 and more all points. Half "
        "the points where nobody stands above one of the two."
    ),
    "place": N_(
        "The same place of work: all points. Half the points where both can meet by video or a place is not known, "
        "none where one of the two wants no video."
    ),
    "other_subsidiary": N_("All points across companies, none within one."),
}
EXAMPLE: Mapping[str, str] = {
    "learning_wishes": N_("a first and a second wish; the mentor has level 4 and level 2"),
    "availability": N_("two half days suit both"),
    "languages": N_("both speak German, one of them at C1"),
    "hierarchy": N_("four steps"),
    "place": N_("other places, both by video"),
    "other_subsidiary": N_("different companies"),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A criterion of a policy: the most it gives, how it is counted, and what the example gets, both in points."""

    name: str
    most: int
    example: float


def counted(weights: Mapping[str, int], priorities: Sequence[int]) -> list[Counted]:
    """All criteria of a policy with the example's points, rounded down to hundredths as the matching does."""
    first, second = (*priorities, 1, 1)[:2]
    met, whole = first * HIGHEST_LEVEL + second * 2, HIGHEST_LEVEL * (first + second)
    shares = {
        "learning_wishes": (met, whole),
        "availability": (2, 3),
        "languages": (2, 3),
        "hierarchy": (1, 2),
        "place": (1, 2),
        "other_subsidiary": (1, 1),
    }
    return [
        Counted(name, weights.get(name, 0), (weights.get(name, 0) * 100 * part // of) / 100)
        for name, (part, of) in shares.items()
    ]
