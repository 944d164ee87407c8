"""Python's garbage collector, set for a process that reads large batches of small objects."""

from __future__ import annotations

import gc

_YOUNG = 200_000  # allocations between two looks at the youngest objects
_OLDER = 20  # looks at one generation for each at the next


def relax() -> None:
    """Look for garbage cycles rarely, and never again among what start-up made.

    Records and events form no cycles, so looking costs (a third of a consumer's time) and finds nothing.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
