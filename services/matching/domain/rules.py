"""A rule of matching that says no."""

from __future__ import annotations

from collections.abc import Sequence

Fault = tuple[str, str]
"""The JSON pointer of a field, and what is wrong with it and what to do."""


class RuleBroken(Exception):
    """A command breaks a rule; nothing happened.

    ``kind`` is the rule's stable name in kebab-case, ``detail`` says what to do instead. ``status`` is
    409 where another state of things would allow it and 422 where what was sent never will do;
    ``field`` is the JSON pointer of the field that is wrong, if it is one; ``faults`` has them where there may be
    several.
    """

    kind = "rule-broken"
    status = 409
    field: str | None = None
    faults: Sequence[Fault] = ()

    def __init__(self, detail: str, *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
