"""A rule of `people` that says no."""

from __future__ import annotations


class RuleBroken(Exception):
    """A command breaks a rule; nothing happened.

    ``kind`` is the rule's stable name in kebab-case, ``detail`` says what to do instead. ``status`` is
    409 where another state of things would allow it and 422 where what was sent never will do;
    ``field`` is the JSON pointer of the field that is wrong, if it is one.
    """

    kind = "rule-broken"
    status = 409
    field: str | None = None

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if field is not None:
            self.field = field
