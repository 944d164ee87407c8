"""From people, a policy and overrides to the numbers that the solver takes; equal to ``domain.scoring`` pair by pair.

The whole table of pairs is never held: blocks of rows are checked against the rules, and points are counted for the
allowed pairs alone.
"""

from services.matching.tables.building import Table, barred, build

__all__ = ["Table", "barred", "build"]
