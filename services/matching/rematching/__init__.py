"""The best assignment that changes only a few of the pairs that stand: exactly, in integers of any size.

Numbers only: this package knows no people. How it is done stands in ``choosing``.
"""

from services.matching.rematching.proposing import NoneWithin, nearest, within

__all__ = ["NoneWithin", "nearest", "within"]
